/* SPDX-License-Identifier: Apache-2.0 */
/* lock_json.c: what the formats that are JSON share; see lock_readers.h. */
#include "model/lock_readers.h"

#include <string.h>

const struct json_node *lock_json_get(const struct json_node *object, const char *key)
{
	struct text_span wanted = {key, strlen(key)};

	if (!object || object->type != JSON_OBJECT)
		return NULL;
	json_for_each (member, object) {
		const struct json_node *value = json_value_of(member);
		if (text_span_same(json_text_of(member), wanted))
			return value->type == JSON_NULL ? NULL : value;
	}
	return NULL;
}

const struct json_node *lock_json_typed(const struct json_node *object, const char *key, enum json_type type)
{
	const struct json_node *value = lock_json_get(object, key);
	return value && value->type == type ? value : NULL;
}

struct text_span lock_json_text(const struct json_node *object, const char *key)
{
	const struct json_node *value = lock_json_typed(object, key, JSON_STRING);
	return value ? json_text_of(value) : (struct text_span){0};
}

bool lock_json_is(const struct json_node *object, const char *key, const char *text)
{
	struct text_span wanted = {text, strlen(text)};
	struct text_span found = lock_json_text(object, key);
	return found.at && text_span_same(found, wanted);
}

char *lock_texts_add(struct lock_texts *texts, struct text_span text)
{
	if (!text.at)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(texts->parts); i++) {
		if (texts->parts[i])
			continue;
		texts->parts[i] = strndup(text.at, text.len);
		texts->failed |= !texts->parts[i];
		return texts->parts[i];
	}
	return NULL;
}

void lock_texts_release(struct lock_texts *texts)
{
	for (size_t i = 0; i < ARRAY_LEN(texts->parts); i++)
		free(texts->parts[i]);
	*texts = (struct lock_texts){0};
}
