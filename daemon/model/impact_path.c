/* SPDX-License-Identifier: Apache-2.0 */
/* impact_path.c: see impact_path.h. */
#include "model/impact_path.h"

void reach_release(struct reach *reach)
{
	free(reach->distance);
	*reach = (struct reach){0};
}

/* Appends the neighbours that were not met before to the order; returns its new end. */
static uint32_t visit(const struct lock *lock, const struct reach *reach, uint32_t at, uint32_t end)
{
	const struct lock_package *package = &lock->packages[at];

	for (uint32_t i = 0; i < package->n_edges; i++) {
		uint32_t to = lock->edges[package->edges + i].to;
		if (reach->distance[to] != REACH_NEVER)
			continue;
		reach->distance[to] = reach->distance[at] + 1;
		reach->before[to] = at;
		reach->order[end++] = to;
	}
	return end;
}

static uint32_t begin_with_members(const struct lock *lock, const struct reach *reach)
{
	uint32_t end = 0;

	for (uint32_t i = 0; i < lock->n_packages; i++) {
		bool is_member = lock->packages[i].origin == LOCK_MEMBER;
		reach->distance[i] = is_member ? 0 : REACH_NEVER;
		if (is_member)
			reach->order[end++] = i;
	}
	return end;
}

int reach_find(const struct lock *lock, struct reach *ret, struct err *err)
{
	size_t n = lock->n_packages;
	uint32_t *memory = malloc((3 * n + 1) * sizeof *memory);

	if (!memory)
		return err_nomem(err);
	*ret = (struct reach){.distance = memory, .before = memory + n, .order = memory + 2 * n};
	uint32_t end = begin_with_members(lock, ret);
	for (uint32_t at = 0; at < end; at++)
		end = visit(lock, ret, ret->order[at], end);
	for (uint32_t i = 0; i < lock->n_packages; i++) {
		if (ret->distance[i] == REACH_NEVER)
			ret->order[end++] = i;
	}
	return 0;
}

int reach_path(const struct reach *reach, uint32_t from, uint32_t to, uint32_t **ret_path, size_t *ret_n,
	       struct err *err)
{
	bool leads_there = from != REACH_NEVER && reach->distance[from] != REACH_NEVER;
	size_t n = leads_there ? (size_t)reach->distance[from] + 2 : 1;
	uint32_t *path = malloc(n * sizeof *path);

	if (!path)
		return err_nomem(err);
	path[n - 1] = to;
	for (size_t i = n - 1; i > 0; i--) {
		path[i - 1] = from;
		if (i > 1) /* a member has none before it */
			from = reach->before[from];
	}
	*ret_path = path;
	*ret_n = n;
	return 0;
}
