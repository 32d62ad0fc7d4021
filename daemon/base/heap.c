/* SPDX-License-Identifier: Apache-2.0 */
/* heap.c: see heap.h. */
#include "base/heap.h"

void heap_release(struct heap *heap)
{
	free(heap->nodes);
	*heap = (struct heap){0};
}

bool heap_reserve(struct heap *heap, size_t count)
{
	if (count < heap->cap)
		return true;
	size_t cap = heap->cap * 2 > count + 1 ? heap->cap * 2 : count + 1;
	struct heap_node **nodes = reallocarray(heap->nodes, cap, sizeof(void *));
	if (!nodes)
		return false;
	heap->nodes = nodes;
	heap->cap = cap;
	return true;
}

static void settle(struct heap *heap, size_t place, struct heap_node *node)
{
	heap->nodes[place] = node;
	node->place = place;
}

static void sift_up(struct heap *heap, struct heap_node *node)
{
	size_t at = node->place;

	while (at > 1 && heap->nodes[at / 2]->key > node->key) {
		settle(heap, at, heap->nodes[at / 2]);
		at /= 2;
	}
	settle(heap, at, node);
}

static void sift_down(struct heap *heap, struct heap_node *node)
{
	size_t at = node->place;

	for (;;) {
		size_t child = 2 * at;
		if (child > heap->count)
			break;
		if (child < heap->count && heap->nodes[child + 1]->key < heap->nodes[child]->key)
			child++;
		if (heap->nodes[child]->key >= node->key)
			break;
		settle(heap, at, heap->nodes[child]);
		at = child;
	}
	settle(heap, at, node);
}

void heap_put(struct heap *heap, struct heap_node *node, int64_t key)
{
	node->key = key;
	if (node->place == 0)
		settle(heap, ++heap->count, node);
	sift_up(heap, node);
	sift_down(heap, node);
}

void heap_remove(struct heap *heap, struct heap_node *node)
{
	if (node->place == 0)
		return;
	struct heap_node *last = heap->nodes[heap->count--];
	size_t hole = node->place;
	node->place = 0;
	if (last == node)
		return;
	settle(heap, hole, last);
	sift_up(heap, last);
	sift_down(heap, last);
}

struct heap_node *heap_first(const struct heap *heap)
{
	return heap->count ? heap->nodes[1] : NULL;
}
