/* SPDX-License-Identifier: Apache-2.0 */
/* past.c: see past.h. */
#include "model/past.h"

#include <string.h>

static int by_text(const void *a, const void *b)
{
	const struct past_version *const *x = a;
	const struct past_version *const *y = b;

	return strcmp((*x)->now->vers, (*y)->now->vers);
}

int past_begin(struct past *ret, int64_t at_ms, enum crate_state state, const struct index_versions *now,
	       struct err *err)
{
	struct past past = {.at_ms = at_ms, .state = state, .count = now->count};

	past.items = calloc(now->count + 1, sizeof *past.items);
	past.sorted = calloc(now->count + 1, sizeof(void *));
	if (!past.items || !past.sorted) {
		past_release(&past);
		return err_nomem(err);
	}
	for (size_t i = 0; i < now->count; i++) {
		past.items[i].now = &now->items[i];
		past.sorted[i] = &past.items[i];
	}
	qsort(past.sorted, past.count, sizeof(void *), by_text);
	*ret = past;
	return 0;
}

void past_release(struct past *past)
{
	free(past->items);
	free(past->sorted);
	*past = (struct past){0};
}

static struct past_version *find(const struct past *past, const char *text)
{
	size_t from = 0;
	size_t to = past->count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		int order = strcmp(text, past->sorted[middle]->now->vers);
		if (order == 0)
			return past->sorted[middle];
		if (order < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return NULL;
}

static void set_checksum(struct past_version *version, const unsigned char *checksum)
{
	if (!checksum)
		return;
	memcpy(version->checksum, checksum, CHECKSUM_SIZE);
	version->checksum_known = true;
}

static void set_yanked(struct past_version *version, bool yanked)
{
	version->yanked = yanked;
	version->yanked_known = true;
}

static void set_presence(struct past_version *version, bool there, bool deleted)
{
	version->there = there;
	version->deleted = deleted;
	version->presence_known = true;
}

/* ---- up to the moment: what the event says is so ---- */

static void take_as_it_says(struct past_version *version, const struct past_event *event)
{
	set_presence(version, true, event->kind == EVENT_VERSION_DELETED);
	version->changed_ms = event->at_ms;
	if (event->pruned)
		return;
	set_yanked(version, event->yanked);
	set_checksum(version, event->checksum);
}

/* ---- behind the moment: what the event changed was otherwise before ---- */

static void take_back_flag(struct past_version *version, const struct past_event *event)
{
	if (version->yanked_known || version->yanked_lost)
		return;
	if (event->kind == EVENT_YANKED || event->kind == EVENT_UNYANKED)
		set_yanked(version, event->kind == EVENT_UNYANKED);
	else if (event->kind == EVENT_VERSION_DELETED)
		set_yanked(version, event->yanked);
	else if (event->kind == EVENT_PUBLISHED)
		version->yanked_lost = true;
}

static void take_back(struct past_version *version, const struct past_event *event)
{
	bool came = event->kind == EVENT_PUBLISHED;

	if (!version->presence_known)
		set_presence(version, !came || event->previous, came && event->previous);
	take_back_flag(version, event);
	if (!version->checksum_known)
		set_checksum(version, event->previous);
}

/* ---- the crate as a whole ---- */

static bool went_with_it(const struct past_version *version, const struct past_event *event)
{
	if (!event->versions)
		return true;
	for (size_t i = 0; i < event->n_versions; i++)
		if (strcmp(event->versions[i], version->now->vers) == 0)
			return true;
	return false;
}

static void take_deletion_of_all(struct past *past, const struct past_event *event)
{
	bool is_past = event->at_ms <= past->at_ms;

	for (size_t i = 0; i < past->count; i++) {
		struct past_version *version = &past->items[i];
		/* Without a list it took those that were there. */
		bool was_gone = version->presence_known && (!version->there || version->deleted);
		if ((!event->versions && was_gone) || !went_with_it(version, event))
			continue;
		if (is_past) {
			set_presence(version, true, true);
			version->changed_ms = event->at_ms;
		} else if (!version->presence_known) {
			set_presence(version, true, false);
		}
	}
}

static void take_of_crate(struct past *past, const struct past_event *event)
{
	bool is_past = event->at_ms <= past->at_ms;

	if (event->kind != EVENT_CRATE_DELETED && event->kind != EVENT_CRATE_CREATED)
		return;
	if (is_past || !past->state_known)
		past->state = (event->kind == EVENT_CRATE_DELETED) == is_past ? CRATE_ABSENT : CRATE_PRESENT;
	past->state_known = true;
	if (event->kind == EVENT_CRATE_DELETED)
		take_deletion_of_all(past, event);
}

void past_take(struct past *past, const struct past_event *event)
{
	if (!event->version[0]) {
		take_of_crate(past, event);
		return;
	}
	struct past_version *version = find(past, event->version);
	if (!version)
		return;
	if (event->at_ms <= past->at_ms)
		take_as_it_says(version, event);
	else
		take_back(version, event);
}

void past_end(struct past *past)
{
	for (size_t i = 0; i < past->count; i++) {
		struct past_version *version = &past->items[i];
		if (!version->presence_known)
			set_presence(version, true, version->now->deleted);
		if (!version->yanked_known && !version->yanked_lost)
			set_yanked(version, version->now->yanked);
		if (!version->checksum_known)
			set_checksum(version, version->now->checksum);
	}
}
