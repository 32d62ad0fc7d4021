/* SPDX-License-Identifier: Apache-2.0 */
/*
 * job_findings.c: what comes with time alone: crates that no lockfile has held for a day, findings that a look may
 * confirm by now, and reminders of those that stay open.
 */
#include "base/clock.h"
#include "base/log.h"
#include "store/watches.h"
#include "track/finding_events.h"
#include "track/follow.h"
#include "track/jobs.h"
#include "track/outbox_now.h"
#include "track/projects_now.h"

#include <string.h>

#define UNLOCKED_MAX 2000 /* in one turn */

/* ---- crates that nobody locks any more ---- */

static int unlist(struct db *db, int64_t until_ms, struct job_findings *job, bool *ret_more, struct err *err)
{
	OWNED_MEM char *registry = NULL;
	OWNED_MEM char *crate = NULL;
	bool gone = false;

	int rc = watches_next_unlocked(db, until_ms, &registry, &crate, &gone, err);
	*ret_more = crate != NULL;
	if (rc || !crate || !gone)
		return rc;
	struct watch_changes *changes = projects_changes_of(job->ret_changes, job->n_changes, registry);
	return !changes || watch_changes_remove(changes, crate) ? 0 : err_nomem(err);
}

static int unlist_all(struct db *db, int64_t until_ms, struct job_findings *job, struct err *err)
{
	bool more = true;
	int rc = 0;

	for (unsigned i = 0; i < UNLOCKED_MAX && more && !rc; i++)
		rc = unlist(db, until_ms, job, &more, err);
	return rc;
}

/* ---- findings that wait ---- */

struct asking {
	const struct config *config;
	struct job_findings *job;
	int64_t now_ms;
};

static bool look_afresh(void *ctx, const char *registry, const char *crate, int64_t since_ms)
{
	const struct asking *asking = ctx;
	struct watch_changes *changes = projects_changes_of(asking->job->ret_changes, asking->job->n_changes, registry);

	if (!changes || !follow_has_waited(asking->config, registry, since_ms, asking->now_ms))
		return true;
	return watch_changes_afresh(changes, crate);
}

/* Each minute until one of their looks goes well: it is told by that (crate_events.c). */
static int ask_again(struct tracker *tracker, struct job_findings *job, int64_t now_ms, struct err *err)
{
	struct asking asking = {.config = tracker_config(tracker), .job = job, .now_ms = now_ms};

	return findings_waiting(tracker_db(tracker), look_afresh, &asking, err);
}

/* ---- reminders ---- */

#define REMINDED_MAX 1000 /* findings in one turn */

/* Opening events that a notifier is reminded of. */
struct reminder {
	int64_t events[REMINDED_MAX];
	size_t n;
};

struct reminding {
	struct tracker *tracker;
	struct outbox outbox;
	int64_t event;              /* of the finding whose notifiers are asked for */
	struct reminder *reminders; /* owned; one for each configured notifier */
};

static void reminding_release(struct reminding *reminding)
{
	free(reminding->reminders);
}

static bool has(const struct reminder *reminder, int64_t event)
{
	for (size_t i = 0; i < reminder->n; i++)
		if (reminder->events[i] == event)
			return true;
	return false;
}

/* A notifier that is not configured any more is reminded no more. */
static void add_notifier(void *ctx, const char *notifier)
{
	struct reminding *reminding = ctx;
	const struct config *config = tracker_config(reminding->tracker);

	for (size_t i = 0; i < config->n_notifiers; i++) {
		struct reminder *reminder = &reminding->reminders[i];
		if (strcmp(config->notifiers[i].name, notifier) == 0 && !has(reminder, reminding->event))
			reminder->events[reminder->n++] = reminding->event;
	}
}

static int gather(struct reminding *reminding, int64_t every_ms, struct err *err)
{
	struct db *db = reminding->outbox.db;
	struct finding_to_remind finding = {0};
	int rc = 0;

	for (unsigned i = 0; i < REMINDED_MAX && !rc; i++) {
		rc = finding_next_to_remind(db, SEVERITY_HIGH, reminding->outbox.now_ms, every_ms, finding.id, &finding,
					    err);
		if (rc || !finding.id)
			return rc;
		reminding->event = finding.event;
		rc = outbox_told(db, finding.event, add_notifier, reminding, err);
		if (!rc)
			rc = finding_reminded(db, finding.id, reminding->outbox.now_ms, err);
	}
	return rc;
}

static int remind(struct tracker *tracker, struct err *err)
{
	const struct config *config = tracker_config(tracker);
	OWNED(reminding_release)
	struct reminding reminding = {
		.tracker = tracker,
		.outbox = outbox_now(tracker),
		.reminders = calloc(config->n_notifiers + 1, sizeof(struct reminder)),
	};

	if (!reminding.reminders)
		return err_nomem(err);
	int rc = gather(&reminding, config->remind_ms, err);
	for (size_t i = 0; i < config->n_notifiers && !rc; i++) {
		const struct reminder *reminder = &reminding.reminders[i];
		if (!reminder->n)
			continue;
		rc = outbox_remind(&reminding.outbox, config->notifiers[i].name, reminder->events, reminder->n, err);
		tracker_note_outbox(tracker, false);
	}
	return rc;
}

/* ---- other sources than before ---- */

#define MATCH_TURN_MS 100 /* then others have their turn */

static int match_again(struct tracker *tracker, struct job_findings *job, struct following *following, struct err *err)
{
	const struct projects projects = projects_now(tracker, job->ret_changes, job->n_changes);
	int64_t until_ms = clock_mono_ms() + MATCH_TURN_MS;
	struct project_put put;
	int rc;

	following->is_unwatched = true;
	do {
		rc = projects_match_next(&projects, &put, err);
		if (!rc && put.lockfile)
			rc = follow_lockfile(following, put.project, put.lockfile, err);
	} while (!rc && put.lockfile && (job->at_once || clock_mono_ms() < until_ms));
	job->ret_more = !rc && put.lockfile;
	return rc;
}

/* ---- the job ---- */

static int apply(struct tracker *tracker, struct job *base, struct err *err)
{
	struct job_findings *job = CONTAINER_OF(base, struct job_findings, job);
	struct following following = {.tracker = tracker, .now_ms = clock_wall_ms()};

	if (!tracker_config(tracker))
		return err_set(err, ERR_BUSY, "yankwatchd is starting");
	int rc = projects_changes_new(tracker, &job->ret_changes, &job->n_changes, err);
	if (!rc)
		rc = match_again(tracker, job, &following, err);
	if (!rc && !job->ret_more)
		rc = unlist_all(tracker_db(tracker), following.now_ms - PROJECT_LAG_MS, job, err);
	if (!rc && !job->ret_more)
		rc = follow_waiting(&following, err);
	if (!rc && !job->ret_more)
		rc = ask_again(tracker, job, following.now_ms, err);
	for (size_t i = 0; i < job->n_changes; i++)
		watch_changes_sort(&job->ret_changes[i]);
	if (!rc && !job->ret_more && tracker_config(tracker)->remind_ms)
		rc = remind(tracker, err);
	return rc;
}

void job_findings_release(struct job_findings *job)
{
	projects_changes_free(TAKE(job->ret_changes), job->n_changes);
}

const struct job_kind job_findings_kind = {.name = "findings", .apply = apply};
