/* SPDX-License-Identifier: Apache-2.0 */
/* completion_values.h: what options' values and operands may be: closed sets of words, the daemon's names, files. */
#pragma once

#include "commands.h"

struct completion {
	struct http *http;
	const char *begun;  /* the word so far, behind `before` */
	const char *before; /* stands before each candidate */
};

/* Takes a candidate, with what it is. */
typedef void completion_put(const struct completion *completion, const char *text, const char *help);

/* Of an option of the command; `args` may narrow it (--registry). */
void completion_value(struct completion *completion, const struct args *args, const struct option_row *option,
		      completion_put *put);

/* Of the operand number `i`. */
void completion_operand(struct completion *completion, const struct command *command, size_t i, completion_put *put);
