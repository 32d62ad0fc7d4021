/* SPDX-License-Identifier: Apache-2.0 */
/*
 * escape.h: text from outside made safe for where a plugin puts it. What it does
 * is per place: a result text, a JSON string, a part of a URI.
 */
#pragma once

#include <stddef.h>
#include <stdio.h>

/*
 * For result texts and log lines: copies `len` bytes to `buf`, NUL-terminated,
 * control bytes as \xNN, blanks at the end dropped, what does not fit cut between
 * two characters. Returns buf.
 */
const char *escape_controls(const char *bytes, size_t len, char *buf, size_t size);

/* A JSON string with its quotes, and without them. The text is UTF-8. */
void escape_json(FILE *out, const char *text);
void escape_json_inside(FILE *out, const char *text);

/* RFC 3986: all but unreserved characters as %NN. */
void escape_uri(FILE *out, const char *text);
