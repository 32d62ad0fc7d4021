/* SPDX-License-Identifier: Apache-2.0 */
/* tracker.c: see tracker.h. The jobs know what to store; this file knows when. */
#include "track/tracker.h"

#include "base/clock.h"
#include "base/log.h"
#include "store/heads.h"
#include "store/migrations.h"
#include "store/outbox.h"
#include "store/signing_key.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <stdatomic.h>

/* What others are to be told after COMMIT. */
struct batch_news {
	bool outbox_grew;
	bool asked; /* by a person */
	bool reasons_due;
	bool history_grew;
};

struct tracker {
	struct db *db;
	struct mailbox *queue;
	struct tracker_hooks hooks;
	struct database_secrets secrets;
	struct head_signer signer;
	int64_t signed_seq; /* of this transaction: the last event that is signed, or was there before it */
	struct index_keys keys;
	struct line_reader lines;
	const struct config *config;
	struct mail *pending;   /* taken from the queue, not applied yet */
	struct batch_news news; /* of this batch */
	struct vigil vigil;
	pthread_t thread;
	bool running;
	atomic_bool stopping;
	_Atomic int64_t jobs, commits, failed_commits;
	int64_t altered_at; /* what heads_begin() has found; 0 = nothing. The start alone writes it */
};

/* Jobs applied but not committed, in order. */
struct batch {
	struct mail *first;
	struct mail **last;
	size_t jobs;
	bool is_urgent; /* somebody waits for its COMMIT */
	int64_t began_ms;
	int64_t rows_before;
};

/* Negative: the transaction is lost, with what was applied before. */
static int apply(struct tracker *tracker, struct job *job, struct err *err)
{
	struct batch_news before = tracker->news;
	int64_t signed_before = tracker->signed_seq;

	job->rc = db_savepoint(tracker->db, &job->err);
	if (!job->rc)
		job->rc = job->kind->apply(tracker, job, &job->err);
	if (!job->rc)
		job->rc = db_savepoint_keep(tracker->db, &job->err);
	if (!job->rc)
		return 0;
	tracker->news = before;
	tracker->signed_seq = signed_before;
	db_savepoint_undo(tracker->db);
	if (!db_transaction_is_lost(tracker->db))
		return 0;
	*err = job->err;
	return job->rc;
}

static struct job *next_job(struct tracker *tracker)
{
	if (!tracker->pending)
		tracker->pending = mailbox_take(tracker->queue);
	struct mail *mail = tracker->pending;
	if (!mail)
		return NULL;
	tracker->pending = mail->next;
	return CONTAINER_OF(mail, struct job, mail);
}

static bool batch_is_full(const struct tracker *tracker, const struct batch *batch)
{
	return db_rows_written(tracker->db) - batch->rows_before >= TRACKER_BATCH_ROWS ||
	       clock_mono_ms() - batch->began_ms >= TRACKER_BATCH_MS;
}

static void answer(struct tracker *tracker, struct batch *batch, int rc, const struct err *err)
{
	struct mail *mail = batch->first;

	while (mail) {
		struct mail *next = mail->next;
		struct job *job = CONTAINER_OF(mail, struct job, mail);
		if (rc && !job->rc) {
			job->rc = rc;
			job->err = *err;
		}
		if (!job->rc && job->kind->committed)
			job->kind->committed(tracker, job);
		atomic_fetch_add(&tracker->jobs, 1);
		mailbox_unreserve(tracker->queue);
		job->reply(job);
		mail = next;
	}
}

int tracker_sign(struct tracker *tracker, struct err *err)
{
	return heads_sign(tracker->db, &tracker->signer, clock_wall_ms(), &tracker->signed_seq, err);
}

static void finish_batch(struct tracker *tracker, struct batch *batch, int rc, struct err *err)
{
	if (!rc)
		rc = tracker_sign(tracker, err);
	if (rc)
		db_rollback(tracker->db);
	else
		rc = db_commit(tracker->db, err);
	if (rc) {
		atomic_fetch_add(&tracker->failed_commits, 1);
		log_error("database: nothing of this batch was stored: %s; polls and deliveries are done again",
			  err->text);
	} else {
		atomic_fetch_add(&tracker->commits, 1);
	}
	/* The wake-up goes first: whoever learns that a poll is over finds the outbox told. */
	if (!rc && tracker->news.outbox_grew)
		tracker->hooks.outbox_grew(tracker->hooks.ctx, tracker->news.asked);
	if (!rc && tracker->news.reasons_due && tracker->hooks.reasons_due)
		tracker->hooks.reasons_due(tracker->hooks.ctx);
	if (!rc && tracker->news.history_grew)
		tracker->hooks.history_grew(tracker->hooks.ctx);
	answer(tracker, batch, rc, err);
	tracker->news = (struct batch_news){0};
}

static void wait_for_jobs(struct tracker *tracker, int timeout_ms)
{
	struct pollfd wait = {.fd = mailbox_fd(tracker->queue), .events = POLLIN};
	(void)poll(&wait, 1, timeout_ms);
}

/* The next job for the batch; NULL: commit. Each of its own jobs still has its place. */
static struct job *next_of_batch(struct tracker *tracker, const struct batch *batch)
{
	struct job *job = NULL;

	while (!batch_is_full(tracker, batch) && !(job = next_job(tracker))) {
		int64_t left_ms = batch->began_ms + TRACKER_LINGER_MS - clock_mono_ms();
		if (batch->is_urgent || left_ms <= 0 || mailbox_reserved(tracker->queue) <= batch->jobs)
			break;
		wait_for_jobs(tracker, (int)left_ms);
	}
	return job;
}

static int begin(struct tracker *tracker, struct err *err)
{
	int rc = db_begin(tracker->db, err);
	return rc ? rc : heads_last_seq(tracker->db, &tracker->signed_seq, err);
}

/* From the first job that waits on. */
static void run_batch(struct tracker *tracker, struct job *job)
{
	struct batch batch = {.began_ms = clock_mono_ms(), .rows_before = db_rows_written(tracker->db)};
	struct err err = {0};

	batch.last = &batch.first;
	int rc = begin(tracker, &err);
	do {
		job->rc = 0;
		job->mail.next = NULL;
		*batch.last = &job->mail;
		batch.last = &job->mail.next;
		batch.jobs++;
		if (!rc)
			rc = apply(tracker, job, &err);
		batch.is_urgent |= !job->kind->is_patient || tracker->news.outbox_grew;
	} while ((job = next_of_batch(tracker, &batch)));
	finish_batch(tracker, &batch, rc, &err);
}

static void *tracker_thread(void *arg)
{
	struct tracker *tracker = arg;

	for (;;) {
		bool stopping = atomic_load(&tracker->stopping);
		struct job *job = next_job(tracker);
		if (job)
			run_batch(tracker, job);
		else if (stopping)
			return NULL;
		else
			wait_for_jobs(tracker, -1);
	}
}

/* What was in flight when the last process ended is due again. */
static int recover(struct tracker *tracker, struct err *err)
{
	const struct outbox outbox = {.db = tracker->db, .now_ms = clock_wall_ms()}; /* no configuration yet */
	int64_t recovered = 0;

	int rc = db_begin(tracker->db, err);
	if (!rc)
		rc = outbox_recover(&outbox, &recovered, err);
	if (!rc)
		rc = db_commit(tracker->db, err);
	if (!rc && recovered)
		log_info("outbox: %lld notifications were in flight when yankwatchd ended; they are due again",
			 (long long)recovered);
	return rc;
}

/* Does the history end as it was signed? If not it goes on all the same, for nobody may be left without alerts; and
 * nothing that comes later hides it. */
static void say_start(const struct heads_start *start, bool key_is_new)
{
	if (start->key_returned)
		log_error("history: " SIGNING_KEY_FILE
			  " is a key that another one had followed: `yankwatch verify` takes "
			  "what it signs from now on for forged; put the newest one back");
	else if (start->key_changed)
		log_warning("history: what was signed until now has another key%s; from now on heads show the new one",
			    key_is_new ? ": " SIGNING_KEY_FILE " was lost, a new one was made" : "");
	if (start->altered_at)
		log_error("history: it is not what was signed, at event %lld or before: `yankwatch verify` names the "
			  "first "
			  "that is wrong",
			  (long long)start->altered_at);
}

/* The key first: without a good one nothing is stored. */
static int begin_history(struct tracker *tracker, const char *state_dir, struct err *err)
{
	struct heads_start start = {0};
	bool key_is_new = false;

	int rc = signing_key_load(state_dir, &tracker->signer, &key_is_new, err);
	if (!rc)
		rc = db_begin(tracker->db, err);
	if (!rc)
		rc = heads_begin(tracker->db, &tracker->signer, key_is_new, clock_wall_ms(), &start, err);
	if (!rc)
		rc = db_commit(tracker->db, err);
	if (!rc && key_is_new)
		rc = signing_key_keep(state_dir, err);
	if (!rc)
		say_start(&start, key_is_new);
	tracker->altered_at = start.altered_at;
	return rc;
}

int tracker_new(const char *state_dir, const char *database, const struct tracker_hooks *hooks, struct tracker **ret,
		struct err *err)
{
	struct tracker *tracker = calloc(1, sizeof *tracker);

	if (!tracker)
		return err_nomem(err);
	tracker->hooks = *hooks;
	int rc = db_open(database, DB_READ_WRITE, &tracker->db, err);
	if (!rc)
		rc = migrations_apply(tracker->db, err);
	if (!rc)
		rc = state_secrets(tracker->db, &tracker->secrets, err);
	if (!rc)
		rc = begin_history(tracker, state_dir, err);
	if (!rc)
		rc = recover(tracker, err);
	if (!rc)
		rc = mailbox_new(TRACKER_PLACES, &tracker->queue, err);
	if (rc) {
		tracker_free(tracker);
		return rc;
	}
	index_keys_derive(tracker->secrets.secret, &tracker->keys);
	tracker->lines.keys = &tracker->keys;
	*ret = tracker;
	return 0;
}

void tracker_keep_vigil(struct tracker *tracker)
{
	tracker->vigil = vigil_begin(clock_wall_ms(), clock_mono_ms());
}

int tracker_start(struct tracker *tracker, struct err *err)
{
	sigset_t all;
	sigset_t before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int failed = pthread_create(&tracker->thread, NULL, tracker_thread, tracker);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failed) {
		errno = failed;
		return err_errno(err, "cannot start the tracker thread");
	}
	tracker->running = true;
	return 0;
}

static int apply_nothing(struct tracker *tracker, struct job *job, struct err *err)
{
	(void)tracker;
	(void)job;
	(void)err;
	return 0;
}

static void reply_nothing(struct job *job)
{
	(void)job;
}

void tracker_stop(struct tracker *tracker)
{
	static const struct job_kind kind = {.name = "stop", .apply = apply_nothing};
	struct job last = {.kind = &kind, .reply = reply_nothing};

	if (!tracker->running)
		return;
	/* One more job wakes the thread; its place is above the limit on purpose. */
	atomic_store(&tracker->stopping, true);
	(void)mailbox_reserve(tracker->queue);
	tracker_submit(tracker, &last);
	pthread_join(tracker->thread, NULL);
	tracker->running = false;
}

void tracker_free(struct tracker *tracker)
{
	if (!tracker)
		return;
	tracker_stop(tracker);
	db_close(tracker->db);
	mailbox_free(tracker->queue);
	config_unref(tracker->config);
	line_reader_release(&tracker->lines);
	sodium_memzero(&tracker->signer, sizeof tracker->signer);
	free(tracker);
}

bool tracker_reserve(struct tracker *tracker)
{
	return mailbox_reserve(tracker->queue);
}

void tracker_give_back(struct tracker *tracker)
{
	mailbox_unreserve(tracker->queue);
}

void tracker_submit(struct tracker *tracker, struct job *job)
{
	mailbox_send(tracker->queue, &job->mail);
}

struct tracker_figures tracker_figures(struct tracker *tracker)
{
	return (struct tracker_figures){
		.queued = (int64_t)mailbox_reserved(tracker->queue),
		.jobs = atomic_load(&tracker->jobs),
		.commits = atomic_load(&tracker->commits),
		.failed_commits = atomic_load(&tracker->failed_commits),
		.altered_at = tracker->altered_at,
	};
}

const unsigned char *tracker_signing_key(const struct tracker *tracker)
{
	return tracker->signer.key;
}

const struct head_signer *tracker_signer(const struct tracker *tracker)
{
	return &tracker->signer;
}

struct db *tracker_db(struct tracker *tracker)
{
	return tracker->db;
}

const struct database_secrets *tracker_secrets(const struct tracker *tracker)
{
	return &tracker->secrets;
}

const struct index_keys *tracker_keys(const struct tracker *tracker)
{
	return &tracker->keys;
}

struct line_reader *tracker_line_reader(struct tracker *tracker)
{
	return &tracker->lines;
}

const struct config *tracker_config(const struct tracker *tracker)
{
	return tracker->config;
}

void tracker_set_config(struct tracker *tracker, const struct config *config)
{
	config_unref(tracker->config);
	tracker->config = config;
}

struct vigil *tracker_vigil(struct tracker *tracker)
{
	return &tracker->vigil;
}

void tracker_note_outbox(struct tracker *tracker, bool asked)
{
	tracker->news.outbox_grew = true;
	tracker->news.asked |= asked;
}

void tracker_note_reasons(struct tracker *tracker)
{
	tracker->news.reasons_due = true;
}

void tracker_note_history(struct tracker *tracker)
{
	tracker->news.history_grew = true;
}
