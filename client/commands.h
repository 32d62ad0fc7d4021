/* SPDX-License-Identifier: Apache-2.0 */
/*
 * commands.h: the table of commands, from which the parser (args.c) and the
 * help (cmd_help.c) both read. A new command is a row in commands.c, a new
 * option a row beside its command's function; nothing else lists them.
 */
#pragma once

#include "args.h"
#include "session.h"

struct option_row {
	const char *name;  /* without the dashes; NULL ends a table */
	const char *value; /* what the help calls its value; NULL: a flag */
	const char *help;
};

#define COMMAND_SAYS_NO 1

struct command {
	const char *name;     /* one word or two: "status", "watch add"; NULL ends the table */
	const char *operands; /* for the usage line */
	size_t min_operands, max_operands;
	const char *help;
	const struct option_row *options;
	/* An ERR_BAD is the caller's mistake (exit 2), every other error a failure (exit 1). COMMAND_SAYS_NO: all
	 * went well, and the answer is no (exit 1). */
	int (*run)(const struct session *session, const struct args *args, struct err *err);
};

extern const struct command commands[];
extern const struct option_row global_options[]; /* indexed by enum global_option (args.h) */

/* The next row after `row` (NULL: the first) whose name is `words` or starts with these words; "" matches all. */
const struct command *command_match(const char *words, const struct command *row);

#define OPTION_REGISTRY "registry", "NAME", "in this registry only"

extern const struct option_row backup_options[], check_options[], export_options[], findings_options[],
	history_options[], notifications_options[], poll_options[], project_put_options[], registry_options[],
	route_options[], show_options[], silence_add_options[], silence_list_options[], tail_options[],
	verify_options[];

int cmd_backup(const struct session *session, const struct args *args, struct err *err);
int cmd_check(const struct session *session, const struct args *args, struct err *err);
int cmd_completion(const struct session *session, const struct args *args, struct err *err);
int cmd_export(const struct session *session, const struct args *args, struct err *err);
int cmd_findings(const struct session *session, const struct args *args, struct err *err);
int cmd_help(const struct session *session, const struct args *args, struct err *err);
int cmd_history(const struct session *session, const struct args *args, struct err *err);
int cmd_impact(const struct session *session, const struct args *args, struct err *err);
int cmd_notifications(const struct session *session, const struct args *args, struct err *err);
int cmd_notifications_retry(const struct session *session, const struct args *args, struct err *err);
int cmd_notifications_show(const struct session *session, const struct args *args, struct err *err);
int cmd_notifier_enable(const struct session *session, const struct args *args, struct err *err);
int cmd_notifier_list(const struct session *session, const struct args *args, struct err *err);
int cmd_notifier_test(const struct session *session, const struct args *args, struct err *err);
int cmd_poll(const struct session *session, const struct args *args, struct err *err);
int cmd_project_list(const struct session *session, const struct args *args, struct err *err);
int cmd_project_put(const struct session *session, const struct args *args, struct err *err);
int cmd_project_remove(const struct session *session, const struct args *args, struct err *err);
int cmd_reload(const struct session *session, const struct args *args, struct err *err);
int cmd_route_explain(const struct session *session, const struct args *args, struct err *err);
int cmd_show(const struct session *session, const struct args *args, struct err *err);
int cmd_silence_add(const struct session *session, const struct args *args, struct err *err);
int cmd_silence_list(const struct session *session, const struct args *args, struct err *err);
int cmd_silence_remove(const struct session *session, const struct args *args, struct err *err);
int cmd_status(const struct session *session, const struct args *args, struct err *err);
int cmd_tail(const struct session *session, const struct args *args, struct err *err);
int cmd_verify(const struct session *session, const struct args *args, struct err *err);
int cmd_watch_add(const struct session *session, const struct args *args, struct err *err);
int cmd_watch_list(const struct session *session, const struct args *args, struct err *err);
int cmd_watch_remove(const struct session *session, const struct args *args, struct err *err);

/* The help of the commands that `words` names, of all in short when it is "". */
MUST_CHECK int help_print(const struct style *style, const char *words, struct err *err);
