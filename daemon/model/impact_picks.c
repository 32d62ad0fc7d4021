/* SPDX-License-Identifier: Apache-2.0 */
/*
 * impact_picks.c: see impact_picks.h. A set of demands is a 64-bit number: each version knows which ones allow it.
 * Versions of which cargo takes only one are a bucket. First what cannot be is taken out, bucket by bucket: a demand
 * that all its versions of lie in one bucket binds that bucket. What is left is searched depth first, as cargo does
 * it: the demand with the fewest versions first, of equal ones the first to be met; the highest version first.
 */
#include "model/impact_picks.h"

#include "model/requirement.h"

#include <string.h>

#define NONE UINT32_MAX

_Static_assert(IMPACT_PICKS_MAX == 64, "a set of demands is a uint64_t");

struct candidate {
	struct semver semver;
	const char *text; /* as the registry or the lock spells it */
	uint64_t fits;    /* the demands that allow it */
	uint32_t bucket;
};

struct candidates {
	struct candidate *items; /* owned */
	uint32_t n;
};

static void candidates_release(struct candidates *candidates)
{
	free(candidates->items);
}

struct picking {
	struct candidates free; /* versions that may be taken, the highest first */
	struct candidates held; /* versions that the lockfile holds besides, the lowest first */
	uint32_t *taken;        /* owned; of each bucket of `free`: what was taken of it, NONE = nothing yet */
	size_t buckets;
	uint32_t first[IMPACT_PICKS_MAX], last[IMPACT_PICKS_MAX]; /* in `free`: the versions of a demand lie between */
	uint32_t count[IMPACT_PICKS_MAX]; /* of versions that it allows, also those that do not go with what is held */
	size_t n;                         /* demands */
};

static void picking_release(struct picking *picking)
{
	candidates_release(&picking->free);
	candidates_release(&picking->held);
	free(picking->taken);
}

/* ---- candidates */

static int by_version(const void *a, const void *b)
{
	const struct candidate *x = a;
	const struct candidate *y = b;
	return semver_compare(&x->semver, &y->semver);
}

static int by_version_downwards(const void *a, const void *b)
{
	return by_version(b, a);
}

static void add(struct candidates *candidates, const char *text)
{
	struct candidate *it = &candidates->items[candidates->n];
	struct err err;

	*it = (struct candidate){.text = text};
	if (semver_parse(text, &it->semver, &err) == 0)
		candidates->n++;
}

static int load_held(const struct impact_question *question, struct candidates *held, struct err *err)
{
	const struct lock *lock = question->lock;
	size_t n = 0;

	for (uint32_t i = 0; i < lock->n_packages; i++)
		n += question->is_crate[i];
	held->items = malloc((n + 1) * sizeof *held->items);
	if (!held->items)
		return err_nomem(err);
	for (uint32_t i = 0; i < lock->n_packages; i++) {
		const char *version = lock_text_at(lock, lock->packages[i].version);
		if (question->is_crate[i] && strcmp(version, question->version) != 0)
			add(held, version);
	}
	qsort(held->items, held->n, sizeof *held->items, by_version);
	return 0;
}

static int load_free(const struct impact_question *question, struct candidates *candidates, struct err *err)
{
	candidates->items = malloc((question->n_versions + 1) * sizeof *candidates->items);
	if (!candidates->items)
		return err_nomem(err);
	for (size_t i = 0; i < question->n_versions; i++) {
		const struct impact_version *version = &question->versions[i];
		if (version->usable && strcmp(version->version, question->version) != 0)
			add(candidates, version->version);
	}
	return 0;
}

/* What stands in the lockfile already keeps its alikes out. Both lists are gone through once, downwards. */
static void drop_alikes_of_held(struct candidates *free, const struct candidates *held)
{
	uint32_t kept = 0;
	uint32_t at = held->n;

	for (uint32_t i = 0; i < free->n; i++) {
		const struct semver *it = &free->items[i].semver;
		while (at > 0 && semver_compare(&held->items[at - 1].semver, it) > 0)
			at--;
		bool above = at < held->n && semver_is_alike(&held->items[at].semver, it);
		bool below = at > 0 && semver_is_alike(&held->items[at - 1].semver, it);
		if (!above && !below)
			free->items[kept++] = free->items[i];
	}
	free->n = kept;
}

/* Returns how many there are. */
static size_t number_buckets(struct candidates *candidates)
{
	if (candidates->n == 0)
		return 0;
	for (uint32_t i = 1; i < candidates->n; i++) {
		bool alike = semver_is_alike(&candidates->items[i - 1].semver, &candidates->items[i].semver);
		candidates->items[i].bucket = candidates->items[i - 1].bucket + !alike;
	}
	return (size_t)candidates->items[candidates->n - 1].bucket + 1;
}

static int load(const struct impact_question *question, struct picking *picking, struct err *err)
{
	int rc = load_held(question, &picking->held, err);
	if (rc == 0)
		rc = load_free(question, &picking->free, err);
	return rc;
}

/* ---- what fits what */

static const char *find_held(const struct picking *picking, const struct requirement *requirement)
{
	for (uint32_t i = 0; i < picking->held.n; i++) {
		if (requirement_matches(requirement, &picking->held.items[i].semver))
			return picking->held.items[i].text;
	}
	return NULL;
}

/* Who is content with what the lockfile holds gets that; returns the others. */
static uint64_t match(struct picking *picking, struct impact_demand *demands)
{
	uint64_t open = 0;
	struct requirement requirement;
	struct err err;

	for (size_t d = 0; d < picking->n; d++) {
		if (requirement_parse(demands[d].requirement, &requirement, &err) < 0)
			continue;
		demands[d].pick = find_held(picking, &requirement);
		if (demands[d].pick)
			continue;
		for (uint32_t i = 0; i < picking->free.n; i++) {
			if (!requirement_matches(&requirement, &picking->free.items[i].semver))
				continue;
			picking->free.items[i].fits |= UINT64_C(1) << d;
			picking->count[d]++;
		}
		open |= UINT64_C(1) << d;
	}
	return open;
}

/* Only what somebody wants is sorted: most versions of a crate are too old for everybody. */
static int put_in_order(struct picking *picking, struct err *err)
{
	struct candidates *free = &picking->free;
	uint32_t kept = 0;

	for (uint32_t i = 0; i < free->n; i++) {
		if (free->items[i].fits)
			free->items[kept++] = free->items[i];
	}
	free->n = kept;
	if (kept > 1)
		qsort(free->items, kept, sizeof *free->items, by_version_downwards);
	picking->buckets = number_buckets(free);
	picking->taken = malloc((picking->buckets + 1) * sizeof *picking->taken);
	drop_alikes_of_held(free, &picking->held);
	return picking->taken ? 0 : err_nomem(err);
}

/* ---- what cannot be is taken out */

/* The end of the bucket that begins at `i`, and who allows a version of it. */
static uint32_t bucket_end(const struct candidates *free, uint32_t i, uint64_t *ret_cover)
{
	uint32_t bucket = free->items[i].bucket;

	for (*ret_cover = 0; i < free->n && free->items[i].bucket == bucket; i++)
		*ret_cover |= free->items[i].fits;
	return i;
}

/* The demands that have versions in one bucket only; *ret_any: those that have some at all. */
static uint64_t find_bound(const struct candidates *free, uint64_t *ret_any)
{
	uint64_t cover;
	uint64_t twice = 0;

	*ret_any = 0;
	for (uint32_t i = 0; i < free->n;) {
		i = bucket_end(free, i, &cover);
		twice |= *ret_any & cover;
		*ret_any |= cover;
	}
	return *ret_any & ~twice;
}

/* Drops each version that one of the demands `bound` to its bucket does not allow, and those that nobody wants. */
static bool drop_unfit(struct candidates *free, uint64_t bound)
{
	uint32_t n = free->n;
	uint32_t kept = 0;
	uint64_t cover;

	for (uint32_t i = 0; i < n;) {
		uint32_t end = bucket_end(free, i, &cover);
		for (; i < end; i++) {
			uint64_t fits = free->items[i].fits;
			if (fits && (fits & bound & cover) == (bound & cover))
				free->items[kept++] = free->items[i];
		}
	}
	free->n = kept;
	return kept < n;
}

/* To the end: dropping binds more demands, of which there are 64. False: some of `open` has none left. */
static bool prune(struct candidates *free, uint64_t open)
{
	uint64_t any;
	uint64_t bound;

	do {
		bound = find_bound(free, &any);
	} while (drop_unfit(free, bound));
	return (open & ~any) == 0;
}

/* ---- the search */

static void measure(struct picking *picking)
{
	for (size_t d = 0; d < picking->n; d++) {
		picking->first[d] = NONE;
		for (uint32_t i = 0; i < picking->free.n; i++) {
			if (!(picking->free.items[i].fits >> d & 1))
				continue;
			if (picking->first[d] == NONE)
				picking->first[d] = i;
			picking->last[d] = i;
		}
	}
}

/* The open demands, who has the fewest versions first; of equal ones in their order. */
static size_t sort_demands(const struct picking *picking, uint64_t open, size_t ret_order[static IMPACT_PICKS_MAX])
{
	size_t n = 0;

	for (size_t d = 0; d < picking->n; d++) {
		if (!(open >> d & 1))
			continue;
		size_t at = n++;
		for (; at > 0 && picking->count[ret_order[at - 1]] > picking->count[d]; at--)
			ret_order[at] = ret_order[at - 1];
		ret_order[at] = d;
	}
	return n;
}

/* From `from` on, the next version for that demand which goes with what was taken; NONE. */
static uint32_t next_for(const struct picking *picking, size_t demand, uint32_t from, size_t *steps)
{
	for (uint32_t i = from; i <= picking->last[demand] && i < picking->free.n; i++) {
		const struct candidate *it = &picking->free.items[i];
		uint32_t taken = picking->taken[it->bucket];
		++*steps;
		if (it->fits >> demand & 1 && (taken == NONE || taken == i))
			return i;
	}
	return NONE;
}

/* A demand's place in the search. */
struct level {
	uint32_t choice;
	bool took; /* it was the first to take of that bucket */
};

/* False: no way to content all, or none that was found in IMPACT_STEPS_MAX steps. */
static bool search(struct picking *picking, const size_t *order, size_t n, struct level *levels)
{
	size_t steps = 0;
	size_t at = 0;
	uint32_t from = n ? picking->first[order[0]] : 0;

	for (size_t i = 0; i < picking->buckets; i++)
		picking->taken[i] = NONE;
	while (at < n && steps < IMPACT_STEPS_MAX) {
		uint32_t i = next_for(picking, order[at], from, &steps);
		if (i != NONE) {
			uint32_t *taken = &picking->taken[picking->free.items[i].bucket];
			levels[at++] = (struct level){.choice = i, .took = *taken == NONE};
			*taken = i;
			from = at < n ? picking->first[order[at]] : 0;
			continue;
		}
		if (at == 0)
			return false;
		const struct level *above = &levels[--at];
		if (above->took)
			picking->taken[picking->free.items[above->choice].bucket] = NONE;
		from = above->choice + 1;
	}
	return at == n;
}

static void pick_together(struct picking *picking, uint64_t open, struct impact_demand *demands)
{
	size_t order[IMPACT_PICKS_MAX];
	struct level levels[IMPACT_PICKS_MAX];

	size_t n = sort_demands(picking, open, order);
	if (!prune(&picking->free, open))
		return;
	measure(picking);
	if (!search(picking, order, n, levels))
		return;
	for (size_t i = 0; i < n; i++)
		demands[order[i]].pick = picking->free.items[levels[i].choice].text;
}

int impact_pick(const struct impact_question *question, struct impact_demand *demands, size_t n, struct err *err)
{
	OWNED(picking_release) struct picking picking = {.n = n};
	uint64_t any;

	int rc = load(question, &picking, err);
	if (rc < 0)
		return rc;
	uint64_t open = match(&picking, demands);
	rc = put_in_order(&picking, err);
	if (rc < 0)
		return rc;
	find_bound(&picking.free, &any);
	pick_together(&picking, open & any, demands);
	return 0;
}
