/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reasons.h: why a version was yanked becomes known: by an index line or the web API, at once or later. What is new of
 * it is kept, noted with the yank's event, and told: by the yank's alert while that waits, else by a reason_changed.
 * Internal to track/.
 */
#pragma once

#include "store/places.h"
#include "store/reason_asks.h"
#include "store/reason_rows.h"
#include "track/tracker.h"

#define REASON_OWNERS_MS (INT64_C(24) * 3600 * 1000) /* that owners are believed to stay the same */

/* NULL: the configuration does not have the registry. */
const struct config_reasons *reasons_config(struct tracker *tracker, const char *registry);

/* A look at one crate that shows reasons. */
struct reason_look {
	struct tracker *tracker;
	const struct crate_place *place;
	int64_t now_ms;
	const char *api;  /* the URL that told; NULL: the index did */
	const char *line; /* the index line; NULL = the API told */
	size_t line_len;
	size_t changed; /* counted: events that this made */
};

/* What is known of the version now; its texts are the caller's, and *now is the caller's no more. `is_waiting`: the
 * alert of its yank tells it, or nobody needs to be told. */
MUST_CHECK int reason_note(struct reason_look *look, const char *version, struct reason_row *now, bool is_waiting,
			   struct err *err);

/* As annotations_set_reason() takes it. */
MUST_CHECK int reason_json(const struct reason_said *said, struct strbuf *out, struct err *err);

/* A project locks a version that was yanked before: what is known of it, for the event's notes; nothing is, and it is
 * to be had: it is asked for, when there is nothing better to do. */
MUST_CHECK int reason_of_finding(struct tracker *tracker, const struct crate_place *place, const char *version,
				 int64_t now_ms, struct strbuf *ret, struct err *err);

/* Flips that the audit trail alone shows become events that nobody is told (reason_flips.c). `actions`: oldest first.
 */
MUST_CHECK int reason_flips(struct reason_look *look, const struct reason_version *version, struct err *err);
