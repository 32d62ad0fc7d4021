/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch.h: one polled crate, and who waits for its polls. Internal to poll/. There
 * are hundreds of thousands of them, so a watch holds what every one needs; who
 * waits stands in links that come and go.
 *
 *   scheduled ──due──▶ requested ──200──▶ at the tracker ──commit──▶ scheduled
 *                          │──404──▶ absent? (config.json is asked first) ──▶ at the tracker
 *                          └──304, failure──▶ scheduled
 */
#pragma once

#include "base/heap.h"
#include "poll/poller.h"

enum watch_stage { WATCH_SCHEDULED, WATCH_REQUESTED, WATCH_ABSENT, WATCH_AT_TRACKER };

#define WATCH_AT_ONCE INT64_C(0) /* its key when somebody waits for it: before all that is merely due */

/* A round and a watch that it wants polled. */
struct wait_link {
	struct poll_round *round;
	struct watch *watch;
	struct wait_link *next;           /* of the same watch */
	struct wait_link *newer, **older; /* of the registry, until the poll begins */
	bool begun;
};

struct watch {
	struct heap_node due; /* key: monotonic ms */
	struct registry *registry;
	struct watch *next;      /* among its registry's `absent` or `leaving` */
	struct wait_link *links; /* rounds that want a poll, or whose poll is under way */
	char *etag;              /* owned; for the next request; NULL = none */
	uint32_t body_len;       /* of the observation that is at the tracker */
	uint16_t failures;       /* in a row */
	uint16_t gone_status;    /* HTTP status of the absence that waits for config.json */
	uint16_t index;          /* which of the registry's indexes it was last asked of */
	unsigned stage : 2;      /* enum watch_stage */
	unsigned state : 2;      /* enum crate_state */
	unsigned wanted : 1;     /* a link waits for a poll that has not begun */
	unsigned repeated : 1;   /* this poll was sent again after a closed connection */
	unsigned looked_at : 1;  /* a poll of it went well since the start, and in this index */
	unsigned missing : 1;    /* see struct knowledge, as for these three */
	unsigned pending : 1;
	unsigned unparsed : 1;
	unsigned unstored : 1; /* what its last look found could not be stored */
	unsigned spare : 1;    /* polled when no other is due: schedule.h */
	unsigned removed : 1;  /* freed as soon as it comes back */
	unsigned afresh : 1;   /* asked for once more, and whole, as soon as it comes back */
	unsigned swept : 1;    /* the same as its registry's: this sweep has looked at it */
	unsigned awaited : 1;  /* the tracker is to hear of the next reply, and be it one more absence */
	char crate[];
};

struct watch *watch_new(struct registry *registry, const char *crate);
void watch_free(struct watch *watch); /* rounds that still wait for it are not told */

/* The registry has moved since the request, or the watch was removed: the reply says nothing. */
bool watch_is_stale(const struct watch *watch);
/* Before a request: what is known of another index counts no more. */
void watch_meet_index(struct watch *watch);

/* A round wants this watch polled; OOM is told by false. */
MUST_CHECK bool watch_wait(struct watch *watch, struct poll_round *round);
void watch_poll_begins(struct watch *watch); /* who waited is polled now */
void watch_poll_again(struct watch *watch);  /* its reply says nothing: who waits, waits for the next */

enum poll_end { POLL_CHANGED, POLL_UNCHANGED, POLL_FAILED };
/* Tells the rounds of the poll under way how it ended; `why` with POLL_FAILED. A
 * round whose last poll this was is done, and gone. */
void watch_poll_ends(struct watch *watch, enum poll_end end, const struct err *why);

/* Rounds that want a poll of it get none. */
void watch_fail_waiting(struct watch *watch, const struct err *why);

/* A poll that a round wanted cannot be made: counts it there. */
void round_count_failure(struct poll_round *round, const struct watch *watch, const struct err *why);
/* One thing less that the round waits for; the last one ends it. */
void round_put(struct poll_round *round);

/* It is not watched any more and nothing is under way: tells who waits, frees it. */
void watch_end(struct watch *watch);

/* Off a list that it is on. */
void watch_unlink(struct watch **list, struct watch *watch);
