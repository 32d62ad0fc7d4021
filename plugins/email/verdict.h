/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verdict.h: what becomes of each recipient of a notification, over its attempts,
 * and what that means for the notification. Pure; the rule is in README.md.
 */
#pragma once

#include "address.h"
#include "trace.h"

#include <yankwatch/notifier.h>

enum verdict_fate {
	VERDICT_OPEN = 0, /* still to be told */
	VERDICT_ACCEPTED,
	VERDICT_REFUSED, /* for good */
};

#define VERDICT_STATE_EXTRA 2 /* bytes of yw_result.state for a recipient, on top of its address: a sign, a blank */

struct verdict {
	const struct address *to;
	size_t n;
	/* n of each, the caller's */
	enum verdict_fate *fates;
	struct trace_reply *replies; /* of this attempt: while it lasts those who are open, in their order, from 0 on */
};

/*
 * Begins an attempt with the state that the last one left: "+ADDRESS" accepted,
 * "-ADDRESS" refused, blanks between. It holds who is done with, not who is open,
 * so that an address that was corrected in between gets the mail, too.
 */
void verdict_begin(struct verdict *verdict, const char *state);

/*
 * Ends it: moves the fates on and fills outcome, text and, for a next attempt, state of `result`.
 * `trace` wrote verdict->replies; `error`: why the session ended early, or "".
 */
void verdict_end(struct verdict *verdict, const struct trace *trace, const char *error, struct yw_result *result);
