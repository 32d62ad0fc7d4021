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
#include "net/http.h"

#define POLLER_IN_FLIGHT_MAX 64           /* requests of one registry at once, fewer when there are many */
#define POLLER_OUT_MAX 896                /* polls under way: some of the tracker's places are left to others */
#define POLLER_BODY_BYTES_MAX (64u << 20) /* bodies on their way to the tracker */
#define POLLER_ERRORS_MAX 20              /* told by one poll_round */

struct poller;
struct watch;

/* What the poller needs of the tracker; called on the loop, must not wait. */
struct poller_sink {
	bool (*reserve)(void *ctx);   /* a place for one observation */
	void (*give_back)(void *ctx); /* the place is not needed after all */
	/* Takes the observation's contents; poller_committed() is the answer. */
	void (*observe)(void *ctx, struct watch *watch, struct observation *observation);
	void *ctx;
};

MUST_CHECK int poller_new(struct loop *loop, struct http *http, const struct poller_sink *sink, struct poller **ret,
			  struct err *err);
/* After http_free() and after the tracker has ended: nothing may come back any more. */
void poller_free(struct poller *poller);

/*
 * The configuration's registries and every watch there is (sorted by registry,
 * then crate). Watches that stay keep their place in the schedule; new ones are
 * due at once. Takes the seeds' contents. ERR_NOMEM leaves everything as it was.
 */
MUST_CHECK int poller_configure(struct poller *poller, const struct config *config, struct watch_seeds *seeds,
				struct err *err);

/* The tracker's answer; rc < 0: nothing was stored. The result's contents are taken. */
void poller_committed(struct poller *poller, struct watch *watch, int rc, const struct err *why,
		      struct observation_result *result);

/* One poll of several watches at once, and what came of it. */
struct poll_round {
	size_t left; /* polls that have not ended */
	size_t polled, changed, unchanged, failed;
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

/* Nothing is requested any more. */
void poller_pause(struct poller *poller);

void poller_status(const struct poller *poller, struct json_writer *w); /* puts "registries" */
/* Watches that a registry has now, "3 watches, 1 registry" for STATUS=. */
size_t poller_watch_count(const struct poller *poller);
bool poller_all_ok(const struct poller *poller); /* no registry is failing */
