/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reason_text.h: why a version was yanked, in the words of whoever did it, as far as they are kept: anybody's
 * text, to be made safe for wherever it is shown. An index line and a web API's answer give the same one.
 */
#pragma once

#include "base/err.h"

#define REASON_TEXT_MAX 8192 /* bytes that are kept of a text, cut between characters */
#define REASON_DIGEST_SIZE 16

/* A zeroed struct is no text. */
struct reason_text {
	char *text;                               /* owned; NULL = none; valid UTF-8, at most REASON_TEXT_MAX bytes */
	bool cut;                                 /* there was more of it */
	unsigned char digest[REASON_DIGEST_SIZE]; /* of the whole text: an edit behind the cut is seen, too */
};

/* What is kept of `len` bytes of valid UTF-8; of none there is no text. ERR_NOMEM. */
MUST_CHECK int reason_text_keep(const char *at, size_t len, struct reason_text *ret, struct err *err);
void reason_text_release(struct reason_text *text); /* NULL is allowed */

/* Both NULL or none, or the same whole text. */
bool reason_text_same(const struct reason_text *a, const struct reason_text *b);
