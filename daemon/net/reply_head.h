/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reply_head.h: of all the header lines of a reply those that count, and what they
 * mean. Pure. Source: RFC 9110.
 */
#pragma once

#include "base/defs.h"

#define ETAG_BYTES_MAX 256   /* a longer one is none */
#define DATE_BYTES_MAX 63    /* and so here */
#define CODING_BYTES_MAX 63  /* bytes kept of a coding: "gzip" is shorter */
#define AUTHENTICATE_MAX 512 /* bytes kept of WWW-Authenticate */

/* As they came, without the blanks around them; "" = none. */
struct reply_head {
	char etag[ETAG_BYTES_MAX + 1];
	char last_modified[DATE_BYTES_MAX + 1];
	char date[DATE_BYTES_MAX + 1];
	char content_encoding[CODING_BYTES_MAX + 1];
	char transfer_encoding[CODING_BYTES_MAX + 1];
	char authenticate[AUTHENTICATE_MAX + 1];
};

/* The next line, with or without its end. A status line forgets what an interim answer (1xx) said. */
void reply_head_line(struct reply_head *head, const char *line, size_t len);

/* One of the three forms of RFC 9110, 5.6.7, in seconds since 1970; 0 = another text, or before 1970. */
int64_t reply_head_date(const char *value);

/* The ETag to send back; "" when there is none that may be. */
const char *reply_head_etag(const struct reply_head *head);
