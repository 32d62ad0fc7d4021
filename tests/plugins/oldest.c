/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oldest.c: a plugin as it was built with the first release's header. Behind its
 * constant stands something else, as in any library, and it writes its whole result
 * at once, as its header has it.
 */
#include "abi_1_first.h"

#include <stdio.h>
#include <string.h>

static const struct yw1_option options[] = {{"word", 1, 0, "none", "a string"}};

static void *oldest_open(const struct yw1_options *given, const struct yw1_host *host, char *error)
{
	if (given->size < sizeof *given || given->n_values != 1 || host->size < sizeof *host)
		(void)snprintf(error, 512, "the host's structs are smaller than the first release's");
	else
		return (void *)host;
	return NULL;
}

static void oldest_deliver(void *self, const struct yw1_message *message, struct yw1_result *result)
{
	const struct yw1_host *host = self;
	struct yw1_result mine = {.size = sizeof mine, .outcome = 0};
	const struct yw1_event *event = message->n_events ? message->events[0] : NULL;

	host->log(host, 2, message->subject);
	if (message->size < sizeof *message || result->size < sizeof *result || (event && event->size < sizeof *event))
		mine.outcome = 2;
	(void)snprintf(mine.text, sizeof mine.text, "%s %u %zu %s %s", message->id, message->attempt,
		       message->document_len, event ? event->id : "-", event && event->crate ? event->crate : "-");
	*result = mine;
}

static void oldest_close(void *self)
{
	(void)self;
}

extern const struct {
	struct yw1_notifier notifier;
	unsigned char behind[256];
} yankwatch_notifier __attribute__((visibility("default")));

const __typeof__(yankwatch_notifier) yankwatch_notifier = {
	.notifier =
		{
			.abi_version = 1,
			.size = sizeof(struct yw1_notifier),
			.name = "oldest",
			.version = "1",
			.summary = "of the first release",
			.options = options,
			.n_options = 1,
			.open = oldest_open,
			.deliver = oldest_deliver,
			.close = oldest_close,
		},
	.behind = {[0 ... 255] = 0xff},
};
