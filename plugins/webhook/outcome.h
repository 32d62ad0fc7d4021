/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outcome.h: what a receiver's answer means for the notification, and how the
 * delivery log tells it. Pure; the rule is in README.md.
 */
#pragma once

#include "lib/http.h"

#include <yankwatch/notifier.h>

#define OUTCOME_BODY_SHOWN 200 /* bytes of the answer that the result text shows */

/* `code` CURLE_OK: the receiver answered with `status`. *ret_hint: what to add to
 * the text, or NULL. */
enum yw_outcome outcome_of(CURLcode code, long status, const char **ret_hint);

/* Outcome, pause and text of a result. */
void outcome_fill(const struct http_answer *answer, struct yw_result *result);
