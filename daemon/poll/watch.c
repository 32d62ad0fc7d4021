/* SPDX-License-Identifier: Apache-2.0 */
/* watch.c: see watch.h. */
#include "poll/watch.h"

#include "poll/registry.h"

#include <stdio.h>
#include <string.h>

struct watch *watch_new(struct registry *registry, const char *crate)
{
	size_t len = strlen(crate);
	struct watch *watch = calloc(1, offsetof(struct watch, crate) + len + 1);

	if (!watch)
		return NULL;
	watch->registry = registry;
	watch->index = registry->index;
	watch->swept = !registry->swept;
	memcpy(watch->crate, crate, len + 1);
	return watch;
}

/* ---- links ---- */

static void link_waits(struct registry *registry, struct wait_link *link)
{
	link->newer = registry->waiting;
	link->older = &registry->waiting;
	if (link->newer)
		link->newer->older = &link->newer;
	registry->waiting = link;
}

static void link_waits_no_more(struct wait_link *link)
{
	*link->older = link->newer;
	if (link->newer)
		link->newer->older = link->older;
}

/* Takes those out of the watch that have begun, or those that have not. */
static struct wait_link *take_links(struct watch *watch, bool begun)
{
	struct wait_link *taken = NULL;
	struct wait_link **at = &watch->links;

	while (*at) {
		struct wait_link *link = *at;
		if (link->begun != begun) {
			at = &link->next;
			continue;
		}
		*at = link->next;
		if (!begun)
			link_waits_no_more(link);
		link->next = taken;
		taken = link;
	}
	if (!begun)
		watch->wanted = false;
	return taken;
}

static void free_links(struct wait_link *link)
{
	while (link) {
		struct wait_link *next = link->next;
		free(link);
		link = next;
	}
}

void watch_free(struct watch *watch)
{
	free_links(take_links(watch, true));
	free_links(take_links(watch, false));
	free(watch->etag);
	free(watch);
}

bool watch_wait(struct watch *watch, struct poll_round *round)
{
	struct wait_link *link = malloc(sizeof *link);

	if (!link)
		return false;
	*link = (struct wait_link){.round = round, .watch = watch, .next = watch->links};
	watch->links = link;
	watch->wanted = true;
	link_waits(watch->registry, link);
	round->left++;
	return true;
}

void watch_poll_begins(struct watch *watch)
{
	for (struct wait_link *link = watch->links; link; link = link->next) {
		if (!link->begun)
			link_waits_no_more(link);
		link->begun = true;
	}
	watch->wanted = false;
}

void watch_poll_again(struct watch *watch)
{
	for (struct wait_link *link = watch->links; link; link = link->next) {
		if (link->begun)
			link_waits(watch->registry, link);
		link->begun = false;
		watch->wanted = true;
	}
}

/* ---- rounds ---- */

void round_count_failure(struct poll_round *round, const struct watch *watch, const struct err *why)
{
	round->failed++;
	if (round->n_errors == POLLER_ERRORS_MAX)
		return;
	size_t i = round->n_errors++;
	(void)snprintf(round->errors[i].registry, sizeof round->errors[i].registry, "%s", watch->registry->name);
	(void)snprintf(round->errors[i].crate, sizeof round->errors[i].crate, "%s", watch->crate);
	round->errors[i].err = *why;
}

void round_put(struct poll_round *round)
{
	if (--round->left == 0)
		round->done(round);
}

static void tell(struct wait_link *link, const struct watch *watch, enum poll_end end, const struct err *why)
{
	while (link) {
		struct wait_link *next = link->next;
		struct poll_round *round = link->round;
		free(link);
		link = next;
		switch (end) {
		case POLL_CHANGED:
			round->changed++;
			break;
		case POLL_UNCHANGED:
			round->unchanged++;
			break;
		case POLL_FAILED:
			round_count_failure(round, watch, why);
			break;
		}
		round_put(round);
	}
}

void watch_poll_ends(struct watch *watch, enum poll_end end, const struct err *why)
{
	tell(take_links(watch, true), watch, end, why);
}

void watch_fail_waiting(struct watch *watch, const struct err *why)
{
	tell(take_links(watch, false), watch, POLL_FAILED, why);
}

/* ---- indexes ---- */

bool watch_is_stale(const struct watch *watch)
{
	return watch->removed || watch->index != watch->registry->index;
}

void watch_meet_index(struct watch *watch)
{
	if (watch->index == watch->registry->index)
		return;
	watch->index = watch->registry->index;
	watch->state = CRATE_UNKNOWN;
	watch->failures = 0;
	watch->looked_at = false;
	watch->swept = !watch->registry->swept;
	watch->missing = false;
	watch->pending = false;
	watch->unparsed = false;
	free(TAKE(watch->etag));
}

void watch_end(struct watch *watch)
{
	struct err why;

	(void)err_set(&why, ERR_ABSENT, "it is not watched any more");
	watch_fail_waiting(watch, &why);
	watch_poll_ends(watch, POLL_FAILED, &why);
	watch_free(watch);
}

void watch_unlink(struct watch **list, struct watch *watch)
{
	while (*list != watch)
		list = &(*list)->next;
	*list = watch->next;
}
