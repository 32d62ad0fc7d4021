/* SPDX-License-Identifier: Apache-2.0 */
/* openapi.c: see openapi.h. A failed allocation is sticky, as a strbuf's. */
#include "api/openapi.h"

#include "embedded.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define HEAD                                                                                                       \
	"{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"yankwatch\",\"version\":\"" YANKWATCH_VERSION                \
	"\",\"license\":{\"name\":\"Apache-2.0\",\"identifier\":\"Apache-2.0\"}},\"servers\":[{\"url\":"           \
	"\"http://localhost\",\"description\":\"HTTP on the UNIX socket: curl --unix-socket PATH http://localhost" \
	"/v1/status\"}],\"paths\":{}}"
#define ADMIN "Needs root, the daemon's own user or membership of socket.admin_group."

#define WORD_MAX 128

struct description {
	cJSON *root;
	bool failed;
};

/* The member's object; a new one when there is none. */
static cJSON *object_in(struct description *d, cJSON *parent, const char *key)
{
	cJSON *object = cJSON_GetObjectItemCaseSensitive(parent, key);

	if (!object)
		object = cJSON_AddObjectToObject(parent, key);
	d->failed |= !object;
	return object;
}

static void put_string(struct description *d, cJSON *parent, const char *key, const char *value)
{
	d->failed |= !cJSON_AddStringToObject(parent, key, value);
}

static void put_bool(struct description *d, cJSON *parent, const char *key, bool value)
{
	d->failed |= !cJSON_AddBoolToObject(parent, key, value);
}

/* {"$ref": "#/components/" and the two}, which its parent is to take. */
static cJSON *reference(struct description *d, const char *what, const char *name)
{
	char target[2 * WORD_MAX];
	cJSON *object = cJSON_CreateObject();

	(void)snprintf(target, sizeof target, "#/components/%s%s", what, name);
	put_string(d, object, "$ref", target);
	return object;
}

static void put_item(struct description *d, cJSON *array, cJSON *item)
{
	bool added = cJSON_AddItemToArray(array, item);

	d->failed |= !added;
	if (!added)
		cJSON_Delete(item);
}

static void put_reference(struct description *d, cJSON *parent, const char *key, const char *what, const char *name)
{
	cJSON *item = reference(d, what, name);
	bool added = cJSON_AddItemToObject(parent, key, item);

	d->failed |= !added;
	if (!added)
		cJSON_Delete(item);
}

/* Up to the next one of `ends`, cut off; NULL: there is nothing any more. */
static const char *next_word(const char **rest, const char *ends, char word[static WORD_MAX])
{
	if (!*rest)
		return NULL;
	*rest += strspn(*rest, ", ");
	size_t len = strcspn(*rest, ends);
	(void)snprintf(word, WORD_MAX, "%.*s", (int)len, *rest);
	*rest += len;
	return len ? word : NULL;
}

/* The {…} of the path, then the arguments behind the ?. */
static void put_parameters(struct description *d, cJSON *operation, const struct route_row *row)
{
	cJSON *parameters = cJSON_AddArrayToObject(operation, "parameters");
	const char *at = row->pattern;
	const char *rest = row->query;
	char word[WORD_MAX];

	while ((at = strchr(at, '{'))) {
		at++;
		put_item(d, parameters, reference(d, "parameters/path.", next_word(&at, "}", word)));
	}
	while (next_word(&rest, ",", word))
		put_item(d, parameters, reference(d, "parameters/query.", word));
	d->failed |= !parameters;
}

static void put_members(struct description *d, cJSON *schema, const struct route_row *row)
{
	cJSON *properties = object_in(d, schema, "properties");
	const char *rest = row->body;
	const char *required_rest = row->required;
	char word[WORD_MAX];

	put_string(d, schema, "type", "object");
	put_bool(d, schema, "additionalProperties", false);
	while (next_word(&rest, ",", word))
		put_reference(d, properties, word, "schemas/body.", word);
	cJSON *required = cJSON_AddArrayToObject(schema, "required");
	d->failed |= !required;
	while (next_word(&required_rest, ",", word))
		put_item(d, required, cJSON_CreateString(word));
}

static void put_body(struct description *d, cJSON *operation, const struct route_row *row)
{
	if (row->body == route_lockfile) {
		put_reference(d, operation, "requestBody", "requestBodies/", "Lockfile");
	} else if (row->body) {
		cJSON *body = object_in(d, operation, "requestBody");
		put_bool(d, body, "required", row->required != NULL);
		cJSON *json = object_in(d, object_in(d, body, "content"), "application/json");
		put_members(d, object_in(d, json, "schema"), row);
	}
}

/* One of row->answers: its status, and what comes with it. */
static void put_answer(struct description *d, cJSON *responses, const char *text)
{
	static const struct {
		const char *status, *means;
	} meanings[] = {
		{"200", "Done"}, {"201", "Made"}, {"202", "Begun"}, {"204", "Done, and nothing to say"}, {"503", "No"},
	};
	char status[4] = "", schema[64] = "", type[64] = "application/json";

	(void)sscanf(text, "%3s %63s %63s", status, schema, type);
	cJSON *response = object_in(d, responses, status);
	for (size_t i = 0; i < ARRAY_LEN(meanings); i++)
		if (strcmp(meanings[i].status, status) == 0 && !json_member(response, "description"))
			put_string(d, response, "description", meanings[i].means);
	if (!*schema)
		return;
	cJSON *content = object_in(d, object_in(d, response, "content"), type);
	if (strcmp(schema, "-") != 0)
		put_reference(d, content, "schema", "schemas/", schema);
}

static void put_answers(struct description *d, cJSON *operation, const struct route_row *row)
{
	cJSON *responses = object_in(d, operation, "responses");
	const char *rest = row->answers;
	char text[WORD_MAX];

	while (next_word(&rest, ",", text))
		put_answer(d, responses, text);
	put_reference(d, responses, "default", "responses/", "Problem");
}

/* "get_v1_crates_registry_name": names that programs can make functions of. */
static void put_id(struct description *d, cJSON *operation, const char *method, const char *pattern)
{
	OWNED_STRBUF struct strbuf id = {0};

	strbuf_adds(&id, method);
	for (const char *at = pattern; *at; at++) {
		if (!isalnum((unsigned char)*at))
			continue;
		if (at == pattern || !isalnum((unsigned char)at[-1]))
			strbuf_addc(&id, '_');
		strbuf_addc(&id, *at);
	}
	d->failed |= strbuf_failed(&id);
	put_string(d, operation, "operationId", strbuf_str(&id));
}

static void put_row(struct description *d, cJSON *paths, const struct route_row *row)
{
	char method[8];
	size_t i;

	for (i = 0; row->method[i] && i + 1 < sizeof method; i++)
		method[i] = (char)tolower((unsigned char)row->method[i]);
	method[i] = '\0';
	cJSON *operation = object_in(d, object_in(d, paths, row->pattern), method);
	put_id(d, operation, method, row->pattern);
	put_string(d, operation, "summary", row->summary);
	if (row->admin)
		put_string(d, operation, "description", ADMIN);
	put_parameters(d, operation, row);
	put_body(d, operation, row);
	put_answers(d, operation, row);
}

cJSON *openapi_make(const struct route_row *rows, size_t n)
{
	struct description d = {.root = cJSON_Parse(HEAD)};
	cJSON *components = cJSON_Parse(embedded_openapi_components);

	if (!cJSON_AddItemToObject(d.root, "components", components)) {
		cJSON_Delete(components);
		d.failed = true;
	}
	cJSON *paths = object_in(&d, d.root, "paths");
	for (size_t i = 0; i < n; i++)
		put_row(&d, paths, &rows[i]);
	if (!d.failed)
		return d.root;
	cJSON_Delete(d.root);
	return NULL;
}
