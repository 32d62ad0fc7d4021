/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options.h: the keys that the configuration gives to a notifier, turned by the
 * plugin's schema into the struct yw_options of its open(). Files named by
 * NAME_file are read here. An error's text never holds a value.
 */
#pragma once

#include "base/json.h"

#include <yankwatch/notifier.h>

#define OPTION_LIST_MAX 1024 /* items of one list */

struct options;

/*
 * `config` is the "options" object of the open frame. `schema` has passed
 * schema_check() and, like `notifier`, must outlive *ret, which the caller frees
 * with options_free(). ERR_BAD "KEY: what is wrong", ERR_LIMIT, ERR_IO, ERR_NOMEM.
 */
MUST_CHECK int options_new(const struct yw_option *schema, size_t n_schema, const cJSON *config, const char *notifier,
			   struct options **ret, struct err *err);
void options_free(struct options *options);

const struct yw_options *options_view(const struct options *options);

DEFINE_OWNED(owned_options, struct options, options_free)
#define OWNED_OPTIONS OWNED(owned_options)
