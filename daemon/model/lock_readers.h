/* SPDX-License-Identifier: Apache-2.0 */
/* lock_readers.h: the formats, a file each, and what two of them share. For lock_read.c and them. */
#pragma once

#include "base/json_scan.h"
#include "model/lock.h"

/* Each as lock_read(); what they get has been looked at there. */
MUST_CHECK int lock_cargo_read(const char *text, size_t len, struct lock *ret, struct err *err);
MUST_CHECK int lock_metadata_read(const struct json_node *root, struct lock *ret, struct err *err);
MUST_CHECK int lock_cyclonedx_read(const struct json_node *root, struct lock *ret, struct err *err);

DEFINE_OWNED(owned_lock_builder, struct lock_builder, lock_builder_free)

/* ---- JSON ---- */

/* The object's member; NULL: no object, none of that name, or null. */
const struct json_node *lock_json_get(const struct json_node *object, const char *key);
/* The same, when it is of that type. */
const struct json_node *lock_json_typed(const struct json_node *object, const char *key, enum json_type type);
/* Its text; .at NULL: none. */
struct text_span lock_json_text(const struct json_node *object, const char *key);
bool lock_json_is(const struct json_node *object, const char *key, const char *text);

/* Texts of one package, with a NUL behind each. */
struct lock_texts {
	char *parts[4];
	bool failed; /* out of memory */
};
/* The next one, of four; NULL: `text` is none. */
char *lock_texts_add(struct lock_texts *texts, struct text_span text);
void lock_texts_release(struct lock_texts *texts);

/* ---- packages by an id ---- */

struct lock_id {
	struct text_span text; /* borrowed */
	uint32_t package;
};

struct lock_ids { /* zeroed is empty */
	struct lock_id *items;
	size_t n, cap;
};

void lock_ids_release(struct lock_ids *ids);
MUST_CHECK int lock_ids_add(struct lock_ids *ids, struct text_span text, uint32_t package, struct err *err);
void lock_ids_sort(struct lock_ids *ids); /* after the last one was added; those alike by package */
/* Those of that text, which stand together; none when its .at is NULL. */
const struct lock_id *lock_ids_find(const struct lock_ids *ids, struct text_span text, size_t *ret_n);
