/* SPDX-License-Identifier: Apache-2.0 */
/* command_line.h: the command line of yankwatchd as rows, for main.c, its --help and its manual page (man/). */
#pragma once

#include <stddef.h>

#define DAEMON_OPTIONS 5

struct daemon_option {
	const char *name;  /* without the dashes */
	char letter;       /* what getopt_long() returns */
	char short_name;   /* 0: none */
	const char *value; /* what the help calls its value; NULL: a flag */
	const char *help;
};

extern const struct daemon_option daemon_options[DAEMON_OPTIONS];
