/* SPDX-License-Identifier: Apache-2.0 */
/* lock_ids.c: packages by an id, or by whatever text; see lock_readers.h. */
#include "model/lock_readers.h"

void lock_ids_release(struct lock_ids *ids)
{
	free(ids->items);
	*ids = (struct lock_ids){0};
}

int lock_ids_add(struct lock_ids *ids, struct text_span text, uint32_t package, struct err *err)
{
	if (ids->n == ids->cap) {
		size_t cap = ids->cap ? ids->cap * 2 : 256;
		struct lock_id *items = reallocarray(ids->items, cap, sizeof *items);
		if (!items)
			return err_nomem(err);
		ids->items = items;
		ids->cap = cap;
	}
	ids->items[ids->n++] = (struct lock_id){text, package};
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct lock_id *x = a;
	const struct lock_id *y = b;
	int order = text_span_compare(x->text, y->text);
	return order ? order : (x->package > y->package) - (x->package < y->package);
}

void lock_ids_sort(struct lock_ids *ids)
{
	if (ids->n > 0)
		qsort(ids->items, ids->n, sizeof *ids->items, compare);
}

/* The first one that is not below `text`; `behind`: the first above it. */
static size_t find_bound(const struct lock_ids *ids, struct text_span text, bool behind)
{
	size_t from = 0;
	size_t to = ids->n;

	while (from < to) {
		size_t middle = (from + to) / 2;
		if (text_span_compare(ids->items[middle].text, text) < (behind ? 1 : 0))
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

/* Both ends are searched for: a hostile file has a hundred thousand that are alike. */
const struct lock_id *lock_ids_find(const struct lock_ids *ids, struct text_span text, size_t *ret_n)
{
	*ret_n = 0;
	if (!text.at)
		return NULL;
	size_t from = find_bound(ids, text, false);
	*ret_n = find_bound(ids, text, true) - from;
	return &ids->items[from];
}
