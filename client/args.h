/* SPDX-License-Identifier: Apache-2.0 */
/*
 * args.h: the command line, read by the rows of commands.h. Used by main(),
 * which hands the result to the command's function. It never looks at what a
 * value means: that is the command's, or the daemon's, business.
 */
#pragma once

#include "base/err.h"

struct command;
struct option_row;

enum global_option { GLOBAL_SOCKET, GLOBAL_JSON, GLOBAL_HELP, GLOBAL_VERSION, GLOBAL_OPTIONS };

#define ARGS_OPTIONS_MAX 16 /* options of one command */
#define ARGS_NAME_MAX 32    /* bytes of a command's name, the terminator included */

/* Everything points into argv. */
struct args {
	const struct command *command;        /* NULL only with --help or --version */
	char name[ARGS_NAME_MAX];             /* the words of the command's name so far */
	const char *globals[GLOBAL_OPTIONS];  /* NULL: not given; a flag that was is "true" */
	const char *values[ARGS_OPTIONS_MAX]; /* in the order of the command's options */
	char **operands;
	size_t operand_count;
};

/* Reorders argv: the operands go to its front. ERR_BAD with a text for the user. */
MUST_CHECK int args_parse(int argc, char **argv, struct args *args, struct err *err);

/* The command's option `name`, which must be one of its rows; NULL when it was not given. */
const char *args_value(const struct args *args, const char *name);

/* The row that "--name" or "--name=value" means behind what was parsed; NULL when it is none. */
const struct option_row *args_option(const struct args *args, const char *word);
