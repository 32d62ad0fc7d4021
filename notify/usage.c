/* SPDX-License-Identifier: Apache-2.0 */
/* usage.c: see usage.h. */
#include "usage.h"

const struct usage_row usages[USAGES] = {
	[USAGE_RUN] = {"", "PLUGIN.so", "run by yankwatchd, with a socket as descriptor 3"},
	[USAGE_DESCRIBE] = {"--describe", "PLUGIN.so", "print what the plugin declares, as JSON"},
	[USAGE_TRY] = {"--try", "PLUGIN.so KEY=VALUE…", "deliver a sample event with these options"},
	[USAGE_VERSION] = {"--version", "", "this version, the plugin ABI and what the sandbox is made of"},
	[USAGE_HELP] = {"--help", "", "tell about yankwatch-notify, do nothing"},
};
