/* SPDX-License-Identifier: Apache-2.0 */
/* The timers' heap: random operations held against a plain search of all nodes. */
#include "base/heap.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define NODES 64

static void release_heap(struct heap *heap)
{
	heap_release(heap);
}
#define OWNED_HEAP OWNED(release_heap)

static void an_empty_heap_has_no_first(void **state)
{
	(void)state;
	OWNED_HEAP struct heap heap = {0};
	struct heap_node node = {0};

	assert_null(heap_first(&heap));
	heap_remove(&heap, &node); /* in no heap: nothing */
	assert_int_equal(heap.count, 0);
}

static void reserved_room_is_room_for_that_many(void **state)
{
	(void)state;

	for (size_t count = 0; count < 40; count++) {
		OWNED_HEAP struct heap heap = {0};
		struct heap_node nodes[40] = {0};
		assert_true(heap_reserve(&heap, count));
		assert_true(heap_reserve(&heap, count)); /* twice is no harm */
		assert_true(heap.cap > count);
		for (size_t i = 0; i < count; i++)
			heap_put(&heap, &nodes[i], (int64_t)(i * 7 % 13));
		assert_int_equal(heap.count, count);
	}
}

static void the_heap_grows_with_its_nodes(void **state)
{
	(void)state;
	OWNED_HEAP struct heap heap = {0};
	static struct heap_node nodes[1000];

	for (size_t i = 0; i < ARRAY_LEN(nodes); i++) {
		assert_true(heap_reserve(&heap, i + 1));
		heap_put(&heap, &nodes[i], (int64_t)(1000 - i));
		assert_ptr_equal(heap_first(&heap), &nodes[i]);
	}
	heap_release(&heap);
	assert_null(heap_first(&heap));
}

static void keys_of_both_signs_are_ordered(void **state)
{
	(void)state;
	OWNED_HEAP struct heap heap = {0};
	struct heap_node nodes[3] = {0};

	assert_true(heap_reserve(&heap, 3));
	heap_put(&heap, &nodes[0], 0);
	heap_put(&heap, &nodes[1], INT64_MAX);
	heap_put(&heap, &nodes[2], INT64_MIN);
	assert_ptr_equal(heap_first(&heap), &nodes[2]);
	heap_put(&heap, &nodes[2], INT64_MAX);
	assert_ptr_equal(heap_first(&heap), &nodes[0]);
}

/* Puts 1, 2, … n in the order of the index and drains what is left after one removal. */
static void remove_one_and_drain(size_t n, size_t victim)
{
	OWNED_HEAP struct heap heap = {0};
	struct heap_node nodes[NODES] = {0};
	int64_t last = 0;

	assert_true(heap_reserve(&heap, n));
	for (size_t i = 0; i < n; i++)
		heap_put(&heap, &nodes[i], (int64_t)((i * 5 + 3) % n) + 1);
	int64_t missing = nodes[victim].key;
	heap_remove(&heap, &nodes[victim]);
	assert_int_equal(nodes[victim].place, 0);
	heap_remove(&heap, &nodes[victim]);
	for (size_t left = n - 1; left > 0; left--) {
		struct heap_node *first = heap_first(&heap);
		assert_int_equal(heap.count, left);
		assert_int_equal(first->key, last + 1 == missing ? last + 2 : last + 1);
		last = first->key;
		heap_remove(&heap, first);
	}
	assert_null(heap_first(&heap));
}

static void a_node_is_removed_from_any_place(void **state)
{
	(void)state;
	static const size_t sizes[] = {1, 2, 3, 4, 7, 8, 16, 33, 64};

	for (size_t s = 0; s < ARRAY_LEN(sizes); s++)
		for (size_t victim = 0; victim < sizes[s]; victim++)
			remove_one_and_drain(sizes[s], victim);
}

/* Every node knows its place, and the first has the smallest key of all. */
static void check(const struct heap *heap, const struct heap_node *nodes)
{
	size_t count = 0;
	int64_t least = INT64_MAX;

	for (size_t i = 0; i < NODES; i++) {
		if (nodes[i].place == 0)
			continue;
		count++;
		least = nodes[i].key < least ? nodes[i].key : least;
		assert_ptr_equal(heap->nodes[nodes[i].place], &nodes[i]);
	}
	assert_int_equal(heap->count, count);
	if (count)
		assert_int_equal(heap_first(heap)->key, least);
	else
		assert_null(heap_first(heap));
}

static void random_operations_agree_with_a_plain_search(void **state)
{
	(void)state;
	OWNED_HEAP struct heap heap = {0};
	struct heap_node nodes[NODES] = {0};
	unsigned seed = 42;

	assert_true(heap_reserve(&heap, NODES));
	for (unsigned step = 0; step < 50000; step++) {
		struct heap_node *node = &nodes[(size_t)rand_r(&seed) % NODES];
		switch (rand_r(&seed) % 4) {
		case 0:
			heap_remove(&heap, node);
			break;
		case 1:
			if (heap_first(&heap))
				heap_remove(&heap, heap_first(&heap));
			break;
		default: /* adds it, or moves it when it is there */
			heap_put(&heap, node, rand_r(&seed) % 50 - 25);
			break;
		}
		check(&heap, nodes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_heap_has_no_first),
		cmocka_unit_test(reserved_room_is_room_for_that_many),
		cmocka_unit_test(the_heap_grows_with_its_nodes),
		cmocka_unit_test(keys_of_both_signs_are_ordered),
		cmocka_unit_test(a_node_is_removed_from_any_place),
		cmocka_unit_test(random_operations_agree_with_a_plain_search),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
