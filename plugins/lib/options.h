/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options.h: finding a value among those that the host passes to open().
 */
#pragma once

#include <string.h>
#include <yankwatch/notifier.h>

/* NULL when the option is not set and has no default. Borrowed from the host. */
static inline const struct yw_value *option_value(const struct yw_options *options, const char *name)
{
	for (size_t i = 0; i < options->n_values; i++)
		if (strcmp(options->values[i].name, name) == 0)
			return &options->values[i];
	return NULL;
}

static inline const char *option_text(const struct yw_options *options, const char *name)
{
	const struct yw_value *value = option_value(options, name);
	return value ? value->text : NULL;
}
