/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flood.c: a plugin that says far too much while it delivers: lines for the log,
 * whole frames past the host, or one frame that never ends. Option `with`.
 */
#include <endian.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <yankwatch/notifier.h>

#define LINES 20000
#define ENDLESS (7u << 20) /* bytes of a frame that the protocol would allow */

struct flood {
	const struct yw_host *host;
	const char *with;
};

static const struct yw_option options[] = {
	{"with", YW_OPTION_STRING, 0, "lines", "lines, frames or endless"},
};

static void *flood_open(const struct yw_options *given, const struct yw_host *host, char *error)
{
	static struct flood self;
	(void)error;
	self.host = host;
	self.with = given->values[0].text;
	return &self;
}

static void say(const void *bytes, size_t len)
{
	(void)!send(3, bytes, len, MSG_NOSIGNAL);
}

static void say_lines(const struct yw_host *host)
{
	char line[256];

	memset(line, 'x', sizeof line - 1);
	line[sizeof line - 1] = '\0';
	for (int i = 0; i < LINES && host->deadline_left_ms(host) > 0; i++)
		host->log(host, YW_LOG_ERROR, line);
}

static void say_frames(const struct yw_host *host)
{
	static const char json[] = "{\"type\":\"log\",\"level\":\"error\",\"text\":\"flooded\"}";
	char frame[4 + sizeof json - 1];
	uint32_t len = htole32(sizeof json - 1);

	memcpy(frame, &len, 4);
	memcpy(frame + 4, json, sizeof json - 1);
	for (int i = 0; i < LINES && host->deadline_left_ms(host) > 0; i++)
		say(frame, sizeof frame);
}

static void say_an_endless_frame(void)
{
	static char chunk[65536];
	uint32_t len = htole32(ENDLESS);

	memset(chunk, ' ', sizeof chunk);
	say(&len, 4);
	for (size_t said = 0; said < ENDLESS - sizeof chunk; said += sizeof chunk)
		say(chunk, sizeof chunk);
}

static void flood_deliver(void *self, const struct yw_message *message, struct yw_result *result)
{
	struct flood *flood = self;
	(void)message;

	if (strcmp(flood->with, "lines") == 0)
		say_lines(flood->host);
	else if (strcmp(flood->with, "frames") == 0)
		say_frames(flood->host);
	else
		say_an_endless_frame();
	(void)snprintf(result->text, sizeof result->text, "flooded");
}

static void flood_close(void *self)
{
	(void)self;
}

const struct yw_notifier yankwatch_notifier = {
	.abi_version = YANKWATCH_NOTIFIER_ABI,
	.size = sizeof yankwatch_notifier,
	.name = "flood",
	.version = "1",
	.summary = "says far too much",
	.options = options,
	.n_options = sizeof options / sizeof options[0],
	.open = flood_open,
	.deliver = flood_deliver,
	.close = flood_close,
};
