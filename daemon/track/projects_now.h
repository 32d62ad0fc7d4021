/* SPDX-License-Identifier: Apache-2.0 */
/* projects_now.h: projects as the tracker's jobs work on them. Internal to track/. */
#pragma once

#include "store/projects.h"
#include "track/tracker.h"

/* Now, with the sources of the configuration; watches that come are added to `changes`. */
struct projects projects_now(struct tracker *tracker, struct watch_changes *changes, size_t n_registries);

/* Empty ones, one for each configured registry. */
MUST_CHECK int projects_changes_new(struct tracker *tracker, struct watch_changes **ret, size_t *ret_n,
				    struct err *err);
void projects_changes_free(struct watch_changes *changes, size_t n); /* NULL is allowed */
/* That of the registry; NULL when it is not configured. */
struct watch_changes *projects_changes_of(struct watch_changes *changes, size_t n, const char *registry);
