/* SPDX-License-Identifier: Apache-2.0 */
/* canonical.c: see canonical.h. */
#include "model/canonical.h"

#include <sodium.h>
#include <string.h>

void canonical_release(struct canonical *canonical)
{
	strbuf_release(&canonical->written);
	strbuf_release(&canonical->sorted);
	free(canonical->members.items);
	free(canonical->texts.items);
	*canonical = (struct canonical){0};
}

static void reserve(struct strbuf *out, size_t len)
{
	if (out->cap > len)
		return;
	strbuf_reset(out);
	(void)strbuf_extend(out, len); /* a failure is sticky until the next reset, and tried again after it */
}

void canonical_reserve(struct canonical *canonical, size_t len)
{
	reserve(&canonical->written, len);
	reserve(&canonical->sorted, len);
}

/* ---- texts ---- */

static void add_text(struct strbuf *out, const char *at, size_t len)
{
	size_t digits = 1; /* of the length in decimal */

	for (size_t rest = len; rest >= 10; rest /= 10)
		digits++;
	char *to = strbuf_extend(out, digits + 1 + len);
	if (!to)
		return;
	for (size_t i = digits, rest = len; i > 0; rest /= 10)
		to[--i] = (char)('0' + rest % 10);
	to[digits] = ':';
	memcpy(to + digits + 1, at, len);
}

static int push(struct canonical_texts *texts, const char *at, size_t len, struct err *err)
{
	if (texts->count == texts->cap) {
		size_t cap = texts->cap ? texts->cap * 2 : 16;
		struct text_span *items = reallocarray(texts->items, cap, sizeof *items);
		if (!items)
			return err_nomem(err);
		texts->items = items;
		texts->cap = cap;
	}
	texts->items[texts->count++] = (struct text_span){at, len};
	return 0;
}

static void add_sorted(struct strbuf *out, struct canonical_texts *texts)
{
	text_spans_sort(texts->items, texts->count);
	for (size_t i = 0; i < texts->count; i++)
		if (i == 0 || !text_span_same(texts->items[i - 1], texts->items[i]))
			add_text(out, texts->items[i].at, texts->items[i].len);
	strbuf_addc(out, ';');
}

/* ---- members ---- */

void canonical_begin(struct canonical *canonical)
{
	canonical->members.count = 0;
	strbuf_reset(&canonical->written);
	strbuf_reset(&canonical->sorted);
}

void canonical_begin_member(struct canonical *canonical)
{
	canonical->began = canonical->written.len;
	canonical->texts.count = 0;
}

void canonical_add(struct canonical *canonical, const struct json_node *string)
{
	add_text(&canonical->written, string->at, string->len);
}

void canonical_add_written(struct canonical *canonical, const char *at, size_t len)
{
	strbuf_add(&canonical->written, at, len);
}

int canonical_take_list(struct canonical *canonical, const struct json_node *list, struct err *err)
{
	json_for_each (item, list) {
		int rc = push(&canonical->texts, item->at, item->len, err);
		if (rc)
			return rc;
	}
	return 0;
}

void canonical_add_lists(struct canonical *canonical)
{
	add_sorted(&canonical->written, &canonical->texts);
}

/* Where the member is in memory is told when `written` no longer grows. */
int canonical_end_member(struct canonical *canonical, struct err *err)
{
	return push(&canonical->members, NULL, canonical->written.len - canonical->began, err);
}

/* ---- digests ---- */

static int digest(const struct canonical *canonical, const unsigned char *key, uint64_t *ret, struct err *err)
{
	const struct strbuf *sorted = &canonical->sorted;

	if (strbuf_failed(&canonical->written) || strbuf_failed(sorted))
		return err_nomem(err);
	crypto_shorthash((unsigned char *)ret, (const unsigned char *)strbuf_str(sorted), sorted->len, key);
	return 0;
}

int canonical_digest(struct canonical *canonical, const unsigned char key[static 16], uint64_t *ret, struct err *err)
{
	const char *at = strbuf_str(&canonical->written);

	if (strbuf_failed(&canonical->written))
		return err_nomem(err);
	for (size_t i = 0; i < canonical->members.count; i++) {
		canonical->members.items[i].at = at;
		at += canonical->members.items[i].len;
	}
	add_sorted(&canonical->sorted, &canonical->members);
	return digest(canonical, key, ret, err);
}

int canonical_digest_text(struct canonical *canonical, const struct json_node *string,
			  const unsigned char key[static 16], uint64_t *ret, struct err *err)
{
	canonical_begin(canonical);
	if (string->type == JSON_STRING)
		add_text(&canonical->sorted, string->at, string->len);
	return digest(canonical, key, ret, err);
}
