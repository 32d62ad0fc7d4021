/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chat.c: the plugin "chat": each notification is one message in a chat. README.md
 * is for users. What differs between services is a row of service.c; view.c, fit.c
 * and lib/mustache.c make the message, outcome.c reads the answer.
 */
#include "fit.h"
#include "lib/deadline.h"
#include "lib/http_options.h"
#include "lib/options.h"
#include "lib/text.h"
#include "outcome.h"

#include <stdlib.h>
#include <string.h>

#define CHAT_HEADER_MAX 4096 /* bytes of a token with its header */

struct chat {
	const struct yw_host *host;
	const struct service *service;
	struct http_request request; /* what all requests have in common; the host's, until close() */
	struct view_options view;
	char auth[CHAT_HEADER_MAX]; /* the header with the token; "": none */
	struct mustache *template;
};

static const struct yw_option options[] = {
	{"service", YW_OPTION_STRING, YW_OPTION_REQUIRED, NULL,
	 "slack, mattermost, discord, teams, matrix, ntfy or gotify"},
	HTTP_OPTION_URL,
	{"token", YW_OPTION_STRING, YW_OPTION_SECRET, NULL,
	 "matrix: the access token; gotify: the application's; ntfy: the user's, where one is needed"},
	{"room", YW_OPTION_STRING, 0, NULL, "matrix: the room's id, !room:example.com"},
	{"topic", YW_OPTION_STRING, 0, NULL, "ntfy: the topic"},
	{"link", YW_OPTION_URL, 0, NULL, "a page of yours that the message leads to, say what to do after a yank"},
	{"template", YW_OPTION_PATH, 0, NULL, "a file to make the message from, instead of the service's own"},
	HTTP_OPTION_PROXY,
	HTTP_OPTION_CA_FILE,
};

static void chat_close(void *self)
{
	struct chat *chat = self;

	mustache_free(chat->template);
	free(chat);
}

/* ---- open ---- */

/* Each check leaves a sentence in `error` and returns false. */
static bool refuse(char *error, const char *key, const char *what)
{
	(void)snprintf(error, YW_ERROR_TEXT_MAX, "%s: %s", key, what);
	return false;
}

static bool is_header_text(const char *text)
{
	for (const char *p = text; *p; p++)
		if (*p <= ' ' || *p > '~')
			return false;
	return *text;
}

/* What one service needs another does not know: both are told. */
static bool check_need(const struct service *service, const char *key, const char *text, bool needed, bool allowed,
		       char *error)
{
	char what[128];

	if (text ? allowed : !needed)
		return !text || *text || refuse(error, key, "it is empty");
	(void)snprintf(what, sizeof what, text ? "%s has none" : "%s needs it", service->name);
	return refuse(error, key, what);
}

static bool check_needs(const struct chat *chat, const char *token, char *error)
{
	const struct service *service = chat->service;
	const char *room = chat->view.room, *topic = chat->view.topic;

	if (room && *room != '!' && service->needs_room)
		return refuse(error, "room", "must be a room's id, which begins with '!', not an alias");
	return check_need(service, "room", room, service->needs_room, service->needs_room, error) &&
	       check_need(service, "topic", topic, service->needs_topic, service->needs_topic, error) &&
	       check_need(service, "token_file", token, service->needs_token, service->auth, error);
}

static bool set_token(struct chat *chat, const char *token, char *error)
{
	if (!token)
		return true;
	if (!is_header_text(token))
		return refuse(error, "token_file", "a token is one word of printable ASCII");
	int len = snprintf(chat->auth, sizeof chat->auth, "%s%s", chat->service->auth, token);
	return (size_t)len < sizeof chat->auth || refuse(error, "token_file", "it is too long");
}

static bool chat_set(struct chat *chat, const struct yw_options *given, char *error)
{
	const char *name = option_text(given, "service");
	const char *token = option_text(given, "token");
	const char *fault = http_options_read(given, &chat->request);

	chat->service = service_find(name);
	if (!chat->service) {
		(void)snprintf(error, YW_ERROR_TEXT_MAX, "service: there is no %.64s, only %s", name, service_names());
		return false;
	}
	if (fault) {
		(void)snprintf(error, YW_ERROR_TEXT_MAX, "%s", fault);
		return false;
	}
	chat->view.room = option_text(given, "room");
	chat->view.topic = option_text(given, "topic");
	chat->view.link = option_text(given, "link");
	return check_needs(chat, token, error) && set_token(chat, token, error);
}

static bool parse_template(struct chat *chat, const char *where, const char *text, char *error)
{
	char fault[FIT_ERROR_MAX];

	chat->template = mustache_parse(text, view_knows, fault);
	if (chat->template && fit_try(chat->template, chat->service, &chat->view, fault))
		return true;
	(void)snprintf(error, YW_ERROR_TEXT_MAX, "template: %.200s: %s", where, *fault ? fault : "out of memory");
	return false;
}

static bool load_template(struct chat *chat, const char *path, char *error)
{
	char *text = NULL;

	if (!path)
		return parse_template(chat, "built-in", chat->service->template, error);
	const char *fault = text_of_file(path, MUSTACHE_TEXT_MAX, &text);
	if (fault) {
		(void)snprintf(error, YW_ERROR_TEXT_MAX, "template: %.200s: %s", path, fault);
		return false;
	}
	bool ok = parse_template(chat, path, text, error);
	free(text);
	return ok;
}

static void *chat_open(const struct yw_options *given, const struct yw_host *host, char *error)
{
	struct chat *chat = calloc(1, sizeof *chat);

	if (!chat) {
		(void)snprintf(error, YW_ERROR_TEXT_MAX, "out of memory");
		return NULL;
	}
	chat->host = host;
	if (chat_set(chat, given, error) && load_template(chat, option_text(given, "template"), error))
		return chat;
	chat_close(chat);
	return NULL;
}

/* ---- deliver ---- */

static void chat_send(const struct chat *chat, const char *url, const char *body, struct http_answer *ret)
{
	int64_t left_ms = chat->host->deadline_left_ms(chat->host);
	const char *headers[] = {"Content-Type: application/json", *chat->auth ? chat->auth : NULL, NULL};
	struct http_request request = chat->request;

	request.method = chat->service->method;
	request.url = url;
	request.headers = headers;
	request.body = body;
	request.body_len = strlen(body);
	request.timeout_ms = left_ms - deadline_reserve_ms(left_ms);
	http_post(&request, ret);
}

static void chat_deliver(void *self, const struct yw_message *message, struct yw_result *result)
{
	const struct chat *chat = self;
	char error[FIT_ERROR_MAX];
	struct http_answer answer;
	char *body = fit_body(chat->template, chat->service, &chat->view, message, error);
	char *url = service_url(chat->service, chat->request.url, chat->view.room, message->id);

	if (body && url) {
		chat_send(chat, url, body, &answer);
		outcome_fill(chat->service, &answer, result);
	} else if (body || !*error) {
		(void)snprintf(result->text, sizeof result->text, "out of memory");
	} else {
		result->outcome = YW_REJECT; /* the same template will say the same: let the fallback tell it */
		(void)snprintf(result->text, sizeof result->text, "%s", error);
	}
	free(url);
	free(body);
}

const struct yw_notifier yankwatch_notifier = {
	.abi_version = YANKWATCH_NOTIFIER_ABI,
	.size = sizeof yankwatch_notifier,
	.name = "chat",
	.version = YANKWATCH_VERSION,
	.summary = "writes to Slack, Mattermost, Discord, Microsoft Teams, Matrix, ntfy or Gotify",
	.options = options,
	.n_options = sizeof options / sizeof options[0],
	.open = chat_open,
	.deliver = chat_deliver,
	.close = chat_close,
	.needs = YW_NEEDS_NETWORK,
};
