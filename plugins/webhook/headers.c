/* SPDX-License-Identifier: Apache-2.0 */
/* headers.c: see headers.h. */
#include "headers.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define TOKEN "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" /* RFC 9110 */

/* What is ours to say, and what is between two hops (RFC 9110, 7.6.1) or says where a request ends. */
static const char *const taken[] = {
	"content-type",
	"content-length",
	"content-encoding",
	"user-agent",
	"host",
	"expect",
	"connection",
	"keep-alive",
	"proxy-connection",
	"proxy-authenticate",
	"proxy-authorization",
	"te",
	"trailer",
	"transfer-encoding",
	"upgrade",
};

static bool is_taken(const char *line, size_t name_len)
{
	static const char webhook[] = "webhook-";

	if (strncasecmp(line, webhook, strlen(webhook)) == 0)
		return true;
	for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
		if (strlen(taken[i]) == name_len && strncasecmp(line, taken[i], name_len) == 0)
			return true;
	return false;
}

static bool has_control(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return true;
	return false;
}

/* The sentences go to open()'s error as they are. */
static const char *line_fault(const char *line)
{
	size_t name_len = strspn(line, TOKEN);
	const char *value = line + name_len + 1;

	if (name_len == 0 || line[name_len] != ':')
		return "headers: each is \"Name: value\"";
	value += strspn(value, " ");
	if (!*value)
		return "headers: a header without a value";
	if (has_control(value))
		return "headers: a value with a line end or another control byte";
	if (strlen(line) > HEADER_LINE_MAX)
		return "headers: one is longer than 8192 bytes";
	return is_taken(line, name_len)
		       ? "headers: Content-Type, Content-Length, User-Agent, Host, webhook-* and those "
			 "of the connection are not yours to set"
		       : NULL;
}

static const char *add(struct headers *headers, const char *line)
{
	const char *fault = line_fault(line);

	if (fault)
		return fault;
	if (headers->n_added == HEADERS_MAX)
		return "headers: at most 32";
	headers->added[headers->n_added++] = line;
	return NULL;
}

static const char *add_secret(struct headers *headers, const char *secret)
{
	char *rest = headers->secret = strdup(secret);
	headers->secret_len = strlen(secret);
	const char *fault = rest ? NULL : "out of memory";

	while (!fault && rest) {
		char *line = strsep(&rest, "\n");
		size_t len = strlen(line);
		if (len > 0 && line[len - 1] == '\r')
			line[len - 1] = '\0';
		if (*line)
			fault = add(headers, line);
	}
	return fault;
}

const char *headers_parse(const struct yw_value *list, const char *secret, struct headers *ret)
{
	const char *fault = NULL;

	*ret = (struct headers){0};
	for (size_t i = 0; !fault && list && i < list->n_items; i++)
		fault = add(ret, list->items[i]);
	if (!fault && secret)
		fault = add_secret(ret, secret);
	return fault;
}

void headers_release(struct headers *headers)
{
	if (headers->secret)
		explicit_bzero(headers->secret, headers->secret_len);
	free(headers->secret);
	*headers = (struct headers){0};
}

void headers_join(const struct headers *headers, const char *all[HEADERS_OURS_MAX + HEADERS_MAX + 1], size_t n_ours)
{
	for (size_t i = 0; i < headers->n_added; i++)
		all[n_ours++] = headers->added[i];
	all[n_ours] = NULL;
}
