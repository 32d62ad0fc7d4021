/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_lex.h: is a text made of JSON's tokens, to the letter of RFC 8259? cJSON
 * takes raw control bytes, odd escapes and numbers such as 01; cargo does not.
 * Structure is left to cJSON.
 */
#pragma once

#include "base/err.h"

/* ERR_BAD with the place of the first byte that no token may have. \u0000 is refused,
 * too: our strings could not hold it. */
MUST_CHECK int json_lex(const char *text, size_t len, struct err *err);
