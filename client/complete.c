/* SPDX-License-Identifier: Apache-2.0 */
/* complete.c: see complete.h. */
#include "complete.h"

#include "base/text.h"
#include "commands.h"
#include "completion_values.h"

#include <stdio.h>
#include <string.h>

/* A candidate, if it goes on from what is written. */
static void put(const struct completion *completion, const char *text, const char *help)
{
	char safe[STYLE_TEXT_MAX];

	if (strncmp(text, completion->begun, strlen(completion->begun)) != 0)
		return;
	printf("%s%s", completion->before, text_safe(text, safe, sizeof safe));
	printf("\t%s\n", text_safe(help, safe, sizeof safe));
}

static void put_options(const struct completion *completion, const struct option_row *rows)
{
	for (; rows->name; rows++) {
		OWNED_STRBUF struct strbuf name = {0};
		strbuf_addf(&name, "--%s", rows->name);
		put(completion, strbuf_str(&name), rows->help);
	}
}

/* Is it the first of the rows from `commands` on whose name begins with these bytes and a word's end? */
static bool is_first(const struct command *command, const char *name, size_t len)
{
	for (const struct command *row = commands; row != command; row++)
		if (strncmp(row->name, name, len) == 0 && strchr(" ", row->name[len]))
			return false;
	return true;
}

/* The next word of each command whose name begins as the words before. */
static void put_commands(const struct completion *completion, const char *name)
{
	size_t before = strlen(name) + (*name != '\0');

	for (const struct command *row = NULL; (row = command_match(name, row));) {
		OWNED_STRBUF struct strbuf word = {0};
		if (strlen(row->name) < before || !is_first(row, row->name, before + strcspn(row->name + before, " ")))
			continue;
		strbuf_add(&word, row->name + before, strcspn(row->name + before, " "));
		/* "watch" is no command, "watch list" is. */
		put(completion, strbuf_str(&word), row->name[before + word.len] ? "" : row->help);
	}
}

/* "--event=ya": what stands before the value, and the value so far. */
static const struct option_row *option_with_value(const struct args *args, struct completion *completion,
						  struct strbuf *before)
{
	const char *equals = strchr(completion->begun, '=');
	const struct option_row *row = args_option(args, completion->begun);

	if (!row || !row->value || !equals)
		return NULL;
	strbuf_add(before, completion->begun, (size_t)(equals + 1 - completion->begun));
	completion->begun = equals + 1;
	completion->before = strbuf_str(before);
	return row;
}

static void complete_word(struct completion *completion, const struct args *args, bool options_ended)
{
	if (!options_ended && completion->begun[0] == '-') {
		if (args->command)
			put_options(completion, args->command->options);
		put_options(completion, global_options);
		return;
	}
	if (!options_ended && args->operand_count == 0)
		put_commands(completion, args->name);
	if (args->command && args->command->run == cmd_help)
		put_commands(completion, args->operand_count ? args->operands[0] : "");
	else if (args->command)
		completion_operand(completion, args->command, args->operand_count, put);
}

static bool has_ended_options(char **words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(words[i], "--") == 0)
			return true;
	return false;
}

void complete_print(const struct session *session, char **words, size_t n)
{
	struct completion completion = {.http = session->http, .begun = words[n - 1], .before = ""};
	OWNED_STRBUF struct strbuf before = {0};
	OWNED_MEM char **argv = calloc(n + 2, sizeof *argv);
	const struct option_row *option = NULL;
	struct args args;
	struct err err;

	if (!argv)
		return;
	/* In front of them stands the program's name; the last word is not finished. */
	memcpy(argv + 1, words, (n - 1) * sizeof *argv);
	bool options_ended = has_ended_options(words, n - 1);
	/* Words that make no sense end it: what stands before them counts. */
	bool is_whole = args_parse((int)n, argv, &args, &err) == 0;
	if (args.globals[GLOBAL_SOCKET])
		session->http->socket = args.globals[GLOBAL_SOCKET];
	if (!options_ended)
		option = option_with_value(&args, &completion, &before);
	if (!option && !is_whole && !options_ended && n > 1 && !strchr(words[n - 2], '='))
		option = args_option(&args, words[n - 2]);
	if (option && option->value)
		completion_value(&completion, &args, option, put);
	else
		complete_word(&completion, &args, options_ended);
}
