/* SPDX-License-Identifier: Apache-2.0 */
/* A whole reply against what is remembered: unchanged lines, bad lines, doubles, replies to drop. */
#include "fixture.h"

#include "model/diff.h"

#define OWNED_LOOK OWNED(index_look_release)
#define OWNED_VERSIONS OWNED(index_versions_release)

/* The reply's bytes; the look borrows from them. */
struct reply {
	char *body;
	size_t len;
};

static void reply_release(struct reply *reply)
{
	free(reply->body);
}
#define OWNED_REPLY OWNED(reply_release)

static struct reply make_reply(const char *text)
{
	struct reply reply;

	reply.body = quoted(text, &reply.len);
	return reply;
}

static struct index_look look_at(const struct reply *reply, const struct index_versions *known)
{
	const struct index_keys keys = test_keys();
	struct index_look look = {0};
	struct err err = {0};

	OWNED(line_reader_release) struct line_reader lines = {.keys = &keys};

	int rc = index_file_look(&lines, "demo", reply->body, reply->len, known, &look, &err);
	if (rc)
		fail_msg("%s", err.text);
	return look;
}

static struct index_version *find(struct index_versions *versions, const char *vers)
{
	for (size_t i = 0; i < versions->count; i++)
		if (strcmp(versions->items[i].vers, vers) == 0)
			return &versions->items[i];
	return NULL;
}

/* What the tracker does after a look: what was seen becomes what is remembered. */
static void remember(struct index_versions *known, struct index_look *look)
{
	size_t before = known->count;

	for (size_t i = 0; i < before; i++)
		if (!look->unchanged[i].at && !find(&look->changed, known->items[i].vers) && look->bad == 0)
			known->items[i].deleted = true;
	for (size_t i = 0; i < look->changed.count; i++) {
		struct index_version *seen = &look->changed.items[i];
		struct index_version *kept = find(known, seen->vers);
		if (!kept) {
			kept = index_versions_add(known);
			assert_non_null(kept);
		}
		char *vers = kept->vers ? kept->vers : strdup(seen->vers);
		*kept = *seen;
		kept->vers = vers;
		kept->line = NULL;
	}
}

static void look_and_remember(const char *text, struct index_versions *known)
{
	OWNED_REPLY struct reply reply = make_reply(text);
	OWNED_LOOK struct index_look look = look_at(&reply, known);

	remember(known, &look);
}

static void a_first_look_parses_every_line_in_order(void **state)
{
	(void)state;
	OWNED_REPLY struct reply reply = make_reply(LINE("1.0.0") "\n" LINE_YANKED("0.9.0") "\n" LINE("1.1.0") "\n");
	OWNED_VERSIONS struct index_versions known = {0};
	OWNED_LOOK struct index_look look = look_at(&reply, &known);

	assert_int_equal(look.lines, 3);
	assert_int_equal(look.bad, 0);
	assert_int_equal(look.doubled, 0);
	assert_int_equal(look.changed.count, 3);
	assert_string_equal(look.changed.items[0].vers, "1.0.0");
	assert_string_equal(look.changed.items[1].vers, "0.9.0");
	assert_string_equal(look.changed.items[2].vers, "1.1.0");
	assert_true(look.changed.items[1].yanked);
	assert_ptr_equal(look.changed.items[0].line, reply.body);
	assert_int_equal(look.changed.items[0].line_len, strlen(LINE("1.0.0")));
}

static void a_parsed_line_carries_its_fingerprint(void **state)
{
	(void)state;
	const struct index_keys keys = test_keys();
	unsigned char print[FINGERPRINT_SIZE];
	OWNED_VERSIONS struct index_versions known = {0};
	OWNED_REPLY struct reply reply = make_reply(LINE("1.0.0"));
	OWNED_LOOK struct index_look look = look_at(&reply, &known);

	index_line_fingerprint(&keys, reply.body, reply.len, print);
	assert_memory_equal(look.changed.items[0].fingerprint, print, FINGERPRINT_SIZE);
}

static void a_file_has_one_fingerprint_of_its_lines_in_their_order(void **state)
{
	(void)state;
	static const char file[] = LINE("1") "\n" LINE("2") "\n";
	static const struct {
		const char *text;
		bool same;
	} rows[] = {
		{file, true},
		{LINE("1") "\r\n\n" LINE("2"), true}, /* the lines count, not what is between them */
		{LINE("2") "\n" LINE("1") "\n", false},
		{LINE("1") "\n" LINE_YANKED("2") "\n", false},
		{LINE("1") "\n", false},
		{LINE("1") "\n" LINE("2") "\n" LINE("2") "\n", false},
		{LINE("1") "\n" LINE("2") "\n?\n", false},
		{"", false},
	};
	const struct index_keys keys = test_keys();
	OWNED_VERSIONS struct index_versions known = {0};
	OWNED_REPLY struct reply reply = make_reply(file);
	OWNED_LOOK struct index_look look = look_at(&reply, &known);

	assert_true(look.is_plain);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_REPLY struct reply other = make_reply(rows[i].text);
		unsigned char print[FINGERPRINT_SIZE];
		index_file_fingerprint(&keys, other.body, other.len, print);
		assert_int_equal(memcmp(print, look.fingerprint, FINGERPRINT_SIZE) == 0, rows[i].same);
	}
}

static void only_a_file_that_was_read_whole_is_plain(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool plain;
	} rows[] = {
		{LINE("1") "\n" LINE("2"), true},
		{LINE("1") "\n?", false},
		{LINE("1") "\n" LINE_YANKED("1"), false},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_VERSIONS struct index_versions known = {0};
		OWNED_REPLY struct reply reply = make_reply(rows[i].text);
		OWNED_LOOK struct index_look look = look_at(&reply, &known);
		OWNED_LOOK struct index_look again = {0};
		assert_int_equal(look.is_plain, rows[i].plain);
		remember(&known, &look);
		again = look_at(&reply, &known);
		assert_int_equal(again.is_plain, rows[i].plain);
		assert_memory_equal(again.fingerprint, look.fingerprint, FINGERPRINT_SIZE);
	}
}

static void line_ends_of_any_kind_are_taken(void **state)
{
	(void)state;
	static const char *const rows[] = {
		LINE("1") "\n" LINE("2") "\n",
		LINE("1") "\n" LINE("2"),
		LINE("1") "\r\n" LINE("2") "\r\n",
		LINE("1") "\r\n" LINE("2") "\r",
		"\n\n" LINE("1") "\n\r\n\n" LINE("2") "\n\n",
	};
	OWNED_VERSIONS struct index_versions known = {0};

	look_and_remember(rows[0], &known);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_REPLY struct reply reply = make_reply(rows[i]);
		OWNED_LOOK struct index_look look = look_at(&reply, &known);
		assert_int_equal(look.lines, 2);
		assert_int_equal(look.bad, 0);
		assert_int_equal(look.changed.count, 0); /* a line's end is no part of its fingerprint */
		assert_true(look.unchanged[0].at && look.unchanged[1].at);
	}
}

static void a_remembered_line_is_not_parsed_again(void **state)
{
	(void)state;
	static const char not_json[] = "this is no JSON at all";
	const struct index_keys keys = test_keys();
	OWNED_VERSIONS struct index_versions known = {0};
	OWNED_REPLY struct reply reply = make_reply(not_json);

	look_and_remember(LINE("1.0.0") "\n", &known);
	index_line_fingerprint(&keys, not_json, sizeof not_json - 1, known.items[0].fingerprint);
	OWNED_LOOK struct index_look look = look_at(&reply, &known);
	assert_int_equal(look.lines, 1);
	assert_int_equal(look.bad, 0);
	assert_true(look.unchanged[0].at);
	assert_int_equal(look.changed.count, 0);
}

static void only_lines_with_other_bytes_are_parsed(void **state)
{
	(void)state;
	OWNED_VERSIONS struct index_versions known = {0};
	OWNED_REPLY struct reply reply =
		make_reply(LINE("1.0.0") "\n" LINE_YANKED("1.1.0") "\n" LINE("1.2.0") "\n" LINE("1.3.0") "\n");

	look_and_remember(LINE("1.0.0") "\n" LINE("1.1.0") "\n" LINE("1.2.0") "\n", &known);
	OWNED_LOOK struct index_look look = look_at(&reply, &known);
	assert_true(look.unchanged[0].at);
	assert_false(look.unchanged[1].at);
	assert_true(look.unchanged[2].at);
	assert_int_equal(look.changed.count, 2);
	assert_string_equal(look.changed.items[0].vers, "1.1.0");
	assert_true(look.changed.items[0].yanked);
	assert_string_equal(look.changed.items[1].vers, "1.3.0");
}

static void unchanged_lines_are_known_in_any_order(void **state)
{
	(void)state;
	OWNED_VERSIONS struct index_versions known = {0};
	OWNED_REPLY struct reply reply = make_reply(LINE("3") "\n" LINE("1") "\n" LINE("2") "\n");

	look_and_remember(LINE("1") "\n" LINE("2") "\n" LINE("3") "\n", &known);
	OWNED_LOOK struct index_look look = look_at(&reply, &known);
	assert_true(look.unchanged[0].at && look.unchanged[1].at && look.unchanged[2].at);
	assert_int_equal(look.changed.count, 0);
}

static void a_deleted_version_that_comes_back_is_parsed(void **state)
{
	(void)state;
	OWNED_VERSIONS struct index_versions known = {0};
	OWNED_REPLY struct reply reply = make_reply(LINE("1.0.0") "\n" LINE("1.1.0") "\n");

	look_and_remember(LINE("1.0.0") "\n" LINE("1.1.0") "\n", &known);
	look_and_remember(LINE("1.0.0") "\n", &known);
	assert_true(known.items[1].deleted);
	OWNED_LOOK struct index_look look = look_at(&reply, &known);
	assert_true(look.unchanged[0].at);
	assert_false(look.unchanged[1].at);
	assert_int_equal(look.changed.count, 1);
	assert_string_equal(look.changed.items[0].vers, "1.1.0");
}

static void a_version_without_a_fingerprint_is_parsed(void **state)
{
	(void)state;
	OWNED_VERSIONS struct index_versions known = {0};
	OWNED_REPLY struct reply reply = make_reply(LINE("1.0.0") "\n");

	look_and_remember(LINE("1.0.0") "\n", &known);
	memset(known.items[0].fingerprint, 0, FINGERPRINT_SIZE);
	OWNED_LOOK struct index_look look = look_at(&reply, &known);
	assert_false(look.unchanged[0].at);
	assert_int_equal(look.changed.count, 1);
}

static void bad_lines_are_kept_aside_and_harm_no_other(void **state)
{
	(void)state;
	OWNED_VERSIONS struct index_versions known = {0};
	OWNED_REPLY struct reply reply =
		make_reply(LINE("1.0.0") "\n"
					 "\n"
					 "{'name':'demo'}\n" LINE("1.1.0") "\nnonsense\n" LINE("1.2.0"));
	OWNED_LOOK struct index_look look = look_at(&reply, &known);

	assert_int_equal(look.lines, 5);
	assert_int_equal(look.bad, 2);
	assert_int_equal(look.bad_line, 2); /* of the non-empty ones */
	assert_int_equal(look.bad_err.code, ERR_BAD);
	assert_string_equal(look.bad_err.text, "no \"vers\"");
	assert_int_equal(look.changed.count, 3);
	assert_string_equal(look.changed.items[2].vers, "1.2.0");
}

static void lines_of_another_crate_are_kept_aside(void **state)
{
	(void)state;
	OWNED_VERSIONS struct index_versions known = {0};
	OWNED_REPLY struct reply reply =
		make_reply("{'name':'evil','vers':'1.0.0','deps':[],'cksum':'" SUM_B "'}\n" LINE("1.1.0") "\n");
	OWNED_LOOK struct index_look look = look_at(&reply, &known);

	assert_int_equal(look.bad, 1);
	assert_int_equal(look.changed.count, 1);
	assert_string_equal(look.changed.items[0].vers, "1.1.0");
}

static void a_reply_without_one_good_line_is_dropped_whole(void **state)
{
	(void)state;
	static const struct {
		const char *body, *said;
	} rows[] = {
		{"", "the file is empty"},
		{"\n", "the file is empty"},
		{"\r\n\n\r\n", "the file is empty"},
		{"<!DOCTYPE html>\n<html>\n</html>\n", "a web page (HTML or XML), not an index file"},
		{"nothing here\n", "no line can be read, line 1: not JSON at byte 0"},
		{"404 page not found", NULL},
		{"{'name':'other','vers':'1.0.0','deps':[],'cksum':'" SUM_A "'}\n",
		 "no line can be read, line 1: about another crate, \"other\""},
		{"\n{}\n[]\n", "no line can be read, line 1: no \"name\""},
	};
	const struct index_keys keys = test_keys();
	OWNED_VERSIONS struct index_versions known = {0};

	look_and_remember(LINE("1.0.0") "\n", &known);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_REPLY struct reply reply = make_reply(rows[i].body);
		struct index_look look = {0};
		struct err err = {0};
		OWNED(line_reader_release) struct line_reader lines = {.keys = &keys};
		assert_int_equal(index_file_look(&lines, "demo", reply.body, reply.len, &known, &look, &err), ERR_BAD);
		assert_null(look.unchanged);
		if (rows[i].said)
			assert_string_equal(err.text, rows[i].said);
	}
}

/* ---- doubles ---- */

static void doubles_become_one_version_that_is_yanked_if_any_says_so(void **state)
{
	(void)state;
	static const struct {
		const char *body;
		size_t doubled;
		bool yanked;
	} rows[] = {
		{LINE("1.0.0") "\n" LINE("1.0.0") "\n", 1, false},
		{LINE("1.0.0") "\n" LINE_YANKED("1.0.0") "\n", 1, true},
		{LINE_YANKED("1.0.0") "\n" LINE("1.0.0") "\n", 1, true},
		{LINE("1.0.0") "\n" LINE("1.0.0") "\n" LINE_YANKED("1.0.0") "\n", 2, true},
		{LINE("1.0.0") "\n" LINE("1.0.0") "\n" LINE("1.0.0") "\n", 2, false},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_VERSIONS struct index_versions known = {0};
		OWNED_REPLY struct reply reply = make_reply(rows[i].body);
		OWNED_LOOK struct index_look look = look_at(&reply, &known);
		assert_int_equal(look.changed.count, 1);
		assert_string_equal(look.changed.items[0].vers, "1.0.0");
		assert_int_equal(look.changed.items[0].yanked, rows[i].yanked);
		assert_false(look.changed.items[0].deleted);
		assert_int_equal(look.doubled, rows[i].doubled);
	}
}

static void doubles_leave_their_neighbours_alone(void **state)
{
	(void)state;
	OWNED_VERSIONS struct index_versions known = {0};
	OWNED_REPLY struct reply reply =
		make_reply(LINE("3") "\n" LINE("1") "\n" LINE("2") "\n" LINE_YANKED("1") "\n" LINE("4") "\n" LINE("2"));
	OWNED_LOOK struct index_look look = look_at(&reply, &known);

	assert_int_equal(look.doubled, 2);
	assert_int_equal(look.changed.count, 4);
	assert_string_equal(look.changed.items[0].vers, "3");
	assert_string_equal(look.changed.items[1].vers, "1");
	assert_string_equal(look.changed.items[2].vers, "2");
	assert_string_equal(look.changed.items[3].vers, "4");
	assert_true(look.changed.items[1].yanked);
	assert_false(look.changed.items[2].yanked);
}

static void versions_that_differ_in_build_metadata_are_no_doubles(void **state)
{
	(void)state;
	OWNED_VERSIONS struct index_versions known = {0};
	OWNED_REPLY struct reply reply = make_reply(LINE("110.0.0") "\n" LINE_YANKED("110.0.0+1.1.0f") "\n");
	OWNED_LOOK struct index_look look = look_at(&reply, &known);

	assert_int_equal(look.doubled, 0);
	assert_int_equal(look.changed.count, 2);
	assert_false(look.changed.items[0].yanked);
}

/* How many events a look at this reply makes; what it saw is remembered. */
static size_t events_of(const char *text, struct index_versions *known)
{
	OWNED_REPLY struct reply reply = make_reply(text);
	OWNED_LOOK struct index_look look = look_at(&reply, known);
	OWNED(transitions_release) struct transitions transitions = {0};
	struct err err;

	assert_int_equal(diff_present(CRATE_PRESENT, known, &look, &transitions, &err), 0);
	size_t count = transitions.count;
	remember(known, &look);
	return count;
}

static void a_file_with_doubles_never_flips_back_and_forth(void **state)
{
	(void)state;
	static const struct {
		const char *before, *doubled;
		size_t events; /* of the first look at the doubles */
	} rows[] = {
		{LINE("1"), LINE("1") "\n" LINE("1"), 0},
		{LINE("1"), LINE("1") "\n" LINE_YANKED("1"), 1},
		{LINE("1"), LINE_YANKED("1") "\n" LINE("1"), 1},
		{LINE_YANKED("1"), LINE("1") "\n" LINE_YANKED("1"), 0},
		{LINE_YANKED("1"), LINE_YANKED("1") "\n" LINE("1"), 0},
		{LINE_YANKED("1"), LINE("1") "\n" LINE("1"), 1},
		{LINE("2"), LINE("2") "\n" LINE("1") "\n" LINE_YANKED("1"), 2},
		{LINE("1"), LINE("1") "\n" LINE_YANKED("1") "\n" LINE("1"), 1},
		/* another checksum behind the line that counts, and before it */
		{LINE("1"), LINE("1") "\n" LINE_OF("1", SUM_B, ""), 0},
		{LINE("1"), LINE_OF("1", SUM_B, "") "\n" LINE("1"), 1},
		{LINE("1"), LINE("1") "\n" LINE_OF("1", SUM_A, ",'links':'z'"), 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_VERSIONS struct index_versions known = {0};
		look_and_remember(rows[i].before, &known);
		assert_int_equal(events_of(rows[i].doubled, &known), rows[i].events);
		for (unsigned look = 0; look < 3; look++)
			assert_int_equal(events_of(rows[i].doubled, &known), 0);
	}
}

static void the_line_that_stays_after_a_double_decides(void **state)
{
	(void)state;
	OWNED_VERSIONS struct index_versions known = {0};

	look_and_remember(LINE("1") "\n" LINE_YANKED("1"), &known);
	assert_true(known.items[0].yanked);
	assert_int_equal(events_of(LINE("1"), &known), 1); /* un-yanked */
	assert_false(known.items[0].yanked);
	assert_int_equal(events_of(LINE("1"), &known), 0);
}

static void looks_at_one_reply_agree_whatever_is_remembered(void **state)
{
	(void)state;
	unsigned seed = 99;

	for (unsigned round = 0; round < 300; round++) {
		OWNED_VERSIONS struct index_versions known = {0};
		char text[64 * 200] = "";
		size_t len = 0;
		for (int lines = 1 + rand_r(&seed) % 30; lines > 0; lines--) {
			const char *yanked = rand_r(&seed) % 2 ? "true" : "false";
			len += (size_t)snprintf(text + len, sizeof text - len,
						"{'name':'demo','vers':'%d','deps':[],'cksum':'" SUM_A
						"','yanked':%s}\n",
						rand_r(&seed) % 20, yanked);
			assert_true(len < sizeof text);
			if (rand_r(&seed) % 4 == 0)
				(void)events_of(text, &known);
		}
		(void)events_of(text, &known);
		assert_int_equal(events_of(text, &known), 0);
		assert_int_equal(events_of(text, &known), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_first_look_parses_every_line_in_order),
		cmocka_unit_test(a_parsed_line_carries_its_fingerprint),
		cmocka_unit_test(a_file_has_one_fingerprint_of_its_lines_in_their_order),
		cmocka_unit_test(only_a_file_that_was_read_whole_is_plain),
		cmocka_unit_test(line_ends_of_any_kind_are_taken),
		cmocka_unit_test(a_remembered_line_is_not_parsed_again),
		cmocka_unit_test(only_lines_with_other_bytes_are_parsed),
		cmocka_unit_test(unchanged_lines_are_known_in_any_order),
		cmocka_unit_test(a_deleted_version_that_comes_back_is_parsed),
		cmocka_unit_test(a_version_without_a_fingerprint_is_parsed),
		cmocka_unit_test(bad_lines_are_kept_aside_and_harm_no_other),
		cmocka_unit_test(lines_of_another_crate_are_kept_aside),
		cmocka_unit_test(a_reply_without_one_good_line_is_dropped_whole),
		cmocka_unit_test(doubles_become_one_version_that_is_yanked_if_any_says_so),
		cmocka_unit_test(doubles_leave_their_neighbours_alone),
		cmocka_unit_test(versions_that_differ_in_build_metadata_are_no_doubles),
		cmocka_unit_test(a_file_with_doubles_never_flips_back_and_forth),
		cmocka_unit_test(the_line_that_stays_after_a_double_decides),
		cmocka_unit_test(looks_at_one_reply_agree_whatever_is_remembered),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
