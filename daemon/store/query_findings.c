/* SPDX-License-Identifier: Apache-2.0 */
/* query_findings.c: what is open now, of which project, and what a yank would open; see query_findings.h. */
#include "store/query_findings.h"

#include "store/findings.h"
#include "store/impact_json.h"
#include "store/impact_load.h"
#include "store/page.h"

#include <string.h>

static const char FINDINGS[] =
	"SELECT f.crate, f.version, f.state, f.severity, f.since_ms, e.id, p.id, p.name, p.team FROM finding f"
	" JOIN project p ON p.id = f.project JOIN event e ON e.seq = f.event"
	" WHERE f.resolved_ms = 0 AND f.severity >= :least AND (:project IS NULL OR p.name = :project)"
	" ORDER BY f.severity DESC, f.since_ms DESC, f.id LIMIT :limit OFFSET :after";
static const char CRATE[] = "SELECT c.id FROM crate c JOIN registry r ON r.id = c.registry"
			    " WHERE r.name = :registry AND r.configured AND c.name = :crate AND c.listed <> 0";

/* ---- findings ---- */

/* A row of FINDINGS; texts are the statement's. */
struct row {
	int64_t crate, project, since_ms;
	const char *version, *event, *project_name, *team;
	enum finding_state state;
	enum severity severity;
};

static struct row read_row(struct stmt *st)
{
	return (struct row){
		.crate = stmt_int(st, 0),
		.version = stmt_text(st, 1),
		.state = (enum finding_state)stmt_int(st, 2),
		.severity = (enum severity)stmt_int(st, 3),
		.since_ms = stmt_int(st, 4),
		.event = stmt_text(st, 5),
		.project = stmt_int(st, 6),
		.project_name = stmt_text(st, 7),
		.team = stmt_text(st, 8),
	};
}

/* What its lockfile says stands in `impact`; none when that has changed just now. */
static void put_finding(struct json_writer *w, const struct row *row, const struct impact_crate *crate,
			const struct impact_list *impact)
{
	json_open(w, NULL, '{');
	json_put_string(w, "registry", crate->registry);
	json_put_string(w, "crate", crate->name);
	json_put_string(w, "version", row->version);
	json_put_string(w, "state", finding_state_name(row->state));
	json_put_time(w, "since", row->since_ms);
	json_put_string(w, "event", row->event);
	if (impact->n) {
		impact_put_members(w, &impact->items[0].json);
	} else {
		json_put_string(w, "project", row->project_name);
		if (*row->team)
			json_put_string(w, "team", row->team);
		json_put_string(w, "severity", severity_name(row->severity));
	}
	json_close(w, '}');
}

/* Findings of one crate often follow each other: `crate` is the one before. */
static int add_finding(struct db *db, struct json_writer *w, const struct row *row, struct impact_crate *crate,
		       struct err *err)
{
	OWNED(impact_list_release) struct impact_list impact = {0};
	int rc = 0;

	if (crate->row != row->crate) {
		impact_crate_release(crate);
		rc = impact_crate_load(db, row->crate, crate, err);
	}
	if (!rc)
		rc = impact_of_version(db, crate, row->version, finding_state_kind(row->state), row->project, &impact,
				       err);
	if (!rc)
		put_finding(w, row, crate, &impact);
	return rc == ERR_ABSENT ? 0 : rc; /* its crate is not watched any more: nor is it locked */
}

int query_findings(struct db *db, const struct finding_filter *filter, struct strbuf *out, struct err *err)
{
	OWNED(impact_crate_release) struct impact_crate crate = {0};
	int64_t place = filter->after;
	struct page page;
	int bad = 0;

	page_begin(&page, out, "findings", filter->limit);
	struct stmt st = stmt_use(db, FINDINGS);
	stmt_put_text(&st, ":project", filter->project);
	stmt_put_int(&st, ":least", filter->at_least);
	stmt_put_int(&st, ":limit", (int64_t)filter->limit + 1);
	stmt_put_int(&st, ":after", filter->after);
	while (!bad && stmt_row(&st) && page_takes(&page, ++place)) {
		const struct row row = read_row(&st);
		bad = add_finding(db, &page.w, &row, &crate, err);
	}
	int rc = bad ? stmt_done(&st, &(struct err){0}) : page_end(&page, &st, err);
	return bad ? bad : rc;
}

/* ---- what a yank would hit ---- */

static int find_crate(struct db *db, const char *registry, const char *name, int64_t *ret, struct err *err)
{
	*ret = 0;
	struct stmt st = stmt_use(db, CRATE);
	stmt_put_text(&st, ":registry", registry);
	stmt_put_text(&st, ":crate", name);
	if (stmt_row(&st))
		*ret = stmt_int(&st, 0);
	int rc = stmt_done(&st, err);
	if (!rc && *ret == 0)
		rc = err_set(err, ERR_ABSENT, "%s in %s is not watched", name, registry);
	return rc;
}

static const struct index_version *find_version(const struct impact_crate *crate, const char *version)
{
	for (size_t i = 0; i < crate->loaded->count; i++)
		if (strcmp(crate->loaded->items[i].vers, version) == 0)
			return &crate->loaded->items[i];
	return NULL;
}

static void put_impact(struct json_writer *w, const struct impact_crate *crate, const struct index_version *version,
		       const struct impact_list *list)
{
	json_open(w, NULL, '{');
	json_put_string(w, "registry", crate->registry);
	json_put_string(w, "crate", crate->name);
	json_put_string(w, "version", version->vers);
	json_put_bool(w, "yanked", version->yanked);
	if (version->deleted)
		json_put_bool(w, "deleted", true);
	impact_put_replacement(w, crate, version->vers);
	impact_put_list(w, list, PAGE_BYTES);
	json_close(w, '}');
}

int query_impact(struct db *db, const char *registry, const char *crate, const char *version, struct strbuf *out,
		 struct err *err)
{
	OWNED(impact_crate_release) struct impact_crate loaded = {0};
	OWNED(impact_list_release) struct impact_list list = {0};
	struct json_writer w = {.out = out};
	int64_t row;

	int rc = find_crate(db, registry, crate, &row, err);
	if (!rc)
		rc = impact_crate_load(db, row, &loaded, err);
	if (rc)
		return rc;
	const struct index_version *found = find_version(&loaded, version);
	if (!found)
		return err_set(err, ERR_ABSENT, "%s in %s has no version %s", crate, registry, version);
	rc = impact_of_version(db, &loaded, version, found->deleted ? EVENT_VERSION_DELETED : EVENT_YANKED, 0, &list,
			       err);
	if (rc)
		return rc;
	put_impact(&w, &loaded, found, &list);
	return strbuf_failed(out) ? err_nomem(err) : 0;
}

int query_hits(struct db *db, const char *registry, const char *crate, const char *version, enum event_kind kind,
	       struct impact_list *ret, struct err *err)
{
	OWNED(impact_crate_release) struct impact_crate loaded = {0};
	int64_t row;

	int rc = find_crate(db, registry, crate, &row, err);
	if (!rc)
		rc = impact_crate_load(db, row, &loaded, err);
	if (!rc)
		rc = impact_of_version(db, &loaded, version, kind, 0, ret, err);
	return rc == ERR_ABSENT ? 0 : rc;
}
