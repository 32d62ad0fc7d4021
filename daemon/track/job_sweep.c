/* SPDX-License-Identifier: Apache-2.0 */
/* job_sweep.c: what comes with time alone: heartbeats, giving up what nobody delivers, retention. */
#include "base/log.h"
#include "store/heartbeat.h"
#include "store/outbox_prune.h"
#include "store/prune.h"
#include "track/jobs.h"
#include "track/outbox_now.h"

static int sweep(const struct outbox *outbox, const struct config *config, struct outbox_swept *ret, struct err *err)
{
	const char *served[ROUTE_NOTIFIERS_MAX];
	size_t n = 0;

	for (; n < config->n_notifiers && n < ARRAY_LEN(served); n++)
		served[n] = config->notifiers[n].name;
	return outbox_sweep(outbox, served, n, ret, err);
}

/* A turn of what is kept for a time only; *ret_more: there is more of it. */
static int prune(const struct tracker *tracker, const struct outbox *outbox, const struct config *config,
		 bool *ret_more, struct err *err)
{
	size_t published = 0;
	bool attempts = false;
	int rc = 0;

	if (config->keep_published_ms)
		rc = prune_published(outbox->db, tracker_signer(tracker), outbox->now_ms - config->keep_published_ms,
				     &published, err);
	if (!rc && config->keep_attempts_ms)
		rc = outbox_prune(outbox->db, outbox->now_ms - config->keep_attempts_ms, &attempts, err);
	*ret_more = published == PRUNE_TURN_MAX || attempts;
	return rc;
}

static int apply(struct tracker *tracker, struct job *base, struct err *err)
{
	struct job_sweep *job = CONTAINER_OF(base, struct job_sweep, job);
	const struct config *config = tracker_config(tracker);
	const struct outbox outbox = outbox_now(tracker);
	struct outbox_swept swept;
	bool queued = false;
	bool more = false;

	if (!config)
		return err_set(err, ERR_BUSY, "yankwatchd is starting");
	int rc = sweep(&outbox, config, &swept, err);
	if (!rc)
		rc = heartbeat_sweep(&outbox, config->heartbeat.notifier, config->heartbeat.every_ms, &queued, err);
	if (!rc)
		rc = prune(tracker, &outbox, config, &more, err);
	if (rc)
		return rc;
	job->ret_given_up = swept.given_up;
	job->ret_more = swept.more || more;
	if (queued || swept.grew)
		tracker_note_outbox(tracker, false);
	return 0;
}

static void committed(struct tracker *tracker, struct job *base)
{
	struct job_sweep *job = CONTAINER_OF(base, struct job_sweep, job);
	(void)tracker;

	if (job->ret_given_up)
		log_error("delivery: %zu notification%s given up: `yankwatch notifications --state dead` lists them",
			  job->ret_given_up, job->ret_given_up == 1 ? "" : "s");
}

const struct job_kind job_sweep_kind = {.name = "sweep", .apply = apply, .committed = committed};
