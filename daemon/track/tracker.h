/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tracker.h: the thread that owns the database. Jobs come through one bounded
 * queue, are applied in order inside one transaction (a savepoint each, so that a
 * bad job does not undo its neighbours), and are answered only after the COMMIT. It
 * comes when the batch is full or the queue is empty. Where nobody waits for it (no
 * notification, no delivery), replies that are on their way share its fsync.
 *
 * The kinds of jobs stand in job_*.c, one file each. A sender reserves a place
 * first, fills the job in and submits it; job->reply is called on the tracker's
 * thread with job->rc and job->err set, and owns the job again.
 */
#pragma once

#include "base/mailbox.h"
#include "config/config.h"
#include "model/vigil.h"
#include "store/state.h"

#define TRACKER_PLACES 1024     /* jobs queued or being applied */
#define TRACKER_BATCH_ROWS 2000 /* rows written, then the batch is committed */
#define TRACKER_BATCH_MS 50     /* and after this long */
#define TRACKER_LINGER_MS 10    /* that a batch of patient jobs waits for one whose place is reserved */

struct tracker;
struct job;

struct job_kind {
	const char *name;
	/* Inside the transaction. A negative result undoes this job alone. */
	int (*apply)(struct tracker *tracker, struct job *job, struct err *err);
	/* After the COMMIT, before the reply; may be NULL. */
	void (*committed)(struct tracker *tracker, struct job *job);
	bool is_patient; /* its COMMIT may wait for others, unless it adds notifications */
};

struct job {
	struct mail mail;
	const struct job_kind *kind;
	int rc;
	struct err err;
	void (*reply)(struct job *job);
	void *sender; /* the sender's own */
};

/* Called on the tracker's thread. */
struct tracker_hooks {
	/* Notifications were added and committed; `asked`: one of them by a person's word. */
	void (*outbox_grew)(void *ctx, bool asked);
	/* Committed: there are reasons to be asked for, sooner than job_reason_next said. NULL: nobody asks. */
	void (*reasons_due)(void *ctx);
	/* Events were added and committed. */
	void (*history_grew)(void *ctx);
	void *ctx;
};

/* Opens and migrates the database, reads or makes the key in state_dir that signs its history; puts back what was in
 * flight. The thread starts with tracker_start(). ERR_IO, ERR_REFUSED (newer schema; signing_key.h), ERR_NOMEM. */
MUST_CHECK int tracker_new(const char *state_dir, const char *database, const struct tracker_hooks *hooks,
			   struct tracker **ret, struct err *err);
/* This process stays: after a break its outbox is given time (model/vigil.h). Before tracker_start(). */
void tracker_keep_vigil(struct tracker *tracker);
MUST_CHECK int tracker_start(struct tracker *tracker, struct err *err);
/* Applies what is queued, joins the thread. No job may be submitted any more. */
void tracker_stop(struct tracker *tracker);
void tracker_free(struct tracker *tracker); /* NULL is allowed */

bool tracker_reserve(struct tracker *tracker);
void tracker_give_back(struct tracker *tracker);
void tracker_submit(struct tracker *tracker, struct job *job);

struct tracker_figures {
	int64_t queued, jobs, commits, failed_commits;
	int64_t altered_at; /* the start found another history than was signed, at this event or before; 0 = it did not
			     */
};
struct tracker_figures tracker_figures(struct tracker *tracker); /* any thread */

/* The public half of the key that signs the history, HEAD_KEY_SIZE bytes; any thread. */
const unsigned char *tracker_signing_key(const struct tracker *tracker);

/* ---- for the jobs ---- */

struct db *tracker_db(struct tracker *tracker);
const struct head_signer *tracker_signer(const struct tracker *tracker);
const struct database_secrets *tracker_secrets(const struct tracker *tracker);
const struct index_keys *tracker_keys(const struct tracker *tracker);
struct line_reader *tracker_line_reader(struct tracker *tracker);              /* for one file after the other */
const struct config *tracker_config(const struct tracker *tracker);            /* NULL before the first configure job */
void tracker_set_config(struct tracker *tracker, const struct config *config); /* takes the reference */
struct vigil *tracker_vigil(struct tracker *tracker);
/* This batch adds notifications; `asked`: by a person's word. */
void tracker_note_outbox(struct tracker *tracker, bool asked);
/* And: reasons are to be asked for at once. */
void tracker_note_reasons(struct tracker *tracker);
/* This batch adds events. */
void tracker_note_history(struct tracker *tracker);
/* Signs the events of this batch that are not yet: before a COMMIT, and before a notification is rendered, which takes
 * the newest head with it. */
MUST_CHECK int tracker_sign(struct tracker *tracker, struct err *err);
