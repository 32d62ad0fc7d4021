/* SPDX-License-Identifier: Apache-2.0 */
/*
 * migrations.h: the schema, as the list of steps that lead to it. Append only: a
 * step that was ever released is never edited. The tracker runs it before anything else.
 */
#pragma once

#include "store/db.h"

/* Runs the missing steps, each in a transaction of its own. ERR_REFUSED when the
 * database was written by a newer yankwatch; it is left as it is. */
MUST_CHECK int migrations_apply(struct db *db, struct err *err);
