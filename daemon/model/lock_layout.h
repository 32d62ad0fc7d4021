/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lock_layout.h: the one piece of memory of a lock: this header, the packages, the edges,
 * the texts. Databases hold this: another layout is another LOCK_MAGIC. For lock.c and
 * lock_build.c.
 */
#pragma once

#include "model/lock.h"

#define LOCK_MAGIC 0x314c5759u /* "YWL1" where little endian */

struct lock_header {
	uint32_t magic, format, version;
	uint32_t n_packages, n_edges, n_texts;
};

_Static_assert(sizeof(struct lock_package) == 8 * sizeof(uint32_t), "stored without gaps");
_Static_assert(sizeof(struct lock_edge) == 2 * sizeof(uint32_t), "stored without gaps");

uint64_t lock_layout_size(const struct lock_header *header);

/* Of memory whose header is right; it belongs to *ret then. */
void lock_layout_view(void *memory, size_t size, struct lock *ret);
