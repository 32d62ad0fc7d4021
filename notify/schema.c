/* SPDX-License-Identifier: Apache-2.0 */
/* schema.c: see schema.h. */
#include "schema.h"

#include <errno.h>
#include <string.h>

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define NAME_BYTES LOWER "0123456789_"

static const char *any_fault(const char *text)
{
	(void)text;
	return NULL;
}

static const char *url_fault(const char *text)
{
	size_t scheme = strncmp(text, "https://", 8) == 0 ? 8 : strncmp(text, "http://", 7) == 0 ? 7 : 0;

	for (const char *p = text; *p; p++)
		if (*p <= ' ' || *p > '~')
			return "a URL without blanks, control bytes and bytes outside ASCII";
	return scheme && !strchr("/?#:@", text[scheme]) ? NULL : "a URL http://HOST… or https://HOST…";
}

static const char *path_fault(const char *text)
{
	return text[0] == '/' ? NULL : "an absolute path";
}

static const struct {
	const char *name;
	const char *(*text_fault)(const char *text); /* NULL: not a text type */
} types[] = {
	[YW_OPTION_STRING] = {"string", any_fault}, [YW_OPTION_INTEGER] = {"integer", NULL},
	[YW_OPTION_BOOLEAN] = {"boolean", NULL},    [YW_OPTION_LIST] = {"list", NULL},
	[YW_OPTION_URL] = {"url", url_fault},       [YW_OPTION_PATH] = {"path", path_fault},
};

static bool type_is_known(enum yw_option_type type)
{
	return (size_t)type < ARRAY_LEN(types) && types[type].name;
}

const char *schema_type_name(enum yw_option_type type)
{
	return types[type].name;
}

bool schema_type_is_text(enum yw_option_type type)
{
	return types[type].text_fault;
}

bool schema_may_be_inline(const struct yw_option *option)
{
	return !(option->flags & YW_OPTION_SECRET);
}

bool schema_may_be_file(const struct yw_option *option)
{
	return option->flags & (YW_OPTION_SECRET | YW_OPTION_OR_FILE);
}

bool schema_has_key(const struct yw_option *option, const char *key)
{
	size_t len = strlen(option->name);

	if (strncmp(key, option->name, len) != 0)
		return false;
	return !key[len] || (schema_may_be_file(option) && strcmp(key + len, SCHEMA_FILE_SUFFIX) == 0);
}

const char *schema_text_fault(enum yw_option_type type, const char *text)
{
	return types[type].text_fault(text);
}

bool schema_number(enum yw_option_type type, const char *text, int64_t *ret_number)
{
	char *end;

	if (type == YW_OPTION_BOOLEAN) {
		*ret_number = strcmp(text, "true") == 0;
		return *ret_number || strcmp(text, "false") == 0;
	}
	errno = 0;
	*ret_number = strtoll(text, &end, 10);
	return type == YW_OPTION_INTEGER && end != text && !*end && !errno;
}

static const char *default_fault(const struct yw_option *option)
{
	int64_t number;

	if (!option->default_value)
		return NULL;
	if (option->flags & (YW_OPTION_REQUIRED | YW_OPTION_SECRET))
		return "what is required or secret has no default";
	bool fits = schema_type_is_text(option->type) ? !schema_text_fault(option->type, option->default_value)
						      : schema_number(option->type, option->default_value, &number);
	return fits ? NULL : "the default is not of its type";
}

/* `plugin` and `timeout` are keys of every notifier. */
static const char *name_fault(const char *name)
{
	static const char *const taken[] = {"plugin", "timeout"};

	if (!name[0] || !strchr(LOWER, name[0]) || name[strspn(name, NAME_BYTES)])
		return "a name is of lower case letters, digits and underscores";
	for (size_t i = 0; i < ARRAY_LEN(taken); i++)
		if (strcmp(name, taken[i]) == 0)
			return "the name is the daemon's own";
	return NULL;
}

static const char *row_fault(const struct yw_option *option)
{
	const char *fault = name_fault(option->name);

	if (fault)
		return fault;
	if (!type_is_known(option->type))
		return "unknown type";
	if (!option->help)
		return "no help";
	if (option->flags & YW_OPTION_PROGRAM && option->type != YW_OPTION_PATH)
		return "only a path can be a program's";
	if (option->flags & YW_OPTION_WRITE && option->type != YW_OPTION_PATH)
		return "only a path can be written";
	if (schema_may_be_file(option) && !schema_type_is_text(option->type))
		return "only a text can come from a file";
	return default_fault(option);
}

int schema_check(const struct yw_option *options, size_t n_options, struct err *err)
{
	if (n_options > SCHEMA_OPTIONS_MAX)
		return err_set(err, ERR_LIMIT, "%zu options, at most %d", n_options, SCHEMA_OPTIONS_MAX);
	for (size_t i = 0; i < n_options; i++) {
		if (!options[i].name)
			return err_set(err, ERR_BAD, "option %zu has no name", i);
		const char *fault = row_fault(&options[i]);
		if (fault)
			return err_set(err, ERR_BAD, "option %s: %s", options[i].name, fault);
		for (size_t k = 0; k < i; k++)
			if (schema_has_key(&options[k], options[i].name) ||
			    schema_has_key(&options[i], options[k].name))
				return err_set(err, ERR_BAD, "options %s and %s have a key in common", options[k].name,
					       options[i].name);
	}
	return 0;
}
