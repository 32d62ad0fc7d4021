/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch.h: one polled crate, and who waits for its polls. Internal to poll/: the
 * states are changed by watch_move() alone.
 *
 *   scheduled ──due──▶ requested ──200──▶ at the tracker ──commit──▶ scheduled
 *                          │──404──▶ absent? (config.json is asked first) ──▶ at the tracker
 *                          └──304, failure──▶ scheduled
 */
#pragma once

#include "base/heap.h"
#include "poll/poller.h"

enum watch_stage { WATCH_SCHEDULED, WATCH_REQUESTED, WATCH_ABSENT, WATCH_AT_TRACKER };

struct wait_link {
	struct poll_round *round;
	struct wait_link *next;
};

struct watch {
	struct heap_node due; /* key: monotonic ms */
	struct registry *registry;
	struct watch *next_absent, *next_leaving;
	struct wait_link *waiting; /* rounds that want a poll that has not begun */
	struct wait_link *polling; /* rounds whose poll is under way */
	struct validators validators;
	enum watch_stage stage;
	enum crate_state state;
	uint32_t body_len;    /* of the observation that is at the tracker */
	uint16_t failures;    /* in a row */
	uint16_t gone_status; /* HTTP status of the absence that waits for config.json */
	bool repeated;        /* this poll was sent again after a closed connection */
	bool pending;         /* something waits for confirmation: a 304 is news to the tracker */
	bool stale;           /* its registry has moved since the request: the reply is another index's */
	bool unparsed;        /* see registry_note_unparsed() */
	bool removed;         /* freed as soon as it comes back */
	char crate[];
};

struct watch *watch_new(struct registry *registry, const char *crate);
void watch_free(struct watch *watch); /* rounds that still wait for it are not told */

/* A round wants this watch polled; OOM is told by false. */
MUST_CHECK bool watch_wait(struct watch *watch, struct poll_round *round);
void watch_poll_begins(struct watch *watch); /* who waited is polled now */

enum poll_end { POLL_CHANGED, POLL_UNCHANGED, POLL_FAILED };
/* Tells the rounds of the poll under way how it ended; `why` with POLL_FAILED. A
 * round whose last poll this was is done, and gone. */
void watch_poll_ends(struct watch *watch, enum poll_end end, const struct err *why);

/* Rounds that want a poll of it get none. */
void watch_fail_waiting(struct watch *watch, const struct err *why);

/* It is not watched any more and nothing is under way: tells who waits, frees it. */
void watch_end(struct watch *watch);
