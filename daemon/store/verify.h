/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify.h: is the history what was signed? Computes the chain anew, piece by piece, so that no reader is held for
 * long, and names the first event that does not fit. For read-only connections. What is held against what:
 * docs/EVENTS.md, and what it cannot prove: docs/decisions/017-evidence.md.
 */
#pragma once

#include "model/event.h"
#include "model/head.h"
#include "store/db.h"

/* Up to where the history is good. All zero: nothing was looked at yet. */
struct verify_point {
	int64_t seq;
	unsigned char hash[CHAIN_HASH_SIZE]; /* of that event */
};

#define VERIFY_TEXT_MAX 300

/* The first thing that is wrong. */
struct verify_fault {
	bool there;  /* false: nothing is wrong */
	int64_t seq; /* the event */
	int64_t to;  /* it is one of seq to this one; or the same */
	char text[VERIFY_TEXT_MAX];
	/* Of `seq`, as far as the database says: "" = not known. */
	char id[EVENT_ID_MAX];
	char *registry, *crate, *version, *event; /* owned; NULL = not known, or it has none */
};

#define VERIFY_KEYS_MAX 8 /* a piece ends before there are more */

struct verify_key {
	unsigned char key[HEAD_KEY_SIZE];
	int64_t after; /* it signs events behind this one */
};

/* What one call has found. */
struct verify_piece {
	struct verify_point point;               /* good up to here */
	int64_t events, pruned;                  /* looked at in this piece, `pruned` not among the first */
	int64_t heads;                           /* signatures that were checked */
	struct verify_key keys[VERIFY_KEYS_MAX]; /* whose they were, in their order; one is there once */
	size_t n_keys;
	bool done; /* the end of the history is reached, and signed */
	struct verify_fault fault;
};

void verify_piece_release(struct verify_piece *piece);

/*
 * Goes on behind `from` for about `budget_ms`, to event `to` (0 = to the end), .
 * `key`: the one that signs now, HEAD_KEY_SIZE bytes. The caller releases *ret. A history that is not whole is a fault
 * in *ret, not an error.
 */
MUST_CHECK int verify_piece(struct db *db, const unsigned char *key, const struct verify_point *from, int64_t to,
			    int64_t budget_ms, struct verify_piece *ret, struct err *err);

/* The object of docs/SOCKET.md. */
void verify_put(struct json_writer *w, const struct verify_piece *piece);
