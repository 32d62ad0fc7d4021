/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of events, in rows. A version is written VERS/FLAGS: y yanked, d
 * deleted, b another checksum, 0-3 another digest of that facet, = its line
 * stands there as before.
 */
#include "model/diff.h"

#include "base/strbuf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

/* Reads "1.0.0/y" into `version`; true when its line stands there as before. */
static bool read_version(const char *token, struct index_version *version)
{
	const char *flags = strchr(token, '/');
	bool unchanged = false;

	version->vers = flags ? strndup(token, (size_t)(flags - token)) : strdup(token);
	assert_non_null(version->vers);
	for (size_t f = 0; f < FACETS; f++)
		version->facets[f] = 11;
	for (; flags && *++flags;) {
		if (*flags >= '0' && *flags < '0' + FACETS)
			version->facets[*flags - '0'] = 77;
		version->yanked |= *flags == 'y';
		version->deleted |= *flags == 'd';
		unchanged |= *flags == '=';
		if (*flags == 'z')
			memset(version->facets, 0, sizeof version->facets);
		if (*flags == 'b')
			memset(version->checksum, 0xbb, CHECKSUM_SIZE);
	}
	return unchanged;
}

/* Reads versions separated by blanks; `unchanged` has room for 16 or is NULL. */
static void read_versions(const char *text, struct index_versions *versions, struct index_span *unchanged)
{
	char copy[256];
	char *rest = copy;
	const char *token;

	(void)snprintf(copy, sizeof copy, "%s", text);
	while ((token = strsep(&rest, " "))) {
		if (!*token)
			continue;
		bool stays = read_version(token, index_versions_add(versions));
		if (unchanged)
			unchanged[versions->count - 1].at = stays ? token : NULL;
	}
}

/* "yanked 1.0.0<1.0.0": what, of which version, and which stood before it. */
static void tell(const struct transitions *transitions, struct strbuf *out)
{
	for (size_t i = 0; i < transitions->count; i++) {
		const struct transition *t = &transitions->items[i];
		strbuf_addf(out, "%s%s", i ? ", " : "", event_kind_name(t->kind));
		if (t->after)
			strbuf_addf(out, " %s", t->after->vers);
		if (t->before)
			strbuf_addf(out, "<%s", t->before->vers);
		for (unsigned f = 0; f < FACETS; f++)
			if (t->facets & 1u << f)
				strbuf_addf(out, " %s", facet_name((enum facet)f));
	}
}

struct row {
	enum crate_state before;
	const char *known, *seen;
	size_t bad;
	const char *expected;
};

static void check_row(const struct row *row)
{
	OWNED(index_versions_release) struct index_versions known = {0};
	OWNED(index_look_release) struct index_look look = {.bad = row->bad};
	OWNED(transitions_release) struct transitions transitions = {0};
	OWNED_STRBUF struct strbuf told = {0};
	struct err err;

	look.unchanged = calloc(16, sizeof *look.unchanged);
	assert_non_null(look.unchanged);
	read_versions(row->known, &known, look.unchanged);
	read_versions(row->seen, &look.changed, NULL);
	assert_int_equal(diff_present(row->before, &known, &look, &transitions, &err), 0);
	tell(&transitions, &told);
	assert_string_equal(strbuf_str(&told), row->expected);
}

static void check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check_row(&rows[i]);
}

static void a_baseline_is_quiet(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{CRATE_UNKNOWN, "", "", 0, ""},      {CRATE_UNKNOWN, "", "1 2/y 3", 0, ""},
		{CRATE_UNKNOWN, "", "1 2/y", 3, ""}, {CRATE_UNKNOWN, "1 2", "1/y 2/b", 0, ""},
		{CRATE_UNKNOWN, "1 2", "", 0, ""},
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void nothing_new_is_quiet(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{CRATE_PRESENT, "", "", 0, ""},
		{CRATE_PRESENT, "1/= 2/y=", "", 0, ""},
		{CRATE_PRESENT, "1 2/y 3/3", "1 2/y 3/3", 0, ""}, /* other bytes, the same meaning */
		{CRATE_PRESENT, "1 2", "2 1", 0, ""},
		{CRATE_PRESENT, "1/d 2/=", "", 0, ""}, /* told when it was deleted */
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void diff_reports_what_appears(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{CRATE_PRESENT, "", "1", 0, "published 1"},
		{CRATE_PRESENT, "1/=", "2", 0, "published 2"},
		{CRATE_PRESENT, "1/=", "3 2", 0, "published 3, published 2"},
		{CRATE_PRESENT, "1/=", "2/y", 0, "published 2, yanked 2"},
		{CRATE_PRESENT, "1/=", "1.0", 0, "published 1.0"}, /* raw text is the key */
		{CRATE_PRESENT, "1/=", "1+b", 0, "published 1+b"},
		{CRATE_PRESENT, "1/=", "2", 5, "published 2"}, /* bad lines hide nothing that is there */
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void diff_reports_a_flip_as_yanked(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{CRATE_PRESENT, "1", "1/y", 0, "yanked 1<1"},
		{CRATE_PRESENT, "1/y", "1", 0, "unyanked 1<1"},
		{CRATE_PRESENT, "1 2/y 3/=", "1/y 2", 0, "yanked 1<1, unyanked 2<2"},
		{CRATE_PRESENT, "1", "1/y", 2, "yanked 1<1"},
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void diff_reports_what_changed_in_place(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{CRATE_PRESENT, "1", "1/b", 0, "checksum_changed 1<1"},
		{CRATE_PRESENT, "1/y", "1/yb", 0, "checksum_changed 1<1"},
		{CRATE_PRESENT, "1", "1/0", 0, "metadata_changed 1<1 deps"},
		{CRATE_PRESENT, "1", "1/1", 0, "metadata_changed 1<1 features"},
		{CRATE_PRESENT, "1", "1/2", 0, "metadata_changed 1<1 links"},
		{CRATE_PRESENT, "1/3", "1", 0, "metadata_changed 1<1 rust_version"},
		{CRATE_PRESENT, "1/02", "1/13", 0, "metadata_changed 1<1 deps features links rust_version"},
		{CRATE_PRESENT, "1", "1/by2", 0, "checksum_changed 1<1, metadata_changed 1<1 links, yanked 1<1"},
		{CRATE_PRESENT, "1/y2", "1/b2", 0, "checksum_changed 1<1, unyanked 1<1"},
		/* to a later format and back: its metadata was not read */
		{CRATE_PRESENT, "1", "1/z", 0, ""},
		{CRATE_PRESENT, "1/z", "1", 0, ""},
		{CRATE_PRESENT, "1", "1/zy", 0, "yanked 1<1"},
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void diff_reports_what_vanished_last(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{CRATE_PRESENT, "1 2/=", "", 0, "version_deleted<1"},
		{CRATE_PRESENT, "1/y 2/=", "", 0, "version_deleted<1"},
		{CRATE_PRESENT, "1 2", "3", 0, "published 3, version_deleted<1, version_deleted<2"},
		{CRATE_PRESENT, "1 2 3/d", "2/y", 0, "yanked 2<2, version_deleted<1"},
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void a_bad_line_may_hide_a_version(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{CRATE_PRESENT, "1 2/=", "", 1, ""},
		{CRATE_PRESENT, "1 2", "2/y", 1, "yanked 2<2"},
		{CRATE_ABSENT, "1", "2", 1, "crate_created, published 2"},
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void a_deleted_version_that_comes_back_is_published_never_altered(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{CRATE_PRESENT, "1/d 2/=", "1", 0, "published 1<1"},
		{CRATE_PRESENT, "1/d", "1/b", 0, "published 1<1"},
		{CRATE_PRESENT, "1/d", "1/b0123", 0, "published 1<1"},
		{CRATE_PRESENT, "1/d", "1/y", 0, "published 1<1, yanked 1<1"},
		{CRATE_PRESENT, "1/yd", "1/yb", 0, "published 1<1, yanked 1<1"},
		{CRATE_PRESENT, "1/yd", "1", 0, "published 1<1"},
		{CRATE_ABSENT, "1/d 2/d", "1/b", 0, "crate_created, published 1<1"},
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void a_crate_that_was_absent_is_created(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{CRATE_ABSENT, "", "", 0, "crate_created"},
		{CRATE_ABSENT, "", "1", 0, "crate_created, published 1"},
		{CRATE_ABSENT, "", "1 2/y", 0, "crate_created, published 1, published 2, yanked 2"},
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void an_absent_crate_is_told_once(void **state)
{
	(void)state;
	static const struct {
		enum crate_state before;
		const char *expected;
	} rows[] = {{CRATE_UNKNOWN, ""}, {CRATE_PRESENT, "crate_deleted"}, {CRATE_ABSENT, ""}};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(transitions_release) struct transitions transitions = {0};
		OWNED_STRBUF struct strbuf told = {0};
		struct err err;
		assert_int_equal(diff_absent(rows[i].before, &transitions, &err), 0);
		tell(&transitions, &told);
		assert_string_equal(strbuf_str(&told), rows[i].expected);
	}
}

/* Every version of a large crate in the worst case: the room is enough. */
static void many_changes_at_once_are_all_told(void **state)
{
	(void)state;
	OWNED(index_versions_release) struct index_versions known = {0};
	OWNED(index_look_release) struct index_look look = {0};
	OWNED(transitions_release) struct transitions transitions = {0};
	struct err err;
	char token[16];

	look.unchanged = calloc(3000, sizeof *look.unchanged);
	assert_non_null(look.unchanged);
	for (unsigned i = 0; i < 3000; i++) {
		(void)snprintf(token, sizeof token, "%u", i);
		(void)read_version(token, index_versions_add(&known));
		(void)snprintf(token, sizeof token, "%u/yb0123", i + 1000);
		(void)read_version(token, index_versions_add(&look.changed));
	}
	assert_int_equal(diff_present(CRATE_PRESENT, &known, &look, &transitions, &err), 0);
	/* 2000 stayed with three each, 1000 came yanked with two, 1000 went. */
	assert_int_equal(transitions.count, 2000 * 3 + 1000 * 2 + 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_baseline_is_quiet),
		cmocka_unit_test(nothing_new_is_quiet),
		cmocka_unit_test(diff_reports_what_appears),
		cmocka_unit_test(diff_reports_a_flip_as_yanked),
		cmocka_unit_test(diff_reports_what_changed_in_place),
		cmocka_unit_test(diff_reports_what_vanished_last),
		cmocka_unit_test(a_bad_line_may_hide_a_version),
		cmocka_unit_test(a_deleted_version_that_comes_back_is_published_never_altered),
		cmocka_unit_test(a_crate_that_was_absent_is_created),
		cmocka_unit_test(an_absent_crate_is_told_once),
		cmocka_unit_test(many_changes_at_once_are_all_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
