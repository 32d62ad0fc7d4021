/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_watch.c: the watch list. A crate that is added is polled at once, so
 * that a mistyped name is told to the one who typed it.
 */
#include "ask.h"
#include "commands.h"
#include "pager.h"

#include <stdio.h>
#include <string.h>

static const struct column watch_columns[] = {
	{"REGISTRY", "registry", column_text},
	{"CRATE", "crate", column_text},
	{"STATE", "state", column_word},
	{"LISTED BY", "listed_by", column_list},
	{0},
};

int cmd_watch_list(const struct session *session, const struct args *args, struct err *err)
{
	OWNED_PAGER struct pager pager = {.http = session->http, .member = "watches", .left = UINT64_MAX};

	strbuf_adds(&pager.path, "/v1/watches");
	http_add_query(&pager.path, "registry", args_value(args, "registry"));
	http_add_query(&pager.path, "crate", args->operand_count ? args->operands[0] : NULL);
	return session_print_pages(session, watch_columns, &pager, err);
}

/* Why the poll of that crate failed; NULL when it is not said. */
static const char *poll_error(const cJSON *poll, const char *registry, const char *crate)
{
	const cJSON *error;

	cJSON_ArrayForEach (error, json_member(poll, "errors")) {
		const char *in = json_string(error, "registry");
		const char *of = json_string(error, "crate");
		if (in && of && strcmp(in, registry) == 0 && strcmp(of, crate) == 0)
			return json_string(error, "text");
	}
	return NULL;
}

/* "315 versions, 12 yanked" */
static void add_counts(struct strbuf *line, const cJSON *crate)
{
	size_t versions = 0;
	size_t yanked = 0;
	const cJSON *version;

	cJSON_ArrayForEach (version, json_member(crate, "versions")) {
		if (json_bool(version, "deleted", false))
			continue;
		versions++;
		yanked += json_bool(version, "yanked", false);
	}
	strbuf_addf(line, "%zu version%s, %zu yanked", versions, versions == 1 ? "" : "s", yanked);
}

/* One line on a crate that was added: what is there, that nothing is, or why that is not known. */
static void print_added(const struct style *style, const cJSON *crate, const char *poll_failure)
{
	OWNED_STRBUF struct strbuf line = {0};
	const char *name = json_string(crate, "crate");
	const char *registry = json_string(crate, "registry");
	const char *state = json_string(crate, "state");

	if (!name || !registry || !state)
		return;
	if (strcmp(state, "absent") == 0) {
		strbuf_addf(&line, "%s is not in %s: watched, you are told when it appears", name, registry);
		http_add_near(&line, crate);
	} else {
		strbuf_addf(&line, "watching %s in %s: ", name, registry);
		if (strcmp(state, "present") == 0)
			add_counts(&line, crate);
		else
			strbuf_addf(&line, "not seen yet: %s", poll_failure ? poll_failure : "it is polled later");
	}
	style_line(style, COLOUR_NONE, strbuf_str(&line));
}

static int tell_added(const struct session *session, const cJSON *watch, const cJSON *poll, struct err *err)
{
	OWNED_JSON cJSON *crate = NULL;
	const char *registry = json_string(watch, "registry");
	const char *name = json_string(watch, "crate");

	if (!registry || !name)
		return 0;
	int rc = ask_crate(session->http, registry, name, NULL, &crate, err);
	if (rc)
		return rc;
	if (session->json)
		return style_json(crate, err);
	print_added(&session->style, crate, poll_error(poll, registry, name));
	return 0;
}

int cmd_watch_add(const struct session *session, const struct args *args, struct err *err)
{
	OWNED_JSON cJSON *added = NULL;
	OWNED_JSON cJSON *poll = NULL;
	const cJSON *watch;
	const char *registry = args_value(args, "registry");
	char **crates = args->operands;
	size_t count = args->operand_count;

	int rc = ask_post_crates(session->http, "/v1/watches", registry, crates, count, false, &added, err);
	if (rc)
		return rc;
	rc = ask_post_crates(session->http, "/v1/poll", registry, crates, count, true, &poll, err);
	if (rc)
		return err_prefix(err, "watched, but not seen yet");
	cJSON_ArrayForEach (watch, json_member(added, "watches")) {
		rc = tell_added(session, watch, poll, err);
		if (rc)
			break;
	}
	return rc;
}

/* The one registry where the crate is watched; NULL when there are several. */
static const char *only_registry(const cJSON *watches)
{
	return cJSON_GetArraySize(watches) == 1 ? json_string(watches->child, "registry") : NULL;
}

static int delete_watch(struct http *http, const char *registry, const char *crate, struct err *err)
{
	OWNED_STRBUF struct strbuf path = {0};
	OWNED_JSON cJSON *answer = NULL;

	strbuf_adds(&path, "/v1/watches");
	http_add_segment(&path, registry);
	http_add_segment(&path, crate);
	return http_call(http, &(struct http_request){.method = "DELETE", .path = &path}, &answer, err);
}

/* The daemon answers a removal with nothing, so the JSON is ours, in the form of an addition. */
static int tell_removed(const struct session *session, const char *registry, const char *crate, struct err *err)
{
	OWNED_STRBUF struct strbuf line = {0};
	OWNED_JSON cJSON *object = cJSON_CreateObject();

	if (session->json) {
		if (!cJSON_AddStringToObject(object, "registry", registry) ||
		    !cJSON_AddStringToObject(object, "crate", crate) || !cJSON_AddTrueToObject(object, "removed"))
			return err_nomem(err);
		return style_json(object, err);
	}
	strbuf_addf(&line, "no longer watching %s in %s", crate, registry);
	style_line(&session->style, COLOUR_NONE, strbuf_str(&line));
	return 0;
}

static int remove_crate(const struct session *session, const char *registry, const char *crate, struct err *err)
{
	OWNED_JSON cJSON *watches = NULL;
	int rc = 0;

	if (!registry) {
		rc = ask_watches_of(session->http, crate, &watches, err);
		if (rc)
			return rc;
		registry = only_registry(watches);
	}
	if (!registry)
		return err_set(err, ERR_BAD, "%s: watched in several registries: say which one with --registry", crate);
	rc = delete_watch(session->http, registry, crate, err);
	return rc ? rc : tell_removed(session, registry, crate, err);
}

int cmd_watch_remove(const struct session *session, const struct args *args, struct err *err)
{
	const char *registry = args_value(args, "registry");
	int rc = 0;

	for (size_t i = 0; i < args->operand_count && rc == 0; i++)
		rc = remove_crate(session, registry, args->operands[i], err);
	return rc;
}
