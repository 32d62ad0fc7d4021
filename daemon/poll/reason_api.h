/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reason_api.h: one web API, of one registry or of several: when it may be asked, how it is, what is under way. One
 * request at a time; the next one begins no sooner than a share of a second after the reply to the last, so that the
 * API sees never more than its budget in any second, however long requests take to reach it. Internal to poll/.
 */
#pragma once

#include "base/json.h"
#include "net/http.h"
#include "poll/poller.h"

#define REASON_API_FAILURES_MAX 3                        /* in a row, then it pauses */
#define REASON_API_PAUSE_FIRST_MS 5000                   /* after those */
#define REASON_API_PAUSE_MAX_MS (INT64_C(5) * 60 * 1000) /* and at most */
#define REASON_API_LIMIT_MIN_MS 1000                     /* Retry-After is kept between these */
#define REASON_API_LIMIT_MAX_MS (INT64_C(60) * 60 * 1000)
#define REASON_API_LIMIT_DEFAULT_MS (INT64_C(60) * 1000) /* 403, 429 or 503 without Retry-After */

struct registry;

/* What is done for one crate. */
enum reason_stage {
	REASON_IDLE,         /* waits for its time to ask the tracker */
	REASON_ASKS_TRACKER, /* which crate is next */
	REASON_VERSIONS_DUE, /* its request is to be sent */
	REASON_VERSIONS,     /* and is under way */
	REASON_OWNERS_DUE,
	REASON_OWNERS,
	REASON_AT_TRACKER, /* what came */
};

struct reason_api {
	struct poller *poller;
	char *base;           /* owned, as all text here */
	bool used;            /* by a registry, in the configuration in force */
	int64_t each_ms;      /* between two requests */
	int64_t last_ms;      /* monotonic: the last reply, or when it was made */
	size_t turn, looked;  /* of its registries: whose turn it is, and how many have nothing due */
	int64_t next_due_ms;  /* monotonic: the tracker has nothing before; INT64_MAX = until it says so */
	int64_t least_due_ms; /* of those looked at */
	bool woken;           /* it said so while it was asked */
	int64_t again_ms;     /* monotonic: the tracker had no room, or failed */
	struct http_share share;

	enum reason_stage stage;
	struct registry *registry; /* whose crate it is */
	struct reason_want want;
	int64_t wanted_ms; /* wall clock: when the tracker said so */
	size_t n_asked;    /* of its versions, in this request */
	size_t most;       /* versions in one request: fewer after a reply that was too large */
	bool good;         /* the last reply counts as an answer */
	bool repeated;     /* sent again after a closed connection */
	char *answer;      /* NULL: it failed, or was not wanted */
	size_t answer_len;

	unsigned failures, refusals; /* in a row */
	int64_t paused_until_ms;     /* monotonic; 0 = not paused */
	bool said_trouble;           /* and no good reply since */
	struct {
		int64_t requests, failures;
		struct err last_error;
		int64_t last_error_ms; /* wall clock; 0 = none */
	} counters;
};

struct reason_api *reason_api_new(struct poller *poller, const char *base);
void reason_api_free(struct reason_api *api); /* nothing of it is under way any more */

/* When the next request may be sent, on the monotonic clock. */
int64_t reason_api_free_ms(const struct reason_api *api);

/* How long an API pauses that refuses us for the nth time in a row; `retry_after_ms` 0 = it did not say. */
int64_t reason_api_limit_ms(unsigned refusals, int64_t retry_after_ms, uint32_t random);

/* A request has ended: */
void reason_api_answered(struct reason_api *api); /* with an answer that could be read */
void reason_api_failed(struct reason_api *api, const struct err *why, uint32_t random);
void reason_api_limited(struct reason_api *api, int64_t retry_after_ms, const struct err *why, uint32_t random);

/* Puts the members that tell how it is. */
void reason_api_status(const struct reason_api *api, struct json_writer *w);
