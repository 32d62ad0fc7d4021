/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers, durations, times and hex as text, both ways: the whole string or nothing. */
#include "base/numbers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void number_takes_digits_up_to_its_maximum(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		uint64_t max, expected;
	} rows[] = {
		{"0", 0, 0},
		{"007", 7, 7},
		{"65535", 65535, 65535},
		{"18446744073709551615", UINT64_MAX, UINT64_MAX},
		{"00000000000000000000000000000001", 1, 1},
	};
	uint64_t value;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_true(number_parse_u64(rows[i].text, rows[i].max, &value));
		assert_int_equal(value, rows[i].expected);
	}
}

static void number_refuses_anything_else(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		uint64_t max;
	} rows[] = {
		{"", 9},
		{" 1", 9},
		{"1 ", 9},
		{"+1", 9},
		{"-1", 9},
		{"-0", 9},
		{"0x1", 99},
		{"1.0", 99},
		{"1e1", 99},
		{"8", 7},
		{"18446744073709551616", UINT64_MAX},
		{"18446744073709551620", UINT64_MAX},
		{"99999999999999999999999", UINT64_MAX},
		{"\xd9\xa1", 9}, /* a digit, but not one of ours */
	};
	uint64_t value = 77;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_false(number_parse_u64(rows[i].text, rows[i].max, &value));
	assert_int_equal(value, 77);
}

static void durations_are_a_number_and_a_unit(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t ms;
	} rows[] = {
		{"0s", 0},
		{"0d", 0},
		{"1ms", 1},
		{"500ms", 500},
		{"30s", 30000},
		{"10m", 600000},
		{"2h", 7200000},
		{"7d", 604800000},
		{"0010m", 600000},
		{"9223372036854775807ms", INT64_MAX},
		{"9223372036854775s", 9223372036854775000},
		{"106751991167d", 9223372036828800000},
	};
	int64_t ms;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_true(duration_parse_ms(rows[i].text, &ms));
		assert_int_equal(ms, rows[i].ms);
	}
}

static void durations_without_one_number_and_one_unit_are_refused(void **state)
{
	(void)state;
	static const char *const rows[] = {
		"",
		"s",
		"10",
		"10 s",
		" 10s",
		"10s ",
		"-1s",
		"+1s",
		"1.5h",
		"1h30m",
		"1S",
		"1min",
		"1w",
		"1us",
		"10ss",
		"9223372036854775808ms",
		"9223372036854776s",
		"106751991168d",
		"99999999999999999999d",
		"999999999999999999999999999999999999s",
	};
	int64_t ms = 77;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_false(duration_parse_ms(rows[i], &ms));
	assert_int_equal(ms, 77);
}

static void durations_are_written_in_their_largest_exact_unit(void **state)
{
	(void)state;
	static const struct {
		int64_t ms;
		const char *text;
	} rows[] = {
		{0, "0s"},        {1, "1ms"},        {999, "999ms"},    {1000, "1s"},
		{1001, "1001ms"}, {90000, "90s"},    {600000, "10m"},   {5400000, "90m"},
		{86400000, "1d"}, {90000000, "25h"}, {604800000, "7d"}, {INT64_MAX, "9223372036854775807ms"},
	};
	char buf[DURATION_TEXT_MAX];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(duration_format(rows[i].ms, buf), rows[i].text);
}

static int64_t random_63(unsigned *seed)
{
	int64_t value = rand_r(seed);

	value = value << 31 | rand_r(seed);
	return value >> (rand_r(seed) % 62);
}

static void every_duration_written_is_read_back(void **state)
{
	(void)state;
	unsigned seed = 20261121;
	char buf[DURATION_TEXT_MAX];
	int64_t back;

	for (unsigned i = 0; i < 20000; i++) {
		int64_t ms = random_63(&seed);
		assert_true(duration_parse_ms(duration_format(ms, buf), &back));
		assert_int_equal(back, ms);
	}
}

static void times_are_written_in_utc_with_milliseconds(void **state)
{
	(void)state;
	static const struct {
		int64_t ms;
		const char *text;
	} rows[] = {
		{0, "1970-01-01T00:00:00.000Z"},
		{1, "1970-01-01T00:00:00.001Z"},
		{-1, "1969-12-31T23:59:59.999Z"},
		{-86400000, "1969-12-31T00:00:00.000Z"},
		{951782399999, "2000-02-28T23:59:59.999Z"},
		{951782400000, "2000-02-29T00:00:00.000Z"},
		{1795253400123, "2026-11-21T09:30:00.123Z"},
		{253402300799999, "9999-12-31T23:59:59.999Z"},
	};
	char buf[TIME_TEXT_MAX];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(time_format_rfc3339(rows[i].ms, buf), rows[i].text);
}

static void times_are_read_with_fractions_and_offsets(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t ms;
	} rows[] = {
		{"1970-01-01", 0},
		{"2026-11-21", 1795219200000},
		{"2026-11-21T09:30:00Z", 1795253400000},
		{"2026-11-21t09:30:00z", 1795253400000},
		{"2026-11-21 09:30:00Z", 1795253400000},
		{"2026-11-21T09:30:00.5Z", 1795253400500},
		{"2026-11-21T09:30:00.12Z", 1795253400120},
		{"2026-11-21T09:30:00.123Z", 1795253400123},
		{"2026-11-21T09:30:00.123999999999999Z", 1795253400123},
		{"2026-11-21T09:30:00+00:00", 1795253400000},
		{"2026-11-21T09:30:00-00:00", 1795253400000},
		{"2026-11-21T11:30:00+02:00", 1795253400000},
		{"2026-11-21T04:00:00-05:30", 1795253400000},
		{"2026-11-21T11:30:00.123+02:00", 1795253400123},
		{"2026-11-22T09:29:00+23:59", 1795253400000},
		{"2026-11-20T09:31:00.000-23:59", 1795253400000},
		{"2000-02-29T00:00:00Z", 951782400000},
		{"1969-12-31T23:59:59.999Z", -1},
		{"9999-12-31T23:59:59.999Z", 253402300799999},
		{"2016-12-31T23:59:60Z", 1483228800000}, /* a leap second */
	};
	int64_t ms;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_true(time_parse_rfc3339(rows[i].text, &ms));
		assert_int_equal(ms, rows[i].ms);
	}
}

static void times_of_another_form_are_refused(void **state)
{
	(void)state;
	static const char *const rows[] = {
		"2026-02-30",
		"2026-04-31",
		"2025-02-29",
		"2026- 1-21",
		" 202-01-01",
		"2026-11-21T 9:30:00Z",
		"2026-11-21T09:30:61Z",
		"",
		"2026",
		"2026-11",
		"2026-1-1",
		"2026-11-1",
		"26-11-21",
		"12026-11-21",
		"-026-11-21",
		"20261121",
		"2026-00-01",
		"2026-13-01",
		"2026-11-00",
		"2026-11-32",
		"2026-11-21T",
		"2026-11-21Z",
		"2026-11-21 ",
		" 2026-11-21",
		"2026-11-21T09:30Z",
		"2026-11-21T09:30:00",
		"2026-11-21T9:30:00Z",
		"2026-11-21T09:30:00 Z",
		"2026-11-21T09:30:00ZZ",
		"2026-11-21T09:30:00Z ",
		"2026-11-21T24:00:00Z",
		"2026-11-21T09:60:00Z",
		"2026-11-21T09:30:62Z",
		"2026-11-21T09:30:00.Z",
		"2026-11-21T09:30:00,5Z",
		"2026-11-21T09:30:00.-5Z",
		"2026-11-21T09:30:00+2:00",
		"2026-11-21T09:30:00+02",
		"2026-11-21T09:30:00+0200",
		"2026-11-21T09:30:00+02:0",
		"2026-11-21T09:30:00+02:000",
		"2026-11-21T09:30:00+02:00Z",
		"2026-11-21T09:30:00+24:00",
		"2026-11-21T09:30:00+02:60",
		"2026-11-21T09:30:00+-2:00",
		"2026-11-21T09:30:00+ 2:00",
		"2026-11-21T09:30:00+1:300",
		"2026-11-21T09:30:00+:::::",
		"2026-11-21T09:30:00UTC",
		"2026-11-21_09:30:00Z",
		"Sat, 21 Nov 2026 09:30:00 GMT",
	};
	int64_t ms = 77;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_false(time_parse_rfc3339(rows[i], &ms));
	assert_int_equal(ms, 77);
}

static void every_time_written_is_read_back(void **state)
{
	(void)state;
	unsigned seed = 3339;
	char buf[TIME_TEXT_MAX];
	int64_t back;

	for (unsigned i = 0; i < 20000; i++) {
		/* 1900-01-01 to 9999-12-31. */
		int64_t ms = random_63(&seed) % (253402300799999 + 2208988800000) - 2208988800000;
		assert_true(time_parse_rfc3339(time_format_rfc3339(ms, buf), &back));
		assert_int_equal(back, ms);
	}
}

static void bytes_are_written_in_their_largest_unit(void **state)
{
	static const struct {
		int64_t bytes;
		const char *text;
	} rows[] = {
		{0, "0 B"},
		{1023, "1023 B"},
		{1024, "1.0 KiB"},
		{307200, "300.0 KiB"},
		{INT64_C(1) << 30, "1.0 GiB"},
		{INT64_C(5000) << 40, "5000.0 TiB"},
	};
	char buf[BYTES_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(bytes_format(rows[i].bytes, buf), rows[i].text);
}

static void hex_is_lower_case_and_read_in_either(void **state)
{
	(void)state;
	static const unsigned char bytes[] = {0x00, 0x01, 0x7f, 0x80, 0xab, 0xcd, 0xef, 0xff};
	unsigned char back[sizeof bytes];
	char text[2 * sizeof bytes + 1];

	hex_encode(bytes, sizeof bytes, text);
	assert_string_equal(text, "00017f80abcdefff");
	assert_true(hex_decode(text, sizeof back, back));
	assert_memory_equal(back, bytes, sizeof bytes);
	assert_true(hex_decode("00017F80aBCdEFfF", sizeof back, back));
	assert_memory_equal(back, bytes, sizeof bytes);
	hex_encode(bytes, 0, text);
	assert_string_equal(text, "");
	assert_true(hex_decode("", 0, back));
}

static void hex_of_another_length_or_alphabet_is_refused(void **state)
{
	(void)state;
	static const char *const rows[] = {"",     "0",    "000",     "00000", "0g00", "00 0",
					   "0x00", "-100", "000\xe4", "@000",  "`000"};
	unsigned char bytes[2];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_false(hex_decode(rows[i], sizeof bytes, bytes));
}

static void only_the_22_hex_digits_are_hex(void **state)
{
	(void)state;
	unsigned char byte;

	for (int c = 1; c < 256; c++) {
		const char text[] = {'0', (char)c, '\0'};
		bool digit = strchr("0123456789abcdefABCDEF", c) != NULL;
		assert_int_equal(hex_decode(text, 1, &byte), digit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(number_takes_digits_up_to_its_maximum),
		cmocka_unit_test(number_refuses_anything_else),
		cmocka_unit_test(durations_are_a_number_and_a_unit),
		cmocka_unit_test(durations_without_one_number_and_one_unit_are_refused),
		cmocka_unit_test(durations_are_written_in_their_largest_exact_unit),
		cmocka_unit_test(every_duration_written_is_read_back),
		cmocka_unit_test(times_are_written_in_utc_with_milliseconds),
		cmocka_unit_test(times_are_read_with_fractions_and_offsets),
		cmocka_unit_test(times_of_another_form_are_refused),
		cmocka_unit_test(every_time_written_is_read_back),
		cmocka_unit_test(bytes_are_written_in_their_largest_unit),
		cmocka_unit_test(hex_is_lower_case_and_read_in_either),
		cmocka_unit_test(hex_of_another_length_or_alphabet_is_refused),
		cmocka_unit_test(only_the_22_hex_digits_are_hex),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
