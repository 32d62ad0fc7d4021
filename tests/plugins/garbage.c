/* SPDX-License-Identifier: Apache-2.0 */
/* garbage.c: a plugin that writes no frames into the daemon's channel by itself. */
#include <string.h>
#include <sys/socket.h>
#include <yankwatch/notifier.h>

static void *garbage_open(const struct yw_options *options, const struct yw_host *host, char *error)
{
	static char self;
	(void)options;
	(void)host;
	(void)error;
	return &self;
}

static void garbage_deliver(void *self, const struct yw_message *message, struct yw_result *result)
{
	(void)self;
	(void)message;
	(void)result;
	static const char garbage[] = "\xff\xff\xff\xff{]no frame";
	(void)!send(3, garbage, strlen(garbage), MSG_NOSIGNAL);
}

static void garbage_close(void *self)
{
	(void)self;
}

const struct yw_notifier yankwatch_notifier = {
	.abi_version = YANKWATCH_NOTIFIER_ABI,
	.size = sizeof yankwatch_notifier,
	.name = "garbage",
	.version = "1",
	.summary = "writes to descriptor 3",
	.open = garbage_open,
	.deliver = garbage_deliver,
	.close = garbage_close,
};
