/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reason_asks.h: which yanked versions are to be asked for their reason, when, and whose alerts wait for it; who owns
 * their crates. For the tracker's connection, inside a transaction.
 */
#pragma once

#include "model/reason.h"
#include "store/db.h"

/* What goes first. Stored: only append. */
enum reason_rank {
	REASON_NEW,   /* a yank of which nothing is known yet */
	REASON_AGAIN, /* it may be another by now */
	REASON_ONCE,  /* who has un-yanked it; why it was yanked before it was watched */
	REASON_RANKS
};

struct reason_ask {
	int64_t crate;
	const char *version; /* borrowed */
	int64_t event;       /* that it is asked for; 0 = the version was yanked before it was watched */
	enum reason_rank rank;
	int64_t due_ms;    /* wall clock, as the next */
	int64_t until_ms;  /* alerts of the event wait so long; 0 = they do not */
	unsigned looks;    /* answers that came */
	unsigned failures; /* in a row */
};

/* In place of what was asked of the version before. */
MUST_CHECK int reason_ask_put(struct db *db, const struct reason_ask *ask, struct err *err);
/* ret->crate is 0 when it is not asked for; its version is the caller's text. */
MUST_CHECK int reason_ask_load(struct db *db, int64_t crate, const char *version, struct reason_ask *ret,
			       struct err *err);
MUST_CHECK int reason_ask_drop(struct db *db, int64_t crate, const char *version, struct err *err);

/* What is to be asked of a registry next. */
struct reason_turn {
	int64_t crate; /* 0 = nothing is due */
	char *name;    /* owned, as the next */
	char **versions;
	size_t n;
	int64_t next_ms;  /* when nothing is due: the next one is; 0 = there is none */
	int64_t since_ms; /* of what is due: when the last of the yanks and un-yanks was seen; 0 = none was */
	size_t burst;     /* crates with new yanks that are due, counted up to REASON_BURST + 1 */
};

#define REASON_BURST 10
#define REASON_PAUSE_MAX_MS (INT64_C(3600) * 1000) /* after a failure */

/* `longest_ms`: pause between two looks; what is due later than that was set before the clock was stepped back. The
 * caller releases *ret. */
MUST_CHECK int reason_turn_find(struct db *db, const char *registry, int64_t now_ms, int64_t longest_ms,
				struct reason_turn *ret, struct err *err);
void reason_turn_release(struct reason_turn *turn);

/* The row of a watched crate; 0 = there is none. */
MUST_CHECK int reason_crate(struct db *db, const char *registry, const char *crate, int64_t *ret, struct err *err);

/* Who owned it at asked_ms; 0 = nobody was asked. The caller releases *ret. */
MUST_CHECK int reason_owners_load(struct db *db, int64_t crate, struct reason_owners *ret, int64_t *ret_asked_ms,
				  struct err *err);
MUST_CHECK int reason_owners_save(struct db *db, int64_t crate, const struct reason_owners *owners, int64_t now_ms,
				  struct err *err);
/* They are to be asked with the next request. */
MUST_CHECK int reason_owners_forget(struct db *db, int64_t crate, struct err *err);
