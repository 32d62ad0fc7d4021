/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yankwatch-notify: runs one notifier's plugin for yankwatchd, in a process of
 * its own, so that what the plugin does wrong ends here. This file reads the
 * command line and takes from the process what no plugin needs.
 */
#include "describe.h"
#include "model/frames.h"
#include "plugin.h"
#include "runner.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#define EXIT_USAGE 2

static int complain(const struct err *err)
{
	(void)fprintf(stderr, "yankwatch-notify: %s\n", err->text);
	return EXIT_FAILURE;
}

/* No core dump and no ptrace: secrets are in memory. No set-user-ID program is
 * a way out. A write to a closed pipe is an error, not the end. */
static int restrict_process(struct err *err)
{
	/* A daemon that was killed takes a plugin that hangs with it. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return err_errno(err, "prctl");
	(void)signal(SIGPIPE, SIG_IGN);
	return 0;
}

static int run(const char *path)
{
	struct err err;

	if (restrict_process(&err) || runner_run(path, FRAME_FD, &err))
		return complain(&err);
	return EXIT_SUCCESS;
}

static int describe(const char *path)
{
	OWNED_STRBUF struct strbuf out = {0};
	const struct yw_notifier *plugin;
	struct err err;

	if (restrict_process(&err) || plugin_load(path, &plugin, &err))
		return complain(&err);
	describe_plugin(plugin, &out);
	if (strbuf_failed(&out) || puts(strbuf_str(&out)) == EOF || fflush(stdout) == EOF)
		return EXIT_FAILURE;
	return EXIT_SUCCESS;
}

static int version(const char *unused)
{
	(void)unused;
	(void)printf("yankwatch-notify %s (plugin ABI %u)\n", YANKWATCH_VERSION, YANKWATCH_NOTIFIER_ABI);
	return EXIT_SUCCESS;
}

static int help(const char *unused)
{
	(void)unused;
	(void)puts("usage: yankwatch-notify PLUGIN.so             run by yankwatchd, with a socket as descriptor 3\n"
		   "       yankwatch-notify --describe PLUGIN.so  print what the plugin declares, as JSON\n"
		   "       yankwatch-notify --version | --help");
	return EXIT_SUCCESS;
}

static const struct {
	const char *flag; /* "": none */
	bool takes_path;
	int (*run)(const char *path);
} commands[] = {
	{"--describe", true, describe},
	{"--version", false, version},
	{"--help", false, help},
	{"", true, run},
};

int main(int argc, char **argv)
{
	const char *flag = argc > 1 && argv[1][0] == '-' ? argv[1] : "";
	int operands = argc - 1 - (*flag ? 1 : 0);

	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (strcmp(flag, commands[i].flag) == 0 && operands == (commands[i].takes_path ? 1 : 0))
			return commands[i].run(argv[argc - 1]);
	(void)fputs("yankwatch-notify: usage: yankwatch-notify [--describe] PLUGIN.so, or --help\n", stderr);
	return EXIT_USAGE;
}
