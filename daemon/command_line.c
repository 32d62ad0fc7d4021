/* SPDX-License-Identifier: Apache-2.0 */
/* command_line.c: see command_line.h. */
#include "command_line.h"

#include "config/config.h"

const struct daemon_option daemon_options[DAEMON_OPTIONS] = {
	{"config", 'c', 'c', "FILE", "the configuration (" CONFIG_DEFAULT_PATH ")"},
	{"check-config", 'k', 0, NULL, "read the configuration, try its plugins, report every fault"},
	{"once", 'o', 0, NULL, "poll everything once, deliver what is due, exit 0 (1 if not all could be)"},
	{"version", 'V', 0, NULL, "this version and those of the libraries"},
	{"help", 'h', 'h', NULL, "tell about yankwatchd, do nothing"},
};
