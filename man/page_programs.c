/* SPDX-License-Identifier: Apache-2.0 */
/* page_programs.c: the command lines. See pages.h. */
#include "pages.h"

#include "command_line.h"
#include "commands.h"
#include "mdoc.h"
#include "usage.h"

static void put_options(struct strbuf *out, const struct option_row *rows)
{
	for (; rows->name; rows++)
		mdoc_option(out, rows->name, rows->value, rows->help);
}

static void put_list(struct strbuf *out, const struct option_row *rows)
{
	if (!rows->name)
		return;
	strbuf_adds(out, ".Bl -tag -width Ds -compact\n");
	put_options(out, rows);
	strbuf_adds(out, ".El\n");
}

void write_client_commands(struct strbuf *out, const char *source)
{
	(void)source;
	strbuf_adds(out, ".Bl -tag -width Ds\n");
	for (const struct command *row = NULL; (row = command_match("", row));) {
		strbuf_adds(out, ".It Ic ");
		mdoc_word(out, row->name);
		mdoc_usage(out, row->operands);
		strbuf_adds(out, "\n");
		mdoc_sentence(out, row->help);
		put_list(out, row->options);
	}
	strbuf_adds(out, ".El\n");
}

void write_client_options(struct strbuf *out, const char *source)
{
	(void)source;
	put_list(out, global_options);
}

void write_daemon_options(struct strbuf *out, const char *source)
{
	(void)source;
	for (size_t i = 0; i < DAEMON_OPTIONS; i++) {
		const struct daemon_option *option = &daemon_options[i];
		strbuf_adds(out, ".It ");
		if (option->short_name)
			strbuf_addf(out, "Fl %c , ", option->short_name);
		strbuf_addf(out, "Fl \\-%s", option->name);
		if (option->value)
			strbuf_addf(out, " Ar %s", option->value);
		strbuf_adds(out, "\n");
		mdoc_sentence(out, option->help);
	}
}

void write_notify_usage(struct strbuf *out, const char *source)
{
	(void)source;
	for (size_t i = 0; i < USAGES; i++) {
		strbuf_adds(out, ".It Nm");
		mdoc_usage(out, usages[i].flag);
		mdoc_usage(out, usages[i].operands);
		strbuf_adds(out, "\n");
		mdoc_sentence(out, usages[i].help);
	}
}
