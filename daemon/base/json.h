/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json.h: JSON in and out.
 *
 * Reading is cJSON's, made as strict as cargo's reader by json_scan(), which looks
 * first. Writing is ours, onto a strbuf: the canonical bytes of an event must not
 * change with a library's version, and the strbuf's sticky error saves a check per
 * key.
 */
#pragma once

#include "base/json_scan.h"
#include "base/strbuf.h"

#include <cjson/cJSON.h>

/*
 * Parses exactly one value that json_scan() takes. The caller frees *ret with
 * cJSON_Delete(). ERR_BAD (not JSON, trailing bytes, duplicate key, not UTF-8),
 * ERR_LIMIT (deeper than JSON_DEPTH_MAX), ERR_NOMEM.
 */
MUST_CHECK int json_parse(const char *text, size_t len, cJSON **ret, struct err *err);

/* The member's value when it is there and of that type, else NULL or `absent`. */
const cJSON *json_member(const cJSON *object, const char *key);
const char *json_string(const cJSON *object, const char *key);
bool json_bool(const cJSON *object, const char *key, bool absent);
int64_t json_int(const cJSON *object, const char *key, int64_t absent);

DEFINE_OWNED(owned_cjson, cJSON, cJSON_Delete)
#define OWNED_JSON OWNED(owned_cjson)

/*
 * A writer puts the commas. Keys and strings are escaped as RFC 8259 asks and
 * nothing more; bytes that are not UTF-8 become U+FFFD. In an array `key` is
 * NULL.
 */
struct json_writer {
	struct strbuf *out; /* borrowed */
	bool comma;         /* the next value needs a comma before it */
};

void json_open(struct json_writer *w, const char *key, char bracket); /* '{' or '[' */
void json_close(struct json_writer *w, char bracket);                 /* '}' or ']' */
void json_put_string(struct json_writer *w, const char *key, const char *value);
void json_put_string_or_null(struct json_writer *w, const char *key, const char *value);
void json_put_int(struct json_writer *w, const char *key, int64_t value);
void json_put_bool(struct json_writer *w, const char *key, bool value);
void json_put_null(struct json_writer *w, const char *key);
void json_put_time(struct json_writer *w, const char *key, int64_t wall_ms); /* RFC 3339 */
void json_put_raw(struct json_writer *w, const char *key, const char *json); /* already JSON */
