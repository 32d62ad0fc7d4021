/* SPDX-License-Identifier: Apache-2.0 */
/* index_versions.c: see index_versions.h. */
#include "model/index_versions.h"

#include <string.h>

#define FIRST_ROOM 8 /* versions; a power of two */

void index_versions_release(struct index_versions *versions)
{
	for (size_t i = 0; i < versions->count; i++)
		index_version_release(&versions->items[i]);
	free(versions->items);
	*versions = (struct index_versions){0};
}

struct index_version *index_versions_add(struct index_versions *versions)
{
	/* Doubles at each power of two from the first room on; a zeroed list has none. */
	bool is_full = versions->count >= FIRST_ROOM && (versions->count & (versions->count - 1)) == 0;
	if (versions->count == 0 || is_full) {
		size_t cap = versions->count ? versions->count * 2 : FIRST_ROOM;
		struct index_version *items = reallocarray(versions->items, cap, sizeof *items);
		if (!items)
			return NULL;
		versions->items = items;
	}
	struct index_version *added = &versions->items[versions->count++];
	*added = (struct index_version){0};
	return added;
}

static int compare_versions(const void *a, const void *b)
{
	const struct index_version *const *x = a;
	const struct index_version *const *y = b;
	return strcmp((*x)->vers, (*y)->vers);
}

const struct index_version **index_versions_sorted(const struct index_versions *versions)
{
	const struct index_version **sorted = calloc(versions->count + 1, sizeof(void *));

	if (!sorted)
		return NULL;
	for (size_t i = 0; i < versions->count; i++)
		sorted[i] = &versions->items[i];
	qsort(sorted, versions->count, sizeof(void *), compare_versions);
	return sorted;
}

const struct index_version *index_versions_find(const struct index_version *const *sorted, size_t n,
						const struct index_version *like)
{
	const struct index_version *const *found = bsearch(&like, sorted, n, sizeof(void *), compare_versions);
	return found ? *found : NULL;
}
