/* SPDX-License-Identifier: Apache-2.0 */
/*
 * service.c: see service.h. The limits are those that each service documents; where
 * it documents none, what its default configuration takes.
 */
#include "service.h"

#include "lib/escape.h"
#include "lib/text.h"
#include "templates.h"

#include <string.h>

static const struct limit slack_limits[] = {
	{LIMIT_ITEMS, 50, "blocks"},
	{LIMIT_TEXT, 150, "blocks[header].text.text"},
	{LIMIT_TEXT, 3000, "blocks[].text.text"},
	{LIMIT_ITEMS, 10, "blocks[].fields"},
	{LIMIT_TEXT, 2000, "blocks[].fields[].text"},
	{LIMIT_ITEMS, 10, "blocks[context].elements"},
	{LIMIT_TEXT, 3000, "blocks[context].elements[].text"},
	{LIMIT_TEXT, 4000, "text"},
	{0, 0, NULL},
};

/* A longer one is cut in pieces by the server; MessageSettings of older ones allowed 4,000. */
static const struct limit mattermost_limits[] = {
	{LIMIT_TEXT, 16383, "text"},
	{LIMIT_TEXT, 16383, "attachments[].text"},
	{LIMIT_BODY, 60000, ""},
	{0, 0, NULL},
};

static const struct limit discord_limits[] = {
	{LIMIT_TEXT, 2000, "content"},
	{LIMIT_ITEMS, 10, "embeds"},
	{LIMIT_TEXT, 256, "embeds[].title"},
	{LIMIT_TEXT, 4096, "embeds[].description"},
	{LIMIT_ITEMS, 25, "embeds[].fields"},
	{LIMIT_TEXT, 256, "embeds[].fields[].name"},
	{LIMIT_TEXT, 1024, "embeds[].fields[].value"},
	{LIMIT_TEXT, 2048, "embeds[].footer.text"},
	{LIMIT_TEXT, 256, "embeds[].author.name"},
	{LIMIT_TOTAL, 6000, "embeds[].title"},
	{LIMIT_TOTAL, 6000, "embeds[].description"},
	{LIMIT_TOTAL, 6000, "embeds[].fields[].name"},
	{LIMIT_TOTAL, 6000, "embeds[].fields[].value"},
	{LIMIT_TOTAL, 6000, "embeds[].footer.text"},
	{LIMIT_TOTAL, 6000, "embeds[].author.name"},
	{0, 0, NULL},
};

static const struct limit teams_limits[] = {{LIMIT_BODY, 28000, ""}, {0, 0, NULL}};

/* An event is at most 65,536 bytes with all that the servers add; an encrypted room's is longer than its text. */
static const struct limit matrix_limits[] = {{LIMIT_BODY, 40000, ""}, {0, 0, NULL}};

/* A longer message becomes an attachment, and a longer body is refused. */
static const struct limit ntfy_limits[] = {
	{LIMIT_BYTES, 4096, "message"},
	{LIMIT_BODY, 8192, ""},
	{0, 0, NULL},
};

static const struct limit gotify_limits[] = {{LIMIT_BODY, 60000, ""}, {0, 0, NULL}};

static const struct answer_rule slack_answers[] = {
	{200, 299, "\"ok\":false", YW_REJECT, "Slack refuses the message"},
	{0, 0, NULL, YW_RETRY, NULL},
};

static const struct answer_rule mattermost_answers[] = {
	{400, 400, "incoming_webhook.invalid", YW_DISABLE, "Mattermost knows no such webhook"},
	{0, 0, NULL, YW_RETRY, NULL},
};

static const struct answer_rule teams_answers[] = {
	{400, 400, "WorkflowTriggerIsNotEnabled", YW_DISABLE, "the workflow is switched off"},
	{0, 0, NULL, YW_RETRY, NULL},
};

static const struct service services[] = {
	{.name = "slack",
	 .template = template_slack,
	 .markup = MARKUP_SLACK,
	 .limits = slack_limits,
	 .answers = slack_answers,
	 .proof = "ok"},
	{.name = "mattermost",
	 .template = template_mattermost,
	 .markup = MARKUP_MATTERMOST,
	 .limits = mattermost_limits,
	 .answers = mattermost_answers,
	 .proof = "ok"},
	{.name = "discord",
	 .template = template_discord,
	 .markup = MARKUP_DISCORD,
	 .path = "?wait=true", /* answered when the message is there, not when it is taken in */
	 .limits = discord_limits,
	 .proof = "\"id\""},
	{.name = "teams",
	 .template = template_teams,
	 .markup = MARKUP_CARD,
	 .limits = teams_limits,
	 .answers = teams_answers},
	{.name = "matrix",
	 .template = template_matrix,
	 .markup = MARKUP_HTML,
	 .method = "PUT",
	 .path = "/_matrix/client/v3/rooms/{room}/send/m.room.message/{id}",
	 .auth = "Authorization: Bearer ",
	 .needs_token = true,
	 .needs_room = true,
	 .limits = matrix_limits,
	 .proof = "\"event_id\""},
	{.name = "ntfy",
	 .template = template_ntfy,
	 .path = "/", /* JSON goes to the root, the topic stands in it */
	 .auth = "Authorization: Bearer ",
	 .needs_topic = true,
	 .limits = ntfy_limits,
	 .proof = "\"id\""},
	{.name = "gotify",
	 .template = template_gotify,
	 .path = "/message",
	 .auth = "X-Gotify-Key: ",
	 .needs_token = true,
	 .limits = gotify_limits,
	 .proof = "\"id\""},
};

#define N_SERVICES (sizeof services / sizeof services[0])

const struct service *service_find(const char *name)
{
	for (size_t i = 0; i < N_SERVICES; i++)
		if (strcmp(services[i].name, name) == 0)
			return &services[i];
	return NULL;
}

const char *service_names(void)
{
	return "slack, mattermost, discord, teams, matrix, ntfy, gotify";
}

static void put_path(FILE *out, const char *path, const char *room, const char *id)
{
	while (*path) {
		size_t len = strcspn(path, "{");
		(void)fwrite(path, 1, len, out);
		path += len;
		if (!*path)
			return;
		escape_uri(out, strncmp(path, "{id}", 4) == 0 ? id : room ? room : "");
		path += strcspn(path, "}") + 1;
	}
}

static void put_url(FILE *out, const struct service *service, const char *url, const char *room, const char *id)
{
	const char *path = service->path;
	size_t len = strlen(url);

	while (path && *path == '/' && len > 0 && url[len - 1] == '/')
		len--;
	(void)fwrite(url, 1, len, out);
	if (path && *path == '?' && strchr(url, '?')) {
		(void)fputc('&', out);
		path++;
	}
	if (path)
		put_path(out, path, room, id);
}

char *service_url(const struct service *service, const char *url, const char *room, const char *id)
{
	char *whole = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&whole, &len);

	if (out)
		put_url(out, service, url, room, id);
	return text_end(out, &whole);
}
