/* SPDX-License-Identifier: Apache-2.0 */
/* places.c: see places.h. */
#include "store/places.h"

static const char PLACE[] = "SELECT r.name, r.index_url, c.name, c.etag, c.last_modified, r.incident_ms FROM crate c"
			    " JOIN registry r ON r.id = c.registry WHERE c.id = :crate";
static const char PROJECT[] = "SELECT name, team FROM project WHERE id = :project";

int crate_place_load(struct db *db, int64_t crate, struct crate_place *ret, struct err *err)
{
	*ret = (struct crate_place){.crate = crate};
	struct stmt st = stmt_use(db, PLACE);
	stmt_put_int(&st, ":crate", crate);
	if (stmt_row(&st)) {
		ret->registry = stmt_text_copy(&st, 0);
		ret->index_url = stmt_text_copy(&st, 1);
		ret->name = stmt_text_copy(&st, 2);
		ret->etag = stmt_text_copy(&st, 3);
		ret->last_modified = stmt_int(&st, 4);
		ret->incident = stmt_int(&st, 5) != 0;
	}
	return stmt_done(&st, err);
}

void crate_place_release(struct crate_place *place)
{
	free(place->registry);
	free(place->index_url);
	free(place->name);
	free(place->etag);
	*place = (struct crate_place){0};
}

void project_names_release(struct project_names *names)
{
	free(names->name);
	free(names->team);
}

int project_names_load(struct db *db, int64_t project, struct project_names *ret, struct err *err)
{
	struct stmt st = stmt_use(db, PROJECT);
	stmt_put_int(&st, ":project", project);
	if (stmt_row(&st)) {
		ret->name = stmt_text_copy(&st, 0);
		ret->team = stmt_text_copy(&st, 1);
	}
	int rc = stmt_done(&st, err);
	return rc || (ret->name && ret->team) ? rc
					      : err_set(err, ERR_ABSENT, "database: a finding without its project");
}
