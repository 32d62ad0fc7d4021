/* SPDX-License-Identifier: Apache-2.0 */
/* job_outbox.c: claiming the next notification, and recording what came of one. */
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "store/outbox.h"
#include "track/jobs.h"

#include <sodium.h>

static struct outbox_retry retry_of(const struct config *config)
{
	return (struct outbox_retry){
		.first_ms = config->retry.first_ms,
		.max_ms = config->retry.max_ms,
		.give_up_ms = config->retry.give_up_ms,
	};
}

static int apply_claim(struct tracker *tracker, struct job *base, struct err *err)
{
	struct job_claim *job = CONTAINER_OF(base, struct job_claim, job);
	const struct outbox_retry retry = retry_of(tracker_config(tracker));

	return outbox_claim(tracker_db(tracker), job->notifier, clock_wall_ms(), &retry, &job->ret_notification,
			    &job->ret_next_due_ms, err);
}

const struct job_kind job_claim_kind = {.name = "claim", .apply = apply_claim};

static int apply_result(struct tracker *tracker, struct job *base, struct err *err)
{
	struct job_result *job = CONTAINER_OF(base, struct job_result, job);
	const struct outbox_retry retry = retry_of(tracker_config(tracker));

	return outbox_record(tracker_db(tracker), &job->result, clock_wall_ms(), &retry, randombytes_random(),
			     &job->ret_state, err);
}

static void committed_result(struct tracker *tracker, struct job *base)
{
	static const struct {
		enum log_level level;
		const char *said;
	} ends[] = {
		[NOTIFICATION_DUE] = {LOG_LEVEL_WARNING, "will be tried again"},
		[NOTIFICATION_IN_FLIGHT] = {LOG_LEVEL_ERROR, "is still in flight"},
		[NOTIFICATION_DELIVERED] = {LOG_LEVEL_INFO, "delivered"},
		[NOTIFICATION_DEAD] = {LOG_LEVEL_ERROR, "given up: dead letter"},
	};
	struct job_result *job = CONTAINER_OF(base, struct job_result, job);
	char text[DELIVERY_TEXT_MAX];
	(void)tracker;

	log_write(ends[job->ret_state].level, "delivery: notification %lld to %s, attempt %u: %s: %s",
		  (long long)job->result.row, job->notifier, job->result.attempt, ends[job->ret_state].said,
		  text_safe(job->result.text, text, sizeof text));
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
