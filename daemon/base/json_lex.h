/* SPDX-License-Identifier: Apache-2.0 */
/* json_lex.h: numbers and escapes of JSON, byte by byte (RFC 8259). Internal to json_scan.c. */
#pragma once

#include "base/defs.h"

bool json_is_digit(const char *p, const char *end);

/* The first byte after the number that begins at `p`; NULL when it is none. */
const char *json_lex_number(const char *p, const char *end);

/* Behind the backslash: the first byte after the escape, NULL when it is none. What it stands for goes to *out; that
 * is never longer than the escape. */
const char *json_lex_escape(const char *p, const char *end, char **out);
