/* SPDX-License-Identifier: Apache-2.0 */
/*
 * silence.h: what somebody does not want to be told for a while. Pure. An absent
 * key matches everything, but a silence has at least one.
 */
#pragma once

#include "model/route.h"

#define SILENCE_ID_MAX 40 /* "sil_" and 32 hex digits */
#define SILENCE_AUTHOR_MAX 256
#define SILENCE_COMMENT_MAX 1024
#define SILENCE_NAME_MAX 256                             /* bytes of each of its texts that match */
#define SILENCE_MAX_MS (INT64_C(366) * 24 * 3600 * 1000) /* from its making to its end */

/* Every text is borrowed; NULL = any. */
struct silence_match {
	const char *registry;
	const char *crate; /* a pattern with * and ? */
	const char *version;
	const char *project; /* a pattern; every project that the event hits must match, and it hits one */
	uint32_t kinds;      /* bits 1 << enum event_kind; 0 = any */
};

struct silence {
	struct silence_match match;
	int64_t ends_ms; /* wall clock */
	const char *author;
	const char *comment;
};

bool silence_matches(const struct silence_match *match, const struct routed_event *event, const char *version);

/* NULL when a person may set it now; else a sentence that says what is missing or wrong. */
const char *silence_complaint(const struct silence *silence, int64_t now_ms);
