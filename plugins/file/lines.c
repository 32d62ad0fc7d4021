/* SPDX-License-Identifier: Apache-2.0 */
/* lines.c: see lines.h. */
#include "lines.h"

#include "lib/kind.h"
#include "lib/text.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Outside of strings a byte below a blank is a blank in JSON, inside it does not occur. */
static void put_on_one_line(FILE *out, const char *json)
{
	for (; *json; json++)
		(void)fputc((unsigned char)*json < ' ' ? ' ' : *json, out);
}

/* `object` is a JSON object; `head` are keys that come first. */
static void put_line(FILE *out, const char *head, const char *object)
{
	const char *inside = object + strcspn(object, "{") + 1;
	bool empty = inside[strspn(inside, " \t\r\n")] == '}';

	(void)fprintf(out, "{%s%s", head, empty ? "" : ",");
	put_on_one_line(out, inside);
	(void)fputc('\n', out);
}

static void put_lines(FILE *out, const struct yw_message *message)
{
	bool is_plain = message->kind == YW_MESSAGE_EVENTS || message->n_events == 0;
	char head[256];

	/* The id is of letters, digits, '_' and '-' (notifier.h). */
	int len = snprintf(head, sizeof head, "\"notification\":\"%s\"", message->id);
	if (!is_plain && *kind_name(message->kind))
		(void)snprintf(head + len, sizeof head - (size_t)len, ",\"kind\":\"%s\"", kind_name(message->kind));
	if (message->n_events == 0)
		put_line(out, head, message->document);
	for (size_t i = 0; i < message->n_events; i++)
		put_line(out, head, message->events[i]->document);
}

char *lines_make(const struct yw_message *message, size_t *ret_len)
{
	char *lines = NULL;
	FILE *out = open_memstream(&lines, ret_len);

	if (out)
		put_lines(out, message);
	return text_end(out, &lines);
}
