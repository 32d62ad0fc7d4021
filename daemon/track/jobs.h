/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jobs.h: what the tracker can be asked to do. Each struct begins with its job;
 * inputs are set by the sender, outputs (ret_…) are valid when job.rc is 0. The
 * sender owns the job and what its fields point to, before and after.
 */
#pragma once

#include "model/index_path.h"
#include "model/notification.h"
#include "model/reason.h"
#include "model/registry_report.h"
#include "model/silence.h"
#include "model/watch_changes.h"
#include "store/projects.h"
#include "track/tracker.h"

/* A poll's reply: diff, events, notifications, new state. ERR_BAD: the reply is worthless. */
struct job_observation {
	struct job job;
	struct observation observation;
	struct observation_result ret_result;
	struct strbuf ret_said; /* for the log; the sender releases it */
};
extern const struct job_kind job_observation_kind;

/* How a registry is; what is other than the database knows becomes an event. */
struct job_registry {
	struct job job;
	char *registry; /* the sender's, as all text here */
	char *index_url;
	struct registry_report report;
	enum event_kind ret_kind;    /* the last event that this made */
	char ret_said[ERR_TEXT_MAX]; /* and its detail; "" when nothing was new */
};
extern const struct job_kind job_registry_kind;

/* A configuration to work with from now on. Takes one reference. */
struct job_configure {
	struct job job;
	const struct config *config;
	/* For each of its registries; after the first job only what is other than before. */
	struct watch_changes *ret_changes;
};
extern const struct job_kind job_configure_kind;
void job_configure_release(struct job_configure *job); /* the results */

/* Watches that the socket adds or removes, all or none. */
struct job_watch {
	struct job job;
	char *registry; /* NULL: the only one there is, which is then filled in */
	char **crates;
	size_t n_crates;
	bool remove;
	bool *ret_added; /* n_crates; the sender's */
	struct watch_changes ret_changes;
};
extern const struct job_kind job_watch_kind;

/* ---- projects ---- */

/* A lockfile of a project: new, changed, or one that could not be read. Its crates are watched from now on, what is
 * wrong with it becomes findings. */
struct job_lockfile {
	struct job job;
	struct project_lockfile lockfile; /* its texts and lock are the sender's */
	const struct config *config; /* the configuration that names it, a reference; NULL: it was sent by the socket */
	char *by;                    /* who sent it, for the log; NULL = the configuration names it */
	struct project_put ret_put;
	struct watch_changes *ret_changes; /* n_changes; job_lockfile_release() */
	size_t n_changes;
	size_t ret_opened, ret_resolved; /* findings */
};
extern const struct job_kind job_lockfile_kind;
void job_lockfile_release(struct job_lockfile *job); /* the results */

/* The lockfiles that the configuration's projects have now: others of configured projects are forgotten, and their
 * findings resolved. After the job_lockfile of each. */
struct job_projects {
	struct job job;
	const char *const (*lockfiles)[2]; /* {project, path}; the sender's */
	size_t n_lockfiles;
};
extern const struct job_kind job_projects_kind;

/* A project that was sent goes. ERR_ABSENT, ERR_REFUSED (the configuration has it). */
struct job_project_remove {
	struct job job;
	char *project; /* the sender's, as all text here */
	char *by;
};
extern const struct job_kind job_project_remove_kind;

/* Crates of a lockfile that somebody checks: watched for a day. With a version its demands are wanted. */
struct job_check {
	struct job job;
	const char *const (*wants)[3]; /* {registry, crate, version or ""}; the sender's */
	size_t n_wants;
	struct watch_changes *ret_changes; /* n_changes; job_check_release() */
	size_t n_changes;
};
extern const struct job_kind job_check_kind;
void job_check_release(struct job_check *job);

/* Once a minute, and after each configuration: lockfiles whose sources are of other registries now, crates that nobody
 * locks any more, findings that a look may confirm by now, reminders. */
struct job_findings {
	struct job job;
	bool at_once;                      /* all lockfiles in one turn: the next poll is the last */
	bool ret_more;                     /* there are lockfiles left, and nothing else was done: submit it again */
	struct watch_changes *ret_changes; /* n_changes; job_findings_release() */
	size_t n_changes;
};
extern const struct job_kind job_findings_kind;
void job_findings_release(struct job_findings *job);

/* The next notification of a notifier; its row is 0 when none is due. */
struct job_claim {
	struct job job;
	char notifier[CRATE_NAME_MAX + 1];
	bool no_wait; /* of groups: struct outbox */
	struct notification ret_notification;
	int64_t ret_next_due_ms; /* wall clock; 0 = when the outbox grows */
	bool ret_undelivered; /* something that was due is not delivered yet; what gathers or repeats does not count */
	size_t ret_silenced;  /* notifications that silences held back meanwhile */
};
extern const struct job_kind job_claim_kind;

/* What came of a delivery. */
struct job_result {
	struct job job;
	char notifier[CRATE_NAME_MAX + 1];
	struct delivery_result result;
	enum notification_state ret_state;
	bool ret_disabled;      /* the notifier is out of service now */
	bool ret_told_fallback; /* another notifier is told that this one is dead */
	char ret_id[NOTIFICATION_ID_MAX];
};
extern const struct job_kind job_result_kind;

/* Once a minute, and after each configuration: heartbeats, notifications that cannot be delivered, groups
 * whose notifier nobody serves, what retention takes away. What it adds is told by tracker_hooks.outbox_grew. */
struct job_sweep {
	struct job job;
	size_t ret_given_up;
	bool ret_more; /* there is more to do: submit it again */
};
extern const struct job_kind job_sweep_kind;

/* ---- what a person asks for by the socket ---- */

/* Delivers a dead or due notification now. ERR_ABSENT, ERR_REFUSED (in another state). */
struct job_retry {
	struct job job;
	char id[NOTIFICATION_ID_MAX];
	char *by; /* who, for the log; the sender's, as all text here */
};
extern const struct job_kind job_retry_kind;

/* Adds a message that tries a notifier, ahead of what is due. ERR_ABSENT: no such notifier; ERR_REFUSED: it
 * is out of service. What came of it is in the outbox: state and attempts of that notification. */
struct job_test {
	struct job job;
	char *notifier;
	char *by;
	int64_t ret_row; /* of the notification, for who waits for its result */
	char ret_id[NOTIFICATION_ID_MAX];
};
extern const struct job_kind job_test_kind;

/* Takes a notifier back into service. ERR_ABSENT: no such notifier. */
struct job_enable {
	struct job job;
	char *notifier;
	char *by;
	bool ret_was_disabled;
};
extern const struct job_kind job_enable_kind;

/* Adds a silence, or ends the one of an id. ERR_BAD (says what is wrong), ERR_ABSENT, ERR_REFUSED (it is over). */
struct job_silence {
	struct job job;
	struct silence silence; /* to add; its texts are the sender's */
	char *remove;           /* NULL: add */
	char *by;
	char ret_id[SILENCE_ID_MAX];
};
extern const struct job_kind job_silence_kind;

/* ---- reasons ---- */

/* The crate of a registry whose reasons are to be asked next: new yanks first, then what is due again. Nothing is
 * marked: it is next until job_reason says what came of it, so that one is under way at a time. */
struct job_reason_next {
	struct job job;
	char *registry;          /* the sender's: one whose API may be asked now */
	char *ret_crate;         /* NULL: none is due; job_reason_next_release() */
	char **ret_versions;     /* at most REASON_VERSIONS_MAX; the first ones may be asked without the others */
	size_t ret_n_versions;   /* 0: the owners alone are wanted */
	bool ret_wants_owners;   /* who yanked is known, whether it is an owner is not (or not for long enough) */
	int64_t ret_next_due_ms; /* wall clock, when none is due; 0 = when the tracker says so (hooks.reasons_due) */
};
extern const struct job_kind job_reason_next_kind;
void job_reason_next_release(struct job_reason_next *job); /* the results */

/* What the web API said. Texts, flips between two polls, the next time to ask; alerts that wait for it go. */
struct job_reason {
	struct job job;
	char *registry, *crate; /* the sender's, as all here */
	char **versions;        /* that were asked for */
	size_t n_versions;
	const char *answer_json; /* for reason_answer_read(), as it came; NULL: it failed, and is asked again later */
	size_t answer_len;
	bool asked_owners;
	const char *owners_json; /* for reason_owners_read(); NULL: not asked, or it failed and is asked again later */
	size_t owners_len;
	char *url;           /* that answered; evidence */
	int64_t asked_at_ms; /* no later than its first request: what is due since then was not asked for */
	int64_t observed_at_ms;
	size_t ret_changed;   /* texts that are others than what was told */
	struct err ret_fault; /* what came cannot be read, and counts as failed; code 0: it could be */
};
extern const struct job_kind job_reason_kind;

/* ---- the database ---- */

/* One step of a copy of the database (store/copy.h): the first begins it, the sender keeps it from one to the next, the
 * last one ends it, whatever came of those before. */
struct job_copy {
	struct job job;
	const char *path;     /* of the copy, there and empty; the sender's */
	struct db_copy *copy; /* NULL before the first */
	bool end;
	int64_t ret_left; /* pages; 0: it is whole */
};
extern const struct job_kind job_copy_kind;

/* Nothing: its reply says that the tracker is alive. */
extern const struct job_kind job_ping_kind;
