/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exec.c: the plugin "exec": each notification is one run of a program that reads
 * it from its standard input. README.md is for users; child.c runs it,
 * outcome.c decides.
 */
#include "child.h"
#include "lib/kind.h"
#include "lib/options.h"
#include "outcome.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_PATH "/usr/local/bin:/usr/bin:/bin"
#define ENVIRONMENT 9 /* variables at most */

struct exec {
	const struct yw_host *host;
	const char *notifier;
	char **argv; /* its strings are the host's, until close() */
	bool wants_text;
};

static const struct yw_option options[] = {
	{"program", YW_OPTION_PATH, YW_OPTION_REQUIRED | YW_OPTION_PROGRAM, NULL, "the program to run"},
	{"args", YW_OPTION_LIST, 0, NULL, "its arguments, passed as they are: there is no shell"},
	{"input", YW_OPTION_STRING, 0, "document", "what it reads: document (JSON), or text (plain words)"},
};

static void exec_close(void *self)
{
	struct exec *exec = self;

	free(exec->argv);
	free(exec);
}

/* NULL, or the sentence for open()'s error. */
static const char *parse_input(const char *input, bool *ret_wants_text)
{
	*ret_wants_text = strcmp(input, "text") == 0;
	return *ret_wants_text || strcmp(input, "document") == 0 ? NULL : "input: must be document or text";
}

static void *exec_open(const struct yw_options *given, const struct yw_host *host, char *error)
{
	const struct yw_value *args = option_value(given, "args");
	size_t n_args = args ? args->n_items : 0;
	struct exec *exec = calloc(1, sizeof *exec);
	char **argv = calloc(n_args + 2, sizeof *argv);

	bool wants_text = false;
	const char *fault = exec && argv ? parse_input(option_text(given, "input"), &wants_text) : "out of memory";

	if (fault) {
		(void)snprintf(error, YW_ERROR_TEXT_MAX, "%s", fault);
		free(exec);
		free(argv);
		return NULL;
	}
	argv[0] = (char *)option_text(given, "program");
	for (size_t i = 0; i < n_args; i++)
		argv[i + 1] = (char *)args->items[i];
	*exec = (struct exec){.host = host, .notifier = given->notifier, .argv = argv, .wants_text = wants_text};
	return exec;
}

/* "NAME=value", freed by the caller; NULL: out of memory. */
static char *variable(const char *name, const char *value)
{
	char *text;
	return asprintf(&text, "%s=%s", name, value) < 0 ? NULL : text;
}

/* False: out of memory. What was made is in `env` in any case. */
static bool fill_environment(const struct exec *exec, const struct yw_message *message, char *env[ENVIRONMENT + 1])
{
	char attempt[16];
	const char *path = getenv("PATH");
	const char *const rows[ENVIRONMENT][2] = {
		{"PATH", path ? path : DEFAULT_PATH},
		{"YANKWATCH_ID", message->id},
		{"YANKWATCH_ATTEMPT", attempt},
		{"YANKWATCH_SUBJECT", message->subject},
		{"YANKWATCH_NOTIFIER", exec->notifier},
		{"YANKWATCH_KIND", kind_name(message->kind)},
		{"YANKWATCH_SEVERITY", message->severity},
		{"YANKWATCH_CREATED_AT", message->created_at},
		{"YANKWATCH_FOLLOWS", message->follows},
	};
	size_t n = 0;

	(void)snprintf(attempt, sizeof attempt, "%u", message->attempt);
	for (size_t i = 0; i < ENVIRONMENT; i++)
		if (rows[i][1] && !(env[n++] = variable(rows[i][0], rows[i][1])))
			return false;
	return true;
}

static void exec_deliver(void *self, const struct yw_message *message, struct yw_result *result)
{
	const struct exec *exec = self;
	char *env[ENVIRONMENT + 1] = {NULL};
	struct child_job job = {exec->argv, env, message->document, message->document_len};
	struct child_end end;

	if (exec->wants_text) {
		job.input = message->text;
		job.input_len = strlen(message->text);
	}
	if (fill_environment(exec, message, env)) {
		child_run(&job, exec->host, &end);
		outcome_fill(&end, result);
	} else {
		(void)snprintf(result->text, sizeof result->text, "out of memory");
	}
	for (size_t i = 0; i < ENVIRONMENT; i++)
		free(env[i]);
}

const struct yw_notifier yankwatch_notifier = {
	.abi_version = YANKWATCH_NOTIFIER_ABI,
	.size = sizeof yankwatch_notifier,
	.name = "exec",
	.version = YANKWATCH_VERSION,
	.summary = "runs a program with the notification on its standard input",
	.options = options,
	.n_options = sizeof options / sizeof options[0],
	.open = exec_open,
	.deliver = exec_deliver,
	.close = exec_close,
	/* What a program needs is not known here: what it usually does. */
	.needs = YW_NEEDS_NETWORK | YW_NEEDS_LOCAL_SOCKETS | YW_NEEDS_PROGRAMS,
};
