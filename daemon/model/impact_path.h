/* SPDX-License-Identifier: Apache-2.0 */
/*
 * impact_path.h: how far each package of a lock is from the workspace, and by which way. Breadth first, in time that
 * grows with packages and edges; circles do no harm. For impact.c alone.
 */
#pragma once

#include "model/lock.h"

#define REACH_NEVER UINT32_MAX

/* A zeroed one is empty. Arrays of n_packages, one piece of memory. */
struct reach {
	uint32_t *distance; /* owned; edges from the nearest member; REACH_NEVER: no way leads there */
	uint32_t *before;   /* the package before it on a shortest way */
	uint32_t *order;    /* all packages, the nearest first; those that no way leads to last */
};

void reach_release(struct reach *reach);
/* ERR_NOMEM. The caller releases *ret. */
MUST_CHECK int reach_find(const struct lock *lock, struct reach *ret, struct err *err);

/* The packages from the member to `from`, and then `to`; `from` as REACH_NEVER or out of reach: `to` alone. ERR_NOMEM;
 * the caller frees *ret_path. */
MUST_CHECK int reach_path(const struct reach *reach, uint32_t from, uint32_t to, uint32_t **ret_path, size_t *ret_n,
			  struct err *err);
