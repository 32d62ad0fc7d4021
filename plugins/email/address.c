/* SPDX-License-Identifier: Apache-2.0 */
/* address.c: see address.h. */
#include "address.h"

#include "clean.h"

#include <stdbool.h>
#include <string.h>

#define LETTERS_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define ATEXT LETTERS_DIGITS "!#$%&'*+-/=?^_`{|}~"
#define LABEL_MAX 63
#define DOMAIN_MAX 253

/* Parts of `allowed` bytes each, between single dots. */
static bool are_parts(const char *text, size_t len, const char *allowed)
{
	for (size_t i = 0; i < len; i++) {
		bool edge = i == 0 || i + 1 == len || text[i + 1] == '.';
		if (text[i] == '.' ? edge : !strchr(allowed, text[i]))
			return false;
	}
	return len > 0;
}

const char *address_domain_fault(const char *text, size_t len)
{
	size_t label = 0;

	if (len > DOMAIN_MAX || !are_parts(text, len, LETTERS_DIGITS "-"))
		return "the domain is of letters, digits, '-' and single dots (xn--… for other letters)";
	for (size_t i = 0; i <= len; i++) {
		bool ends = i == len || text[i] == '.';
		if (!ends && ++label > LABEL_MAX)
			return "a part of the domain is longer than 63 bytes";
		if (ends && (text[i - 1] == '-' || text[i - label] == '-'))
			return "a part of the domain begins or ends with '-'";
		if (ends)
			label = 0;
	}
	return NULL;
}

static const char *spec_fault(const char *spec, size_t len)
{
	const char *at = memchr(spec, '@', len);

	if (!at || memchr(at + 1, '@', len - (size_t)(at + 1 - spec)))
		return "an address has one '@': NAME@DOMAIN";
	if (len > ADDRESS_MAX || at - spec > ADDRESS_LOCAL_MAX)
		return "the address is too long: 64 bytes before '@', 254 in all";
	if (!are_parts(spec, (size_t)(at - spec), ATEXT))
		return "before '@' stand letters, digits, single dots and !#$%&'*+-/=?^_`{|}~";
	return address_domain_fault(at + 1, len - (size_t)(at + 1 - spec));
}

/* A quoted name without its quotes. */
static const char *set_name(const char *text, size_t len, char *name)
{
	bool quoted = len > 1 && text[0] == '"' && text[len - 1] == '"';
	char *out = name;

	for (size_t i = quoted, end = len - quoted; i < end; i++) {
		if (quoted && text[i] == '\\' && i + 1 < end)
			i++;
		else if (strchr(quoted ? "\"" : "\"<>()[]@,;:\\", text[i]))
			return "a name before the address that holds \"<>()[]@,;:\\ stands in double quotes";
		if (out - name >= ADDRESS_NAME_MAX)
			return "the name before the address is longer than 100 bytes";
		*out++ = text[i];
	}
	*out = '\0';
	return NULL;
}

/* A text that clean_line() would change. */
static bool is_unclean(const char *text)
{
	struct clean c = {.at = text, .max = strlen(text)};

	for (const char *before = text; clean_next(&c); before = c.at)
		if ((size_t)(c.at - before) != c.len || memcmp(before, c.piece, c.len) != 0)
			return true;
	return false;
}

static size_t without_blanks(const char **text, size_t len)
{
	for (; len > 0 && **text == ' '; len--)
		(*text)++;
	while (len > 0 && (*text)[len - 1] == ' ')
		len--;
	return len;
}

const char *address_parse(const char *text, struct address *ret)
{
	*ret = (struct address){.spec = ""};
	if (is_unclean(text))
		return "it holds a control byte, an invisible character or bytes that are not UTF-8";
	const char *spec = text;
	size_t len = without_blanks(&spec, strlen(text));
	const char *open = len > 0 && spec[len - 1] == '>' ? memrchr(spec, '<', len) : NULL;
	if (open) {
		const char *name = spec;
		size_t name_len = without_blanks(&name, (size_t)(open - spec));
		const char *fault = set_name(name, name_len, ret->name);
		if (fault)
			return fault;
		len -= (size_t)(open + 2 - spec);
		spec = open + 1;
	}
	const char *fault = spec_fault(spec, len);
	if (!fault)
		memcpy(ret->spec, spec, len);
	return fault;
}

const char *address_domain(const struct address *address)
{
	return strchr(address->spec, '@') + 1;
}
