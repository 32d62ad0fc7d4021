/* SPDX-License-Identifier: Apache-2.0 */
/* schedule.c: see schedule.h. */
#include "poll/schedule.h"

static struct heap *heap_of(struct schedule *schedule, const struct watch *watch)
{
	return watch->spare ? &schedule->spare : &schedule->due;
}

static struct watch *first_of(const struct heap *heap)
{
	struct heap_node *first = heap_first(heap);
	return first ? CONTAINER_OF(first, struct watch, due) : NULL;
}

void schedule_release(struct schedule *schedule)
{
	heap_release(&schedule->due);
	heap_release(&schedule->spare);
}

bool schedule_reserve(struct schedule *schedule, size_t count)
{
	return heap_reserve(&schedule->due, count) && heap_reserve(&schedule->spare, count);
}

void schedule_put(struct schedule *schedule, struct watch *watch, int64_t due_ms)
{
	heap_put(heap_of(schedule, watch), &watch->due, due_ms);
}

void schedule_remove(struct schedule *schedule, struct watch *watch)
{
	heap_remove(heap_of(schedule, watch), &watch->due);
}

void schedule_set_spare(struct schedule *schedule, struct watch *watch, bool spare)
{
	bool is_in = watch->due.place != 0;

	if (watch->spare == spare)
		return;
	schedule_remove(schedule, watch);
	watch->spare = spare;
	if (is_in)
		schedule_put(schedule, watch, watch->due.key);
}

struct watch *schedule_first(const struct schedule *schedule, int64_t now_ms)
{
	struct watch *due = first_of(&schedule->due);
	struct watch *spare = first_of(&schedule->spare);

	if (!due || !spare)
		return due ? due : spare;
	return due->due.key <= now_ms || due->due.key <= spare->due.key ? due : spare;
}

struct watch *schedule_first_due(const struct schedule *schedule)
{
	return first_of(&schedule->due);
}
