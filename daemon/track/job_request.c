/* SPDX-License-Identifier: Apache-2.0 */
/* job_request.c: what a person asks of the outbox: retry, test, enable, silences. */
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "store/heads.h"
#include "store/notifiers.h"
#include "store/silences.h"
#include "track/jobs.h"
#include "track/outbox_now.h"

#include <string.h>

#define NAME_SHOWN_MAX 512

static int check_notifier(const struct tracker *tracker, const char *name, struct err *err)
{
	const struct config *config = tracker_config(tracker);

	if (!config)
		return err_set(err, ERR_BUSY, "yankwatchd is starting");
	for (size_t i = 0; i < config->n_notifiers; i++)
		if (strcmp(config->notifiers[i].name, name) == 0)
			return 0;
	return err_set(err, ERR_ABSENT, "there is no notifier of that name");
}

/* ---- retry ---- */

static int apply_retry(struct tracker *tracker, struct job *base, struct err *err)
{
	struct job_retry *job = CONTAINER_OF(base, struct job_retry, job);
	const struct outbox outbox = outbox_now(tracker);

	tracker_note_outbox(tracker, true);
	return outbox_retry(&outbox, job->id, err);
}

static void committed_retry(struct tracker *tracker, struct job *base)
{
	struct job_retry *job = CONTAINER_OF(base, struct job_retry, job);
	char by[NAME_SHOWN_MAX];
	(void)tracker;

	log_info("delivery: notification %s is due now: asked by %s", job->id, text_safe(job->by, by, sizeof by));
}

const struct job_kind job_retry_kind = {.name = "retry", .apply = apply_retry, .committed = committed_retry};

/* ---- test ---- */

static int write_test(struct db *db, const struct job_test *job, struct strbuf *out, struct err *err)
{
	struct json_writer w = {.out = out};

	json_open(&w, NULL, '{');
	json_put_string(&w, "kind", notification_kind_name(NOTIFICATION_TEST));
	json_open(&w, "test", '{');
	json_put_string(&w, "notifier", job->notifier);
	json_put_string(&w, "by", job->by);
	json_close(&w, '}');
	json_open(&w, "events", '[');
	json_close(&w, ']');
	int rc = heads_put(db, &w, err);
	json_close(&w, '}');
	return !rc && strbuf_failed(out) ? err_nomem(err) : rc;
}

static int apply_test(struct tracker *tracker, struct job *base, struct err *err)
{
	struct job_test *job = CONTAINER_OF(base, struct job_test, job);
	const struct outbox outbox = outbox_now(tracker);
	OWNED_STRBUF struct strbuf subject = {0};
	OWNED_STRBUF struct strbuf document = {0};
	int64_t disabled_ms = 0;

	strbuf_addf(&subject, "[info] a test of the notifier %s", job->notifier);
	if (strbuf_failed(&subject))
		return err_nomem(err);
	int rc = write_test(outbox.db, job, &document, err);
	if (!rc)
		rc = check_notifier(tracker, job->notifier, err);
	if (!rc)
		rc = notifiers_disabled(outbox.db, job->notifier, &disabled_ms, NULL, err);
	if (!rc && disabled_ms)
		rc = err_set(err, ERR_REFUSED, "it is out of service: take it back with `yankwatch notifier enable`");
	if (rc)
		return rc;
	tracker_note_outbox(tracker, true);
	return outbox_add_plain(&outbox, job->notifier, NOTIFICATION_TEST, strbuf_str(&subject), strbuf_str(&document),
				&job->ret_row, job->ret_id, err);
}

const struct job_kind job_test_kind = {.name = "test", .apply = apply_test};

/* ---- enable ---- */

static int apply_enable(struct tracker *tracker, struct job *base, struct err *err)
{
	struct job_enable *job = CONTAINER_OF(base, struct job_enable, job);

	int rc = check_notifier(tracker, job->notifier, err);
	if (!rc)
		rc = notifiers_enable(tracker_db(tracker), job->notifier, &job->ret_was_disabled, err);
	if (!rc && job->ret_was_disabled)
		tracker_note_outbox(tracker, true); /* what waited may be claimed */
	return rc;
}

static void committed_enable(struct tracker *tracker, struct job *base)
{
	struct job_enable *job = CONTAINER_OF(base, struct job_enable, job);
	char by[NAME_SHOWN_MAX];
	(void)tracker;

	if (job->ret_was_disabled)
		log_info("notifier %s: in service again: asked by %s", job->notifier,
			 text_safe(job->by, by, sizeof by));
}

const struct job_kind job_enable_kind = {.name = "enable", .apply = apply_enable, .committed = committed_enable};

/* ---- silences ---- */

static int apply_silence(struct tracker *tracker, struct job *base, struct err *err)
{
	struct job_silence *job = CONTAINER_OF(base, struct job_silence, job);
	const struct outbox outbox = outbox_now(tracker);

	if (job->remove)
		return silences_remove(outbox.db, job->remove, outbox.now_ms, err);
	return silences_add(outbox.db, &job->silence, outbox.now_ms, job->ret_id, err);
}

static void committed_silence(struct tracker *tracker, struct job *base)
{
	struct job_silence *job = CONTAINER_OF(base, struct job_silence, job);
	char by[NAME_SHOWN_MAX];
	(void)tracker;

	log_info("silence %s %s: asked by %s", job->remove ? job->remove : job->ret_id,
		 job->remove ? "removed" : "added", text_safe(job->by, by, sizeof by));
}

const struct job_kind job_silence_kind = {.name = "silence", .apply = apply_silence, .committed = committed_silence};
