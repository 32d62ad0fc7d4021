/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text.h: text from outside made safe for where it is shown. Names, features
 * and reasons are an attacker's: a log line or a terminal gets neither control
 * bytes nor characters that reorder or hide what follows.
 */
#pragma once

#include "base/defs.h"

/* True when the bytes are valid UTF-8: no overlong forms, no surrogates. */
bool text_is_utf8(const char *bytes, size_t len);

/*
 * Copies `text` into `buf` for logs and terminals: C0, C1, DEL, bidi controls,
 * zero-width characters, U+2028/9 and invalid UTF-8 become \xNN or \u{NNNN}, a
 * backslash is doubled.
 * Cut with "..." when `size` bytes are not enough. Returns buf.
 */
const char *text_safe(const char *text, char *buf, size_t size);

/* Columns that valid, safe UTF-8 takes on a terminal (wide characters are 2). */
size_t text_width(const char *text);

/* How many bytes of it, whole characters with their combining marks, take at most so many columns; and how many they
 * take. */
size_t text_prefix(const char *text, size_t columns, size_t *ret_width);
