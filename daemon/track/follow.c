/* SPDX-License-Identifier: Apache-2.0 */
/*
 * follow.c: see follow.h. What is locked (holdings) is judged by the index and held against the findings that are
 * open; follow() calls what stands above it.
 */
#include "track/follow.h"

#include "track/finding_events.h"

#include <string.h>

/* Of one transaction: some seconds. A lockfile that has thousands of bad versions, and each depending on each, would
 * take minutes, and nothing else would go on. Real ones have 100 kB, so that this is ten bad versions in 1000 projects.
 */
#define GO_THROUGH_MAX ((size_t)1 << 30)

/* A version that is bad, and what that means for those who lock it. */
struct badness {
	bool is_weighed; /* else nobody knows, for it would take too long: the list is empty */
	struct crate_place place;
	struct impact_crate crate;
	struct impact_list list;
};

static void badness_release(struct badness *badness)
{
	crate_place_release(&badness->place);
	impact_crate_release(&badness->crate);
	impact_list_release(&badness->list);
}

/* One pass over what a crate's or project's holdings are. */
struct pass {
	struct following *following;
	int64_t project;            /* of the scope; 0 = all that hold the crate */
	struct impact_shelf *shelf; /* of the project; else NULL */
	struct holdings holdings;
	struct open_findings open;
	size_t place;                 /* of these, where the last one was found */
	const struct holding *judged; /* the last one, whose verdict is below */
	enum finding_verdict verdict;
	enum finding_state state;
	struct badness badness; /* when it is bad */
};

static void pass_release(struct pass *pass)
{
	holdings_release(&pass->holdings);
	open_findings_release(&pass->open);
	badness_release(&pass->badness);
	impact_shelf_free(pass->shelf);
}

/* ---- is it bad, and what does that mean? ---- */

static bool is_judged(const struct pass *pass, const struct holding *holding)
{
	const struct holding *last = pass->judged;

	return last && last->crate == holding->crate && strcmp(last->version, holding->version) == 0 &&
	       strcmp(last->checksum, holding->checksum) == 0;
}

/* Its event has weighed it for all projects, in this transaction. */
static bool take_weight(struct pass *pass, const struct holding *holding, struct impact_list *ret)
{
	for (size_t i = 0; i < pass->following->n_told && !pass->project; i++) {
		struct follow_told *told = &pass->following->told[i];
		if (!told->is_weighed || told->kind != finding_state_kind(pass->state) ||
		    strcmp(told->version, holding->version) != 0)
			continue;
		*ret = told->weight;
		told->weight = (struct impact_list){0};
		told->is_weighed = false;
		return true;
	}
	return false;
}

static int weigh(struct pass *pass, const struct holding *holding, struct err *err)
{
	struct following *following = pass->following;
	struct db *db = tracker_db(following->tracker);
	struct badness *badness = &pass->badness;

	int rc = crate_place_load(db, holding->crate, &badness->place, err);
	if (!rc)
		rc = impact_crate_load(db, holding->crate, &badness->crate, err);
	if (rc || following->gone_through > GO_THROUGH_MAX)
		return rc;
	badness->is_weighed = true;
	if (!take_weight(pass, holding, &badness->list))
		rc = impact_of_project(db, pass->shelf, &badness->crate, holding->version,
				       finding_state_kind(pass->state), pass->project, &badness->list, err);
	following->gone_through += badness->list.bytes;
	return rc;
}

static int judge(struct pass *pass, const struct holding *holding, struct err *err)
{
	if (is_judged(pass, holding))
		return 0;
	badness_release(&pass->badness);
	pass->badness = (struct badness){0};
	pass->judged = holding;
	int rc = finding_judge(tracker_db(pass->following->tracker), holding->crate, holding->version,
			       holding->checksum, &pass->verdict, &pass->state, err);
	return rc || pass->verdict != VERDICT_BAD ? rc : weigh(pass, holding, err);
}

/* Of the project's lockfiles the worst counts, and each must have a version to move to. Where nobody knows it counts
 * as having one, for nobody could tell it then. */
static struct open_finding finding_of(const struct pass *pass, const struct holding *holding)
{
	struct open_finding finding = {
		.project = holding->project,
		.crate = holding->crate,
		.version = holding->version,
		.state = pass->state,
		.severity = SEVERITY_HIGH, /* when there are more findings than a list has, or nobody knows */
		.replaceable = true,
		.since_ms = pass->following->now_ms,
	};

	for (size_t i = 0; i < pass->badness.list.n; i++) {
		const struct impact_found *found = &pass->badness.list.items[i];
		if (found->project != holding->project || !found->locked)
			continue;
		if (found->severity > finding.severity)
			finding.severity = found->severity;
		finding.replaceable &= found->would_pick != NULL;
	}
	return finding;
}

/* ---- opened ---- */

/* The last event of this transaction that tells of the version that it is bad, or not; 0 = none does. */
static int64_t told_by(const struct following *following, const char *version, bool spoils)
{
	for (size_t i = following->n_told; i-- > 0;) {
		const struct follow_told *told = &following->told[i];
		bool is_of = !told->version[0] || strcmp(told->version, version) == 0;
		if (is_of && told->spoils == spoils)
			return told->seq;
	}
	return 0;
}

bool follow_has_waited(const struct config *config, const char *registry, int64_t since_ms, int64_t now_ms)
{
	int64_t waited_ms = now_ms > since_ms ? now_ms - since_ms : since_ms - now_ms;

	for (size_t i = 0; i < config->n_registries; i++)
		if (strcmp(config->registries[i].name, registry) == 0)
			return waited_ms >= config->registries[i].confirm.deleted_ms;
	return false;
}

/* First looks come in any order: the requirements on it are worth a moment. */
static bool awaits_demands(const struct pass *pass, const struct open_finding *finding)
{
	for (size_t i = 0; i < pass->badness.list.n; i++)
		if (pass->badness.list.items[i].project == finding->project && pass->badness.list.items[i].awaits)
			return true;
	return false;
}

/* A copy of the index that is older than the lockfile would not have the version, either; and what was seen before
 * does not say that it is so still. */
static bool is_unconfirmed(const struct pass *pass, const struct open_finding *finding)
{
	const struct following *following = pass->following;
	const struct crate_place *place = &pass->badness.place;

	if (finding->state != FINDING_MISSING)
		return false;
	return !following->is_look || place->incident ||
	       !follow_has_waited(tracker_config(following->tracker), place->registry, finding->since_ms,
				  following->now_ms);
}

static bool must_wait(const struct pass *pass, const struct open_finding *finding)
{
	int64_t age_ms = pass->following->now_ms - finding->since_ms;

	if (is_unconfirmed(pass, finding))
		return true;
	return age_ms >= 0 && age_ms < FOLLOW_DEMANDS_MS && awaits_demands(pass, finding);
}

static int tell(const struct pass *pass, enum event_kind kind, const struct open_finding *finding, const char *detail,
		int64_t *ret_seq, struct err *err)
{
	const struct finding_news news = {
		.kind = kind,
		.place = &pass->badness.place,
		.finding = finding,
		.crate = &pass->badness.crate,
		.list = &pass->badness.list,
		.detail = detail,
		.now_ms = pass->following->now_ms,
	};
	return finding_tell(pass->following->tracker, &news, ret_seq, err);
}

/* The event that tells it, or one of its own; 0 as long as it has to wait. */
static int find_opening(struct pass *pass, const struct holding *holding, const struct open_finding *finding,
			int64_t *ret_seq, struct err *err)
{
	static const char *const details[FINDING_STATES] = {
		[FINDING_YANKED] = "it is yanked",
		[FINDING_DELETED] = "it was deleted from the registry",
		[FINDING_MISSING] = "the registry's index does not have it",
		[FINDING_CHECKSUM] = "the index has another checksum than the lockfile",
	};

	*ret_seq = told_by(pass->following, holding->version, true);
	if (*ret_seq || must_wait(pass, finding))
		return 0;
	return tell(pass, EVENT_FINDING_OPENED, finding, details[finding->state], ret_seq, err);
}

static int open_one(struct pass *pass, const struct holding *holding, struct err *err)
{
	struct open_finding finding = finding_of(pass, holding);

	int rc = find_opening(pass, holding, &finding, &finding.event, err);
	pass->following->opened += finding.event != 0;
	return rc ? rc : finding_add(tracker_db(pass->following->tracker), &finding, err);
}

/* ---- goes on ---- */

static int go_on(struct pass *pass, const struct holding *holding, struct open_finding *open, struct err *err)
{
	struct open_finding now = finding_of(pass, holding);
	int64_t seq;
	int rc = 0;

	if (open->event && !pass->badness.is_weighed)
		return 0; /* it stays what it was */
	now.id = open->id;
	now.event = open->event;
	now.since_ms = open->since_ms;
	if (!now.event) {
		rc = find_opening(pass, holding, &now, &now.event, err);
		pass->following->opened += now.event != 0;
	} else if (now.replaceable && !open->replaceable) {
		rc = tell(pass, EVENT_REPLACEMENT_AVAILABLE, &now, "a version that can take its place is there now",
			  &seq, err);
	}
	bool same = now.event == open->event && now.state == open->state && now.severity == open->severity &&
		    now.replaceable == open->replaceable;
	return rc || same ? rc
			  : finding_update(tracker_db(pass->following->tracker), &now, pass->following->now_ms, err);
}

/* ---- over ---- */

static int resolve(const struct pass *pass, const struct open_finding *open, bool is_locked, struct err *err)
{
	struct db *db = tracker_db(pass->following->tracker);
	OWNED(crate_place_release) struct crate_place place = {0};
	int64_t seq;

	if (!open->event)
		return finding_drop(db, open->id, err);
	int rc = crate_place_load(db, open->crate, &place, err);
	const struct finding_news news = {
		.kind = EVENT_FINDING_RESOLVED,
		.place = &place,
		.finding = open,
		.locked = is_locked,
		.unwatched = pass->following->is_unwatched,
		.detail = is_locked                       ? "the registry has it again as it was"
			  : pass->following->is_unwatched ? "it is not watched for the project any more"
							  : "the project does not lock it any more",
		.now_ms = pass->following->now_ms,
		.said_by = is_locked ? told_by(pass->following, open->version, false) : 0,
	};
	if (!rc)
		rc = finding_tell(pass->following->tracker, &news, &seq, err);
	pass->following->resolved++;
	return rc ? rc : finding_resolve(db, open->id, pass->following->now_ms, err);
}

/* ---- all of it ---- */

/* From the last one on: of a project both lists are in the same order. */
static struct open_finding *find_open(struct pass *pass, const struct holding *holding)
{
	for (size_t i = 0; i < pass->open.n; i++) {
		size_t place = (pass->place + i) % pass->open.n;
		struct open_finding *open = &pass->open.items[place];
		pass->place = place;
		if (open->project == holding->project && open->crate == holding->crate &&
		    strcmp(open->version, holding->version) == 0)
			return open;
	}
	return NULL;
}

static int follow_one(struct pass *pass, const struct holding *holding, struct err *err)
{
	struct open_finding *open = find_open(pass, holding);

	int rc = judge(pass, holding, err);
	if (rc || pass->verdict == VERDICT_UNKNOWN)
		return rc;
	if (pass->verdict == VERDICT_GOOD)
		return open ? resolve(pass, open, true, err) : 0;
	return open ? go_on(pass, holding, open, err) : open_one(pass, holding, err);
}

/* `project`: whose findings alone; 0 = all that hold the crate. */
static int follow(struct following *following, enum finding_scope scope, int64_t row, int64_t project, struct err *err)
{
	OWNED(pass_release) struct pass pass = {.following = following, .project = project};
	struct db *db = tracker_db(following->tracker);

	if (project && !(pass.shelf = impact_shelf_new()))
		return err_nomem(err);
	int rc = holdings_load(db, scope, row, &pass.holdings, err);
	if (!rc)
		rc = open_findings_load(db, scope, row, &pass.open, err);
	for (size_t i = 0; i < pass.holdings.n && !rc; i++)
		rc = follow_one(&pass, &pass.holdings.items[i], err);
	for (size_t i = 0; i < pass.open.n && !rc; i++)
		if (!pass.open.items[i].stands)
			rc = resolve(&pass, &pass.open.items[i], false, err);
	return rc;
}

int follow_crate(struct following *following, int64_t crate, struct err *err)
{
	return follow(following, SCOPE_CRATE, crate, 0, err);
}

int follow_lockfile(struct following *following, int64_t project, int64_t lockfile, struct err *err)
{
	return follow(following, SCOPE_LOCKFILE, lockfile, project, err);
}

int follow_emptied(struct following *following, int64_t project, struct err *err)
{
	return follow(following, SCOPE_EMPTIED, project, project, err);
}

int follow_waiting(struct following *following, struct err *err)
{
	struct db *db = tracker_db(following->tracker);
	int64_t crate = 0;

	int rc = finding_next_waiting(db, 0, &crate, err);
	while (!rc && crate) {
		rc = follow_crate(following, crate, err);
		if (!rc)
			rc = finding_next_waiting(db, crate, &crate, err);
	}
	return rc;
}
