/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lock_read.h: a lockfile's bytes, in whichever format they are, become a lock. The format is recognised by
 * content. Pure; may take some ten milliseconds: never on the loop, never on the tracker.
 */
#pragma once

#include "model/lock.h"

#define LOCK_FILE_MAX (16u << 20) /* bytes */

/*
 * Cargo.lock 1 to 4, the output of `cargo metadata`, or a CycloneDX SBOM in JSON. ERR_BAD says the line where it
 * has one ("line 12: …"), and what is wrong for a person: a merge conflict's marker, a later version of the format, a
 * package that stands there twice, nothing that is known. A dependency that is not there is passed over, as by cargo.
 * ERR_LIMIT, ERR_NOMEM. The caller releases *ret.
 */
MUST_CHECK int lock_read(const char *text, size_t len, struct lock *ret, struct err *err);
