/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reason_rows.h: every text that was ever seen for a yank, who gave it and when. Of a version one of them stands at
 * most: it is what is known now. What writes is for the tracker's connection, inside a transaction.
 */
#pragma once

#include "model/reason_said.h"
#include "model/reason_text.h"
#include "store/db.h"

enum reason_source { REASON_OF_API, REASON_OF_LINE }; /* stored: only append */

/* Zeroed is none. */
struct reason_row {
	int64_t id;    /* 0 = none */
	char *version; /* owned; of a list alone */
	int64_t event; /* seq of the yank; 0 = it was before the baseline */
	enum reason_source source;
	struct reason_text said; /* owned; none: it is known that none was given */
	char *by;                /* owned; NULL = not known */
	enum reason_owner owner;
	int64_t at_ms;             /* of the action; 0 = not known */
	int64_t seen_ms, ended_ms; /* ended_ms 0: it stands */
};

void reason_row_release(struct reason_row *row);

/* What a document says of it; it borrows from the row. */
struct reason_said reason_row_said(const struct reason_row *row);

/* The one that stands, id 0: none does. The caller releases *ret. */
MUST_CHECK int reason_row_standing(struct db *db, int64_t crate, const char *version, struct reason_row *ret,
				   struct err *err);
/* It stands from seen_ms on, in place of another. */
MUST_CHECK int reason_row_add(struct db *db, int64_t crate, const char *version, const struct reason_row *row,
			      struct err *err);
/* Who, when and of which event are known better by now. */
MUST_CHECK int reason_row_update(struct db *db, const struct reason_row *row, struct err *err);
/* None stands any more: the version is yanked anew, or not yanked. */
MUST_CHECK int reason_row_end(struct db *db, int64_t crate, const char *version, int64_t now_ms, struct err *err);

/* Does one stand whose text came from an index line? */
MUST_CHECK int reason_rows_of_lines(struct db *db, int64_t crate, bool *ret, struct err *err);

#define REASON_ROWS_WHOLE 1000 /* of a crate: of more of them no text is longer than */
#define REASON_ROWS_SHORT 200  /* characters */

/* All of a crate, by version and then as they were seen. For documents: texts of many are cut, without digests. */
struct reason_list {
	struct reason_row *items; /* owned */
	size_t n, cap;
};

MUST_CHECK int reason_rows_load(struct db *db, int64_t crate, struct reason_list *ret, struct err *err);
void reason_list_release(struct reason_list *list);
