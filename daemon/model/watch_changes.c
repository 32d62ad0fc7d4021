/* SPDX-License-Identifier: Apache-2.0 */
/* watch_changes.c: see watch_changes.h. */
#include "model/watch_changes.h"

#include <string.h>

#define FIRST_CAP 8

static bool add_text(struct watch_changes *changes, const char *text, uint32_t *ret)
{
	*ret = (uint32_t)changes->texts.len;
	changes->texts.limit = UINT32_MAX; /* an offset is not longer */
	strbuf_add(&changes->texts, text, strlen(text) + 1);
	return !strbuf_failed(&changes->texts);
}

static bool push(struct watch_changes *changes, struct watch_change change)
{
	if (changes->count == changes->cap) {
		size_t cap = changes->cap ? changes->cap * 2 : FIRST_CAP;
		struct watch_change *items = reallocarray(changes->items, cap, sizeof *items);
		if (!items)
			return false;
		changes->items = items;
		changes->cap = cap;
	}
	changes->items[changes->count++] = change;
	return true;
}

bool watch_changes_add(struct watch_changes *changes, const char *crate, enum crate_state state, bool pending,
		       bool unparsed, const char *etag)
{
	struct watch_change change = {.state = (uint8_t)state, .pending = pending, .unparsed = unparsed};

	if (!add_text(changes, crate, &change.crate) || (etag && !add_text(changes, etag, &change.etag)))
		return false;
	return push(changes, change);
}

static bool push_word(struct watch_changes *changes, const char *crate, struct watch_change change)
{
	return add_text(changes, crate, &change.crate) && push(changes, change);
}

bool watch_changes_remove(struct watch_changes *changes, const char *crate)
{
	return push_word(changes, crate, (struct watch_change){.removed = true});
}

bool watch_changes_afresh(struct watch_changes *changes, const char *crate)
{
	return push_word(changes, crate, (struct watch_change){.afresh = true});
}

void watch_changes_set_spare(struct watch_changes *changes)
{
	changes->items[changes->count - 1].spare = true;
}

static int compare(const void *a, const void *b, void *texts)
{
	const struct watch_change *left = a;
	const struct watch_change *right = b;
	const char *text = texts;

	return strcmp(text + left->crate, text + right->crate);
}

void watch_changes_sort(struct watch_changes *changes)
{
	if (changes->count > 1)
		qsort_r(changes->items, changes->count, sizeof *changes->items, compare, changes->texts.data);
}

const char *watch_changes_crate(const struct watch_changes *changes, size_t i)
{
	return changes->texts.data + changes->items[i].crate;
}

const char *watch_changes_etag(const struct watch_changes *changes, size_t i)
{
	uint32_t etag = changes->items[i].etag;
	return etag ? changes->texts.data + etag : NULL;
}

void watch_changes_release(struct watch_changes *changes)
{
	free(changes->registry);
	strbuf_release(&changes->texts);
	free(changes->items);
	*changes = (struct watch_changes){0};
}
