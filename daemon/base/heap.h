/* SPDX-License-Identifier: Apache-2.0 */
/*
 * heap.h: a binary min-heap of int64 keys, embedded in what it orders.
 *
 * The node remembers its place, so that removing or moving any node costs
 * log n. The heap owns only its array of pointers, never the nodes. A node that
 * is in no heap has place 0; zero it before its first use.
 */
#pragma once

#include "base/defs.h"

struct heap_node {
	int64_t key;
	size_t place; /* 1-based; 0 = in no heap */
};

struct heap {
	struct heap_node **nodes; /* nodes[0] is unused */
	size_t count, cap;
};

void heap_release(struct heap *heap);

/* Room for `count` nodes in all; after it heap_put() cannot fail up to there. */
MUST_CHECK bool heap_reserve(struct heap *heap, size_t count);

/* Adds the node, or moves it when it is there already. Needs reserved room. */
void heap_put(struct heap *heap, struct heap_node *node, int64_t key);
void heap_remove(struct heap *heap, struct heap_node *node); /* not there: nothing */

/* The node with the smallest key, left in place; NULL when empty. */
struct heap_node *heap_first(const struct heap *heap);
