/* SPDX-License-Identifier: Apache-2.0 */
/* impact_json.h: a finding as its document (docs/EVENTS.md, "findings"). Pure. Internal to store/. */
#pragma once

#include "store/impact_load.h"

/* Which lockfile is meant, and how it is told. */
struct impact_place {
	const char *project, *team, *path; /* "" = none: not told */
	bool several;                      /* the path is told */
};

/* Appends the object. `version` is the bad one. */
void impact_put_finding(struct strbuf *out, const struct impact_place *place, const struct impact_crate *crate,
			const char *version, const struct lock *lock, const struct impact *impact,
			enum severity severity);

/* Appends the members of an object that was written whole to one that is open. */
void impact_put_members(struct json_writer *w, const struct strbuf *object);
