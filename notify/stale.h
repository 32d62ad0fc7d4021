/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stale.h: files that were replaced. A rule of Landlock is of a file, not of a name:
 * when resolv.conf or a certificate is written anew under its name, a process with
 * such a rule cannot read it. It ends instead, and the next one can. A plugin of
 * programs may want any file; so when it fails, what counts is whether a folder has
 * changed in which each file has its own rule: those above what is hidden.
 */
#pragma once

#include "plan.h"

#define STALE_SYSTEM_FILES 9
extern const char *const stale_system_files[STALE_SYSTEM_FILES]; /* single files that every plugin may read */

struct stale; /* which files stood under their names */

/* Before sandbox_apply() makes its rules. NULL: out of memory. The caller frees it with stale_free(). */
struct stale *stale_new(const struct plan *plan);
void stale_free(struct stale *stale);

/* The first name under which another file stands now; NULL: none. Borrowed from `stale`. */
const char *stale_file(const struct stale *stale);

/* The first folder above what is hidden in which names have come or gone; NULL: none. Borrowed. */
const char *stale_folder(const struct stale *stale);
