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
	{"tail", "", 0, 0, "events as they happen, until Ctrl-C; goes on by itself when the daemon comes back",
	 tail_options, cmd_tail},
	{"export", "", 0, 0, "the whole history, or what a filter leaves of it, for programs and spreadsheets",
	 export_options, cmd_export},
	{"backup", "FILE", 1, 1, "a copy of the daemon's database, while it goes on", backup_options, cmd_backup},
	{"reload", "", 0, 0, "have the daemon read its configuration again; exit 1 when it is faulty", no_options,
	 cmd_reload},
	{"show", "CRATE[@VERSION]", 1, 1, "what is known of a crate or of one of its versions", show_options, cmd_show},
	{"watch list", "[CRATE]", 0, 1, "the crates that are watched", registry_options, cmd_watch_list},
	{"watch add", "CRATE…", 1, SIZE_MAX, "watch these crates, and look at them at once", registry_options,
	 cmd_watch_add},
	{"watch remove", "CRATE…", 1, SIZE_MAX, "watch these crates no longer", registry_options, cmd_watch_remove},
	{"poll", "--all | CRATE…", 0, SIZE_MAX, "ask the registries now", poll_options, cmd_poll},
	{"project list", "", 0, 0, "the projects, their lockfiles and how many findings each has", no_options,
	 cmd_project_list},
	{"project put", "NAME LOCKFILE", 2, 2,
	 "send a project's lockfile (- is standard input): it is watched from now on", project_put_options,
	 cmd_project_put},
	{"project remove", "NAME", 1, 1, "watch a project no longer", no_options, cmd_project_remove},
	{"findings", "", 0, 0, "which bad versions the projects lock now, worst first", findings_options, cmd_findings},
	{"check", "LOCKFILE", 1, 1,
	 "is anything wrong with what a lockfile has (- is standard input)? Exit 0 no, 1 yes, 2 cannot tell",
	 check_options, cmd_check},
	{"impact", "CRATE@VERSION", 1, 1, "which projects a yank of this version hits, or would", registry_options,
	 cmd_impact},
	{"notifications", "", 0, 0, "what is or was on its way to the notifiers, newest last", notifications_options,
	 cmd_notifications},
	{"notifications show", "ID", 1, 1, "one of them, with its events and every attempt", no_options,
	 cmd_notifications_show},
	{"notifications retry", "ID", 1, 1, "send a dead letter, or one that waits, now", no_options,
	 cmd_notifications_retry},
	{"silence list", "", 0, 0, "what is or was not told for a while, newest last", silence_list_options,
	 cmd_silence_list},
	{"silence add", "--until T --comment TEXT", 0, 0, "do not tell some events for a while", silence_add_options,
	 cmd_silence_add},
	{"silence remove", "ID…", 1, SIZE_MAX, "end these silences", no_options, cmd_silence_remove},
	{"route explain", "CRATE[@VERSION]", 0, 1, "where such an event would go, and why", route_options,
	 cmd_route_explain},
	{"notifier list", "", 0, 0, "the notifiers and how they are doing", no_options, cmd_notifier_list},
	{"notifier test", "NAME", 1, 1, "send a test message; exit 1 when it is not delivered", no_options,
	 cmd_notifier_test},
	{"notifier enable", "NAME", 1, 1, "use one again that its receiver had switched off", no_options,
	 cmd_notifier_enable},
	{"completion", "SHELL", 1, SIZE_MAX, "print what bash, zsh or fish reads to complete the words of yankwatch",
	 no_options, cmd_completion},
	{"verify", "", 0, 0, "is the history what was signed? Exit 0 yes, 1 no, 2 cannot tell", verify_options,
	 cmd_verify},
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
