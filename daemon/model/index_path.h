/* SPDX-License-Identifier: Apache-2.0 */
/*
 * index_path.h: where a sparse index keeps a crate's file (Cargo book, "Index
 * files"): the lower-cased name under 1/, 2/, 3/x/ or ab/cd/. `-` and `_` are
 * not folded: they are different files.
 */
#pragma once

#include "base/defs.h"

#define CRATE_NAME_MAX 64                   /* crates.io's own limit */
#define INDEX_PATH_MAX (CRATE_NAME_MAX + 8) /* bytes, terminator included */

#define CRATE_NAME_FAULT "is not a crate's name, allowed: 1 to 64 letters, digits, - and _"

/* ASCII letters, digits, '-' and '_', 1 to CRATE_NAME_MAX: safe in a URL as it is. */
bool crate_name_valid(const char *name);

/* The path below the index's base URL. `name` must be valid. Returns buf. */
const char *index_path(const char *name, char buf[static INDEX_PATH_MAX]);
