/* SPDX-License-Identifier: Apache-2.0 */
/*
 * silences.h: what is not to be told for a while, by whom it was said and what it
 * held back. Nothing is ever deleted: ended and removed ones stay listed. What
 * writes is for the tracker's connection, inside a transaction.
 */
#pragma once

#include "model/silence.h"
#include "store/db.h"

/* Stores it and writes its public id ("sil_…"). ERR_BAD: silence_complaint() says why not. */
MUST_CHECK int silences_add(struct db *db, const struct silence *silence, int64_t now_ms,
			    char ret_id[static SILENCE_ID_MAX], struct err *err);

/* Ends it now. ERR_ABSENT: there is none of that id; ERR_REFUSED: it is over already. */
MUST_CHECK int silences_remove(struct db *db, const char *id, int64_t now_ms, struct err *err);

/* One as it is stored, with what came of it; the texts live until the next row. */
struct silence_row {
	const char *id;
	struct silence silence;
	int64_t created_ms;
	int64_t removed_ms; /* 0 = nobody has */
	int64_t held_back;  /* events of notifications */
};

/* For readers, too: calls `each` for every silence, newest first; with `active` for those that hold back now. */
MUST_CHECK int silences_list(struct db *db, bool active, int64_t now_ms,
			     void (*each)(void *ctx, const struct silence_row *row), void *ctx, struct err *err);

/* ---- for the outbox ---- */

struct active_silence { /* its texts are owned */
	int64_t row;
	char *registry, *crate, *version, *project;
	uint32_t kinds;
};

struct active_silences {
	struct active_silence *items; /* owned */
	size_t count;
};

void active_silences_release(struct active_silences *silences);

/* Those that hold back at `now_ms`; the caller releases *ret. */
MUST_CHECK int silences_load(struct db *db, int64_t now_ms, struct active_silences *ret, struct err *err);

/* The row of the first one that matches; 0 = none. */
int64_t silences_find(const struct active_silences *silences, const struct routed_event *event, const char *version);
