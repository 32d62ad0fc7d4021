/* SPDX-License-Identifier: Apache-2.0 */
/*
 * routes.c: from method and path to a handler, and from an error to a problem
 * document. Patterns are compared piece by piece; nothing is a regular expression.
 */
#include "api/request.h"
#include "base/json.h"

#include <string.h>

static const struct {
	int code;
	int status;
} statuses[] = {
	{ERR_BAD, 400},  {ERR_LIMIT, 413}, {ERR_ABSENT, 404}, {ERR_REFUSED, 409},
	{ERR_BUSY, 503}, {ERR_NOMEM, 503}, {ERR_IO, 500},
};

static const struct {
	int status;
	const char *title;
} titles[] = {
	{400, "Bad request"}, {403, "Not allowed"}, {404, "Not found"}, {405, "Method not allowed"}, {408, "Too slow"},
	{409, "Conflict"},    {413, "Too large"},   {429, "Too many"},  {500, "Internal error"},     {503, "Not now"},
};

static const char *title_of(int status)
{
	for (size_t i = 0; i < ARRAY_LEN(titles); i++)
		if (titles[i].status == status)
			return titles[i].title;
	return "Error";
}

static int status_of(int code)
{
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
		if (statuses[i].code == code)
			return statuses[i].status;
	return 500;
}

void request_problem(struct request *request, int status, const char *detail, const char *const *near, size_t n_near)
{
	struct json_writer w = {.out = &request->answer};

	strbuf_reset(&request->answer);
	json_open(&w, NULL, '{');
	json_put_string(&w, "title", title_of(status));
	json_put_int(&w, "status", status);
	json_put_string(&w, "detail", detail);
	if (n_near) {
		json_open(&w, "near", '[');
		for (size_t i = 0; i < n_near; i++)
			json_put_string(&w, NULL, near[i]);
		json_close(&w, ']');
	}
	json_close(&w, '}');
	request->status = status;
	request->content_type = "application/problem+json";
}

/* Cuts `path` at its slashes as the pattern wants; false when it does not fit. */
static bool match(const char *pattern, char *path, const char *params[static REQUEST_PARAMS_MAX])
{
	size_t n = 0;

	while (*pattern && *path) {
		if (*pattern != '{') {
			if (*pattern++ != *path++)
				return false;
			continue;
		}
		size_t len = strcspn(path, "/");
		if (len == 0 || n == REQUEST_PARAMS_MAX)
			return false;
		params[n++] = path;
		pattern = strchr(pattern, '}') + 1;
		path += len;
		if (*path && !*pattern)
			return false;
		if (*path) {
			*path++ = '\0';
			pattern++; /* its slash */
		}
	}
	return !*pattern && !*path;
}

static bool matches(struct request *request, const struct route_row *row)
{
	free(request->path_copy);
	request->path_copy = strdup(request->path);
	return request->path_copy && match(row->pattern, request->path_copy, request->params);
}

bool word_is_listed(const char *words, const char *name)
{
	size_t len = strlen(name);

	while (words && *words) {
		size_t word = strcspn(words, ", ");
		if (word == len && memcmp(words, name, len) == 0)
			return true;
		words += word;
		words += strspn(words, ", ");
	}
	return false;
}

/* A misspelt filter would answer with too much, and look right. */
static int check_query(const struct request *request, struct err *err)
{
	const char *words = request->row->query;
	const char *other = request->other_argument(request, words);

	if (!other)
		return 0;
	if (!words)
		return err_set(err, ERR_BAD, "\"%.40s\": this path takes nothing behind a ?", other);
	return err_set(err, ERR_BAD, "\"%.40s\": there is no such argument, allowed: %s", other, words);
}

static void take_row(struct request *request, const struct route_row *row)
{
	request->row = row;
	if (row->admin && !request->may_change)
		request_problem(request, 403,
				"this changes something: it needs root, the daemon's own user or a member of "
				"socket.admin_group",
				NULL, 0);
}

void request_find_row(struct request *request)
{
	bool path_known = false;

	for (size_t i = 0; i < api_routes_count; i++) {
		if (!matches(request, &api_routes[i]))
			continue;
		path_known = true;
		if (strcmp(api_routes[i].method, request->method) == 0) {
			take_row(request, &api_routes[i]);
			return;
		}
	}
	if (path_known)
		request_problem(request, 405, "this path does not take that method, see docs/SOCKET.md", NULL, 0);
	else
		request_problem(request, 404, "no such path, see docs/SOCKET.md", NULL, 0);
}

void request_dispatch(struct request *request)
{
	struct err err = {0};

	request->status = 200;
	request->content_type = "application/json";
	int rc = check_query(request, &err);
	if (!rc)
		rc = request->row->handle(request, &err);
	if (!rc && strbuf_failed(&request->answer))
		rc = err_nomem(&err);
	if (rc && request->status < 400)
		request_problem(request, status_of(rc), err.text, NULL, 0);
}
