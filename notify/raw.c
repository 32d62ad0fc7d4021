/* SPDX-License-Identifier: Apache-2.0 */
/* raw.c: see raw.h. The text is known to be JSON, so each step has its end inside it. */
#include "raw.h"

#include <string.h>

/* As cJSON has it: whatever is not above a blank. */
static const char *skip_space(const char *p)
{
	while ((unsigned char)*p <= ' ')
		p++;
	return p;
}

static const char *skip_string(const char *p)
{
	for (p++; *p != '"'; p++)
		if (*p == '\\')
			p++;
	return p + 1;
}

static const char *skip_scalar(const char *p)
{
	while ((unsigned char)*p > ' ' && *p != ',' && *p != ']' && *p != '}')
		p++;
	return p;
}

static const char *skip_container(const char *p)
{
	int depth = 0;

	do {
		if (*p == '"')
			p = skip_string(p) - 1;
		else if (*p == '{' || *p == '[')
			depth++;
		else if (*p == '}' || *p == ']')
			depth--;
		p++;
	} while (depth > 0);
	return p;
}

static const char *skip_value(const char *p)
{
	if (*p == '"')
		return skip_string(p);
	return *p == '{' || *p == '[' ? skip_container(p) : skip_scalar(p);
}

bool raw_next(struct raw container, const char **at, struct raw *ret_key, struct raw *ret_value)
{
	const char *p = *at ? skip_space(*at) : skip_space(container.text);
	bool first = !*at;

	if (!first && *p != ',')
		return false;
	p = skip_space(p + 1);
	if (first && (*p == '}' || *p == ']'))
		return false;
	*ret_key = (struct raw){p, 0};
	if (*skip_space(container.text) == '{') {
		const char *end = skip_string(p);
		ret_key->len = (size_t)(end - p);
		p = skip_space(skip_space(end) + 1);
	}
	const char *end = skip_value(p);
	*ret_value = (struct raw){p, (size_t)(end - p)};
	*at = end;
	return true;
}

bool raw_member(struct raw object, const char *key, struct raw *ret_value)
{
	size_t len = strlen(key);
	const char *at = NULL;
	struct raw name;

	while (raw_next(object, &at, &name, ret_value))
		if (name.len == len + 2 && memcmp(name.text + 1, key, len) == 0)
			return true;
	return false;
}
