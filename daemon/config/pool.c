/* SPDX-License-Identifier: Apache-2.0 */
/* pool.c: see pool.h. One malloc a piece, so that sanitizers see each piece's end. */
#include "config/pool.h"

#include <string.h>

struct pool_block {
	struct pool_block *next;
	_Alignas(max_align_t) char bytes[];
};

void pool_release(struct pool *pool)
{
	while (pool->blocks) {
		struct pool_block *block = pool->blocks;
		pool->blocks = block->next;
		free(block);
	}
}

void *pool_alloc(struct pool *pool, size_t count, size_t size)
{
	size_t bytes;
	struct pool_block *block = NULL;

	if (!__builtin_mul_overflow(count, size, &bytes) && !__builtin_add_overflow(bytes, sizeof *block, &bytes))
		block = calloc(1, bytes);
	if (!block) {
		pool->failed = true;
		return NULL;
	}
	block->next = pool->blocks;
	pool->blocks = block;
	return block->bytes;
}

char *pool_copy(struct pool *pool, const char *bytes, size_t len)
{
	char *copy = pool_alloc(pool, len + 1, 1);

	if (copy && len)
		memcpy(copy, bytes, len);
	return copy;
}

char *pool_strdup(struct pool *pool, const char *text)
{
	return pool_copy(pool, text, strlen(text));
}
