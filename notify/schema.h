/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema.h: what the rows of a plugin's option schema mean: the types' names,
 * which texts fit them, and whether the rows themselves make sense. Pure; used
 * to load a plugin, to describe it and to read its options.
 */
#pragma once

#include "base/err.h"

#include <yankwatch/notifier.h>

#define SCHEMA_OPTIONS_MAX 64
#define SCHEMA_FILE_SUFFIX "_file"

const char *schema_type_name(enum yw_option_type type); /* "string", "integer", … */
bool schema_type_is_text(enum yw_option_type type);     /* string, URL, path */
bool schema_may_be_inline(const struct yw_option *option);
bool schema_may_be_file(const struct yw_option *option);

/* Is `key` of the configuration this row's: NAME, or NAME_file where that is allowed. */
bool schema_has_key(const struct yw_option *option, const char *key);

/* For a text type: NULL when `text` fits it, else what is allowed. */
const char *schema_text_fault(enum yw_option_type type, const char *text);

/* The integer or boolean that `text` means; false when it is none. */
bool schema_number(enum yw_option_type type, const char *text, int64_t *ret_number);

/* ERR_BAD names the row and what is wrong with it, ERR_LIMIT: too many rows. */
MUST_CHECK int schema_check(const struct yw_option *options, size_t n_options, struct err *err);
