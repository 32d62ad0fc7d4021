/* SPDX-License-Identifier: Apache-2.0 */
/*
 * header.h: lines of a mail's head, ended by CR LF and folded at 78 bytes. Text
 * that is not plain ASCII is made of encoded words (RFC 2047, "Q"), none of which
 * splits a character. Whatever the text is, one header comes of it.
 */
#pragma once

#include "address.h"

#include <stdint.h>
#include <stdio.h>

#define HEADER_LINE_MAX 78
#define HEADER_ENCODED_LINE_MAX 76 /* RFC 2047, 2: of a line with an encoded word */
#define HEADER_WORD_MAX 60         /* a longer word is encoded, so that it can be folded */
#define HEADER_TEXT_MAX 500        /* bytes of a text; more is cut with "…" */

/* Any text, cleaned. */
void header_text(FILE *out, const char *name, const char *text);

/* An address a line. */
void header_addresses(FILE *out, const char *name, const struct address *addresses, size_t n);

/* RFC 5322's form of seconds since 1970, in UTC. */
void header_date(FILE *out, const char *name, int64_t unix_s);

/* Seconds since 1970 of an RFC 3339 time in UTC ("…Z"); -1 when it is none. */
int64_t header_time(const char *rfc3339);
