/* SPDX-License-Identifier: Apache-2.0 */
/*
 * style.h: how things look on standard output: colour, times, JSON lines.
 *
 * Text from the daemon is a registry's, and so an attacker's: everything that
 * commands print goes through style_text(), a table (table.h) or style_json(),
 * and none of these lets a control byte or a bidi control reach the terminal.
 */
#pragma once

#include "base/err.h"
#include "base/json.h"

#define STYLE_TEXT_MAX 2048 /* bytes of one text made safe; longer ones are cut with "..." */
#define STYLE_TIME_MAX 40

enum colour { COLOUR_NONE, COLOUR_BOLD, COLOUR_DIM, COLOUR_GREEN, COLOUR_YELLOW, COLOUR_RED, COLOUR_ALARM, COLOURS };

struct style {
	bool terminal; /* standard output is one */
	bool colour;   /* it is, and neither NO_COLOR nor TERM=dumb object */
	size_t width;  /* its columns ($COLUMNS, else its own); 0: no terminal, or one that does not know: no limit */
};

void style_init(struct style *style);

/* The bytes that begin or end a colour; "" when there is none to show. */
const char *style_begin(const struct style *style, enum colour colour);
const char *style_end(const struct style *style, enum colour colour);

/* The colour of one of the product's words: an event's kind, a severity, a state. */
enum colour style_word(const char *word);

/* Prints the text, made safe, without a newline. */
void style_text(const struct style *style, enum colour colour, const char *text);

/* Prints the text, made safe, as a line of its own, or as several that are broken between words. */
void style_line(const struct style *style, enum colour colour, const char *text);

/* How a text is broken into lines: 0 columns = no limit. */
struct style_wrap {
	size_t first;   /* columns on the first line, which has begun */
	size_t hang;    /* where the further ones begin */
	size_t columns; /* and how many they have from there on */
	bool whole;     /* a word that is too long for a line is not broken */
};

/* Below one another, from that column on to the terminal's edge. */
struct style_wrap style_hang(const struct style *style, size_t column);

/* Prints the text, which is safe, broken between words. */
void style_wrapped(const struct style *style, enum colour colour, const char *safe, const struct style_wrap *wrap);

/* The columns that are left from `column` on; 0: no limit. */
size_t style_room(const struct style *style, size_t column);

/* Prints the title of a table, with an empty line before it. */
void style_title(const struct style *style, const char *title);

/*
 * An RFC 3339 time in local time: "2026-11-21 09:30:00" on a terminal, with
 * its offset otherwise. What is no time comes back as it is.
 */
const char *style_time(const struct style *style, const char *rfc3339, char buf[static STYLE_TIME_MAX]);

/* How long ago that was, or until then: "3 min ago", "in 2 h"; "" when it is no time. */
const char *style_ago(const char *rfc3339, char buf[static STYLE_TIME_MAX]);

/*
 * Prints the value on one line, as it came but in ASCII: what is beyond is
 * escaped, the same document to a program and harmless to a terminal.
 */
MUST_CHECK int style_json(const cJSON *value, struct err *err);
/* The same of a line of JSON as the daemon sent it. */
void style_json_line(const char *line);
