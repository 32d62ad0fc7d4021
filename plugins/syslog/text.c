/* SPDX-License-Identifier: Apache-2.0 */
/* text.c: see text.h. */
#include "text.h"

#include <string.h>

void text_put_name(FILE *out, const char *name, const char *escaped)
{
	char piece[8];

	for (size_t used = 0; *name; name++) {
		unsigned char c = (unsigned char)*name;
		const char *backslash = strchr(escaped, '\\') ? "\\" : "";
		if (c < 0x20 || c > 0x7e)
			used += (size_t)snprintf(piece, sizeof piece, "%s\\x%02x", backslash, c);
		else
			used += (size_t)snprintf(piece, sizeof piece, "%s%c", strchr(escaped, c) ? "\\" : "", c);
		if (used > TEXT_NAME_MAX)
			return;
		(void)fputs(piece, out);
	}
}

static void put_escaped(FILE *out, const char *text, const char *escaped)
{
	for (; *text; text++) {
		if (strchr(escaped, *text))
			(void)fputc('\\', out);
		(void)fputc(*text, out);
	}
}

/* What stands in fields of its own, or is for a terminal. */
static int is_told_elsewhere(const char *label)
{
	static const char *const labels[] = {"severity", "when", "look"};

	for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++)
		if (strcmp(label, labels[i]) == 0)
			return 1;
	return 0;
}

static void put_facts(FILE *out, const struct yw_fact *facts, size_t n, const char *escaped)
{
	for (size_t i = 0; i < n; i++) {
		if (is_told_elsewhere(facts[i].label))
			continue;
		(void)fprintf(out, "; %s: ", facts[i].label);
		put_escaped(out, facts[i].value, escaped);
	}
}

void text_put(FILE *out, const struct yw_message *message, const struct yw_event *event, const char *escaped)
{
	put_escaped(out, event ? event->headline : message->subject, escaped);
	if (event)
		put_facts(out, event->facts, event->n_facts, escaped);
	else
		put_facts(out, message->facts, message->n_facts, escaped);
}
