/* SPDX-License-Identifier: Apache-2.0 */
/*
 * roster.c: which registries there are and which watches each has. Changes are
 * taken in one after the other, by a slice a turn: polls, timers and questions go
 * on between two slices of a list of hundreds of thousands.
 */
#include "base/clock.h"
#include "base/log.h"
#include "poll/parts.h"
#include "poll/sweep.h"

#include <string.h>

#define SLICE 256           /* watches that are added, removed or put to another time in one turn */
#define NOMEM_AGAIN_MS 1000 /* a change is not lost for want of memory */

/* ---- the sorted list ---- */

/* The first place before `to` whose crate is not before this one, else `to`. */
static size_t place_of(const struct registry *registry, size_t to, const char *crate)
{
	size_t from = 0;

	if (to > 0 && strcmp(registry->watches[to - 1]->crate, crate) < 0)
		return to; /* as in a list that is taken in from its beginning */
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (strcmp(registry->watches[middle]->crate, crate) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

static bool is_at(const struct registry *registry, size_t place, const char *crate)
{
	return place < registry->n_watches && strcmp(registry->watches[place]->crate, crate) == 0;
}

struct watch *registry_find(const struct registry *registry, const char *crate)
{
	size_t place = place_of(registry, registry->n_watches, crate);
	return is_at(registry, place, crate) ? registry->watches[place] : NULL;
}

/* Room for as many more, and some to spare, unless it is the first list. */
static bool reserve(struct registry *registry, size_t more)
{
	size_t count = registry->n_watches + more;

	if (!schedule_reserve(&registry->schedule, count))
		return false;
	if (count <= registry->watches_cap)
		return true;
	size_t cap = registry->n_watches ? count + count / 8 : count;
	struct watch **longer = reallocarray(registry->watches, cap, sizeof(void *));
	if (!longer)
		return false;
	registry->watches = longer;
	registry->watches_cap = cap;
	return true;
}

/* ---- watches that go ---- */

static void leave(struct registry *registry, struct watch *watch)
{
	watch->removed = true;
	watch->next = registry->leaving;
	registry->leaving = watch;
}

static void end_watch(struct registry *registry, struct watch *watch)
{
	schedule_remove(&registry->schedule, watch);
	registry_count(watch, -1);
	switch ((enum watch_stage)watch->stage) {
	case WATCH_SCHEDULED:
		watch_end(watch);
		break;
	case WATCH_ABSENT:
		watch_unlink(&registry->absent, watch);
		poller_ends_unseen(registry->poller);
		watch_end(watch);
		break;
	case WATCH_REQUESTED:
	case WATCH_AT_TRACKER:
		leave(registry, watch);
		break;
	}
}

/* From the last to the first: what is before a gap keeps its place until all are closed. */
static void remove_slice(struct registry *registry, const struct watch_changes *list, size_t begin, size_t end)
{
	size_t n_before = registry->n_watches;
	size_t gap = n_before;

	for (size_t i = end; i-- > begin;) {
		const char *crate = watch_changes_crate(list, i);
		size_t place = list->items[i].removed ? place_of(registry, gap, crate) : gap;
		if (place == gap || strcmp(registry->watches[place]->crate, crate) != 0)
			continue;
		end_watch(registry, registry->watches[place]);
		registry->watches[place] = NULL;
		registry->n_watches--;
		sweep_removed(registry, place);
		gap = place;
	}
	for (size_t from = gap, to = gap; from < n_before; from++)
		if (registry->watches[from])
			registry->watches[to++] = registry->watches[from];
}

/* All watches of a registry that is not configured any more. */
static size_t close_slice(struct registry *registry, size_t most)
{
	size_t n = registry->n_watches < most ? registry->n_watches : most;
	struct err why;

	if (n == 0)
		return 0;
	(void)err_set(&why, ERR_ABSENT, "its registry is not watched any more");
	registry_fail_waiting(registry, &why);
	for (size_t i = 0; i < n; i++)
		end_watch(registry, registry->watches[--registry->n_watches]);
	registry->cursor = 0;
	return n;
}

/* ---- watches that come ---- */

struct arrival {
	struct watch *watch;
	size_t place; /* before which of the old ones */
};

static struct watch *watch_from_change(struct registry *registry, const struct watch_changes *list, size_t i)
{
	const char *etag = watch_changes_etag(list, i);
	struct watch *watch = watch_new(registry, watch_changes_crate(list, i));

	if (!watch)
		return NULL;
	watch->state = list->items[i].state;
	watch->pending = list->items[i].pending;
	watch->unparsed = list->items[i].unparsed;
	watch->spare = list->items[i].spare;
	watch->etag = etag ? strdup(etag) : NULL;
	if (etag && !watch->etag) {
		watch_free(watch);
		return NULL;
	}
	return watch;
}

static bool is_new(const struct watch_change *change)
{
	return !change->removed && !change->afresh;
}

/* False: out of memory, and nothing is there. */
static bool make_arrivals(struct registry *registry, const struct watch_changes *list, size_t begin, size_t end,
			  struct arrival arrivals[static SLICE], size_t *ret_n)
{
	size_t n = 0;

	for (size_t i = begin; i < end; i++) {
		const char *crate = watch_changes_crate(list, i);
		size_t place = place_of(registry, registry->n_watches, crate);
		if (!is_new(&list->items[i]) || is_at(registry, place, crate))
			continue;
		struct watch *watch = watch_from_change(registry, list, i);
		if (!watch) {
			while (n--)
				watch_free(arrivals[n].watch);
			return false;
		}
		arrivals[n++] = (struct arrival){watch, place};
	}
	*ret_n = n;
	return true;
}

/* Every old one moves once, by as many places as there are arrivals before it. */
static void insert(struct registry *registry, const struct arrival *arrivals, size_t n)
{
	size_t moved = registry->n_watches;

	for (size_t i = n; i-- > 0;) {
		struct watch **from = registry->watches + arrivals[i].place;
		memmove(from + i + 1, from, (moved - arrivals[i].place) * sizeof(void *));
		from[i] = arrivals[i].watch;
		moved = arrivals[i].place;
	}
	for (size_t i = 0; i < n; i++) {
		registry->n_watches++;
		sweep_added(registry, arrivals[i].place + i);
		schedule_put(&registry->schedule, arrivals[i].watch, clock_mono_ms());
		registry_count(arrivals[i].watch, 1);
	}
}

/* ---- watches that are looked at afresh ---- */

/* The next reply is whole. One that is under way says so when it comes back: its 304 refers to the ETag. One that
 * failed keeps its pause. */
static void look_afresh(struct registry *registry, struct watch *watch)
{
	int64_t now_ms = clock_mono_ms();

	if (watch->stage != WATCH_SCHEDULED) {
		watch->afresh = true;
		return;
	}
	watch->awaited = true;
	free(TAKE(watch->etag));
	if (watch->due.key > now_ms && watch->failures == 0)
		schedule_put(&registry->schedule, watch, now_ms);
}

static void afresh_slice(struct registry *registry, const struct watch_changes *list, size_t begin, size_t end)
{
	for (size_t i = begin; i < end; i++) {
		struct watch *watch =
			list->items[i].afresh ? registry_find(registry, watch_changes_crate(list, i)) : NULL;
		if (!watch)
			continue;
		schedule_set_spare(&registry->schedule, watch, watch->spare && list->items[i].spare);
		look_afresh(registry, watch);
	}
}

/* ---- a shorter interval ---- */

/* It counts from now on, not after the last of the old ones. */
static size_t hasten_slice(struct registry *registry, size_t most)
{
	size_t n = registry->to_hasten < most ? registry->to_hasten : most;

	for (size_t i = 0; i < n; i++)
		registry_hasten(registry, registry->watches[--registry->to_hasten]);
	return n;
}

/* ---- registries ---- */

struct registry *poller_find(const struct poller *poller, const char *name)
{
	for (size_t i = 0; i < poller->n_registries; i++)
		if (strcmp(poller->registries[i]->name, name) == 0)
			return poller->registries[i];
	return NULL;
}

static int add_registry(struct poller *poller, const char *name, struct registry **ret, struct err *err)
{
	struct registry **longer = reallocarray(poller->registries, poller->n_registries + 1, sizeof(void *));
	if (!longer)
		return err_nomem(err);
	poller->registries = longer;
	*ret = registry_new(poller, name);
	if (!*ret)
		return err_nomem(err);
	poller->registries[poller->n_registries++] = *ret;
	return 0;
}

/* A registry that is not configured any more stays as a name without watches. */
static void mark_configured(struct poller *poller, const struct config *config)
{
	poller->n_configured = config->n_registries;
	for (size_t i = 0; i < poller->n_registries; i++) {
		struct registry *registry = poller->registries[i];
		bool was_configured = registry->configured;
		registry->configured = false;
		for (size_t k = 0; k < config->n_registries; k++)
			registry->configured |= strcmp(registry->name, config->registries[k].name) == 0;
		registry->health.news |= registry->configured && !was_configured; /* what was told of it may be old */
	}
}

static int set_registries(struct poller *poller, const struct config *config, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < config->n_registries && !rc; i++) {
		struct registry *registry = poller_find(poller, config->registries[i].name);
		if (!registry)
			rc = add_registry(poller, config->registries[i].name, &registry, err);
		if (!rc)
			rc = registry_set(registry, &config->registries[i], err);
	}
	if (!rc)
		mark_configured(poller, config);
	return rc;
}

/* ---- a change, slice by slice ---- */

static size_t count_new(const struct watch_changes *list)
{
	size_t n = 0;

	for (size_t i = 0; i < list->count; i++)
		n += is_new(&list->items[i]);
	return n;
}

/* False: out of memory; to be tried again. */
static bool begin_change(struct poller *poller, struct poller_change *change)
{
	struct err err;

	if (change->config && set_registries(poller, change->config, &err))
		return false;
	if (change->config)
		poller_fit_reasons(poller);
	for (size_t i = 0; i < change->n_lists; i++) {
		struct registry *registry = poller_find(poller, change->lists[i].registry);
		if (registry && !reserve(registry, count_new(&change->lists[i])))
			return false;
	}
	change->begun = true;
	return true;
}

/* As much of the list that is under way; *left: how much may still be done in this turn. */
static bool list_slice(struct poller *poller, struct poller_change *change, size_t *left)
{
	const struct watch_changes *list = &change->lists[change->list];
	struct registry *registry = poller_find(poller, list->registry);
	struct arrival arrivals[SLICE];
	size_t n_arrivals = 0;
	size_t begin = change->item;
	size_t end = list->count - begin < *left ? list->count : begin + *left;

	if (registry && registry->configured) {
		if (!make_arrivals(registry, list, begin, end, arrivals, &n_arrivals))
			return false;
		insert(registry, arrivals, n_arrivals);
		remove_slice(registry, list, begin, end);
		afresh_slice(registry, list, begin, end);
	}
	*left -= end - begin;
	change->item = end;
	if (end == list->count) {
		change->list++;
		change->item = 0;
	}
	return true;
}

/* False: out of memory. */
static bool change_slice(struct poller *poller, struct poller_change *change)
{
	size_t left = SLICE;

	if (!change->begun && !begin_change(poller, change))
		return false;
	for (size_t i = 0; i < poller->n_registries; i++) {
		struct registry *registry = poller->registries[i];
		left -= registry->configured ? hasten_slice(registry, left) : close_slice(registry, left);
	}
	while (left > 0 && change->list < change->n_lists)
		if (!list_slice(poller, change, &left))
			return false;
	change->ended = left > 0;
	return true;
}

static void end_change(struct poller *poller)
{
	struct poller_change *change = poller->changes;

	poller->changes = change->next;
	change->done(change);
}

/* One slice, and the next one in a turn of its own. */
static void take_in(struct poller *poller)
{
	int64_t again_ms = 0;

	if (!change_slice(poller, poller->changes)) {
		log_error("out of memory: new watches are taken in later");
		again_ms = NOMEM_AGAIN_MS;
	} else if (poller->changes->ended) {
		end_change(poller);
	}
	if (poller->changes)
		loop_timer_set(&poller->change_timer, again_ms);
	poller_pump(poller);
}

void poller_change_on_fire(struct loop_timer *timer)
{
	struct poller *poller = CONTAINER_OF(timer, struct poller, change_timer);

	if (poller->changes)
		take_in(poller);
}

void poller_change(struct poller *poller, struct poller_change *change)
{
	struct poller_change **last = &poller->changes;

	while (*last)
		last = &(*last)->next;
	*last = change;
	if (poller->changes == change)
		take_in(poller);
}

void poller_end_changes(struct poller *poller)
{
	while (poller->changes)
		end_change(poller);
}
