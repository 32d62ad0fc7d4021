/* SPDX-License-Identifier: Apache-2.0 */
/* json.c: see json.h. */
#include "base/json.h"

#include "base/json_lex.h"
#include "base/numbers.h"
#include "base/text.h"

#include <inttypes.h>
#include <string.h>

static int compare_keys(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorting keeps a hostile object of a million keys from costing their square. */
static int check_object_keys(const cJSON *object, struct err *err)
{
	size_t count = 0;
	size_t n = 0;
	const cJSON *member;

	cJSON_ArrayForEach (member, object)
		count++;
	if (count < 2)
		return 0;
	OWNED_MEM const char **keys = malloc(count * sizeof *keys);
	if (!keys)
		return err_nomem(err);
	cJSON_ArrayForEach (member, object)
		keys[n++] = member->string;
	qsort(keys, count, sizeof *keys, compare_keys);
	for (size_t i = 1; i < count; i++)
		if (strcmp(keys[i - 1], keys[i]) == 0)
			return err_set(err, ERR_BAD, "duplicate key \"%.64s\"", keys[i]);
	return 0;
}

static int check_keys(const cJSON *value, int depth, struct err *err)
{
	const cJSON *child;

	if (depth > JSON_DEPTH_MAX)
		return err_set(err, ERR_LIMIT, "nested deeper than %d", JSON_DEPTH_MAX);
	if (cJSON_IsObject(value)) {
		int rc = check_object_keys(value, err);
		if (rc)
			return rc;
	}
	cJSON_ArrayForEach (child, value) {
		int rc = check_keys(child, depth + 1, err);
		if (rc)
			return rc;
	}
	return 0;
}

int json_parse(const char *text, size_t len, cJSON **ret, struct err *err)
{
	const char *end = NULL;

	if (memchr(text, '\0', len))
		return err_set(err, ERR_BAD, "a NUL byte");
	if (!text_is_utf8(text, len))
		return err_set(err, ERR_BAD, "not valid UTF-8");
	int rc = json_lex(text, len, err);
	if (rc)
		return rc;
	OWNED_JSON cJSON *value = cJSON_ParseWithLengthOpts(text, len, &end, 0);
	if (!value)
		return err_set(err, ERR_BAD, "not JSON at byte %zu", end ? (size_t)(end - text) : 0);
	while (end < text + len && strchr(" \t\r\n", *end))
		end++;
	if (end != text + len)
		return err_set(err, ERR_BAD, "something follows the value at byte %zu", (size_t)(end - text));
	rc = check_keys(value, 1, err);
	if (rc)
		return rc;
	*ret = TAKE(value);
	return 0;
}

const cJSON *json_member(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

const char *json_string(const cJSON *object, const char *key)
{
	return cJSON_GetStringValue(json_member(object, key));
}

bool json_bool(const cJSON *object, const char *key, bool absent)
{
	const cJSON *member = json_member(object, key);
	return cJSON_IsBool(member) ? (bool)cJSON_IsTrue(member) : absent;
}

int64_t json_int(const cJSON *object, const char *key, int64_t absent)
{
	const cJSON *member = json_member(object, key);
	if (!cJSON_IsNumber(member) || !(member->valuedouble > -9e15 && member->valuedouble < 9e15))
		return absent;
	return (int64_t)member->valuedouble;
}

static void put_escaped(struct strbuf *out, const char *text)
{
	size_t len = strlen(text);
	bool utf8 = text_is_utf8(text, len);

	strbuf_addc(out, '"');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c == '"' || c == '\\') {
			strbuf_addc(out, '\\');
			strbuf_addc(out, (char)c);
		} else if (c < 0x20 || c == 0x7f) {
			strbuf_addf(out, "\\u%04x", c);
		} else if (c >= 0x80 && !utf8) {
			strbuf_adds(out, "\xef\xbf\xbd");
		} else {
			strbuf_addc(out, (char)c);
		}
	}
	strbuf_addc(out, '"');
}

static void put_key(struct json_writer *w, const char *key)
{
	if (w->comma)
		strbuf_addc(w->out, ',');
	w->comma = true;
	if (key) {
		put_escaped(w->out, key);
		strbuf_addc(w->out, ':');
	}
}

void json_open(struct json_writer *w, const char *key, char bracket)
{
	put_key(w, key);
	strbuf_addc(w->out, bracket);
	w->comma = false;
}

void json_close(struct json_writer *w, char bracket)
{
	strbuf_addc(w->out, bracket);
	w->comma = true;
}

void json_put_string(struct json_writer *w, const char *key, const char *value)
{
	put_key(w, key);
	put_escaped(w->out, value);
}

void json_put_string_or_null(struct json_writer *w, const char *key, const char *value)
{
	if (value)
		json_put_string(w, key, value);
	else
		json_put_null(w, key);
}

void json_put_int(struct json_writer *w, const char *key, int64_t value)
{
	put_key(w, key);
	strbuf_addf(w->out, "%" PRId64, value);
}

void json_put_bool(struct json_writer *w, const char *key, bool value)
{
	put_key(w, key);
	strbuf_adds(w->out, value ? "true" : "false");
}

void json_put_null(struct json_writer *w, const char *key)
{
	put_key(w, key);
	strbuf_adds(w->out, "null");
}

void json_put_time(struct json_writer *w, const char *key, int64_t wall_ms)
{
	char text[TIME_TEXT_MAX];
	json_put_string(w, key, time_format_rfc3339(wall_ms, text));
}

void json_put_raw(struct json_writer *w, const char *key, const char *json)
{
	put_key(w, key);
	strbuf_adds(w->out, json);
}
