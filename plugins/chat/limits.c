/* SPDX-License-Identifier: Apache-2.0 */
/* limits.c: see limits.h. */
#include "limits.h"

#include <string.h>

#define STEP_MAX 64 /* bytes of one name in a path */

static size_t utf16_units(const char *text)
{
	size_t units = 0;

	for (const unsigned char *p = (const unsigned char *)text; *p; p++)
		units += (*p & 0xc0) != 0x80 ? 1 + (*p >= 0xf0) : 0;
	return units;
}

static size_t size_of(enum limit_of of, const cJSON *value)
{
	switch (of) {
	case LIMIT_TEXT:
	case LIMIT_TOTAL:
		return cJSON_IsString(value) ? utf16_units(value->valuestring) : 0;
	case LIMIT_BYTES:
		return cJSON_IsString(value) ? strlen(value->valuestring) : 0;
	case LIMIT_ITEMS:
		return (size_t)cJSON_GetArraySize(value);
	case LIMIT_BODY:
		break;
	}
	return 0;
}

static bool is_of_type(const cJSON *item, const char *type, size_t len)
{
	const cJSON *given = cJSON_GetObjectItemCaseSensitive(item, "type");

	return len == 0 || (cJSON_IsString(given) && strlen(given->valuestring) == len &&
			    strncmp(given->valuestring, type, len) == 0);
}

/* What the path's values come to: the largest of them, for LIMIT_TOTAL their sum. */
static size_t measure(enum limit_of of, const cJSON *value, const char *path);

static size_t measure_items(enum limit_of of, const cJSON *list, const char *type, const char *rest)
{
	size_t len = strcspn(type, "]");
	size_t all = 0;
	const cJSON *item;

	cJSON_ArrayForEach (item, list) {
		size_t one = is_of_type(item, type, len) ? measure(of, item, rest) : 0;
		all = of == LIMIT_TOTAL ? all + one : one > all ? one : all;
	}
	return all;
}

static size_t measure(enum limit_of of, const cJSON *value, const char *path)
{
	char name[STEP_MAX];
	size_t len = strcspn(path, ".[");

	if (!*path)
		return size_of(of, value);
	if (len >= sizeof name)
		return 0;
	memcpy(name, path, len);
	name[len] = '\0';
	value = cJSON_GetObjectItemCaseSensitive(value, name);
	if (!value)
		return 0;
	const char *rest = path + len;
	const char *type = *rest == '[' ? rest + 1 : NULL;
	if (type)
		rest = type + strcspn(type, "]") + 1;
	rest += *rest == '.';
	return type ? measure_items(of, value, type, rest) : measure(of, value, rest);
}

const struct limit *limits_broken(const struct limit *limits, const cJSON *body, size_t body_len)
{
	size_t total = 0;

	for (const struct limit *limit = limits; limit->max > 0; limit++) {
		size_t size = limit->of == LIMIT_BODY ? body_len : measure(limit->of, body, limit->path);
		if (limit->of == LIMIT_TOTAL)
			size = total += size;
		if (size > limit->max)
			return limit;
	}
	return NULL;
}
