/* SPDX-License-Identifier: Apache-2.0 */
/* requirement.c: see requirement.h. Held against the `semver` crate itself by tests/integration/test_semver.py. */
#include "model/requirement.h"

#include "model/semver_parts.h"

#include <string.h>

/* ---- reading */

static void skip_spaces(struct semver_reader *reader)
{
	while (*reader->at == ' ')
		reader->at++;
}

static bool read_wildcard(struct semver_reader *reader)
{
	return semver_read_char(reader, '*') || semver_read_char(reader, 'x') || semver_read_char(reader, 'X');
}

/* The longer ones first. */
static const struct {
	const char *text;
	enum comparator_op op;
} ops[] = {
	{"=", OP_EXACT}, {">=", OP_AT_LEAST}, {">", OP_ABOVE}, {"<=", OP_AT_MOST},
	{"<", OP_BELOW}, {"~", OP_TILDE},     {"^", OP_CARET},
};

/* Whether one was given. */
static bool read_op(struct semver_reader *reader, enum comparator_op *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(ops); i++) {
		size_t len = strlen(ops[i].text);
		if (strncmp(reader->at, ops[i].text, len) == 0) {
			reader->at += len;
			*ret = ops[i].op;
			return true;
		}
	}
	*ret = OP_CARET;
	return false;
}

/* ".2", ".*", each as often as it may stand; only wildcards follow a wildcard. */
static int read_minor_and_patch(struct semver_reader *reader, struct comparator *ret, bool *ret_wild, struct err *err)
{
	static const char *const names[] = {"the minor number", "the patch number"};
	uint64_t *const numbers[] = {&ret->version.minor, &ret->version.patch};

	for (size_t i = 0; i < ARRAY_LEN(numbers) && semver_read_char(reader, '.'); i++) {
		if (read_wildcard(reader)) {
			*ret_wild = true;
			continue;
		}
		if (*ret_wild)
			return semver_error(reader, err, "only a wildcard may follow a wildcard");
		int r = semver_read_number(reader, names[i], numbers[i], err);
		if (r < 0)
			return r;
		ret->parts++;
	}
	return 0;
}

static int read_comparator(struct semver_reader *reader, struct comparator *ret, struct err *err)
{
	struct comparator it = {.parts = 1, .version = {.pre.at = "", .build.at = ""}};
	bool has_op = read_op(reader, &it.op);
	bool is_wild = false;

	skip_spaces(reader);
	if (strchr("*xX", *reader->at) && *reader->at != '\0')
		return semver_error(reader, err, "a wildcard stands alone, or behind a number and a dot");
	int r = semver_read_number(reader, "the major number", &it.version.major, err);
	if (r == 0)
		r = read_minor_and_patch(reader, &it, &is_wild, err);
	if (r == 0 && it.parts == 3)
		r = semver_read_tail(reader, &it.version, err);
	if (r < 0)
		return r;
	if (is_wild && !has_op)
		it.op = OP_ANY;
	it.version.build = (struct text_span){.at = ""}; /* never takes part in matching */
	skip_spaces(reader);
	*ret = it;
	return 0;
}

/* "*" and nothing else. */
static bool is_lone_wildcard(struct semver_reader reader)
{
	if (!read_wildcard(&reader))
		return false;
	skip_spaces(&reader);
	return *reader.at == '\0';
}

int requirement_parse(const char *text, struct requirement *ret, struct err *err)
{
	struct semver_reader reader = {.text = text, .at = text};

	ret->count = 0;
	skip_spaces(&reader);
	if (is_lone_wildcard(reader))
		return 0;
	do {
		if (ret->count == REQUIREMENT_COMPARATORS_MAX)
			return semver_error(&reader, err, "more than 32 comparators");
		if (ret->count > 0)
			skip_spaces(&reader);
		int r = read_comparator(&reader, &ret->items[ret->count], err);
		if (r < 0)
			return r;
		ret->count++;
	} while (semver_read_char(&reader, ','));
	if (*reader.at != '\0')
		return semver_error(&reader, err, "a ',' or the end is missing");
	return 0;
}

/* ---- matching */

/* The version against the parts that the comparator gives; *ret_at is the part that decided. */
static int compare_parts(const struct comparator *it, const struct semver *version, unsigned *ret_at)
{
	const uint64_t given[] = {it->version.major, it->version.minor, it->version.patch};
	const uint64_t have[] = {version->major, version->minor, version->patch};

	for (*ret_at = 0; *ret_at < it->parts && *ret_at < ARRAY_LEN(given); ++*ret_at) {
		int order = semver_order_of(have[*ret_at], given[*ret_at]);
		if (order)
			return order;
	}
	return it->parts == 3 ? semver_compare_pre(version->pre, it->version.pre) : 0;
}

static bool is_exact(const struct comparator *it, const struct semver *version)
{
	unsigned at;

	if (compare_parts(it, version, &at) != 0)
		return false;
	return it->parts == 3 || version->pre.len == 0;
}

/* How many parts, from the left, must be those of the comparator: all up to the first that is not 0; where that is not
 * given, what is. */
static unsigned caret_fixes(const struct comparator *it)
{
	if (it->version.major > 0 || it->parts == 1)
		return 1;
	return it->version.minor > 0 || it->parts == 2 ? 2 : 3;
}

/* At least what is given, and the same in the first `fixed` parts. */
static bool is_within(const struct comparator *it, const struct semver *version, unsigned fixed)
{
	unsigned at;
	int order = compare_parts(it, version, &at);

	return order == 0 || (order > 0 && at >= fixed);
}

/* Where no patch is given it is a release that is meant, also when another comparator asks for a pre-release. */
static bool is_tilde(const struct comparator *it, const struct semver *version)
{
	return is_within(it, version, it->parts == 1 ? 1 : 2) && (it->parts == 3 || version->pre.len == 0);
}

static bool comparator_matches(const struct comparator *it, const struct semver *version)
{
	unsigned at;

	switch (it->op) {
	case OP_EXACT:
	case OP_ANY:
		return is_exact(it, version);
	case OP_ABOVE:
		return compare_parts(it, version, &at) > 0;
	case OP_AT_LEAST:
		return is_exact(it, version) || compare_parts(it, version, &at) > 0;
	case OP_BELOW:
		return compare_parts(it, version, &at) < 0;
	case OP_AT_MOST:
		return is_exact(it, version) || compare_parts(it, version, &at) < 0;
	case OP_TILDE:
		return is_tilde(it, version);
	case OP_CARET:
		return is_within(it, version, caret_fixes(it));
	}
	return false;
}

static bool names_its_pre_releases(const struct comparator *it, const struct semver *version)
{
	return it->parts == 3 && it->version.pre.len > 0 && it->version.major == version->major &&
	       it->version.minor == version->minor && it->version.patch == version->patch;
}

bool requirement_matches(const struct requirement *requirement, const struct semver *version)
{
	bool takes = version->pre.len == 0;

	for (size_t i = 0; i < requirement->count; i++) {
		const struct comparator *it = &requirement->items[i];
		if (!comparator_matches(it, version))
			return false;
		takes = takes || names_its_pre_releases(it, version);
	}
	return takes;
}
