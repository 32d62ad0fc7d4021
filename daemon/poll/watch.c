/* SPDX-License-Identifier: Apache-2.0 */
/* watch.c: see watch.h. */
#include "poll/watch.h"

#include "poll/registry.h"

#include <stdio.h>
#include <string.h>

struct watch *watch_new(struct registry *registry, const char *crate)
{
	size_t len = strlen(crate);
	struct watch *watch = calloc(1, sizeof *watch + len + 1);

	if (!watch)
		return NULL;
	watch->registry = registry;
	memcpy(watch->crate, crate, len + 1);
	return watch;
}

void watch_free(struct watch *watch)
{
	struct wait_link **lists[] = {&watch->waiting, &watch->polling};

	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		while (*lists[i]) {
			struct wait_link *link = *lists[i];
			*lists[i] = link->next;
			free(link);
		}
	}
	watch_set_pending(watch, false);
	validators_release(&watch->validators);
	free(watch);
}

void watch_set_pending(struct watch *watch, bool pending)
{
	if (watch->pending == pending)
		return;
	watch->pending = pending;
	if (pending)
		watch->registry->n_waiting++;
	else
		watch->registry->n_waiting--;
}

bool watch_wait(struct watch *watch, struct poll_round *round)
{
	struct wait_link *link = malloc(sizeof *link);

	if (!link)
		return false;
	*link = (struct wait_link){.round = round, .next = watch->waiting};
	watch->waiting = link;
	round->polled++;
	round->left++;
	return true;
}

void watch_poll_begins(struct watch *watch)
{
	struct wait_link **end = &watch->polling;

	while (*end)
		end = &(*end)->next;
	*end = watch->waiting;
	watch->waiting = NULL;
}

static void round_note_error(struct poll_round *round, const struct watch *watch, const struct err *why)
{
	if (round->n_errors == POLLER_ERRORS_MAX)
		return;
	size_t i = round->n_errors++;
	(void)snprintf(round->errors[i].registry, sizeof round->errors[i].registry, "%s", watch->registry->name);
	(void)snprintf(round->errors[i].crate, sizeof round->errors[i].crate, "%s", watch->crate);
	round->errors[i].err = *why;
}

void watch_poll_ends(struct watch *watch, enum poll_end end, const struct err *why)
{
	struct wait_link *link = watch->polling;

	watch->polling = NULL;
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
			round->failed++;
			round_note_error(round, watch, why);
			break;
		}
		if (--round->left == 0)
			round->done(round);
	}
}

void watch_fail_waiting(struct watch *watch, const struct err *why)
{
	struct wait_link *under_way = TAKE(watch->polling);

	watch->polling = TAKE(watch->waiting);
	watch_poll_ends(watch, POLL_FAILED, why);
	watch->polling = under_way;
}

void watch_end(struct watch *watch)
{
	struct err why;

	(void)err_set(&why, ERR_ABSENT, "it is not watched any more");
	watch_fail_waiting(watch, &why);
	watch_poll_ends(watch, POLL_FAILED, &why);
	watch_free(watch);
}
