/* SPDX-License-Identifier: Apache-2.0 */
/* places.h: what a row of a crate or of a project is called, and where it is, for the events that are told of it. */
#pragma once

#include "store/db.h"

/* Where a crate is, for its events. The texts are owned. */
struct crate_place {
	int64_t crate;
	char *registry, *index_url, *name, *etag; /* etag NULL = none */
	int64_t last_modified;
	bool incident; /* many crates of the registry are gone at once */
};
MUST_CHECK int crate_place_load(struct db *db, int64_t crate, struct crate_place *ret, struct err *err);
void crate_place_release(struct crate_place *place);

struct project_names {
	char *name, *team; /* owned; team "" = none */
};
/* ERR_ABSENT: there is no such project, which a finding's row forbids. */
MUST_CHECK int project_names_load(struct db *db, int64_t project, struct project_names *ret, struct err *err);
void project_names_release(struct project_names *names);
