/* SPDX-License-Identifier: Apache-2.0 */
/* outcome.c: see outcome.h. */
#include "outcome.h"

#include "lib/escape.h"

/* The first row that holds the status decides. */
static const struct {
	long first, last;
	enum yw_outcome outcome;
	const char *hint;
} rules[] = {
	{200, 299, YW_OK, NULL},
	{300, 399, YW_REJECT, "redirects are not followed"},
	{408, 408, YW_RETRY, NULL},
	{410, 410, YW_DISABLE, "it wants nothing more; yankwatch notifier enable NAME when that has changed"},
	{425, 425, YW_RETRY, NULL},
	{429, 429, YW_RETRY, NULL},
	{400, 499, YW_REJECT, NULL},
};

enum yw_outcome outcome_of(CURLcode code, long status, const char **ret_hint)
{
	*ret_hint = NULL;
	/* Half an answer is none: to be told twice is better than never. */
	for (size_t i = 0; code == CURLE_OK && i < sizeof rules / sizeof rules[0]; i++) {
		if (status >= rules[i].first && status <= rules[i].last) {
			*ret_hint = rules[i].hint;
			return rules[i].outcome;
		}
	}
	return YW_RETRY;
}

void outcome_fill(const struct http_answer *answer, struct yw_result *result)
{
	char shown[OUTCOME_BODY_SHOWN * sizeof "\\xNN"];
	const char *hint;
	size_t len = answer->body_len < OUTCOME_BODY_SHOWN ? answer->body_len : OUTCOME_BODY_SHOWN;

	result->outcome = outcome_of(answer->code, answer->status, &hint);
	if (result->outcome == YW_RETRY)
		result->retry_after_ms = answer->retry_after_ms;
	if (answer->code != CURLE_OK) {
		(void)snprintf(result->text, sizeof result->text, "no answer: %s", answer->error);
		return;
	}
	(void)escape_controls(answer->body, len, shown, sizeof shown);
	(void)snprintf(result->text, sizeof result->text, "HTTP %ld%s%s%s%s%s", answer->status, hint ? " (" : "",
		       hint ? hint : "", hint ? ")" : "", *shown ? ": " : "", shown);
}
