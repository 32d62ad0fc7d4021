/* SPDX-License-Identifier: Apache-2.0 */
/* body.c: see body.h. */
#include "api/body.h"

#include "base/text.h"
#include "model/index_path.h"

#include <string.h>

#define CRATES_MAX 1000   /* named in one request */
#define NAME_QUOTE_MAX 68 /* bytes quoted of a name that is none, "..." included */

struct member {
	const char *key;
	cJSON_bool (*is)(const cJSON *value);
	const char *what;
};

static cJSON_bool is_bool_or_number(const cJSON *value)
{
	return cJSON_IsBool(value) || cJSON_IsNumber(value);
}

/* Unknown ones are refused: {"crate": "x"} would mean every crate. */
static int check_members(const cJSON *body, const char *words, struct err *err)
{
	static const struct member members[] = {
		{"registry", cJSON_IsString, "a registry's name"},
		{"crates", cJSON_IsArray, "a list of crate names"},
		{"wait", is_bool_or_number, "true, false or seconds"},
		{"round", cJSON_IsNumber, "a round's number"},
		{"crate", cJSON_IsString, "a crate's name, with * and ? for any"},
		{"version", cJSON_IsString, "a version"},
		{"project", cJSON_IsString, "a project's name, with * and ? for any"},
		{"events", cJSON_IsArray, "a list of event kinds"},
		{"author", cJSON_IsString, "a text"},
		{"comment", cJSON_IsString, "a text"},
		{"after", cJSON_IsNumber, "a seq"},
		{"hash", cJSON_IsString, "a hash in hex"},
		{"to", cJSON_IsNumber, "a seq"},
		{"ends", cJSON_IsString, "an RFC 3339 time, or a duration from now as 2h or 7d"},
	};
	const cJSON *value;

	if (!cJSON_IsObject(body))
		return err_set(err, ERR_BAD, "not an object, allowed in one: %s", words);
	cJSON_ArrayForEach (value, body) {
		if (!word_is_listed(words, value->string))
			return err_set(err, ERR_BAD, "\"%.40s\": unknown, allowed: %s", value->string, words);
		for (size_t i = 0; i < ARRAY_LEN(members); i++)
			if (strcmp(members[i].key, value->string) == 0 && !members[i].is(value))
				return err_set(err, ERR_BAD, "\"%s\": must be %s", members[i].key, members[i].what);
	}
	return 0;
}

int body_parse(const struct request *request, cJSON **ret, struct err *err)
{
	OWNED_JSON cJSON *json = NULL;

	if (request->body.len == 0)
		return 0;
	int rc = json_parse(request->body.data, request->body.len, &json, err);
	if (!rc)
		rc = check_members(json, request->row->body, err);
	if (rc)
		return err_prefix(err, "the request's body");
	*ret = TAKE(json);
	return 0;
}

static int no_crate_name(const char *name, struct err *err)
{
	char safe[NAME_QUOTE_MAX];

	return err_set(err, ERR_BAD, "crates: \"%s\" " CRATE_NAME_FAULT, text_safe(name, safe, sizeof safe));
}

void named_crates_release(struct named_crates *named)
{
	cJSON_Delete(named->json);
	free(named->crates);
}

static int copy_names(const cJSON *list, struct named_crates *ret, struct err *err)
{
	const cJSON *item;

	cJSON_ArrayForEach (item, list) {
		if (!cJSON_IsString(item))
			return err_set(err, ERR_BAD, "crates: item %zu is not a text", ret->n_crates + 1);
		if (!crate_name_valid(item->valuestring))
			return no_crate_name(item->valuestring, err);
		ret->crates[ret->n_crates++] = item->valuestring;
	}
	return 0;
}

int body_crates(const struct request *request, struct named_crates *ret, struct err *err)
{
	int rc = body_parse(request, &ret->json, err);
	if (rc || !ret->json)
		return rc;
	const cJSON *list = json_member(ret->json, "crates");
	int count = cJSON_GetArraySize(list);
	ret->registry = json_string(ret->json, "registry");
	if (list && count == 0)
		return err_set(err, ERR_BAD, "crates: name at least one");
	if (count > CRATES_MAX)
		return err_set(err, ERR_LIMIT, "%d crates: at most %d in one request", count, CRATES_MAX);
	ret->crates = calloc((size_t)count + 1, sizeof *ret->crates);
	return ret->crates ? copy_names(list, ret, err) : err_nomem(err);
}

int body_lock(const struct request *request, struct lock *ret, struct err *err)
{
	if (request->body.len == 0)
		return err_set(err, ERR_BAD, "lockfile: there is none in the request's body");
	int rc = lock_read(request->body.data, request->body.len, ret, err);
	return rc ? err_prefix(err, "lockfile") : 0;
}
