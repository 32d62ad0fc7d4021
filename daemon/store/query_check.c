/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query_check.c: a lockfile judged by what the database knows; see query_findings.h. What nobody has looked at yet is
 * asked for in two steps: first the crates, then, of bad versions, the lines of those who depend on them.
 */
#include "store/check_packages.h"
#include "store/demands.h"
#include "store/findings.h"
#include "store/impact_json.h"
#include "store/impact_parts.h"
#include "store/page.h"
#include "store/query_findings.h"

#include <string.h>

/* Packages and edges walked for impacts, at most some two seconds; findings beyond are only counted. */
#define IMPACT_WORK_MAX 20000000u
#define LINES_UNSEEN_MAX \
	8 /* asked for of one crate that nobody has looked at; no real lockfile has more versions of it */

struct check_finding {
	size_t place; /* of the package */
	enum finding_state state;
	struct impact_found found;
};

struct check {
	struct db *db;
	const struct lock *lock;
	struct check_packages packages;
	struct check_finding *findings; /* owned */
	size_t n_findings, most_findings;
	size_t bytes;         /* of the findings */
	size_t more_findings; /* bad ones that are only counted */
	size_t *unknown;      /* owned; places of packages, one of each crate */
	size_t n_unknown;
	bool *lacking; /* owned; of the lock's packages: struct impact_target */
	struct check_state state;
};

static void check_release(struct check *check)
{
	for (size_t i = 0; i < check->n_findings; i++)
		impact_found_release(&check->findings[i].found);
	free(check->findings);
	free(check->unknown);
	free(check->lacking);
	check_packages_release(&check->packages);
	check_state_release(&check->state);
}

void check_state_release(struct check_state *state)
{
	for (size_t i = 0; i < state->n_wants; i++) {
		free(state->wants[i].registry);
		free(state->wants[i].crate);
		free(state->wants[i].version);
	}
	free(state->wants);
	*state = (struct check_state){0};
}

static int check_begin(struct check *check, const struct lock_sources *sources, struct err *err)
{
	int rc = check_packages_load(check->db, check->lock, sources, &check->packages, err);
	if (rc)
		return rc;
	size_t n = check->packages.n;
	size_t work = (size_t)check->lock->n_packages + check->lock->n_edges + 1;
	size_t affordable = IMPACT_WORK_MAX / work;
	check->most_findings = affordable < QUERY_LIMIT_MAX ? affordable : QUERY_LIMIT_MAX;
	check->state.packages = n;
	check->findings = calloc(check->most_findings + 1, sizeof *check->findings);
	check->unknown = calloc(n + 1, sizeof *check->unknown);
	check->lacking = calloc((size_t)check->lock->n_packages + 1, sizeof *check->lacking);
	check->state.wants = calloc(2 * n + 1, sizeof *check->state.wants); /* the crate, and its line */
	return check->findings && check->unknown && check->lacking && check->state.wants ? 0 : err_nomem(err);
}

/* ---- what is not known ---- */

static int want(struct check *check, const struct check_package *package, const char *version, bool is_watched,
		struct err *err)
{
	struct check_want *added = &check->state.wants[check->state.n_wants++];

	*added = (struct check_want){
		.registry = strdup(package->registry),
		.crate = strdup(package->name),
		.version = strdup(version),
		.is_watched = is_watched,
	};
	return added->registry && added->crate && added->version ? 0 : err_nomem(err);
}

/* In the order of the packages: those of one crate follow each other. */
static void note_unknown(struct check *check, size_t place)
{
	const struct check_package *items = check->packages.items;

	if (check->n_unknown == 0 ||
	    !check_package_is_of_crate(&items[check->unknown[check->n_unknown - 1]], &items[place]))
		check->unknown[check->n_unknown++] = place;
}

static int want_crates(struct check *check, struct err *err)
{
	const struct check_package *before = NULL;
	int rc = 0;

	for (size_t i = 0; i < check->packages.n && !rc; i++) {
		const struct check_package *package = &check->packages.items[i];
		bool is_new = !before || !check_package_is_of_crate(before, package);
		before = package;
		if (is_new && !package->known)
			rc = want(check, package, "", package->crate != 0, err);
	}
	return rc;
}

/* What is wanted is kept as long as the crate is watched, and a check needs no right: a lockfile may make versions up.
 * So of a crate that was looked at only versions that it has are asked for; with a new one a few are, unseen. */
static bool may_have_line(const struct check *check, size_t place)
{
	const struct check_package *package = &check->packages.items[place];

	if (package->crate)
		return package->in_index;
	return place < LINES_UNSEEN_MAX || !check_package_is_of_crate(package - LINES_UNSEEN_MAX, package);
}

static int want_line(struct check *check, struct check_package *package, struct err *err)
{
	OWNED_JSON cJSON *list = NULL;
	bool is_wanted = false;
	int rc = 0;

	package->known = false;
	if (package->crate)
		rc = demands_load(check->db, package->crate, package->version, &list, &is_wanted, err);
	return rc ? rc : want(check, package, package->version, is_wanted, err);
}

static int want_lines(struct check *check, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < check->packages.n && !rc; i++)
		if (check->lacking[check->packages.items[i].index] && may_have_line(check, i))
			rc = want_line(check, &check->packages.items[i], err);
	return rc;
}

/* ---- what is bad ---- */

static int add_finding(struct check *check, size_t place, enum finding_state state, const struct impact_crate *crate,
		       struct demands_book *book, struct err *err)
{
	const char *version = check->packages.items[place].version;
	struct check_finding *finding = &check->findings[check->n_findings];
	const struct impact_target target = {
		.project_name = "",
		.team = "",
		.path = "",
		.lock = check->lock,
		.crate_rows = check->packages.rows,
		.lacking = check->lacking,
	};
	bool hits = false;

	int rc = impact_ask(book, crate, &target, version, finding_state_kind(state), &finding->found, &hits, err);
	if (rc || !hits)
		return rc;
	finding->place = place;
	finding->state = state;
	check->bytes += finding->found.json.len;
	check->n_findings++;
	return 0;
}

/* A version that the lockfile has from two sources is judged for each, and told once. */
static bool is_told(const struct check *check, size_t place)
{
	if (check->n_findings == 0)
		return false;
	const struct check_package *last = &check->packages.items[check->findings[check->n_findings - 1].place];
	const struct check_package *package = &check->packages.items[place];
	return last->crate == package->crate && strcmp(last->version, package->version) == 0;
}

static int take_bad(struct check *check, size_t place, enum finding_state state, struct impact_crate *crate,
		    struct demands_book *book, struct err *err)
{
	int rc = 0;

	if (is_told(check, place))
		return 0;
	if (check->n_findings == check->most_findings || check->bytes > PAGE_BYTES) {
		check->more_findings++;
		return 0;
	}
	if (!crate->row) {
		rc = impact_crate_load(check->db, check->packages.items[place].crate, crate, err);
		*book = impact_book(check->db, crate);
	}
	return rc ? rc : add_finding(check, place, state, crate, book, err);
}

/* All packages of one crate, from `first` on; *ret_end is behind the last. */
static int judge_crate(struct check *check, size_t first, size_t *ret_end, struct err *err)
{
	OWNED(impact_crate_release) struct impact_crate crate = {0};
	OWNED(demands_book_release) struct demands_book book = {0};
	struct check_package *items = check->packages.items;
	enum finding_verdict verdict = VERDICT_UNKNOWN;
	enum finding_state state = FINDING_YANKED;
	size_t i = first;
	int rc = 0;

	for (; !rc && i < check->packages.n && check_package_is_of_crate(&items[first], &items[i]); i++) {
		rc = finding_judge(check->db, items[i].crate, items[i].version, items[i].checksum, &verdict, &state,
				   err);
		items[i].in_index =
			!rc && (verdict == VERDICT_GOOD || (verdict == VERDICT_BAD && state != FINDING_MISSING));
		if (!rc && verdict == VERDICT_UNKNOWN)
			note_unknown(check, i);
		if (!rc && verdict == VERDICT_BAD)
			rc = take_bad(check, i, state, &crate, &book, err);
	}
	*ret_end = i;
	return rc;
}

static int judge(struct check *check, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < check->packages.n;)
		rc = judge_crate(check, i, &i, err);
	return rc;
}

/* ---- the answer ---- */

static int compare_findings(const void *a, const void *b)
{
	const struct check_finding *x = a;
	const struct check_finding *y = b;

	if (x->found.severity != y->found.severity)
		return x->found.severity > y->found.severity ? -1 : 1;
	return (x->place > y->place) - (x->place < y->place);
}

static void put_finding(struct json_writer *w, const struct check *check, const struct check_finding *finding)
{
	const struct check_package *package = &check->packages.items[finding->place];

	json_open(w, NULL, '{');
	json_put_string(w, "registry", package->registry);
	json_put_string(w, "crate", package->name);
	json_put_string(w, "version", package->version);
	json_put_string(w, "state", finding_state_name(finding->state));
	impact_put_members(w, &finding->found.json);
	json_close(w, '}');
}

static void put_unknown(struct json_writer *w, const struct check *check)
{
	json_open(w, "unknown", '[');
	for (size_t i = 0; i < check->n_unknown && i < QUERY_LIMIT_MAX; i++) {
		const struct check_package *package = &check->packages.items[check->unknown[i]];
		json_open(w, NULL, '{');
		json_put_string(w, "registry", package->registry);
		json_put_string(w, "crate", package->name);
		json_close(w, '}');
	}
	json_close(w, ']');
	if (check->n_unknown > QUERY_LIMIT_MAX)
		json_put_int(w, "more_unknown", (int64_t)check->n_unknown - QUERY_LIMIT_MAX);
}

static void put_check(struct json_writer *w, const struct check *check, const struct lock_sources *sources)
{
	json_open(w, NULL, '{');
	json_put_int(w, "packages", (int64_t)check->state.packages);
	json_put_int(w, "known", (int64_t)check->state.known);
	put_unknown(w, check);
	query_put_unmatched(w, check->lock, sources);
	json_open(w, "findings", '[');
	for (size_t i = 0; i < check->n_findings; i++)
		put_finding(w, check, &check->findings[i]);
	json_close(w, ']');
	if (check->more_findings)
		json_put_int(w, "more_findings", (int64_t)check->more_findings);
	json_close(w, '}');
}

static void count(struct check *check)
{
	for (size_t i = 0; i < check->packages.n; i++)
		check->state.known += check->packages.items[i].known;
	check->state.findings = check->n_findings + check->more_findings;
	if (check->n_findings > 1)
		qsort(check->findings, check->n_findings, sizeof *check->findings, compare_findings);
}

int query_check(struct db *db, const struct lock *lock, const struct lock_sources *sources, struct strbuf *out,
		struct check_state *ret, struct err *err)
{
	OWNED(check_release) struct check check = {.db = db, .lock = lock};
	struct json_writer w = {.out = out};

	int rc = check_begin(&check, sources, err);
	if (!rc)
		rc = judge(&check, err);
	if (!rc)
		rc = want_crates(&check, err);
	if (!rc)
		rc = want_lines(&check, err);
	if (rc)
		return rc;
	count(&check);
	put_check(&w, &check, sources);
	if (strbuf_failed(out))
		return err_nomem(err);
	*ret = check.state;
	check.state = (struct check_state){0};
	return 0;
}
