/* SPDX-License-Identifier: Apache-2.0 */
/* hang.c: a plugin whose deliver() never returns. */
#include <unistd.h>
#include <yankwatch/notifier.h>

static void *hang_open(const struct yw_options *options, const struct yw_host *host, char *error)
{
	static char self;
	(void)options;
	(void)host;
	(void)error;
	return &self;
}

static void hang_deliver(void *self, const struct yw_message *message, struct yw_result *result)
{
	(void)self;
	(void)message;
	(void)result;
	for (;;)
		(void)pause();
}

static void hang_close(void *self)
{
	(void)self;
}

const struct yw_notifier yankwatch_notifier = {
	.abi_version = YANKWATCH_NOTIFIER_ABI,
	.size = sizeof yankwatch_notifier,
	.name = "hang",
	.version = "1",
	.summary = "never returns",
	.open = hang_open,
	.deliver = hang_deliver,
	.close = hang_close,
};
