/* SPDX-License-Identifier: Apache-2.0 */
/* The runner's frames: whole at every split, refused when they are too long. */
#include "model/frames.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void the_header_is_four_bytes_little_endian(void **state)
{
	(void)state;
	static const struct {
		size_t len;
		const char *header;
	} rows[] = {
		{1, "\x01\x00\x00\x00"},        {255, "\xff\x00\x00\x00"},       {256, "\x00\x01\x00\x00"},
		{0x123456, "\x56\x34\x12\x00"}, {FRAME_MAX, "\x00\x00\x80\x00"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_STRBUF struct strbuf out = {0};
		frame_add_header(&out, rows[i].len);
		assert_int_equal(out.len, FRAME_HEADER);
		assert_memory_equal(out.data, rows[i].header, FRAME_HEADER);
	}
}

static void add_frame(struct strbuf *out, const char *json)
{
	frame_add_header(out, strlen(json));
	strbuf_adds(out, json);
}

/* Peeks at a heap copy of the first `len` bytes, so that the sanitizer sees a read past them. */
static int64_t peek(const char *bytes, size_t len, size_t *ret_at, size_t *ret_len)
{
	OWNED_MEM char *copy = malloc(len ? len : 1);
	const char *json = NULL;
	struct err err;

	assert_non_null(copy);
	memcpy(copy, bytes, len);
	int64_t used = frame_peek(copy, len, &json, ret_len, &err);
	*ret_at = json ? (size_t)(json - copy) : 0;
	return used;
}

static void a_frame_is_whole_at_its_last_byte_and_not_before(void **state)
{
	(void)state;
	OWNED_STRBUF struct strbuf bytes = {0};
	size_t at;
	size_t len = 0;

	add_frame(&bytes, "{\"type\":\"log\"}");
	for (size_t split = 0; split < bytes.len; split++)
		assert_int_equal(peek(bytes.data, split, &at, &len), 0);
	assert_int_equal(peek(bytes.data, bytes.len, &at, &len), bytes.len);
	assert_int_equal(at, FRAME_HEADER);
	assert_int_equal(len, bytes.len - FRAME_HEADER);
}

static void frames_one_behind_the_other_are_taken_one_by_one(void **state)
{
	(void)state;
	static const char *const texts[] = {"{}", "{\"type\":\"opened\"}", "{\"a\":1}"};
	OWNED_STRBUF struct strbuf bytes = {0};
	const char *json;
	size_t start = 0;
	size_t len;
	struct err err;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		add_frame(&bytes, texts[i]);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		int64_t used = frame_peek(bytes.data + start, bytes.len - start, &json, &len, &err);
		assert_int_equal(used, FRAME_HEADER + strlen(texts[i]));
		assert_int_equal(len, strlen(texts[i]));
		assert_memory_equal(json, texts[i], len);
		start += (size_t)used;
	}
	assert_int_equal(frame_peek(bytes.data + start, bytes.len - start, &json, &len, &err), 0);
}

/* The reader's loop, fed in two pieces cut anywhere, sees the same frames. */
static void every_split_of_two_frames_gives_both(void **state)
{
	(void)state;
	OWNED_STRBUF struct strbuf whole = {0};

	add_frame(&whole, "{\"first\":1}");
	add_frame(&whole, "{\"second\":22}");
	for (size_t split = 0; split <= whole.len; split++) {
		size_t ends[] = {split, whole.len};
		size_t start = 0;
		size_t frames = 0;
		for (size_t piece = 0; piece < ARRAY_LEN(ends); piece++) {
			size_t at;
			size_t len = 0;
			int64_t used;
			while ((used = peek(whole.data + start, ends[piece] - start, &at, &len)) > 0) {
				assert_int_equal(len, frames == 0 ? 11 : 13);
				start += (size_t)used;
				frames++;
			}
			assert_int_equal(used, 0);
		}
		assert_int_equal(frames, 2);
		assert_int_equal(start, whole.len);
	}
}

static void a_length_of_nothing_or_too_much_is_refused_at_the_header(void **state)
{
	(void)state;
	static const struct {
		const char *header;
		int64_t expected;
	} rows[] = {
		{"\x00\x00\x80\x00", 0}, /* FRAME_MAX: to be waited for */
		{"\x01\x00\x80\x00", ERR_LIMIT},
		{"\x00\x00\x00\x00", ERR_LIMIT},
		{"\xff\xff\xff\xff", ERR_LIMIT},
		{"\x00\x00\x00\x80", ERR_LIMIT},
		{"<htm", ERR_LIMIT},
	};
	size_t at;
	size_t len;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(peek(rows[i].header, FRAME_HEADER, &at, &len), rows[i].expected);
}

static void an_open_frame_has_what_is_known(void **state)
{
	(void)state;
	OWNED_STRBUF struct strbuf whole = {0};
	OWNED_STRBUF struct strbuf bare = {0};

	frame_write_open(
		&(struct frame_open){.notifier = "a\"b", .options = "{\"k\":1}", .hidden = "[\"/s\"]", .trial = true},
		&whole);
	frame_write_open(&(struct frame_open){.notifier = "n", .options = "{}"}, &bare);
	assert_string_equal(strbuf_str(&whole), "{\"type\":\"open\",\"notifier\":\"a\\\"b\",\"options\":{\"k\":1},"
						"\"hidden\":[\"/s\"],\"trial\":true}");
	assert_string_equal(strbuf_str(&bare), "{\"type\":\"open\",\"notifier\":\"n\",\"options\":{}}");
}

static void outcomes_are_spelled_both_ways(void **state)
{
	(void)state;
	static const char *const names[FRAME_OUTCOMES] = {"ok", "retry", "reject", "disable"};
	static const char *const strange[] = {"", "OK", "ok ", "retr", "rejected", "none"};
	enum frame_outcome outcome;

	for (size_t i = 0; i < FRAME_OUTCOMES; i++) {
		assert_string_equal(frame_outcome_name((enum frame_outcome)i), names[i]);
		assert_true(frame_outcome_parse(names[i], &outcome));
		assert_int_equal(outcome, i);
	}
	for (size_t i = 0; i < ARRAY_LEN(strange); i++)
		assert_false(frame_outcome_parse(strange[i], &outcome));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_header_is_four_bytes_little_endian),
		cmocka_unit_test(a_frame_is_whole_at_its_last_byte_and_not_before),
		cmocka_unit_test(frames_one_behind_the_other_are_taken_one_by_one),
		cmocka_unit_test(every_split_of_two_frames_gives_both),
		cmocka_unit_test(a_length_of_nothing_or_too_much_is_refused_at_the_header),
		cmocka_unit_test(an_open_frame_has_what_is_known),
		cmocka_unit_test(outcomes_are_spelled_both_ways),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
