/* SPDX-License-Identifier: Apache-2.0 */
/* commands.c: see commands.h. */
#include "commands.h"

#include "http.h"

#include <string.h>

const struct option_row global_options[] = {
	[GLOBAL_SOCKET] = {"socket", "PATH", "the daemon's socket, else $YANKWATCH_SOCKET or " HTTP_SOCKET_DEFAULT},
	[GLOBAL_JSON] = {"json", NULL, "print what the daemon answered, one JSON object a line"},
	[GLOBAL_HELP] = {"help", NULL, "tell about yankwatch or the command, do nothing"},
	[GLOBAL_VERSION] = {"version", NULL, "tell the version, do nothing"},
	[GLOBAL_OPTIONS] = {0},
};

static const struct option_row no_options[] = {{0}};
const struct option_row registry_options[] = {{OPTION_REGISTRY}, {0}};

const struct command commands[] = {
	{"status", "", 0, 0, "how the daemon, its registries and its notifiers are doing", no_options, cmd_status},
	{"history", "", 0, 0, "what happened: events, newest last", history_options, cmd_history},
	{"show", "CRATE[@VERSION]", 1, 1, "what is known of a crate or of one of its versions", registry_options,
	 cmd_show},
	{"watch list", "[CRATE]", 0, 1, "the crates that are watched", registry_options, cmd_watch_list},
	{"watch add", "CRATE…", 1, SIZE_MAX, "watch these crates, and look at them at once", registry_options,
	 cmd_watch_add},
	{"watch remove", "CRATE…", 1, SIZE_MAX, "watch these crates no longer", registry_options, cmd_watch_remove},
	{"poll", "--all | CRATE…", 0, SIZE_MAX, "ask the registries now", poll_options, cmd_poll},
	{"help", "[COMMAND]", 0, 2, "tell about a command", no_options, cmd_help},
	{0},
};

const struct command *command_match(const char *words, const struct command *row)
{
	size_t len = strlen(words);

	for (row = row ? row + 1 : commands; row->name; row++)
		if (strncmp(row->name, words, len) == 0 &&
		    (len == 0 || row->name[len] == '\0' || row->name[len] == ' '))
			return row;
	return NULL;
}
