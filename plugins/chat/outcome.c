/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outcome.c: see outcome.h. A webhook that is deleted and a token that is refused
 * will refuse every notification alike: the notifier goes out of service, where
 * its notifications wait, instead of each of them becoming a dead letter.
 */
#include "outcome.h"

#include <cjson/cJSON.h>

static const struct answer_rule chat_rules[] = {
	{401, 401, NULL, YW_DISABLE, "the token or the URL is refused"},
	{403, 403, NULL, YW_DISABLE, "the token or the URL is refused"},
	{404, 404, NULL, YW_DISABLE, "the webhook or room is not there, or deleted"},
	{410, 410, NULL, YW_DISABLE, "the webhook is gone"},
	{0, 0, NULL, YW_RETRY, NULL},
};

static const struct answer_rule *rule_of(const struct service *service, const struct http_answer *answer)
{
	const struct answer_rule *rule = service->answers ? answer_rule(answer, service->answers) : NULL;

	if (!rule)
		rule = answer_rule(answer, chat_rules);
	return rule ? rule : answer_rule(answer, answer_rules);
}

/* A proxy's or a portal's page with 200 is no delivery. */
static bool is_proven(const struct service *service, const struct http_answer *answer)
{
	if (!service->proof)
		return true;
	return answer_holds(answer, service->proof) && !(answer->body_len > 0 && answer->body[0] == '<');
}

/* Matrix says "retry_after_ms", Discord "retry_after" in seconds; both may say it in no header. */
static int64_t pause_in_body_ms(const struct http_answer *answer)
{
	cJSON *json = cJSON_ParseWithLength(answer->body, answer->body_len);
	const cJSON *ms = cJSON_GetObjectItemCaseSensitive(json, "retry_after_ms");
	const cJSON *seconds = cJSON_GetObjectItemCaseSensitive(json, "retry_after");
	double pause_s = cJSON_IsNumber(ms)        ? ms->valuedouble / 1000
			 : cJSON_IsNumber(seconds) ? seconds->valuedouble
						   : 0;

	cJSON_Delete(json);
	if (!(pause_s > 0))
		return 0;
	return http_pause_ms(pause_s < HTTP_PAUSE_MAX_MS ? (curl_off_t)pause_s + 1 : HTTP_PAUSE_MAX_MS);
}

void outcome_fill(const struct service *service, const struct http_answer *answer, struct yw_result *result)
{
	static const struct answer_rule unproven = {200, 299, NULL, YW_RETRY,
						    "this is not the service's answer: is the URL right?"};
	const struct answer_rule *rule = rule_of(service, answer);

	if (rule && rule->outcome == YW_OK && !is_proven(service, answer))
		rule = &unproven;
	answer_fill(answer, rule, result);
	int64_t pause_ms = result->outcome == YW_RETRY && answer->code == CURLE_OK ? pause_in_body_ms(answer) : 0;
	if (pause_ms > result->retry_after_ms)
		result->retry_after_ms = pause_ms;
}
