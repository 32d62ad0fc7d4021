/* SPDX-License-Identifier: Apache-2.0 */
/* usage.h: the command line of yankwatch-notify as rows, for its --help and its manual page (man/). */
#pragma once

enum usage { USAGE_RUN, USAGE_DESCRIBE, USAGE_TRY, USAGE_VERSION, USAGE_HELP, USAGES };

struct usage_row {
	const char *flag; /* "": none */
	const char *operands;
	const char *help;
};

extern const struct usage_row usages[USAGES];
