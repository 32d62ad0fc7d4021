/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file.c: the plugin "file": each event is a line of JSON at the end of a file.
 * README.md is for users; lines.c says what is in a line, append.c brings it there.
 */
#include "append.h"
#include "lib/options.h"
#include "lines.h"

#include <stdio.h>
#include <stdlib.h>

struct file {
	const char *path; /* the host's, until close() */
	mode_t mode;
};

static const struct yw_option options[] = {
	{"path", YW_OPTION_PATH, YW_OPTION_REQUIRED | YW_OPTION_WRITE, NULL,
	 "the file to append to; it is made when it is not there"},
	{"mode", YW_OPTION_STRING, 0, "0640", "of a file that is made, octal"},
};

static void file_close(void *self)
{
	free(self);
}

/* Who may read the file needs to be said; who may run it does not. */
static bool parse_mode(const char *text, mode_t *ret)
{
	size_t len = strlen(text);

	if (len < 3 || len > 4 || strspn(text, "01234567") != len)
		return false;
	*ret = (mode_t)strtoul(text, NULL, 8);
	return (*ret & ~(mode_t)0666) == 0 && (*ret & 0600) == 0600;
}

static void *file_open(const struct yw_options *given, const struct yw_host *host, char *error)
{
	struct file *file = calloc(1, sizeof *file);

	(void)host;
	if (!file || !parse_mode(option_text(given, "mode"), &file->mode)) {
		(void)snprintf(error, YW_ERROR_TEXT_MAX, "%s",
			       file ? "mode: must be octal, from 0600 to 0666" : "out of memory");
		free(file);
		return NULL;
	}
	file->path = option_text(given, "path");
	return file;
}

static void file_deliver(void *self, const struct yw_message *message, struct yw_result *result)
{
	const struct file *file = self;
	char error[APPEND_ERROR_MAX] = "out of memory";
	size_t len = 0;
	char *lines = lines_make(message, &len);

	if (lines && append_lines(file->path, file->mode, lines, len, error)) {
		result->outcome = YW_OK;
		(void)snprintf(result->text, sizeof result->text, "%zu bytes written", len);
	} else {
		(void)snprintf(result->text, sizeof result->text, "%.512s: %s", file->path, error);
	}
	free(lines);
}

const struct yw_notifier yankwatch_notifier = {
	.abi_version = YANKWATCH_NOTIFIER_ABI,
	.size = sizeof yankwatch_notifier,
	.name = "file",
	.version = YANKWATCH_VERSION,
	.summary = "appends each event to a file as a line of JSON",
	.options = options,
	.n_options = sizeof options / sizeof options[0],
	.open = file_open,
	.deliver = file_deliver,
	.close = file_close,
};
