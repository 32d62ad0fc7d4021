/* SPDX-License-Identifier: Apache-2.0 */
/* refuse.c: a plugin whose open() ends badly, `by` one of `ways`. It makes the file `mark` before it. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <yankwatch/notifier.h>

static const struct yw_option options[] = {
	{"by", YW_OPTION_STRING, YW_OPTION_REQUIRED, NULL, "a way"},
	{"mark", YW_OPTION_PATH, YW_OPTION_WRITE, NULL, "a file to make"},
};

static void hang(void)
{
	for (;;)
		(void)pause();
}

static void leave(void)
{
	_exit(3);
}

static void be_silent(void)
{
}

static const struct {
	const char *name;
	void (*go)(void);
} ways[] = {{"hang", hang}, {"exit", leave}, {"abort", abort}, {"silence", be_silent}};

static void *refuse_open(const struct yw_options *given, const struct yw_host *host, char *error)
{
	(void)host;
	(void)error;
	if (given->n_values > 1)
		(void)close(open(given->values[1].text, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
		if (strcmp(ways[i].name, given->values[0].text) == 0)
			ways[i].go();
	return NULL;
}

static void refuse_deliver(void *self, const struct yw_message *message, struct yw_result *result)
{
	(void)self;
	(void)message;
	(void)result;
}

static void refuse_close(void *self)
{
	(void)self;
}

const struct yw_notifier yankwatch_notifier = {
	.abi_version = YANKWATCH_NOTIFIER_ABI,
	.size = sizeof yankwatch_notifier,
	.name = "refuse",
	.version = "1",
	.summary = "never opens",
	.options = options,
	.n_options = sizeof options / sizeof options[0],
	.open = refuse_open,
	.deliver = refuse_deliver,
	.close = refuse_close,
};
