/* SPDX-License-Identifier: Apache-2.0 */
/* job_outbox.c: claiming the next notification, and recording what came of one. */
#include "base/log.h"
#include "base/text.h"
#include "track/jobs.h"
#include "track/outbox_now.h"

#include <sodium.h>
#include <string.h>

static int apply_claim(struct tracker *tracker, struct job *base, struct err *err)
{
	struct job_claim *job = CONTAINER_OF(base, struct job_claim, job);
	struct outbox outbox = outbox_now(tracker);
	struct outbox_claim claim;

	outbox.no_wait = job->no_wait;
	int rc = tracker_sign(tracker, err);
	if (!rc)
		rc = outbox_claim(&outbox, job->notifier, &claim, err);
	if (rc)
		return rc;
	job->ret_notification = claim.notification;
	job->ret_next_due_ms = claim.next_due_ms;
	job->ret_undelivered = claim.undelivered;
	job->ret_silenced = claim.silenced;
	return 0;
}

static void committed_claim(struct tracker *tracker, struct job *base)
{
	struct job_claim *job = CONTAINER_OF(base, struct job_claim, job);
	(void)tracker;

	if (job->ret_silenced)
		log_info("delivery: silences held %zu notification%s to %s back", job->ret_silenced,
			 job->ret_silenced == 1 ? "" : "s", job->notifier);
}

const struct job_kind job_claim_kind = {.name = "claim", .apply = apply_claim, .committed = committed_claim};

static int apply_result(struct tracker *tracker, struct job *base, struct err *err)
{
	struct job_result *job = CONTAINER_OF(base, struct job_result, job);
	const struct outbox outbox = outbox_now(tracker);
	struct outbox_outcome outcome;

	int rc = outbox_record(&outbox, &job->result, randombytes_random(), &outcome, err);
	if (rc)
		return rc;
	job->ret_state = outcome.state;
	job->ret_disabled = outcome.disabled;
	job->ret_told_fallback = outcome.told_fallback;
	memcpy(job->ret_id, outcome.id, sizeof job->ret_id);
	if (outcome.told_fallback)
		tracker_note_outbox(tracker, false);
	return 0;
}

static void committed_result(struct tracker *tracker, struct job *base)
{
	static const struct {
		enum log_level level;
		const char *said;
	} ends[NOTIFICATION_STATES] = {
		[NOTIFICATION_DUE] = {LOG_LEVEL_WARNING, "will be tried again"},
		[NOTIFICATION_IN_FLIGHT] = {LOG_LEVEL_ERROR, "is still in flight"},
		[NOTIFICATION_DELIVERED] = {LOG_LEVEL_INFO, "delivered"},
		[NOTIFICATION_DEAD] = {LOG_LEVEL_ERROR, "given up: dead letter"},
		[NOTIFICATION_GATHERING] = {LOG_LEVEL_ERROR, "gathers"},
		[NOTIFICATION_SILENCED] = {LOG_LEVEL_INFO, "silenced"},
	};
	struct job_result *job = CONTAINER_OF(base, struct job_result, job);
	const char *fallback = job->ret_told_fallback ? ", the fallback is told" : "";
	char text[DELIVERY_TEXT_MAX];
	(void)tracker;

	text_safe(job->result.text, text, sizeof text);
	if (job->ret_disabled)
		log_error("notifier %s: its receiver wants nothing more: it is out of service until "
			  "`yankwatch notifier enable %s`: %s",
			  job->notifier, job->notifier, text);
	log_write(ends[job->ret_state].level, "delivery: notification %s to %s, attempt %u: %s%s: %s", job->ret_id,
		  job->notifier, job->result.attempt, job->ret_disabled ? "waits" : ends[job->ret_state].said, fallback,
		  text);
}

const struct job_kind job_result_kind = {.name = "result", .apply = apply_result, .committed = committed_result};

static int apply_ping(struct tracker *tracker, struct job *job, struct err *err)
{
	(void)tracker;
	(void)job;
	(void)err;
	return 0;
}

const struct job_kind job_ping_kind = {.name = "ping", .apply = apply_ping};
