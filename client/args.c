/* SPDX-License-Identifier: Apache-2.0 */
/* args.c: see args.h. */
#include "args.h"

#include "commands.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* The row for the `len` bytes of `name`, and its place; NULL when there is none. */
static const struct option_row *find_option(const struct option_row *rows, const char *name, size_t len, size_t *ret_i)
{
	for (size_t i = 0; rows[i].name; i++) {
		assert(i < ARGS_OPTIONS_MAX);
		if (strlen(rows[i].name) == len && memcmp(rows[i].name, name, len) == 0) {
			*ret_i = i;
			return &rows[i];
		}
	}
	return NULL;
}

/* A command's own option hides a global one of that name. *ret_values is where its value goes. */
static const struct option_row *option_of(struct args *args, const char *arg, const char ***ret_values, size_t *ret_i)
{
	const char *name = strncmp(arg, "--", 2) == 0 ? arg + 2 : "";
	size_t len = strcspn(name, "=");
	const struct option_row *row = NULL;

	*ret_values = args->values;
	if (args->command)
		row = find_option(args->command->options, name, len, ret_i);
	if (row)
		return row;
	*ret_values = args->globals;
	return find_option(global_options, name, len, ret_i);
}

/* "--name", "--name=value" or "--name" "value". */
static int take_option(struct args *args, char **argv, int *i, struct err *err)
{
	const char *arg = argv[*i];
	const char *equals = strchr(arg, '=');
	const char **values;
	size_t place = 0;
	const struct option_row *row = option_of(args, arg, &values, &place);

	if (!row)
		return err_set(err, ERR_BAD, "%s: unknown option: see yankwatch help%s%s", arg,
			       args->name[0] ? " " : "", args->name);
	if (!row->value && equals)
		return err_set(err, ERR_BAD, "--%s: takes no value", row->name);
	if (row->value && !equals && !argv[*i + 1])
		return err_set(err, ERR_BAD, "--%s: needs a value: %s", row->name, row->value);
	values[place] = !row->value ? "true" : equals ? equals + 1 : argv[++*i];
	return 0;
}

const struct option_row *args_option(const struct args *args, const char *word)
{
	struct args copy = *args;
	const char **values;
	size_t place;

	return option_of(&copy, word, &values, &place);
}

static int take_command(struct args *args, const char *word, struct err *err)
{
	size_t len = strlen(args->name);
	int added = snprintf(args->name + len, sizeof args->name - len, "%s%s", len ? " " : "", word);
	const struct command *match = command_match(args->name, NULL);

	if (!match || added < 0 || (size_t)added >= sizeof args->name - len)
		return err_set(err, ERR_BAD, "%s: unknown command: see yankwatch help", args->name);
	if (strcmp(match->name, args->name) == 0)
		args->command = match;
	return 0;
}

/* Is the word part of the command's name? `notifications` is a command, and so is `notifications show`. */
static bool is_of_name(const struct args *args, const char *word)
{
	char name[ARGS_NAME_MAX];

	int len = snprintf(name, sizeof name, "%s %s", args->name, word);
	return args->operand_count == 0 && len > 0 && (size_t)len < sizeof name && command_match(name, NULL);
}

static int check_operands(const struct args *args, struct err *err)
{
	const struct command *command = args->command;

	if (args->globals[GLOBAL_HELP] || args->globals[GLOBAL_VERSION])
		return 0;
	if (!command && args->name[0])
		return err_set(err, ERR_BAD, "%s: which one: see yankwatch help %s", args->name, args->name);
	if (!command)
		return err_set(err, ERR_BAD, "no command: see yankwatch help");
	if (args->operand_count < command->min_operands)
		return err_set(err, ERR_BAD, "%s: too few arguments: usage: yankwatch %s %s", command->name,
			       command->name, command->operands);
	if (args->operand_count > command->max_operands)
		return err_set(err, ERR_BAD, "%s: one argument too many: %s", command->name,
			       args->operands[command->max_operands]);
	return 0;
}

int args_parse(int argc, char **argv, struct args *args, struct err *err)
{
	bool options_ended = false;

	*args = (struct args){.operands = argv};
	for (int i = 1; i < argc; i++) {
		int rc = 0;
		if (!options_ended && strcmp(argv[i], "--") == 0)
			options_ended = true;
		else if (!options_ended && argv[i][0] == '-' && argv[i][1] != '\0')
			rc = take_option(args, argv, &i, err);
		else if (!args->command || (!options_ended && is_of_name(args, argv[i])))
			rc = take_command(args, argv[i], err);
		else
			args->operands[args->operand_count++] = argv[i];
		if (rc)
			return rc;
	}
	return check_operands(args, err);
}

const char *args_value(const struct args *args, const char *name)
{
	size_t place = 0;
	const struct option_row *row = find_option(args->command->options, name, strlen(name), &place);

	assert(row);
	return row ? args->values[place] : NULL;
}
