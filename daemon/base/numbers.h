/* SPDX-License-Identifier: Apache-2.0 */
/*
 * numbers.h: numbers, durations and times as text, both ways. Every parser
 * takes the whole string or refuses it; none skips blanks or accepts a sign
 * that was not asked for.
 */
#pragma once

#include "base/defs.h"

/* Decimal digits only. False if empty, not all digits, or above `max`. */
bool number_parse_u64(const char *text, uint64_t max, uint64_t *ret_value);

/* "500ms" "30s" "10m" "2h" "7d": digits and one unit. False on anything else. */
bool duration_parse_ms(const char *text, int64_t *ret_ms);

#define DURATION_TEXT_MAX 32
/* The shortest exact form that duration_parse_ms() takes back: 90000 -> "90s". */
const char *duration_format(int64_t ms, char buf[static DURATION_TEXT_MAX]);

#define BYTES_TEXT_MAX 32
/* For people, in the largest unit that leaves at least 1: 307200 -> "300.0 KiB". */
const char *bytes_format(int64_t bytes, char buf[static BYTES_TEXT_MAX]);

#define TIME_TEXT_MAX 40
/* RFC 3339 in UTC with milliseconds: "2026-11-21T09:30:00.123Z". */
const char *time_format_rfc3339(int64_t wall_ms, char buf[static TIME_TEXT_MAX]);

/* RFC 3339 with 'Z' or a numeric offset, seconds may have a fraction; or a
 * plain date, which means its midnight in UTC. */
bool time_parse_rfc3339(const char *text, int64_t *ret_wall_ms);

/* `len` bytes as 2*len lower-case hex digits and a NUL; ret_text holds them. */
void hex_encode(const void *bytes, size_t len, char *ret_text);

/* Exactly 2*len hex digits (either case) into `ret_bytes`; false otherwise. */
bool hex_decode(const char *text, size_t len, void *ret_bytes);
