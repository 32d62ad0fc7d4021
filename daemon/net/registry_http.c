/* SPDX-License-Identifier: Apache-2.0 */
/* registry_http.c: see registry_http.h. */
#include "net/registry_http.h"

#include "base/json.h"
#include "base/numbers.h"

#include <stdio.h>

static const struct {
	int status;
	enum registry_answer answer;
	const char *said; /* for people; NULL: the number says it */
} answers[] = {
	{200, REGISTRY_NEW, NULL},
	{304, REGISTRY_UNCHANGED, NULL},
	{404, REGISTRY_GONE, NULL},
	{410, REGISTRY_GONE, NULL},
	{451, REGISTRY_GONE, NULL},
	{401, REGISTRY_FAILED, "the registry wants authentication, which this version does not support"},
	{403, REGISTRY_FAILED, "the registry refuses us"},
	{429, REGISTRY_LIMITED, "too many requests"},
};

enum registry_answer registry_answer(const struct http_reply *reply)
{
	if (reply->err.code)
		return REGISTRY_FAILED;
	for (size_t i = 0; i < ARRAY_LEN(answers); i++)
		if (answers[i].status == reply->status)
			return answers[i].answer;
	return reply->status == 503 && reply->retry_after_ms ? REGISTRY_LIMITED : REGISTRY_FAILED;
}

int registry_explain(const struct http_reply *reply, struct err *err)
{
	if (reply->err.code) {
		*err = reply->err;
		return err->code;
	}
	for (size_t i = 0; i < ARRAY_LEN(answers); i++)
		if (answers[i].status == reply->status && answers[i].said)
			return err_set(err, ERR_IO, "HTTP %d: %s", reply->status, answers[i].said);
	if (reply->status / 100 == 3)
		return err_set(err, ERR_IO, "HTTP %d: a redirect, which is not followed", reply->status);
	return err_set(err, ERR_IO, "HTTP %d", reply->status);
}

void registry_headers(const struct validators *validators, char buf[static REGISTRY_HEADER_MAX],
		      const char *headers[static HTTP_HEADERS_MAX])
{
	char date[TIME_TEXT_MAX];
	size_t n = 0;

	headers[n++] = "cargo-protocol: version=1";
	headers[n++] = "accept: text/plain";
	if (validators->etag) {
		(void)snprintf(buf, REGISTRY_HEADER_MAX, "if-none-match: %s", validators->etag);
		headers[n++] = buf;
	} else if (validators->last_modified) {
		(void)snprintf(buf, REGISTRY_HEADER_MAX, "if-modified-since: %s",
			       time_format_http(validators->last_modified, date));
		headers[n++] = buf;
	}
	headers[n] = NULL;
}

void registry_user_agent(struct strbuf *out, const char *contact)
{
	strbuf_adds(out, "yankwatch/" YANKWATCH_VERSION);
	if (contact)
		strbuf_addf(out, " (%s)", contact);
}

int registry_config_check(const char *body, size_t len, struct err *err)
{
	OWNED_JSON cJSON *config = NULL;

	int rc = json_parse(body, len, &config, err);
	if (rc)
		return err_prefix(err, "config.json");
	if (!json_string(config, "dl"))
		return err_set(err, ERR_BAD, "config.json has no \"dl\": is this a sparse index?");
	if (json_bool(config, "auth-required", false))
		return err_set(err, ERR_REFUSED, "config.json: auth-required, which this version does not support");
	return 0;
}
