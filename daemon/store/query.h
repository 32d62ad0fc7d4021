/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query.h: what the socket asks. For read-only connections. Every answer is
 * bounded and copied before the call returns: no cursor lives while a client
 * reads.
 */
#pragma once

#include "model/event.h"
#include "model/notification.h"
#include "store/db.h"

#define QUERY_LIMIT_MAX 1000 /* rows of one page */
#define QUERY_NEAR_MAX 3     /* names suggested for one that is not there */

struct event_filter {
	const char *registry; /* NULL = any */
	const char *crate;
	const char *version;
	const char *project; /* that they hit, or are of */
	uint32_t kinds;      /* bit 1 << enum event_kind; 0 = any */
	int64_t since_ms;
	int64_t until_ms; /* exclusive; 0 = none */
	int64_t after;    /* a seq; 0 = from the start, or with reverse from the end */
	unsigned limit;   /* 1 to QUERY_LIMIT_MAX */
	bool reverse;
};

/* Appends `{"events":[…],"next":…}`. */
MUST_CHECK int query_events(struct db *db, const struct event_filter *filter, struct strbuf *out, struct err *err);

/* Appends the event's document. ERR_ABSENT. */
MUST_CHECK int query_event(struct db *db, const char *id, struct strbuf *out, struct err *err);

/* The seq of the last event; 0: there is none. */
MUST_CHECK int query_last_event(struct db *db, int64_t *ret, struct err *err);

enum event_frame {
	EVENT_FRAME_LINE, /* application/x-ndjson */
	EVENT_FRAME_SSE,  /* text/event-stream: id, event, data */
};

/* The whole history, or what comes to it, in bounded pieces. */
struct event_walk {
	struct event_filter filter; /* neither limit nor reverse; query_event_piece() moves `after` on */
	enum event_frame frame;
	int64_t until; /* the last seq that is looked at */
};

/*
 * Appends the next events, up to about `bytes` (one document may pass it) and as many rows as a short query looks at;
 * so a filter that few pass may leave `out` as it is. The walk is over when filter.after is `until`.
 */
MUST_CHECK int query_event_piece(struct db *db, struct event_walk *walk, size_t bytes, struct strbuf *out,
				 struct err *err);

/* Appends the crate's object of docs/SOCKET.md. ERR_ABSENT when it is not watched. */
MUST_CHECK int query_crate(struct db *db, const char *registry, const char *crate, struct strbuf *out, struct err *err);

/* Appends the object of the crate as it was at that moment (wall clock), as far as it was known then. ERR_ABSENT when
 * it is not watched; ERR_BAD: nobody looked at it before that moment, or it is still to come. */
MUST_CHECK int query_crate_at(struct db *db, const char *registry, const char *crate, int64_t at_ms, struct strbuf *out,
			      struct err *err);

/* Watched names within two edits of `crate`, nearest first, into ret[0..*ret_n); owned by the caller. */
MUST_CHECK int query_near(struct db *db, const char *crate, char *ret[static QUERY_NEAR_MAX], size_t *ret_n,
			  struct err *err);

/* Appends `{"crates":[…]}`: watched names that begin with `prefix`, in no order. `registry`: NULL = any. */
MUST_CHECK int query_crate_names(struct db *db, const char *registry, const char *prefix, unsigned limit,
				 struct strbuf *out, struct err *err);

struct watch_filter {
	const char *registry, *crate; /* NULL = any */
	int64_t after;                /* `next` of the page before; 0 = the first */
	unsigned limit;
};

/* Appends `{"watches":[…],"next":…}`. */
MUST_CHECK int query_watches(struct db *db, const struct watch_filter *filter, struct strbuf *out, struct err *err);

/* Where a crate is watched, and how. */
struct watch_listing {
	size_t count;   /* registries of the configuration where it is */
	char *registry; /* one of them, owned; NULL: there is none */
	bool bulk;      /* there only in a crates_file */
};

/* In `registry` alone, or in any of them with NULL; the caller releases *ret. */
MUST_CHECK int query_listing(struct db *db, const char *registry, const char *crate, struct watch_listing *ret,
			     struct err *err);
void watch_listing_release(struct watch_listing *listing);

/* Is anything stored of a crate of that name: is it, or was it ever, watched? */
MUST_CHECK int query_knows_crate(struct db *db, const char *crate, bool *ret, struct err *err);

struct database_counts {
	int64_t events, bytes, wal_bytes;
	int64_t kinds[EVENT_KINDS];                 /* events that were ever recorded */
	int64_t findings[SEVERITIES];               /* that are open */
	int64_t notifications[NOTIFICATION_STATES]; /* by enum notification_state; dead: but tests and heartbeats */
};

/* The same costs, however much there is. */
MUST_CHECK int query_counts(struct db *db, struct database_counts *ret, struct err *err);
