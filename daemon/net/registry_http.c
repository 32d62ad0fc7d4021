/* SPDX-License-Identifier: Apache-2.0 */
/* registry_http.c: see registry_http.h. */
#include "net/registry_http.h"

#include "base/json.h"
#include "model/web_api.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

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
	{401, REGISTRY_FAILED, "the registry wants another token (token_file)"},
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

/* Cargo login_url="…": where a person gets a token. */
static int explain_login(const char *authenticate, struct err *err)
{
	static const char KEY[] = "login_url=\"";
	const char *url = strstr(authenticate, KEY);

	if (strncasecmp(authenticate, "Cargo ", 6) != 0 || !url)
		return err_set(err, ERR_IO, "HTTP 401: the registry wants another token (token_file)");
	url += strlen(KEY);
	return err_set(err, ERR_IO, "HTTP 401: the registry wants another token (token_file), to be had at %.*s",
		       (int)strcspn(url, "\""), url);
}

int registry_explain(const struct http_reply *reply, struct err *err)
{
	if (reply->err.code) {
		*err = reply->err;
		return err->code;
	}
	if (reply->status == 401 && reply->authenticate)
		return explain_login(reply->authenticate, err);
	for (size_t i = 0; i < ARRAY_LEN(answers); i++)
		if (answers[i].status == reply->status && answers[i].said)
			return err_set(err, ERR_IO, "HTTP %d: %s", reply->status, answers[i].said);
	if (reply->status / 100 == 3)
		return err_set(err, ERR_IO, "HTTP %d: a redirect, which is not followed", reply->status);
	return err_set(err, ERR_IO, "HTTP %d", reply->status);
}

int registry_headers_make(const struct validators *validators, const char *token, struct registry_headers *ret,
			  struct err *err)
{
	size_t n = 0;

	*ret = (struct registry_headers){0};
	ret->list[n++] = "cargo-protocol: version=1";
	ret->list[n++] = "accept: text/plain";
	if (validators->etag) {
		(void)snprintf(ret->condition, sizeof ret->condition, "if-none-match: %s", validators->etag);
		ret->list[n++] = ret->condition;
	}
	if (token) {
		strbuf_addf(&ret->authorization, "authorization: %s", token); /* no scheme, as cargo has it */
		ret->list[n++] = strbuf_str(&ret->authorization);
	}
	return strbuf_failed(&ret->authorization) ? err_nomem(err) : 0;
}

void registry_headers_release(struct registry_headers *headers)
{
	strbuf_release(&headers->authorization);
}

void registry_user_agent(struct strbuf *out, const char *contact)
{
	strbuf_adds(out, "yankwatch/" YANKWATCH_VERSION);
	if (contact)
		strbuf_addf(out, " (%s)", contact);
}

int registry_config_check(const char *body, size_t len, bool has_token, struct strbuf *api, struct err *err)
{
	OWNED_JSON cJSON *config = NULL;

	if (len == 0)
		return err_set(err, ERR_BAD, "it is empty");
	int rc = json_parse(body, len, &config, err);
	if (rc)
		return rc;
	if (!json_string(config, "dl"))
		return err_set(err, ERR_BAD, "it has no \"dl\": is this a sparse index?");
	if (json_bool(config, "auth-required", false) && !has_token)
		return err_set(err, ERR_REFUSED, "auth-required, so the registry needs a token_file");
	const char *base = json_string(config, "api");
	if (base)
		(void)web_api_base(base, api);
	return 0;
}
