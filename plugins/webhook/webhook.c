/* SPDX-License-Identifier: Apache-2.0 */
/*
 * webhook.c: the plugin "webhook": each notification is one POST of a CloudEvent,
 * signed as Standard Webhooks say. README.md is for users; the parts that decide
 * are in outcome.c, cloudevent.c and signature.c.
 */
#include "cloudevent.h"
#include "lib/deadline.h"
#include "lib/http.h"
#include "lib/options.h"
#include "outcome.h"
#include "signature.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct webhook {
	const struct yw_host *host;
	const char *notifier, *url, *ca_file; /* the host's, until close() */
	struct signature_key key;
};

static const struct yw_option options[] = {
	{"url", YW_OPTION_URL, YW_OPTION_REQUIRED | YW_OPTION_OR_FILE, NULL,
	 "where to POST; a file when it is a secret"},
	{"secret", YW_OPTION_STRING, YW_OPTION_SECRET, NULL, "signs each request: whsec_ and base64, or any text"},
	{"ca_file", YW_OPTION_PATH, 0, NULL, "PEM certificates to trust instead of the system's"},
};

static void webhook_close(void *self)
{
	struct webhook *webhook = self;

	signature_key_release(&webhook->key);
	free(webhook);
}

static const char *webhook_set(struct webhook *webhook, const struct yw_options *given)
{
	const char *secret = option_text(given, "secret");

	webhook->notifier = given->notifier;
	webhook->url = option_text(given, "url");
	webhook->ca_file = option_text(given, "ca_file");
	if (webhook->ca_file && access(webhook->ca_file, R_OK) != 0)
		return "ca_file: it cannot be read";
	if (sodium_init() < 0)
		return "libsodium does not start";
	return secret ? signature_key_parse(secret, &webhook->key) : NULL;
}

static void *webhook_open(const struct yw_options *given, const struct yw_host *host, char *error)
{
	struct webhook *webhook = calloc(1, sizeof *webhook);
	const char *fault = webhook ? webhook_set(webhook, given) : "out of memory";

	if (fault) {
		(void)snprintf(error, YW_ERROR_TEXT_MAX, "%s", fault);
		free(webhook);
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
	const char *headers[] = {("Content-Type: " CLOUDEVENT_CONTENT_TYPE), id_header, time_header, NULL, NULL};

	(void)snprintf(id_header, sizeof id_header, "webhook-id: %s", id);
	(void)snprintf(time_header, sizeof time_header, "webhook-timestamp: %" PRId64, now_s);
	if (webhook->key.len > 0) {
		(void)signature_make(&webhook->key, id, now_s, body, len, signature);
		(void)snprintf(signature_header, sizeof signature_header, "webhook-signature: %s", signature);
		headers[3] = signature_header;
	}
	http_post(&(struct http_request){.url = webhook->url,
					 .ca_file = webhook->ca_file,
					 .headers = headers,
					 .body = body,
					 .body_len = len,
					 .timeout_ms = left_ms - deadline_reserve_ms(left_ms)},
		  ret);
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
	outcome_fill(&answer, result);
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
