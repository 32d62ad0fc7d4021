/* SPDX-License-Identifier: Apache-2.0 */
/* Fingerprints: of all the bytes, of their number, of the secret, and the same in every build. */
#include "fixture.h"

#include "base/numbers.h"

#define LONGEST ((size_t)20 * FINGERPRINT_BLOCK) /* more blocks than are mixed at once */

static void fingerprints_are_of_the_bytes_and_of_the_secret(void **state)
{
	(void)state;
	const struct index_keys keys = test_keys();
	const unsigned char other_secret[INDEX_SECRET_SIZE] = {1};
	struct index_keys other_keys;
	unsigned char prints[4][FINGERPRINT_SIZE];

	index_keys_derive(other_secret, &other_keys);
	index_line_fingerprint(&keys, "{}", 2, prints[0]);
	index_line_fingerprint(&keys, "{} ", 3, prints[1]);
	index_line_fingerprint(&other_keys, "{}", 2, prints[2]);
	index_line_fingerprint(&keys, "{}", 2, prints[3]);
	assert_memory_equal(prints[0], prints[3], FINGERPRINT_SIZE);
	assert_memory_not_equal(prints[0], prints[1], FINGERPRINT_SIZE);
	assert_memory_not_equal(prints[0], prints[2], FINGERPRINT_SIZE);
	assert_memory_not_equal(keys.facet, other_keys.facet, sizeof keys.facet);
	assert_memory_not_equal(keys.facet, keys.fingerprint, sizeof keys.facet);
}

/* At each place one other byte, one byte less, and the bytes at another address. */
static void every_byte_counts(void **state)
{
	(void)state;
	const struct index_keys keys = test_keys();
	static const size_t lengths[] = {
		1, 2, 15, 16, 17, 1023, 1024, 1025, 2047, (size_t)16 * FINGERPRINT_BLOCK, LONGEST - 3};
	static char line[LONGEST + 1];
	unsigned char prints[2][FINGERPRINT_SIZE];

	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		size_t len = lengths[i];
		memset(line, 'x', sizeof line);
		index_line_fingerprint(&keys, line, len, prints[0]);
		index_line_fingerprint(&keys, line + 1, len, prints[1]);
		assert_memory_equal(prints[0], prints[1], FINGERPRINT_SIZE);
		index_line_fingerprint(&keys, line, len - 1, prints[1]);
		assert_memory_not_equal(prints[0], prints[1], FINGERPRINT_SIZE);
		for (size_t at = 0; at<len; at += len> 2048 ? 7 : 1) {
			line[at] = 'y';
			index_line_fingerprint(&keys, line, len, prints[1]);
			assert_memory_not_equal(prints[0], prints[1], FINGERPRINT_SIZE);
			line[at] = 'x';
		}
	}
}

/* Zeros at the end, which is how what lacks to a pair counts, are not nothing; neither do two blocks change places. */
static void zeros_and_places_count(void **state)
{
	(void)state;
	const struct index_keys keys = test_keys();
	static char line[3 * FINGERPRINT_BLOCK];
	unsigned char prints[40][FINGERPRINT_SIZE];

	for (size_t len = 0; len < ARRAY_LEN(prints); len++) {
		index_line_fingerprint(&keys, line, len, prints[len]);
		for (size_t i = 0; i < len; i++)
			assert_memory_not_equal(prints[i], prints[len], FINGERPRINT_SIZE);
	}
	line[0] = 'x';
	index_line_fingerprint(&keys, line, sizeof line, prints[0]);
	line[0] = '\0';
	line[FINGERPRINT_BLOCK] = 'x';
	index_line_fingerprint(&keys, line, sizeof line, prints[1]);
	line[FINGERPRINT_BLOCK] = '\0';
	line[8] = 'x';
	index_line_fingerprint(&keys, line, sizeof line, prints[2]);
	assert_memory_not_equal(prints[0], prints[1], FINGERPRINT_SIZE);
	assert_memory_not_equal(prints[0], prints[2], FINGERPRINT_SIZE);
}

/* Databases hold them: another result wants another FINGERPRINT_VERSION. */
static void they_are_the_same_in_every_build(void **state)
{
	(void)state;
	const struct index_keys keys = test_keys();
	static const struct {
		size_t len;
		const char *print;
	} rows[] = {
		{0, "57ce0e441bdbd1939858bb286677e9fc"},
		{40, "96460d14a64c767c831e7ad672a78316"},
		{1500, "3d68f694463024e566a16ceed0ca6b68"},
		{LONGEST, "2052af5ba180a5d1430bdaa9c27116cc"},
	};
	static char line[LONGEST];
	char hex[2 * FINGERPRINT_SIZE + 1];
	unsigned char print[FINGERPRINT_SIZE];
	unsigned char whole[FINGERPRINT_SIZE] = {0};

	for (size_t i = 0; i < sizeof line; i++)
		line[i] = (char)(i * 31 % 251);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		index_line_fingerprint(&keys, line, rows[i].len, print);
		hex_encode(print, sizeof print, hex);
		assert_string_equal(hex, rows[i].print);
		index_fingerprint_chain(&keys, whole, print);
	}
	hex_encode(whole, sizeof whole, hex);
	assert_string_equal(hex, "b9b1a136b10faf7f68f6f1d891906f27");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fingerprints_are_of_the_bytes_and_of_the_secret),
		cmocka_unit_test(every_byte_counts),
		cmocka_unit_test(zeros_and_places_count),
		cmocka_unit_test(they_are_the_same_in_every_build),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
