/* SPDX-License-Identifier: Apache-2.0 */
/*
 * poller.h: which crate is looked at when. Lives on the loop.
 *
 * A watch waits in its registry's schedule, is requested when due, and what comes
 * back goes to the tracker as an observation; only after the commit does the
 * watch take the new validators and its next time. A place at the tracker is
 * reserved before a request is sent, so the tracker can hold the poller back but
 * never the other way round.
 */
#pragma once

#include "base/json.h"
#include "config/config.h"
#include "model/index_path.h"
#include "model/observation.h"
#include "model/registry_report.h"
#include "model/watch_changes.h"
#include "net/http.h"

#define POLLER_IN_FLIGHT_MAX 64           /* requests of one registry at once, fewer when there are many */
#define POLLER_OUT_MAX 896                /* polls under way: some of the tracker's places are left to others */
#define POLLER_BODY_BYTES_MAX (64u << 20) /* bodies on their way to the tracker */
#define POLLER_ERRORS_MAX 20              /* told by one poll_round */

struct poller;
struct watch;
struct registry;
struct reason_api;

/* A crate whose reasons are to be asked for. */
struct reason_want {
	char *crate;     /* NULL: there is none, before next_due_ms */
	char **versions; /* of which the first may be asked without the others */
	size_t n_versions;
	bool wants_owners;
	int64_t next_due_ms; /* wall clock; 0 = until poller_reasons_due() */
};
void reason_want_release(struct reason_want *want);

/* What a web API said, or that it failed. */
struct reason_reply {
	const char *registry; /* borrowed */
	char *crate, *url;
	char **versions; /* that were asked for */
	size_t n_versions;
	char *answer; /* NULL: it failed, or no version was asked for */
	size_t answer_len;
	bool asked_owners;
	char *owners; /* NULL: it failed, or was not asked for */
	size_t owners_len;
	int64_t asked_at_ms; /* wall clock: no later than its first request */
	int64_t observed_at_ms;
};
void reason_reply_release(struct reason_reply *reply);

/* What the poller needs of the tracker; called on the loop, must not wait. */
struct poller_sink {
	bool (*reserve)(void *ctx);   /* a place for one observation */
	void (*give_back)(void *ctx); /* the place is not needed after all */
	/* Takes the observation's contents; poller_committed() is the answer. */
	void (*observe)(void *ctx, struct watch *watch, struct observation *observation);
	/* How a registry is, copied; poller_reported() is the answer. False: not now. */
	bool (*report)(void *ctx, struct registry *registry, const char *name, const char *index_url,
		       const struct registry_report *report);
	/* Which crate of the registry is asked for next; a place is reserved; poller_reason_wanted() is the answer. */
	void (*want_reason)(void *ctx, struct reason_api *api, const char *registry);
	/* Takes the reply's contents; a place is reserved; poller_reason_recorded() is the answer. */
	void (*record_reason)(void *ctx, struct reason_api *api, struct reason_reply *reply);
	void *ctx;
};

MUST_CHECK int poller_new(struct loop *loop, struct http *http, const struct poller_sink *sink, struct poller **ret,
			  struct err *err);
/* After http_free() and after the tracker has ended: nothing may come back any more. */
void poller_free(struct poller *poller);

/*
 * Other registries, other watches. Taken in one change after the other, by a few
 * hundred watches a turn of the loop, while polls go on. Watches that stay keep
 * their place in the schedule, new ones are due at once.
 */
struct poller_change {
	const struct config *config;       /* NULL: the registries stay as they are */
	const struct watch_changes *lists; /* one for each registry with other watches than before */
	size_t n_lists;
	void (*done)(struct poller_change *change); /* owns the change again, and what it points to */

	/* the poller's, zero at first */
	struct poller_change *next;
	size_t list, item; /* the next to take in */
	bool begun, ended;
};

/* The change is the poller's until done(), which may be called before this returns. One that
 * changes nothing is done when those before it are. */
void poller_change(struct poller *poller, struct poller_change *change);

/* The tracker's answer; rc < 0: nothing was stored. The result's contents are taken. */
void poller_committed(struct poller *poller, struct watch *watch, int rc, const struct err *why,
		      struct observation_result *result);

/* The report is stored, or is not. */
void poller_reported(struct poller *poller, struct registry *registry, bool stored);
/* One is on its way. */
bool poller_is_reporting(const struct poller *poller);

/* One poll of several watches at once, and what came of it. */
struct poll_round {
	size_t left;   /* things that it waits for */
	size_t polled; /* watches there were when it was asked for; some may come or go meanwhile */
	size_t changed, unchanged, failed;
	struct {
		char registry[CRATE_NAME_MAX + 1], crate[CRATE_NAME_MAX + 1];
		struct err err;
	} errors[POLLER_ERRORS_MAX];
	size_t n_errors;
	size_t missing; /* after ERR_ABSENT: the crate that is not watched; their number when the registry is not there
			 */
	void (*done)(struct poll_round *round); /* owns the round */
};

/*
 * Polls now. `registry` NULL: every one; no crates: all its watches. The round is
 * the caller's until its done() is called, which happens on the loop and possibly
 * before this returns. ERR_ABSENT names what is not watched, and polls nothing.
 */
MUST_CHECK int poller_poll_now(struct poller *poller, const char *registry, const char *const *crates, size_t n_crates,
			       struct poll_round *round, struct err *err);

/* ---- reasons of yanks, from web APIs: reasons.c ---- */

/* There are crates to ask for, sooner than was said. */
void poller_reasons_due(struct poller *poller);
/* The tracker's answers. The want's contents are taken; rc < 0: nothing is known, or nothing was stored. */
void poller_reason_wanted(struct poller *poller, struct reason_api *api, int rc, struct reason_want *want);
void poller_reason_recorded(struct poller *poller, struct reason_api *api, int rc, const struct err *why);
/* All that was due was asked for, as far as an API can be asked now. */
bool poller_reasons_settled(const struct poller *poller);

/* Nothing is requested any more. */
void poller_pause(struct poller *poller);

void poller_status(const struct poller *poller, struct json_writer *w); /* puts "registries" */
/* Watches that a registry has now, "3 watches, 1 registry" for STATUS=. */
size_t poller_watch_count(const struct poller *poller);
bool poller_all_ok(const struct poller *poller); /* no registry is failing */
