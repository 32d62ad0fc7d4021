/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool.h: memory that is freed together. A configuration is built once and never
 * changed, so its parts need no owners of their own.
 *
 * The failure is sticky, as strbuf's: a caller that only passes pointers on
 * checks `failed` once at the end; one that looks behind a pointer checks it.
 */
#pragma once

#include "base/defs.h"

struct pool {
	struct pool_block *blocks;
	bool failed; /* an allocation failed */
};

void pool_release(struct pool *pool);

/* `count` times `size` zeroed bytes, aligned for anything; NULL when out of memory. */
void *pool_alloc(struct pool *pool, size_t count, size_t size);

/* `len` bytes and a NUL. */
char *pool_copy(struct pool *pool, const char *bytes, size_t len);
char *pool_strdup(struct pool *pool, const char *text);
