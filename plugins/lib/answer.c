/* SPDX-License-Identifier: Apache-2.0 */
/* answer.c: see answer.h. */
#include "lib/answer.h"

#include "lib/escape.h"

#include <stdio.h>
#include <string.h>

const struct answer_rule answer_rules[] = {
	{200, 299, NULL, YW_OK, NULL},    {300, 399, NULL, YW_REJECT, "redirects are not followed"},
	{408, 408, NULL, YW_RETRY, NULL}, {425, 425, NULL, YW_RETRY, NULL},
	{429, 429, NULL, YW_RETRY, NULL}, {400, 499, NULL, YW_REJECT, NULL},
	{0, 0, NULL, YW_RETRY, NULL},
};

bool answer_holds(const struct http_answer *answer, const char *needle)
{
	return memmem(answer->body, answer->body_len, needle, strlen(needle));
}

const struct answer_rule *answer_rule(const struct http_answer *answer, const struct answer_rule *rules)
{
	for (; rules->first > 0; rules++)
		if (answer->status >= rules->first && answer->status <= rules->last &&
		    (!rules->needle || answer_holds(answer, rules->needle)))
			return rules;
	return NULL;
}

void answer_fill(const struct http_answer *answer, const struct answer_rule *rule, struct yw_result *result)
{
	char shown[ANSWER_BODY_SHOWN * sizeof "\\xNN"];
	const char *hint = rule ? rule->hint : NULL;
	size_t len = answer->body_len < ANSWER_BODY_SHOWN ? answer->body_len : ANSWER_BODY_SHOWN;

	/* Half an answer is none: to be told twice is better than never. */
	result->outcome = rule && answer->code == CURLE_OK ? rule->outcome : YW_RETRY;
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
