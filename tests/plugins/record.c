/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record.c: a plugin that appends each document as a line to the file `path`. It
 * has an option of every type, none of which but `path` it needs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yankwatch/notifier.h>

struct record {
	const struct yw_host *host;
	FILE *file;
};

static const struct yw_option options[] = {
	{"path", YW_OPTION_PATH, YW_OPTION_REQUIRED | YW_OPTION_WRITE, NULL, "the file to append to"},
	{"word", YW_OPTION_STRING, 0, "a \"word\"", "a string"},
	{"count", YW_OPTION_INTEGER, 0, "-3", "an integer"},
	{"flag", YW_OPTION_BOOLEAN, 0, "true", "a boolean"},
	{"names", YW_OPTION_LIST, 0, NULL, "a list"},
	{"page", YW_OPTION_URL, YW_OPTION_OR_FILE, NULL, "a URL"},
	{"token", YW_OPTION_STRING, YW_OPTION_SECRET, NULL, "a secret"},
};

static void *record_open(const struct yw_options *given, const struct yw_host *host, char *error)
{
	struct record *record = calloc(1, sizeof *record);

	/* The first value: the option is required and stands first in the schema. */
	if (record && !(record->file = fopen(given->values[0].text, "ae"))) {
		(void)snprintf(error, YW_ERROR_TEXT_MAX, "%s: cannot be opened", given->values[0].text);
		free(record);
		return NULL;
	}
	if (record)
		record->host = host;
	return record;
}

static void record_deliver(void *self, const struct yw_message *message, struct yw_result *result)
{
	struct record *record = self;

	record->host->log(record->host, YW_LOG_INFO, message->subject);
	(void)fprintf(record->file, "%s\n", message->document);
	result->outcome = fflush(record->file) == EOF ? YW_RETRY : YW_OK;
	(void)snprintf(result->text, sizeof result->text, "%zu events recorded", message->n_events);
}

static void record_close(void *self)
{
	struct record *record = self;

	(void)fclose(record->file);
	free(record);
}

const struct yw_notifier yankwatch_notifier = {
	.abi_version = YANKWATCH_NOTIFIER_ABI,
	.size = sizeof yankwatch_notifier,
	.name = "record",
	.version = "1",
	.summary = "appends documents to a file",
	.options = options,
	.n_options = sizeof options / sizeof options[0],
	.open = record_open,
	.deliver = record_deliver,
	.close = record_close,
};
