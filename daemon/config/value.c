/* SPDX-License-Identifier: Apache-2.0 */
/* value.c: see value.h. */
#include "config/value.h"

#include "base/numbers.h"
#include "config/group.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define INTEGER_MAX INT64_C(9007199254740992) /* 2^53: JSON passes it on exactly */
#define RANGE_TEXT_MAX 32
#define ALLOWED_MAX 128

bool text_is_graphic(const char *text)
{
	for (; *text; text++)
		if (*text <= ' ' || *text > '~')
			return false;
	return true;
}

bool text_is_of(const char *text, const char *allowed, size_t max)
{
	size_t len = strspn(text, allowed);
	return len > 0 && len <= max && text[len] == '\0';
}

const char *url_host(const char *url)
{
	static const char *const schemes[] = {"https://", "http://"};

	for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
		size_t len = strlen(schemes[i]);
		if (strncmp(url, schemes[i], len) == 0)
			return strchr("/?#:@", url[len]) ? NULL : url + len;
	}
	return NULL;
}

static bool parse_path(const char *text, int64_t *ret)
{
	(void)ret;
	return text[0] == '/';
}

static bool parse_url(const char *text, int64_t *ret)
{
	(void)ret;
	return url_host(text) && text_is_graphic(text);
}

static bool parse_integer(const char *text, int64_t *ret)
{
	uint64_t digits;
	bool negative = text[0] == '-';

	if (!number_parse_u64(text + negative, INTEGER_MAX, &digits))
		return false;
	*ret = negative ? -(int64_t)digits : (int64_t)digits;
	return true;
}

static bool parse_boolean(const char *text, int64_t *ret)
{
	*ret = strcmp(text, "true") == 0;
	return *ret || strcmp(text, "false") == 0;
}

static bool parse_mode(const char *text, int64_t *ret)
{
	if (!text_is_of(text, "01234567", 5))
		return false;
	*ret = strtol(text, NULL, 8);
	return true;
}

static void format_integer(int64_t number, char *buf, size_t size)
{
	(void)snprintf(buf, size, "%" PRId64, number);
}

static void format_duration(int64_t number, char *buf, size_t size)
{
	char text[DURATION_TEXT_MAX];
	(void)snprintf(buf, size, "%s", duration_format(number, text));
}

static void format_mode(int64_t number, char *buf, size_t size)
{
	(void)snprintf(buf, size, "%04" PRIo64, (uint64_t)number);
}

/*
 * How each type is read and told. No `parse`: every text is one. `format` is for
 * types that have a range, `allowed` for those that have none.
 */
static const struct {
	const char *noun;
	bool (*parse)(const char *text, int64_t *ret);
	void (*format)(int64_t number, char *buf, size_t size);
	const char *below, *above;
	const char *allowed;
} types[] = {
	[SCHEMA_TEXT] = {.noun = "a text"},
	[SCHEMA_PATH] = {.noun = "an absolute path", .parse = parse_path},
	[SCHEMA_URL] = {.noun = "a URL", .parse = parse_url, .allowed = "http:// or https:// and a host, no blanks"},
	[SCHEMA_WORD] = {.noun = "a word"},
	[SCHEMA_BOOLEAN] = {.noun = "a boolean", .parse = parse_boolean, .allowed = "true or false"},
	[SCHEMA_INTEGER] = {.noun = "a whole number",
			    .parse = parse_integer,
			    .format = format_integer,
			    .below = "is too small",
			    .above = "is too large"},
	[SCHEMA_DURATION] = {.noun = "a duration",
			     .parse = duration_parse_ms,
			     .format = format_duration,
			     .below = "is too short",
			     .above = "is too long"},
	[SCHEMA_MODE] = {.noun = "an octal file mode",
			 .parse = parse_mode,
			 .format = format_mode,
			 .below = "is too narrow",
			 .above = "is too wide"},
	[SCHEMA_GROUP] = {.noun = "a group of this system", .parse = group_find, .allowed = "what getent group lists"},
};

bool value_is_text(enum schema_type type)
{
	return type <= SCHEMA_URL;
}

const char *value_noun(enum schema_type type)
{
	return types[type].noun;
}

void value_allowed(const struct schema_row *row, enum schema_type type, char *buf, size_t size)
{
	char min[RANGE_TEXT_MAX];
	char max[RANGE_TEXT_MAX];

	buf[0] = '\0';
	if (types[type].allowed) {
		(void)snprintf(buf, size, "%s", types[type].allowed);
	} else if (types[type].format && row->max > row->min) {
		types[type].format(row->min, min, sizeof min);
		types[type].format(row->max, max, sizeof max);
		(void)snprintf(buf, size, "%s to %s", min, max);
	}
}

static bool refuse(const struct schema_row *row, enum schema_type type, const struct node *node, const char *fault,
		   struct faults *faults)
{
	char allowed[ALLOWED_MAX];

	value_allowed(row, type, allowed, sizeof allowed);
	fault_add(faults, place_value(node), "%s%s%s", fault, *allowed ? ", allowed: " : "", allowed);
	return false;
}

static bool refuse_kind(const struct schema_row *row, enum schema_type type, const struct node *node,
			struct faults *faults)
{
	char fault[ALLOWED_MAX];

	(void)snprintf(fault, sizeof fault, "is not %s", types[type].noun);
	return refuse(row, type, node, fault, faults);
}

static bool read_word(const struct schema_row *row, const struct node *node, int64_t *ret, struct faults *faults)
{
	struct names words = {.at = row->words};
	size_t i;

	if (!names_find(&words, node->text, &i)) {
		fault_add_unknown(faults, node, "known", &words);
		return false;
	}
	*ret = (int64_t)i;
	return true;
}

static bool check_number(const struct schema_row *row, enum schema_type type, const struct node *node, int64_t number,
			 struct faults *faults)
{
	if (!types[type].format || row->max <= row->min)
		return true;
	if (number < row->min)
		return refuse(row, type, node, types[type].below, faults);
	if (number > row->max)
		return refuse(row, type, node, types[type].above, faults);
	return true;
}

static bool check_text(const struct schema_row *row, const struct node *node, struct faults *faults)
{
	size_t max = row->max && row->type != SCHEMA_LIST ? (size_t)row->max : SCHEMA_TEXT_MAX;
	size_t len = strlen(node->text);
	const char *complaint = row->check ? row->check(node->text) : NULL;

	if (len > max)
		fault_add(faults, place_value(node), "has %zu bytes, allowed: at most %zu", len, max);
	else if (complaint)
		fault_add(faults, place_value(node), "%s", complaint);
	return len <= max && !complaint;
}

bool value_read(const struct schema_row *row, enum schema_type type, const struct node *node, struct value *ret,
		struct faults *faults)
{
	if (node->kind != NODE_SCALAR) {
		fault_add(faults, place_node(node), "is a %s, allowed: %s", node_kind_name(node->kind),
			  types[type].noun);
		return false;
	}
	ret->text = node->text;
	if (type == SCHEMA_WORD)
		return read_word(row, node, &ret->number, faults);
	if (types[type].parse && !types[type].parse(node->text, &ret->number))
		return refuse_kind(row, type, node, faults);
	return value_is_text(type) ? check_text(row, node, faults) : check_number(row, type, node, ret->number, faults);
}

struct value value_absent(const struct schema_row *row)
{
	struct value value = {.text = row->absent};
	struct names words = {.at = row->words};
	size_t word = 0;

	if (row->type == SCHEMA_WORD && names_find(&words, row->absent, &word))
		value.number = (int64_t)word;
	else if (types[row->type].parse)
		(void)types[row->type].parse(row->absent, &value.number);
	return value;
}

#define NAME_MAX_BYTES 64

const char *check_name(const char *name)
{
	return text_is_of(name, TEXT_NAME, NAME_MAX_BYTES) ? NULL
							   : "is not a name, allowed: 1 to 64 letters, digits, - and _";
}
