/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_help.c: help [COMMAND] and --help, all of it from the rows of commands.c. */
#include "commands.h"

#include <stdio.h>

static void put_options(struct table *table, const struct option_row *rows)
{
	for (; rows->name; rows++) {
		OWNED_STRBUF struct strbuf name = {0};
		strbuf_addf(&name, "--%s%s%s", rows->name, rows->value ? " " : "", rows->value ? rows->value : "");
		table_put(table, COLOUR_BOLD, strbuf_str(&name));
		table_put(table, COLOUR_NONE, rows->help);
	}
}

static int print_overview(const struct style *style, struct err *err)
{
	OWNED_TABLE struct table table = {.style = style, .columns = 2, .indent = 2};

	style_line(style, COLOUR_NONE, "usage: yankwatch [--socket PATH] [--json] COMMAND");
	(void)putchar('\n');
	for (const struct command *row = NULL; (row = command_match("", row));) {
		OWNED_STRBUF struct strbuf usage = {0};
		strbuf_addf(&usage, "%s%s%s", row->name, *row->operands ? " " : "", row->operands);
		table_put(&table, COLOUR_BOLD, strbuf_str(&usage));
		table_put(&table, COLOUR_NONE, row->help);
	}
	int rc = table_print(&table, err);
	if (rc)
		return rc;
	puts("\nwith every command:");
	put_options(&table, global_options);
	rc = table_print(&table, err);
	if (rc)
		return rc;
	(void)putchar('\n');
	style_line(style, COLOUR_NONE, "Exit: 0 done, 1 refused or failed, 2 the command or a value in it is wrong.");
	return 0;
}

static int print_command(const struct style *style, const struct command *command, struct err *err)
{
	OWNED_TABLE struct table table = {.style = style, .columns = 2, .indent = 2};

	OWNED_STRBUF struct strbuf usage = {0};
	const struct style_wrap wrap = style_hang(style, 2);

	strbuf_addf(&usage, "usage: yankwatch %s%s%s%s", command->name, command->options->name ? " [OPTION…]" : "",
		    *command->operands ? " " : "", command->operands);
	style_line(style, COLOUR_NONE, strbuf_str(&usage));
	(void)fputs("  ", stdout);
	style_wrapped(style, COLOUR_NONE, command->help, &wrap);
	(void)putchar('\n');
	put_options(&table, command->options);
	return table_print(&table, err);
}

int help_print(const struct style *style, const char *words, struct err *err)
{
	const struct command *row = command_match(words, NULL);
	int rc = 0;

	if (!*words)
		return print_overview(style, err);
	if (!row)
		return err_set(err, ERR_BAD, "help: %s: unknown command", words);
	for (const char *gap = ""; row && rc == 0; row = command_match(words, row), gap = "\n") {
		(void)fputs(gap, stdout);
		rc = print_command(style, row, err);
	}
	return rc;
}

int cmd_help(const struct session *session, const struct args *args, struct err *err)
{
	OWNED_STRBUF struct strbuf words = {0};

	for (size_t i = 0; i < args->operand_count; i++)
		strbuf_addf(&words, "%s%s", i ? " " : "", args->operands[i]);
	return help_print(&session->style, strbuf_str(&words), err);
}
