/* SPDX-License-Identifier: Apache-2.0 */
/* gzip as it comes in: whole or not at all. */
#include "net/gunzip.h"

#include "base/strbuf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#define ZLIB_CONST
#include <zlib.h>

#include <cmocka.h>

#define PACKED_MAX 4096

/* Appends one member to `packed`. */
static size_t pack(unsigned char *packed, const char *text)
{
	z_stream stream = {0};

	assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
	stream.next_in = (const unsigned char *)text;
	stream.avail_in = (unsigned)strlen(text);
	stream.next_out = packed;
	stream.avail_out = PACKED_MAX;
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	size_t len = PACKED_MAX - stream.avail_out;
	deflateEnd(&stream);
	return len;
}

static bool add(void *arg, const char *bytes, size_t len)
{
	struct strbuf *out = arg;

	strbuf_add(out, bytes, len);
	return !strbuf_failed(out);
}

/* All of it, so many bytes at a time; 0 or the error. */
static int unpack(const unsigned char *packed, size_t len, size_t step, struct strbuf *out)
{
	struct gunzip *gunzip = gunzip_new();
	struct err err = {0};
	int rc = 0;

	assert_non_null(gunzip);
	for (size_t at = 0; at < len && !rc; at += step)
		rc = gunzip_add(gunzip, (const char *)packed + at, at + step < len ? step : len - at, add, out, &err);
	if (!rc)
		rc = gunzip_end(gunzip, &err);
	assert_int_equal(rc, err.code);
	gunzip_free(gunzip);
	return rc;
}

static void it_comes_out_whole_however_it_comes_in(void **state)
{
	(void)state;
	unsigned char packed[PACKED_MAX];
	size_t len = pack(packed, "one line\nand another\n");

	for (size_t step = 1; step <= len; step++) {
		OWNED_STRBUF struct strbuf out = {0};
		assert_int_equal(unpack(packed, len, step, &out), 0);
		assert_string_equal(strbuf_str(&out), "one line\nand another\n");
	}
}

static void several_members_are_one_text(void **state)
{
	(void)state;
	unsigned char packed[3 * PACKED_MAX];
	size_t len = pack(packed, "one line\n");
	len += pack(packed + len, "");
	len += pack(packed + len, "and another\n");

	for (size_t step = 1; step <= len; step++) {
		OWNED_STRBUF struct strbuf out = {0};
		assert_int_equal(unpack(packed, len, step, &out), 0);
		assert_string_equal(strbuf_str(&out), "one line\nand another\n");
	}
}

static void wherever_it_is_cut_it_is_an_error(void **state)
{
	(void)state;
	unsigned char packed[PACKED_MAX];
	size_t len = pack(packed, "one line\nand another\n");

	for (size_t cut = 0; cut < len; cut++) {
		OWNED_STRBUF struct strbuf out = {0};
		assert_int_equal(unpack(packed, cut, len, &out), ERR_BAD);
	}
}

static void what_is_no_gzip_is_an_error(void **state)
{
	(void)state;
	unsigned char packed[PACKED_MAX];
	size_t len = pack(packed, "one line\n");
	OWNED_STRBUF struct strbuf out = {0};

	assert_int_equal(unpack((const unsigned char *)"{\"name\":\"demo\"}", 15, 15, &out), ERR_BAD);
	memset(packed + len, 'x', 7);
	assert_int_equal(unpack(packed, len + 7, 3, &out), ERR_BAD);
	packed[len - 5] ^= 1; /* of the checksum */
	assert_int_equal(unpack(packed, len, len, &out), ERR_BAD);
}

static void more_than_one_block_comes_out_too_and_only_as_much_as_is_taken(void **state)
{
	(void)state;
	static char text[100001];
	unsigned char packed[PACKED_MAX];
	struct strbuf out = {0};

	memset(text, ' ', sizeof text - 1);
	size_t len = pack(packed, text);
	assert_int_equal(unpack(packed, len, len, &out), 0);
	assert_int_equal(out.len, sizeof text - 1);
	strbuf_reset(&out);
	out.limit = 50000;
	assert_int_equal(unpack(packed, len, len, &out), ERR_LIMIT);
	assert_in_range(out.len, 0, 50000);
	strbuf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_comes_out_whole_however_it_comes_in),
		cmocka_unit_test(several_members_are_one_text),
		cmocka_unit_test(wherever_it_is_cut_it_is_an_error),
		cmocka_unit_test(what_is_no_gzip_is_an_error),
		cmocka_unit_test(more_than_one_block_comes_out_too_and_only_as_much_as_is_taken),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
