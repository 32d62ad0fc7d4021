/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c: yankwatch, the command line client. Reads the command line, opens
 * what a command needs, runs it, and is the one place that tells an error and
 * chooses the exit code: 0 done, 1 failed (or the answer is no), 2 not understood.
 */
#include "args.h"
#include "base/text.h"
#include "commands.h"
#include "http.h"
#include "session.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static const char *socket_path(const struct args *args)
{
	const char *given = args->globals[GLOBAL_SOCKET];
	const char *environment = getenv("YANKWATCH_SOCKET");

	if (given)
		return given;
	return environment && *environment ? environment : HTTP_SOCKET_DEFAULT;
}

static int run_command(const struct args *args, const struct style *style, struct err *err)
{
	OWNED_HTTP struct http http;
	int rc = http_init(&http, socket_path(args), err);

	if (rc)
		return rc;
	struct session session = {.http = &http, .style = *style, .json = args->globals[GLOBAL_JSON] != NULL};
	return args->command->run(&session, args, err);
}

static int run(int argc, char **argv, struct err *err)
{
	struct args args;
	struct style style;
	int rc = args_parse(argc, argv, &args, err);

	if (rc)
		return rc;
	style_init(&style);
	if (args.globals[GLOBAL_HELP])
		return help_print(&style, args.name, err);
	if (!args.globals[GLOBAL_VERSION])
		return run_command(&args, &style, err);
	puts("yankwatch " YANKWATCH_VERSION);
	return 0;
}

int main(int argc, char **argv)
{
	struct err err = {0};
	char safe[STYLE_TEXT_MAX];

	/* `yankwatch history | head` shall end quietly, whatever the caller did to the signal. */
	(void)signal(SIGPIPE, SIG_DFL);
	(void)setlocale(LC_CTYPE, "C.UTF-8"); /* for the widths of characters */
	int rc = run(argc, argv, &err);
	if ((fflush(stdout) != 0 || ferror(stdout)) && rc == 0)
		rc = err_errno(&err, "standard output");
	if (rc < 0)
		(void)fprintf(stderr, "yankwatch: %s\n", text_safe(err.text, safe, sizeof safe));
	return rc == 0 ? 0 : rc == ERR_BAD ? 2 : 1;
}
