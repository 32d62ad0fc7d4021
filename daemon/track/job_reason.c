/* SPDX-License-Identifier: Apache-2.0 */
/* job_reason.c: whose reasons are asked for next, and what the web API said of them. */
#include "base/clock.h"
#include "base/log.h"
#include "store/annotations.h"
#include "store/versions.h"
#include "track/jobs.h"
#include "track/outbox_now.h"
#include "track/reasons.h"

#include <string.h>

#define PAUSE_FIRST_MS 2000 /* after a failure; the next one is twice as long */
#define FAILURES_MAX 720    /* in a row: a month of the longest pause; then nothing more is asked */
#define FAILURES_OF_ONCE 10 /* what is not worth more */

/* ---- what is next ---- */

static int64_t longest_ms(const struct config_reasons *config)
{
	int64_t longest = 0;

	for (size_t i = 0; config && i < config->n_rechecks; i++)
		longest = config->recheck_ms[i] > longest ? config->recheck_ms[i] : longest;
	return longest;
}

/* In a burst texts go first. What was known before the yank may be another by then. */
static int wants_owners(struct db *db, const struct reason_turn *turn, int64_t now_ms, bool *ret, struct err *err)
{
	OWNED(reason_owners_release) struct reason_owners owners = {0};
	int64_t asked_ms;

	int rc = reason_owners_load(db, turn->crate, &owners, &asked_ms, err);
	bool is_known =
		asked_ms && asked_ms <= now_ms && now_ms - asked_ms < REASON_OWNERS_MS && asked_ms >= turn->since_ms;
	*ret = !is_known && turn->burst <= REASON_BURST;
	return rc;
}

static int apply_next(struct tracker *tracker, struct job *base, struct err *err)
{
	struct job_reason_next *job = CONTAINER_OF(base, struct job_reason_next, job);
	OWNED(reason_turn_release) struct reason_turn turn = {0};
	struct db *db = tracker_db(tracker);
	int64_t now_ms = clock_wall_ms();

	int rc = reason_turn_find(db, job->registry, now_ms, longest_ms(reasons_config(tracker, job->registry)), &turn,
				  err);
	if (!rc && turn.crate)
		rc = wants_owners(db, &turn, now_ms, &job->ret_wants_owners, err);
	if (rc)
		return rc;
	job->ret_crate = TAKE(turn.name);
	job->ret_versions = TAKE(turn.versions);
	job->ret_n_versions = turn.n;
	job->ret_next_due_ms = turn.next_ms;
	turn.n = 0;
	return 0;
}

void job_reason_next_release(struct job_reason_next *job)
{
	for (size_t i = 0; i < job->ret_n_versions; i++)
		free(job->ret_versions[i]);
	free(TAKE(job->ret_versions));
	free(TAKE(job->ret_crate));
	job->ret_n_versions = 0;
}

const struct job_kind job_reason_next_kind = {.name = "reason_next", .apply = apply_next, .is_patient = true};

/* ---- what came ---- */

struct answering {
	struct job_reason *job;
	struct reason_look look;
	const struct config_reasons *config;
	struct reason_answer answer;
	struct reason_owners owners;
	int64_t owners_ms; /* when they were asked; 0 = never */
	struct crate_place place;
};

static void answering_release(struct answering *answering)
{
	reason_answer_release(&answering->answer);
	reason_owners_release(&answering->owners);
	crate_place_release(&answering->place);
}

static int keep_asking(struct db *db, struct reason_ask *ask, int64_t now_ms, struct err *err)
{
	unsigned most = ask->rank == REASON_ONCE ? FAILURES_OF_ONCE : FAILURES_MAX;
	int64_t pause_ms = ask->failures < 11 ? (int64_t)PAUSE_FIRST_MS << ask->failures : REASON_PAUSE_MAX_MS;

	if (++ask->failures > most)
		return reason_ask_drop(db, ask->crate, ask->version, err);
	ask->due_ms = now_ms + (pause_ms < REASON_PAUSE_MAX_MS ? pause_ms : REASON_PAUSE_MAX_MS);
	return reason_ask_put(db, ask, err);
}

static int ask_again_later(const struct answering *answering, struct reason_ask *ask, struct err *err)
{
	size_t looks = ask->looks++;
	bool is_over = ask->rank == REASON_ONCE || !answering->config || looks >= answering->config->n_rechecks;

	if (is_over)
		return reason_ask_drop(tracker_db(answering->look.tracker), ask->crate, ask->version, err);
	ask->rank = REASON_AGAIN;
	ask->failures = 0;
	ask->until_ms = 0;
	ask->due_ms = answering->look.now_ms + answering->config->recheck_ms[looks];
	return reason_ask_put(tracker_db(answering->look.tracker), ask, err);
}

/* Who did it last, as far as the trail says: what was taken back since is not what stands now, which then has left no
 * action (the administrator's command line does not). */
static void find_actor(const struct answering *answering, const struct reason_version *version, struct reason_row *row)
{
	enum reason_act act = version->yanked ? REASON_YANK : REASON_UNYANK;
	const struct reason_action *last = NULL;

	for (size_t i = 0; i < version->n_actions; i++)
		if (version->actions[i].act != REASON_PUBLISH)
			last = version->actions[i].act == act ? &version->actions[i] : NULL;
	if (!last)
		return;
	row->by = last->by; /* borrowed */
	row->at_ms = last->at_ms < answering->look.now_ms ? last->at_ms : answering->look.now_ms;
	if (!row->by || !answering->owners_ms)
		return;
	bool owns = reason_owners_have(&answering->owners, row->by);
	bool is_conclusive = !answering->owners.has_teams && answering->owners_ms >= row->at_ms;
	row->owner = owns ? REASON_OWNER : is_conclusive ? REASON_NO_OWNER : REASON_OWNER_UNKNOWN;
}

/* The alert of its yank will say what is known now. A time further off was set before the clock was stepped back. */
static int is_waiting(const struct answering *answering, const struct reason_ask *ask, bool *ret, struct err *err)
{
	int64_t left_ms = ask->until_ms - answering->look.now_ms;
	bool is_said = true;

	int rc = ask->event ? outbox_is_said(tracker_db(answering->look.tracker), ask->event, &is_said, err) : 0;
	*ret = answering->config && left_ms > 0 && left_ms <= answering->config->wait_ms && !is_said;
	return rc;
}

/* It is not yanked any more: who has un-yanked it. */
static int note_unyank(const struct answering *answering, const struct reason_ask *ask, const struct reason_row *row,
		       struct err *err)
{
	OWNED_STRBUF struct strbuf json = {0};
	const struct reason_said said = {.by = row->by, .owner = row->owner, .at_ms = row->at_ms};

	if (!ask->event || !row->by)
		return 0;
	int rc = reason_json(&said, &json, err);
	return rc ? rc
		  : annotations_set_reason(tracker_db(answering->look.tracker), ask->event, strbuf_str(&json), err);
}

static int note_yank(struct answering *answering, struct reason_ask *ask, const struct reason_version *version,
		     struct reason_row *row, struct err *err)
{
	const struct outbox outbox = outbox_at(answering->look.tracker, answering->look.now_ms);
	bool waits = false;

	row->said = version->said; /* borrowed */
	int rc = is_waiting(answering, ask, &waits, err);
	if (!rc)
		rc = reason_note(&answering->look, version->version, row, waits, err);
	if (rc || !ask->until_ms)
		return rc;
	tracker_note_outbox(answering->look.tracker, false);
	ask->until_ms = 0;
	rc = reason_ask_put(outbox.db, ask, err);
	return rc ? rc : outbox_reason_known(&outbox, ask->event, err);
}

/* Who was no owner when we asked may have been one when it acted: the same again, with the owners. Of new yanks that is
 * seen to before; in a burst they come with the next look. */
static bool needs_owners(const struct answering *answering, const struct reason_ask *ask, const struct reason_row *row)
{
	return row->by && row->owner == REASON_OWNER_UNKNOWN && answering->owners_ms &&
	       answering->owners_ms < row->at_ms && ask->rank != REASON_NEW && !answering->job->asked_owners;
}

static int note(struct answering *answering, struct reason_ask *ask, const struct reason_version *version,
		struct err *err)
{
	struct reason_row row = {.event = ask->event, .source = REASON_OF_API};

	find_actor(answering, version, &row);
	if (needs_owners(answering, ask, &row))
		return reason_owners_forget(tracker_db(answering->look.tracker), ask->crate, err);
	int rc = reason_flips(&answering->look, version, err);
	if (!rc)
		rc = version->yanked ? note_yank(answering, ask, version, &row, err)
				     : note_unyank(answering, ask, &row, err);
	return rc ? rc : ask_again_later(answering, ask, err);
}

/* Where API and index differ, the index decides, and one of them will follow the other. */
static int take_version(struct answering *answering, const char *name, struct err *err)
{
	const struct reason_version *version = reason_answer_find(&answering->answer, name);
	struct db *db = tracker_db(answering->look.tracker);
	struct version_found found;
	struct reason_ask ask;

	int rc = reason_ask_load(db, answering->place.crate, name, &ask, err);
	if (!rc)
		rc = versions_find(db, answering->place.crate, name, &found, err);
	if (rc || !ask.crate)
		return rc;
	if (ask.due_ms > answering->job->asked_at_ms) /* yanked anew since: this speaks of the last time */
		return 0;
	if (!found.there || found.deleted)
		return reason_ask_drop(db, ask.crate, name, err);
	if (!version || version->yanked != found.yanked)
		return keep_asking(db, &ask, answering->look.now_ms, err);
	return note(answering, &ask, version, err);
}

static int take_owners(struct answering *answering, struct err *err)
{
	const struct job_reason *job = answering->job;
	struct db *db = tracker_db(answering->look.tracker);

	if (!job->owners_json)
		return reason_owners_load(db, answering->place.crate, &answering->owners, &answering->owners_ms, err);
	int rc = reason_owners_read(job->owners_json, job->owners_len, &answering->owners, &answering->job->ret_fault);
	if (rc)
		return rc == ERR_NOMEM ? err_nomem(err) : 0;
	answering->owners_ms = job->observed_at_ms;
	return reason_owners_save(db, answering->place.crate, &answering->owners, job->observed_at_ms, err);
}

/* What cannot be read is as good as no answer: each of the versions is asked for again. */
static int take_answer(struct answering *answering, struct err *err)
{
	struct job_reason *job = answering->job;

	if (!job->answer_json)
		return 0;
	int rc = reason_answer_read(job->answer_json, job->answer_len, &answering->answer, &job->ret_fault);
	return rc == ERR_NOMEM ? err_nomem(err) : 0;
}

static int apply_answer(struct tracker *tracker, struct job *base, struct err *err)
{
	struct job_reason *job = CONTAINER_OF(base, struct job_reason, job);
	OWNED(answering_release) struct answering answering = {.job = job};
	int64_t crate;

	job->ret_fault = (struct err){0};
	int rc = reason_crate(tracker_db(tracker), job->registry, job->crate, &crate, err);
	if (rc || !crate)
		return rc;
	answering.config = reasons_config(tracker, job->registry);
	answering.look = (struct reason_look){
		.tracker = tracker, .place = &answering.place, .now_ms = job->observed_at_ms, .api = job->url};
	rc = crate_place_load(tracker_db(tracker), crate, &answering.place, err);
	if (!rc)
		rc = take_answer(&answering, err);
	if (!rc)
		rc = take_owners(&answering, err);
	for (size_t i = 0; i < job->n_versions && !rc; i++)
		rc = take_version(&answering, job->versions[i], err);
	job->ret_changed = answering.look.changed;
	return rc;
}

static void committed_answer(struct tracker *tracker, struct job *base)
{
	const struct job_reason *job = CONTAINER_OF(base, struct job_reason, job);
	(void)tracker;

	if (job->ret_changed)
		log_info("reasons: %s in %s: %zu event%s: reason_changed", job->crate, job->registry, job->ret_changed,
			 job->ret_changed == 1 ? "" : "s");
}

const struct job_kind job_reason_kind = {
	.name = "reason",
	.apply = apply_answer,
	.committed = committed_answer,
	.is_patient = true,
};
