/* SPDX-License-Identifier: Apache-2.0 */
/* locked.h: which versions a stored lockfile locks, and that their crates are watched. A part of projects.h. */
#pragma once

#include "store/projects.h"

/* It locks what `lock` says, and nothing else. */
MUST_CHECK int locked_put(const struct projects *projects, int64_t lockfile, const struct lock *lock,
			  size_t *ret_matched, struct err *err);
/* It locks nothing any more. */
MUST_CHECK int locked_drop(const struct projects *projects, int64_t lockfile, struct err *err);
