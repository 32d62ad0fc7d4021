/* SPDX-License-Identifier: Apache-2.0 */
/*
 * registry.h: one registry as the poller sees it: its schedule, its health, its
 * counters. Internal to poll/.
 */
#pragma once

#include "model/budget.h"
#include "net/registry_http.h"
#include "poll/health.h"
#include "poll/schedule.h"

#define REGISTRY_FAILURES_MAX 10 /* in a row, then the whole registry pauses */
#define REGISTRY_PAUSE_FIRST_MS 5000
#define REGISTRY_PAUSE_MAX_MS (INT64_C(5) * 60 * 1000)
#define REGISTRY_LIMIT_MIN_MS 1000 /* Retry-After is kept between these */
#define REGISTRY_LIMIT_MAX_MS (INT64_C(60) * 60 * 1000)
#define REGISTRY_LIMIT_DEFAULT_MS (INT64_C(60) * 1000)   /* a 429 without Retry-After */
#define REGISTRY_CONFIG_AGE_MS (INT64_C(60) * 60 * 1000) /* config.json is read again after this */
#define REGISTRY_ROOM_AGAIN_MS 10000                     /* after there was no room for a reply */
#define REGISTRY_BURST_US 100000                         /* unspent budget is kept for so long */
#define WATCH_BACKOFF_FIRST_MS (INT64_C(60) * 1000)      /* or the interval, where that is shorter */
#define WATCH_BACKOFF_MAX_MS (INT64_C(10) * 60 * 1000)

/* Where the reasons of its yanks are asked for. */
struct registry_reasons {
	bool from_api;
	char *api_url; /* as configured; NULL: that of config.json */
	char *api;     /* of config.json; NULL = it has none, or was not seen yet */
	int64_t each_ms;
	struct x509_store_st *trust; /* of an API on another host; counted */
	char trust_id[TRUST_ID_SIZE];
	struct reason_api *asked; /* NULL: none is known, or none is to be asked */
};

struct registry_counters {
	int64_t requests, received_bytes; /* config.json included; of bodies, unpacked */
	int64_t polls, not_modified, stale, failures;
	int64_t last_success_ms; /* wall clock; 0 = never */
	int64_t swept_ms;        /* the same: every watch had been polled well once more */
	struct err last_error;
	int64_t last_error_ms;
};

struct registry {
	struct poller *poller;
	char *name; /* owned, as is all text here */
	char *index_url;
	char *user_agent;            /* as a header */
	struct x509_store_st *trust; /* counted; NULL for plain http */
	char trust_id[TRUST_ID_SIZE];
	struct http_share share; /* of the room for replies */
	char *token;             /* NULL = none; never logged */
	int64_t interval_ms;
	struct budget requests; /* a second */
	struct registry_reasons reasons;

	struct watch **watches; /* owned; sorted by crate */
	size_t n_watches, watches_cap;
	size_t n_waiting;  /* watches with something that waits for confirmation */
	size_t n_unstored; /* those whose last look could not be stored: yankwatchd is at fault, and must say so */
	size_t n_swept;    /* those that this sweep has polled well */
	bool swept;        /* turns over with each sweep that is done */
	size_t n_unparsed; /* and those whose file has lines that are bad or repeat a version */
	struct schedule schedule;
	struct wait_link *waiting; /* of all watches: rounds that want a poll that has not begun */
	struct sweep *sweeps;      /* rounds that want a poll of every watch */
	size_t cursor;             /* the next one that they ask for */
	size_t to_hasten;          /* so many watches may have to come sooner: */
	int64_t hasten_ms;         /* the interval is as short as this, or the index is another (0) */
	uint16_t index;            /* counts the indexes it has had */

	bool configured;       /* false: only a name that is left over */
	size_t in_flight;      /* requests, config.json included */
	struct watch *leaving; /* not watched any more, but their poll is under way */
	struct watch *absent;  /* those whose 404 waits for a fresh config.json */
	bool config_seen;      /* a good config.json came since the start */
	bool config_in_flight;
	bool config_repeated;    /* it was asked for again after a closed connection */
	uint16_t config_index;   /* which of its indexes was asked for config.json */
	int64_t config_due_ms;   /* monotonic */
	unsigned failures;       /* in a row, of whatever crate */
	int64_t paused_until_ms; /* monotonic; 0 = not paused */
	bool said_pause;         /* a pause was logged, and no success since */
	struct registry_counters counters;
	struct health health;
};

struct registry *registry_new(struct poller *poller, const char *name);
void registry_free(struct registry *registry); /* and its watches */

/* What the configuration says of it now. ERR_NOMEM leaves it as it was. */
MUST_CHECK int registry_set(struct registry *registry, const struct config_registry *config, struct err *err);

/* This watch is due after hasten_ms at the latest. */
void registry_hasten(struct registry *registry, struct watch *watch);

/* What is known of a crate; its registry counts how many there are of each kind. */
struct knowledge {
	enum crate_state state;
	bool missing;  /* present as far as is believed, but its last look found nothing */
	bool pending;  /* something waits for confirmation: a 304 is news to the tracker */
	bool unparsed; /* its file has lines that are bad or repeat a version */
};

void registry_know(struct watch *watch, struct knowledge knowledge);
/* A poll of it went well, or failed. */
void registry_note_poll(struct watch *watch, bool good);
/* What its last look found could not be stored. */
void registry_not_stored(struct watch *watch, const struct err *why);
/* Its last look found nothing, or did. */
void registry_set_missing(struct watch *watch, bool missing);
/* The watch joins (1) or leaves (-1) those of its registry. */
void registry_count(const struct watch *watch, int by);

/* A watch that leaves has come back from its last poll, or will not: ends it. */
void registry_forget(struct registry *registry, struct watch *watch);

/* Whoever waits for a poll that cannot be made now is told why. */
void registry_fail_waiting(struct registry *registry, const struct err *why);

struct watch *registry_find(const struct registry *registry, const char *crate);

/* Something came back well, or did not. Where that is due the registry pauses, and who
 * waits for polls of it is told so. */
void registry_succeeded(struct registry *registry);
void registry_failed(struct registry *registry, const struct err *why, uint32_t random);
void registry_limited(struct registry *registry, int64_t retry_after_ms, const struct err *why);

/* Requests that may be under way at once: no registry can take all the tracker's places. */
size_t registry_share(const struct registry *registry);

bool registry_has_work(const struct registry *registry); /* something to poll, now or later */

/* When this registry has something to do next; INT64_MAX = not before something happens. */
int64_t registry_next_ms(const struct registry *registry);

bool registry_is_failing(const struct registry *registry);
void registry_status(const struct registry *registry, struct json_writer *w);
