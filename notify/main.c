/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yankwatch-notify: runs one notifier's plugin for yankwatchd, in a process of
 * its own, so that what the plugin does wrong ends here. This file reads the
 * command line.
 */
#include "base/text.h"
#include "declare.h"
#include "model/frames.h"
#include "runner.h"
#include "sandbox.h"
#include "try.h"
#include "usage.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <yankwatch/notifier.h>

#define EXIT_USAGE 2
#define USAGE_WIDTH 46 /* columns before what it does */

static int complain(const struct err *err)
{
	(void)fprintf(stderr, "yankwatch-notify: %s\n", err->text);
	return EXIT_FAILURE;
}

static int run(int argc, char **argv)
{
	struct err err;

	(void)argc;
	if (sandbox_begin(FRAME_FD, &err) || runner_run(argv[0], FRAME_FD, &err))
		return complain(&err);
	return EXIT_SUCCESS;
}

static int describe(int argc, char **argv)
{
	OWNED_STRBUF struct strbuf out = {.limit = DECLARATION_MAX};
	struct err err;

	(void)argc;
	/* Printed here, not in the confined child: no file grows by that one, and our output may be a file. */
	if (sandbox_begin(STDERR_FILENO, &err) || declare_ask_text(argv[0], &out, &err))
		return complain(&err);
	if (puts(strbuf_str(&out)) == EOF || fflush(stdout) == EOF)
		return EXIT_FAILURE;
	return EXIT_SUCCESS;
}

static int try(int argc, char **argv)
{
	bool delivered = false;
	struct err err;

	if (try_run(argv[0], (size_t)argc - 1, argv + 1, &delivered, &err))
		return complain(&err);
	return delivered ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int version(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	(void)printf("yankwatch-notify %s (plugin ABI %u; %s)\n", YANKWATCH_VERSION, YANKWATCH_NOTIFIER_ABI,
		     sandbox_built_with());
	return EXIT_SUCCESS;
}

static int help(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	for (size_t i = 0; i < USAGES; i++) {
		char line[64];
		(void)snprintf(line, sizeof line, "yankwatch-notify %s%s%s", usages[i].flag, *usages[i].flag ? " " : "",
			       usages[i].operands);
		(void)printf("%s %s%*s%s\n", i == 0 ? "usage:" : "      ", line, USAGE_WIDTH - (int)text_width(line),
			     "", usages[i].help);
	}
	return EXIT_SUCCESS;
}

static const struct {
	int operands_min, operands_max;
	int (*run)(int argc, char **argv); /* the operands */
} commands[USAGES] = {
	[USAGE_RUN] = {1, 1, run},
	[USAGE_DESCRIBE] = {1, 1, describe},
	[USAGE_TRY] = {1, 1 + TRY_OPTIONS_MAX, try},
	[USAGE_VERSION] = {0, 0, version},
	[USAGE_HELP] = {0, 0, help},
};

int main(int argc, char **argv)
{
	const char *flag = argc > 1 && argv[1][0] == '-' ? argv[1] : "";
	int first = *flag ? 2 : 1;
	int operands = argc - first;

	for (size_t i = 0; i < USAGES; i++)
		if (strcmp(flag, usages[i].flag) == 0 && operands >= commands[i].operands_min &&
		    operands <= commands[i].operands_max)
			return commands[i].run(operands, argv + first);
	(void)fputs("yankwatch-notify: usage: yankwatch-notify [--describe] PLUGIN.so, or --help\n", stderr);
	return EXIT_USAGE;
}
