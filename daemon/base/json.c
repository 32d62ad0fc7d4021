/* SPDX-License-Identifier: Apache-2.0 */
/* json.c: see json.h. */
#include "base/json.h"

#include "base/numbers.h"
#include "base/text.h"

#include <inttypes.h>
#include <string.h>

/* A NUL fails the scan wherever it stands; it is worth a word of its own. */
static int check(const char *text, size_t len, struct err *err)
{
	OWNED(json_scan_release) struct json_scan scan = {0};

	int rc = json_scan(&scan, text, len, err);
	return rc && memchr(text, '\0', len) ? err_set(err, ERR_BAD, "a NUL byte") : rc;
}

int json_parse(const char *text, size_t len, cJSON **ret, struct err *err)
{
	int rc = check(text, len, err);
	if (rc)
		return rc;
	cJSON *value = cJSON_ParseWithLength(text, len);
	if (!value)
		return err_set(err, ERR_BAD,
			       "cJSON cannot hold it"); /* memory, or a number too long for an older one */
	*ret = value;
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

static bool is_itself(unsigned char c, bool utf8)
{
	return c >= 0x20 && c != '"' && c != '\\' && c != 0x7f && (c < 0x80 || utf8);
}

static void put_escape(struct strbuf *out, unsigned char c)
{
	if (c == '"' || c == '\\')
		strbuf_addf(out, "\\%c", c);
	else if (c < 0x80)
		strbuf_addf(out, "\\u%04x", c);
	else
		strbuf_adds(out, "\xef\xbf\xbd");
}

static void put_escaped(struct strbuf *out, const char *text)
{
	size_t len = strlen(text);
	bool utf8 = text_is_utf8(text, len);

	strbuf_addc(out, '"');
	for (size_t plain = 0;;) {
		size_t i = plain;
		while (i < len && is_itself((unsigned char)text[i], utf8))
			i++;
		strbuf_add(out, text + plain, i - plain);
		if (i == len)
			break;
		put_escape(out, (unsigned char)text[i]);
		plain = i + 1;
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
