/* SPDX-License-Identifier: Apache-2.0 */
/*
 * columns.h: which members of the daemon's objects a table shows, and how.
 *
 * A command lists its columns as rows; an object then makes one row of a table,
 * or (columns_put_lines) one line per column. A member that is absent or of
 * another type than expected is shown as "-".
 */
#pragma once

#include "base/numbers.h"
#include "table.h"

struct column {
	const char *head;
	const char *key;                                                        /* of the object's member */
	void (*put)(struct table *table, const cJSON *object, const char *key); /* exactly one cell; NULL ends a list */
};

void column_text(struct table *table, const cJSON *object, const char *key);
void column_whole(struct table *table, const cJSON *object, const char *key); /* never cut: an id */
void column_word(struct table *table, const cJSON *object, const char *key);  /* in its colour */
void column_list(struct table *table, const cJSON *object, const char *key);  /* strings, by commas */
void column_number(struct table *table, const cJSON *object, const char *key);
/* Of what is seldom there: on a terminal none is "-", and a column of nothing else is left out. */
void column_count(struct table *table, const cJSON *object, const char *key);
void column_bytes(struct table *table, const cJSON *object, const char *key); /* "84.0 KiB" */
/* Local; on a terminal with its age, where a line has but this one. */
void column_time(struct table *table, const cJSON *object, const char *key);
void column_ago(struct table *table, const cJSON *object, const char *key);  /* on a terminal its age alone */
void column_span(struct table *table, const cJSON *object, const char *key); /* of ms: its largest unit */

/* "3h": the whole of the largest unit that fits; nobody wants the seconds of an uptime. */
const char *format_span(int64_t ms, char buf[static DURATION_TEXT_MAX]);

size_t columns_count(const struct column *columns);
void columns_put_head(struct table *table, const struct column *columns);
void columns_put(struct table *table, const struct column *columns, const cJSON *object);
void columns_put_lines(struct table *table, const struct column *columns, const cJSON *object); /* in two columns */

/*
 * Prints a table with its head: of an array's objects, or of one object. With a title that stands above it, behind an
 * empty line, and the table is indented. Nothing when there is nothing to show.
 */
MUST_CHECK int columns_print(const struct style *style, const char *title, const struct column *columns,
			     const cJSON *items, struct err *err);

/* What `history` and `show` show of an event. */
extern const struct column event_columns[];
/* Room for the usual kinds and each severity, where events come one by one. */
void event_columns_reserve(struct table *table);
/* What `status` and `notifier list` show of a notifier. */
extern const struct column notifier_columns[];
