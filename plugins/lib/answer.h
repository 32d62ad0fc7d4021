/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answer.h: what an HTTP answer means for a notification, by a table of rules.
 */
#pragma once

#include "lib/http.h"

#include <stdbool.h>
#include <yankwatch/notifier.h>

#define ANSWER_BODY_SHOWN 200 /* bytes of the answer's body in the delivery log */

struct answer_rule {
	long first, last;   /* statuses */
	const char *needle; /* only when the body holds this; NULL: whatever it holds */
	enum yw_outcome outcome;
	const char *hint; /* for the log, in brackets; NULL: none */
};

/* The first that holds, or NULL. `rules` ends with a row of first 0. */
const struct answer_rule *answer_rule(const struct http_answer *answer, const struct answer_rule *rules);

/* What most receivers mean: 2xx is good, 408, 425, 429 are told again, 3xx and other 4xx are refusals. */
extern const struct answer_rule answer_rules[];

/* Does the body hold these bytes? */
bool answer_holds(const struct http_answer *answer, const char *needle);

/*
 * Fills outcome, pause and text. `rule` is NULL when none holds: that, and any
 * answer that broke off, is told again.
 */
void answer_fill(const struct http_answer *answer, const struct answer_rule *rule, struct yw_result *result);
