/* SPDX-License-Identifier: Apache-2.0 */
/* crash.c: a plugin that aborts in deliver(). */
#include <stdlib.h>
#include <yankwatch/notifier.h>

static void *crash_open(const struct yw_options *options, const struct yw_host *host, char *error)
{
	static char self;
	(void)options;
	(void)host;
	(void)error;
	return &self;
}

static void crash_deliver(void *self, const struct yw_message *message, struct yw_result *result)
{
	(void)self;
	(void)message;
	(void)result;
	abort();
}

static void crash_close(void *self)
{
	(void)self;
}

const struct yw_notifier yankwatch_notifier = {
	.abi_version = YANKWATCH_NOTIFIER_ABI,
	.size = sizeof yankwatch_notifier,
	.name = "crash",
	.version = "1",
	.summary = "aborts",
	.open = crash_open,
	.deliver = crash_deliver,
	.close = crash_close,
};
