/* SPDX-License-Identifier: Apache-2.0 */
/*
 * impact.c: see impact.h. Goes once through the lock's edges that lead to the crate, from the workspace outwards, and
 * notes what is demanded there; what is picked for it is impact_picks.c's, the way there impact_path.c's.
 */
#include "model/impact.h"

#include "model/impact_path.h"
#include "model/impact_picks.h"
#include "model/requirement.h"

#include <stdio.h>
#include <string.h>

#define ENTRIES_MAX 1000000 /* of indexes that are looked at; others count as not known */

/* The impact while it is made. */
struct gathering {
	const struct impact_question *question;
	struct impact impact;
	struct semver bad; /* the version in question */
	bool bad_is_one;   /* it is a version at all */
	struct reach reach;
	uint32_t locked_at; /* a package that is the bad version */
	size_t entries;     /* of indexes that were looked at */
	uint32_t from, to;  /* the first edge that is hit; `from` REACH_NEVER = none so far */
};

static void gathering_release(struct gathering *gathering)
{
	impact_release(&gathering->impact);
	reach_release(&gathering->reach);
}

void impact_release(struct impact *impact)
{
	free(impact->demands);
	free(impact->path);
	free(impact->memory);
	*impact = (struct impact){0};
}

static const char *version_at(const struct gathering *gathering, uint32_t package)
{
	const struct lock *lock = gathering->question->lock;
	return lock_text_at(lock, lock->packages[package].version);
}

static bool is_bad(const struct gathering *gathering, uint32_t package)
{
	return gathering->question->is_crate[package] &&
	       strcmp(version_at(gathering, package), gathering->question->version) == 0;
}

static void find_locked(struct gathering *gathering)
{
	for (uint32_t i = gathering->question->lock->n_packages; i-- > 0;) {
		if (is_bad(gathering, i)) {
			gathering->impact.locked = true;
			gathering->locked_at = i;
		}
	}
}

/* ---- demands */

static bool is_full(const struct gathering *gathering)
{
	return gathering->impact.n_demands == IMPACT_PICKS_MAX;
}

static void add_demand(struct gathering *gathering, struct impact_demand demand)
{
	struct impact *impact = &gathering->impact;

	for (size_t i = 0; i < impact->n_demands; i++) {
		const char *known = impact->demands[i].requirement;
		if (known == demand.requirement || strcmp(known, demand.requirement) == 0)
			return;
	}
	if (is_full(gathering))
		return;
	impact->demands[impact->n_demands++] = demand;
	impact->assumed = impact->assumed || demand.assumed;
}

static void add_assumed(struct gathering *gathering)
{
	add_demand(gathering, (struct impact_demand){.requirement = gathering->impact.memory, .assumed = true});
}

/* The first one is the nearest to the workspace. */
static void note_edge(struct gathering *gathering, uint32_t from, uint32_t to)
{
	gathering->impact.hits = true;
	if (gathering->from == REACH_NEVER) {
		gathering->from = from;
		gathering->to = to;
	}
}

/* Does it allow the bad version, and, where the bad one is not locked, what is? */
static bool allows(const struct gathering *gathering, const char *requirement_text, const char *locked)
{
	struct requirement requirement;
	struct semver version;
	struct err err;

	if (!gathering->bad_is_one || requirement_parse(requirement_text, &requirement, &err) < 0 ||
	    !requirement_matches(&requirement, &gathering->bad))
		return false;
	return semver_parse(locked, &version, &err) == 0 && requirement_matches(&requirement, &version);
}

/* What cargo has taken instead stays what it takes, for it is locked. */
static bool add_if_allowed(struct gathering *gathering, const char *requirement, uint32_t to)
{
	const char *locked = version_at(gathering, to);

	if (!allows(gathering, requirement, locked))
		return false;
	add_demand(gathering, (struct impact_demand){.requirement = requirement,
						     .pick = gathering->impact.locked ? NULL : locked});
	return true;
}

/* By the index entry of `from`. An entry that does not allow what the edge leads to belongs to another edge. */
static bool add_from_index(struct gathering *gathering, uint32_t from, uint32_t to)
{
	const struct impact_question *question = gathering->question;
	const char *const *requirements = NULL;
	size_t n = 0;
	bool any = false;

	if (question->lock->packages[from].origin != LOCK_REGISTRY || gathering->entries >= ENTRIES_MAX ||
	    !question->demands(question->ctx, from, &requirements, &n))
		return false;
	gathering->entries += n + 1;
	for (size_t i = 0; i < n; i++)
		any = add_if_allowed(gathering, requirements[i], to) || any;
	return any;
}

static void visit_edge(struct gathering *gathering, uint32_t from, const struct lock_edge *edge)
{
	const char *requirement = lock_text_at(gathering->question->lock, edge->requirement);
	bool known = *requirement ? add_if_allowed(gathering, requirement, edge->to)
				  : add_from_index(gathering, from, edge->to);

	if (known || gathering->impact.locked)
		note_edge(gathering, from, edge->to);
	if (!known && gathering->impact.locked)
		add_assumed(gathering);
}

/* In the order in which cargo comes to the packages. Where the bad version is locked only the edges to it count: others
 * do not pick it. */
static void gather(struct gathering *gathering)
{
	const struct lock *lock = gathering->question->lock;

	for (uint32_t at = 0; at < lock->n_packages && !is_full(gathering); at++) {
		uint32_t from = gathering->reach.order[at];
		const struct lock_package *package = &lock->packages[from];
		for (uint32_t i = 0; i < package->n_edges; i++) {
			const struct lock_edge *edge = &lock->edges[package->edges + i];
			if (gathering->impact.locked ? is_bad(gathering, edge->to)
						     : gathering->question->is_crate[edge->to])
				visit_edge(gathering, from, edge);
		}
	}
	if (gathering->impact.locked && gathering->impact.n_demands == 0)
		add_assumed(gathering);
}

/* ---- the outcome */

static void choose(struct gathering *gathering)
{
	struct impact *impact = &gathering->impact;
	struct semver best;
	struct err err;
	bool best_is_alike = false;

	for (size_t i = 0; i < impact->n_demands; i++) {
		const char *pick = impact->demands[i].pick;
		struct semver it;
		if (!pick || semver_parse(pick, &it, &err) < 0) {
			impact->would_pick = NULL;
			return;
		}
		bool alike = gathering->bad_is_one && semver_is_alike(&it, &gathering->bad);
		bool better = !impact->would_pick || alike > best_is_alike ||
			      (alike == best_is_alike && semver_compare(&it, &best) > 0);
		if (!better)
			continue;
		impact->would_pick = pick;
		best = it;
		best_is_alike = alike;
	}
}

static bool are_split(const struct impact *impact)
{
	for (size_t i = 1; i < impact->n_demands; i++) {
		const char *a = impact->demands[0].pick;
		const char *b = impact->demands[i].pick;
		if ((a == NULL) != (b == NULL) || (a && strcmp(a, b) != 0))
			return true;
	}
	return false;
}

static int begin(struct gathering *gathering, struct err *err)
{
	const char *version = gathering->question->version;
	struct impact *impact = &gathering->impact;
	struct err ignored;

	gathering->bad_is_one = semver_parse(version, &gathering->bad, &ignored) == 0;
	impact->demands = calloc(IMPACT_PICKS_MAX, sizeof *impact->demands);
	if (!impact->demands || asprintf(&impact->memory, "^%s", version) < 0) {
		impact->memory = NULL;
		return err_nomem(err);
	}
	return reach_find(gathering->question->lock, &gathering->reach, err);
}

static int finish(struct gathering *gathering, struct err *err)
{
	struct impact *impact = &gathering->impact;
	uint32_t to = gathering->from == REACH_NEVER ? gathering->locked_at : gathering->to;

	int rc = impact->locked ? impact_pick(gathering->question, impact->demands, impact->n_demands, err) : 0;
	if (rc == 0)
		rc = reach_path(&gathering->reach, gathering->from, to, &impact->path, &impact->n_path, err);
	if (rc < 0)
		return rc;
	choose(gathering);
	impact->splits = are_split(impact);
	return 0;
}

int impact_find(const struct impact_question *question, struct impact *ret, struct err *err)
{
	OWNED(gathering_release) struct gathering gathering = {.question = question, .from = REACH_NEVER};

	int rc = begin(&gathering, err);
	if (rc < 0)
		return rc;
	find_locked(&gathering);
	gathering.impact.hits = gathering.impact.locked;
	gather(&gathering);
	if (gathering.impact.hits)
		rc = finish(&gathering, err);
	else
		impact_release(&gathering.impact);
	if (rc < 0)
		return rc;
	*ret = gathering.impact;
	gathering.impact = (struct impact){0};
	return 0;
}
