/* SPDX-License-Identifier: Apache-2.0 */
/*
 * webhook.c: the plugin "webhook": each notification is one POST of a CloudEvent,
 * signed as Standard Webhooks say. README.md is for users; the parts that decide
 * are in cloudevent.c, headers.c and signature.c.
 */
#include "cloudevent.h"
#include "headers.h"
#include "lib/answer.h"
#include "lib/deadline.h"
#include "lib/http.h"
#include "lib/http_options.h"
#include "lib/options.h"
#include "signature.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct webhook {
	const struct yw_host *host;
	const char *notifier;        /* the host's, until close() */
	struct http_request request; /* what all requests have in common */
	struct headers headers;
	struct signature_key keys[SIGNATURE_KEYS];
};

static const struct yw_option options[] = {
	HTTP_OPTION_URL,
	{"secret", YW_OPTION_STRING, YW_OPTION_SECRET, NULL, "signs each request: whsec_ and base64, or any text"},
	{"previous_secret", YW_OPTION_STRING, YW_OPTION_SECRET, NULL,
	 "signs as well, while receivers still know this one"},
	{"headers", YW_OPTION_LIST, 0, NULL, "more headers: \"Name: value\" each"},
	{"secret_headers", YW_OPTION_STRING, YW_OPTION_SECRET, NULL, "the same, one a line, in a file: Authorization"},
	{"addresses", YW_OPTION_STRING, 0, "any",
	 "connect to any, or public: to no private, local or reserved address"},
	HTTP_OPTION_PROXY,
	HTTP_OPTION_CA_FILE,
};

static void webhook_close(void *self)
{
	struct webhook *webhook = self;

	for (size_t i = 0; i < SIGNATURE_KEYS; i++)
		signature_key_release(&webhook->keys[i]);
	headers_release(&webhook->headers);
	free(webhook);
}

static const char *set_keys(struct webhook *webhook, const struct yw_options *given)
{
	const char *secret = option_text(given, "secret");
	const char *previous = option_text(given, "previous_secret");

	if (sodium_init() < 0)
		return "libsodium does not start";
	if (previous && !secret)
		return "previous_secret: there is no secret that comes after it";
	const char *fault = secret ? signature_key_parse(secret, &webhook->keys[0]) : NULL;
	if (!fault && previous && signature_key_parse(previous, &webhook->keys[1]))
		fault = "previous_secret: it is empty, or what follows whsec_ is not base64";
	return fault;
}

/* Behind a proxy it is the proxy that looks names up and connects. */
static const char *set_addresses(struct webhook *webhook, const struct yw_options *given)
{
	const char *addresses = option_text(given, "addresses");

	webhook->request.public_only = strcmp(addresses, "public") == 0;
	if (!webhook->request.public_only && strcmp(addresses, "any") != 0)
		return "addresses: must be any or public";
	if (webhook->request.public_only && webhook->request.proxy)
		return "addresses: public cannot be kept through a proxy, which connects by itself";
	return NULL;
}

static const char *webhook_set(struct webhook *webhook, const struct yw_options *given)
{
	webhook->notifier = given->notifier;
	const char *fault = http_options_read(given, &webhook->request);
	if (!fault)
		fault = set_addresses(webhook, given);
	if (!fault)
		fault = headers_parse(option_value(given, "headers"), option_text(given, "secret_headers"),
				      &webhook->headers);
	return fault ? fault : set_keys(webhook, given);
}

static void *webhook_open(const struct yw_options *given, const struct yw_host *host, char *error)
{
	struct webhook *webhook = calloc(1, sizeof *webhook);
	const char *fault = webhook ? webhook_set(webhook, given) : "out of memory";

	if (fault) {
		(void)snprintf(error, YW_ERROR_TEXT_MAX, "%s", fault);
		if (webhook)
			webhook_close(webhook);
		return NULL;
	}
	webhook->host = host;
	return webhook;
}

static void webhook_post(const struct webhook *webhook, const char *id, const char *body, size_t len,
			 struct http_answer *ret)
{
	char id_header[256], time_header[64], signature_header[64 + SIGNATURE_TEXT_MAX];
	char signature[SIGNATURE_TEXT_MAX];
	int64_t now_s = (int64_t)time(NULL);
	int64_t left_ms = webhook->host->deadline_left_ms(webhook->host);
	const char *headers[HEADERS_OURS_MAX + HEADERS_MAX + 1] = {("Content-Type: " CLOUDEVENT_CONTENT_TYPE),
								   id_header, time_header, signature_header};
	struct http_request request = webhook->request;

	(void)snprintf(id_header, sizeof id_header, "webhook-id: %s", id);
	(void)snprintf(time_header, sizeof time_header, "webhook-timestamp: %" PRId64, now_s);
	(void)signature_make(webhook->keys, id, now_s, body, len, signature);
	(void)snprintf(signature_header, sizeof signature_header, "webhook-signature: %s", signature);
	headers_join(&webhook->headers, headers, *signature ? HEADERS_OURS_MAX : HEADERS_OURS_MAX - 1);
	request.headers = headers;
	request.body = body;
	request.body_len = len;
	request.timeout_ms = left_ms - deadline_reserve_ms(left_ms);
	http_post(&request, ret);
}

static const struct answer_rule *rule_of(const struct http_answer *answer)
{
	static const struct answer_rule gone[] = {
		{410, 410, NULL, YW_DISABLE, "it wants nothing more"},
		{0, 0, NULL, YW_RETRY, NULL},
	};
	const struct answer_rule *rule = answer_rule(answer, gone);

	return rule ? rule : answer_rule(answer, answer_rules);
}

static void webhook_deliver(void *self, const struct yw_message *message, struct yw_result *result)
{
	const struct webhook *webhook = self;
	struct http_answer answer;
	size_t len = 0;
	char *body = cloudevent_body(message, webhook->notifier, &len);

	if (!body) {
		(void)snprintf(result->text, sizeof result->text, "out of memory");
		return;
	}
	webhook_post(webhook, message->id, body, len, &answer);
	answer_fill(&answer, rule_of(&answer), result);
	free(body);
}

const struct yw_notifier yankwatch_notifier = {
	.abi_version = YANKWATCH_NOTIFIER_ABI,
	.size = sizeof yankwatch_notifier,
	.name = "webhook",
	.version = YANKWATCH_VERSION,
	.summary = "POSTs a signed CloudEvent to a URL",
	.options = options,
	.n_options = sizeof options / sizeof options[0],
	.open = webhook_open,
	.deliver = webhook_deliver,
	.close = webhook_close,
	.needs = YW_NEEDS_NETWORK,
};
