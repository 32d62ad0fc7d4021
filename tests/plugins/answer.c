/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answer.c: a plugin whose result is what the options say: a number as `outcome`,
 * `again` milliseconds, `left` as the state, or one that is no text with `broken`.
 * The result's text tells what the last attempt left.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yankwatch/notifier.h>

struct answer {
	enum yw_outcome outcome;
	int64_t again_ms;
	const char *left;
	int64_t broken;
};

static const struct yw_option options[] = {
	{"outcome", YW_OPTION_INTEGER, 0, "0", "enum yw_outcome"},
	{"again", YW_OPTION_INTEGER, 0, "0", "milliseconds"},
	{"left", YW_OPTION_STRING, 0, "", "the state to leave"},
	{"broken", YW_OPTION_BOOLEAN, 0, "false", "leave a state without an end"},
};

static void *answer_open(const struct yw_options *given, const struct yw_host *host, char *error)
{
	struct answer *answer = calloc(1, sizeof *answer);

	(void)host;
	(void)error;
	if (answer)
		*answer = (struct answer){(enum yw_outcome)given->values[0].integer, given->values[1].integer,
					  given->values[2].text, given->values[3].integer};
	return answer;
}

static void answer_deliver(void *self, const struct yw_message *message, struct yw_result *result)
{
	const struct answer *answer = self;

	result->outcome = answer->outcome;
	result->again_after_ms = answer->again_ms;
	(void)snprintf(result->text, sizeof result->text, "state <%s>", message->state);
	(void)snprintf(result->state, sizeof result->state, "%s", answer->left);
	if (answer->broken)
		memset(result->state, 'x', sizeof result->state);
}

static void answer_close(void *self)
{
	free(self);
}

const struct yw_notifier yankwatch_notifier = {
	.abi_version = YANKWATCH_NOTIFIER_ABI,
	.size = sizeof yankwatch_notifier,
	.name = "answer",
	.version = "1",
	.summary = "answers as the options say",
	.options = options,
	.n_options = sizeof options / sizeof options[0],
	.open = answer_open,
	.deliver = answer_deliver,
	.close = answer_close,
};
