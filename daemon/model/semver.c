/* SPDX-License-Identifier: Apache-2.0 */
/* semver.c: see semver.h. Held against the `semver` crate itself by tests/integration/test_semver.py. */
#include "model/semver.h"

#include "model/semver_parts.h"

#include <string.h>

/* ---- reading */

int semver_error(const struct semver_reader *reader, struct err *err, const char *what)
{
	return err_set(err, ERR_BAD, "character %zu: %s", (size_t)(reader->at - reader->text) + 1, what);
}

bool semver_read_char(struct semver_reader *reader, char c)
{
	if (*reader->at != c)
		return false;
	reader->at++;
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Of an identifier; ctype.h would ask the locale. */
static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

int semver_read_number(struct semver_reader *reader, const char *what, uint64_t *ret, struct err *err)
{
	const char *start = reader->at;
	uint64_t value = 0;

	for (; is_digit(*reader->at); reader->at++) {
		if (value == 0 && reader->at > start)
			return err_set(err, ERR_BAD, "character %zu: %s has a leading zero",
				       (size_t)(start - reader->text) + 1, what);
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*reader->at - '0'), &value))
			return err_set(err, ERR_BAD, "character %zu: %s does not fit in 64 bits",
				       (size_t)(start - reader->text) + 1, what);
	}
	if (reader->at == start)
		return err_set(err, ERR_BAD, "character %zu: %s is missing", (size_t)(start - reader->text) + 1, what);
	*ret = value;
	return 0;
}

/* One of the words between dots. */
static int read_identifier(struct semver_reader *reader, bool zeros_lead, struct err *err)
{
	const char *start = reader->at;
	bool is_number = true;

	for (; is_digit(*reader->at) || is_word(*reader->at); reader->at++)
		is_number = is_number && is_digit(*reader->at);
	if (reader->at == start)
		return semver_error(reader, err, "an identifier of letters, digits or '-' is missing");
	if (is_number && !zeros_lead && *start == '0' && reader->at - start > 1) {
		reader->at = start;
		return semver_error(reader, err, "a number of the pre-release has a leading zero");
	}
	return 0;
}

static int read_identifiers(struct semver_reader *reader, bool zeros_lead, struct text_span *ret, struct err *err)
{
	const char *start = reader->at;
	int r;

	do {
		r = read_identifier(reader, zeros_lead, err);
	} while (r == 0 && semver_read_char(reader, '.'));
	if (r == 0)
		*ret = (struct text_span){.at = start, .len = (size_t)(reader->at - start)};
	return r;
}

int semver_read_tail(struct semver_reader *reader, struct semver *ret, struct err *err)
{
	int r = 0;

	if (semver_read_char(reader, '-'))
		r = read_identifiers(reader, false, &ret->pre, err);
	if (r == 0 && semver_read_char(reader, '+'))
		r = read_identifiers(reader, true, &ret->build, err);
	return r;
}

int semver_parse(const char *text, struct semver *ret, struct err *err)
{
	static const char *const names[] = {"the major number", "the minor number", "the patch number"};
	struct semver_reader reader = {.text = text, .at = text};
	struct semver version = {.pre.at = "", .build.at = ""};
	uint64_t *const numbers[] = {&version.major, &version.minor, &version.patch};

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		if (i > 0 && !semver_read_char(&reader, '.'))
			return semver_error(&reader, err, "a '.' is missing: a version has three numbers");
		int r = semver_read_number(&reader, names[i], numbers[i], err);
		if (r < 0)
			return r;
	}
	int r = semver_read_tail(&reader, &version, err);
	if (r < 0)
		return r;
	if (*reader.at != '\0')
		return semver_error(&reader, err, "this does not belong to a version");
	*ret = version;
	return 0;
}

/* ---- order */

static int compare_bytes(struct text_span a, struct text_span b)
{
	int order = memcmp(a.at, b.at, a.len < b.len ? a.len : b.len);
	return order ? order : semver_order_of(a.len, b.len);
}

static bool is_number(struct text_span word)
{
	for (size_t i = 0; i < word.len; i++) {
		if (!is_digit(word.at[i]))
			return false;
	}
	return true;
}

static struct text_span without_zeros(struct text_span word)
{
	while (word.len > 0 && *word.at == '0')
		word = (struct text_span){.at = word.at + 1, .len = word.len - 1};
	return word;
}

/* By value, however long they are; only build metadata has leading zeros: 0 < 00 < 1 < 01. */
static int compare_numbers(struct text_span a, struct text_span b)
{
	struct text_span x = without_zeros(a);
	struct text_span y = without_zeros(b);
	int order = semver_order_of(x.len, y.len);

	if (order == 0)
		order = compare_bytes(x, y);
	return order ? order : semver_order_of(a.len, b.len);
}

static int compare_words(struct text_span a, struct text_span b)
{
	bool a_counts = is_number(a);
	bool b_counts = is_number(b);

	if (a_counts && b_counts)
		return compare_numbers(a, b);
	return a_counts != b_counts ? (a_counts ? -1 : 1) : compare_bytes(a, b);
}

/* Takes the first word and its dot away from *rest. */
static struct text_span next_word(struct text_span *rest)
{
	const char *dot = memchr(rest->at, '.', rest->len);
	struct text_span word = {.at = rest->at, .len = dot ? (size_t)(dot - rest->at) : rest->len};
	size_t taken = word.len + (dot != NULL);

	*rest = (struct text_span){.at = rest->at + taken, .len = rest->len - taken};
	return word;
}

/* Word by word; who has more of them is above. No word is empty. */
static int compare_identifiers(struct text_span a, struct text_span b)
{
	while (a.len > 0 && b.len > 0) {
		int order = compare_words(next_word(&a), next_word(&b));
		if (order)
			return order;
	}
	return (a.len > 0) - (b.len > 0);
}

int semver_compare_pre(struct text_span a, struct text_span b)
{
	if (a.len == 0 || b.len == 0)
		return (a.len == 0) - (b.len == 0);
	return compare_identifiers(a, b);
}

int semver_compare(const struct semver *a, const struct semver *b)
{
	int order = semver_order_of(a->major, b->major);

	if (order == 0)
		order = semver_order_of(a->minor, b->minor);
	if (order == 0)
		order = semver_order_of(a->patch, b->patch);
	if (order == 0)
		order = semver_compare_pre(a->pre, b->pre);
	return order ? order : compare_identifiers(a->build, b->build);
}

bool semver_is_alike(const struct semver *a, const struct semver *b)
{
	if (a->major != b->major)
		return false;
	if (a->major > 0)
		return true;
	return a->minor == b->minor && (a->minor > 0 || a->patch == b->patch);
}
