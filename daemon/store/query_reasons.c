/* SPDX-License-Identifier: Apache-2.0 */
/* query_reasons.c: see query_reasons.h. */
#include "store/query_reasons.h"

#include <string.h>

/* The first one of the version; they are in its order. */
static size_t find_first(const struct reason_list *list, const char *version)
{
	size_t low = 0;
	size_t high = list->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (strcmp(list->items[middle].version, version) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void put(struct json_writer *w, const char *key, const struct reason_row *row)
{
	const struct reason_said said = reason_row_said(row);

	json_open(w, key, '{');
	reason_put_members(w, &said);
	json_put_time(w, "seen_at", row->seen_ms);
	if (row->ended_ms)
		json_put_time(w, "until", row->ended_ms);
	json_close(w, '}');
}

void query_put_reasons(struct json_writer *w, const struct reason_list *list, const char *version, bool is_yanked)
{
	const struct reason_row *standing = NULL;
	bool has_earlier = false;

	for (size_t i = find_first(list, version); i < list->n && strcmp(list->items[i].version, version) == 0; i++) {
		if (is_yanked && !list->items[i].ended_ms) {
			standing = &list->items[i];
			continue;
		}
		if (!has_earlier)
			json_open(w, "earlier_reasons", '[');
		has_earlier = true;
		put(w, NULL, &list->items[i]);
	}
	if (has_earlier)
		json_close(w, ']');
	if (standing)
		put(w, "reason", standing);
}
