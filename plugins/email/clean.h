/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clean.h: text from outside as a mail may hold it: valid UTF-8 in which nothing
 * hides or reorders what follows. Controls (C0, C1, DEL), bidi controls, zero-width
 * characters and U+2028/9 become visible, in the host's way: \u{202e}; bytes that are
 * not UTF-8: \xff.
 * A tab is a blank. What is too long ends with "…".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define CLEAN_PIECE_MAX 12 /* bytes: "\u{10fffd}" and the terminator */

/* A walk over a text. Zero `len` and set the rest. */
struct clean {
	const char *at; /* what is still to do */
	size_t max;     /* most bytes to give, "…" not counted */
	bool lines;     /* '\n' passes */
	char piece[CLEAN_PIECE_MAX];
	size_t len; /* of the piece */
};

/* The next character, or what stands for it, into c->piece; false at the end. */
bool clean_next(struct clean *c);

/* One line of at most size - 1 bytes, "…" included, into buf. `size` is above 4. Returns buf. */
const char *clean_line(const char *text, char *buf, size_t size);

/* Bytes of the character that begins here; the text is valid UTF-8. */
size_t clean_char_len(const char *at);
