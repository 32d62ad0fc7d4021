/* SPDX-License-Identifier: Apache-2.0 */
/* plain.c: see plain.h. */
#include "plain.h"

#include "clean.h"
#include "fields.h"

#include <string.h>

const char *plain_headline(const struct yw_event *event, char *buf, size_t size)
{
	const char *headline = FIELD_TEXT(event, headline);

	if (*headline)
		(void)snprintf(buf, size, "%s", headline);
	else
		(void)snprintf(buf, size, "%s%s%s%s%s", event->crate ? event->crate : fields_text(event->registry),
			       event->version ? " " : "", fields_text(event->version), event->event ? ": " : "",
			       fields_text(event->event));
	return buf;
}

static void put_line(FILE *out, const char *before, const char *text)
{
	struct clean c = {.at = text, .max = PLAIN_VALUE_MAX};

	(void)fputs(before, out);
	while (clean_next(&c))
		(void)fputs(c.piece, out);
	(void)fputc('\n', out);
}

static void put_facts(FILE *out, const char *indent, const struct yw_fact *facts, size_t n)
{
	for (size_t i = 0; i < n && i < PLAIN_FACTS_MAX; i++) {
		char label[PLAIN_LABEL_MAX];
		(void)fprintf(out, "%s%s:", indent, clean_line(facts[i].label, label, sizeof label));
		put_line(out, " ", facts[i].value);
	}
}

/* For a host without words of its own. */
static void put_own_words(FILE *out, const struct yw_message *message)
{
	char headline[PLAIN_VALUE_MAX];

	put_line(out, "", message->subject);
	(void)fputc('\n', out);
	put_facts(out, "", FIELD(message, facts, NULL), FIELD(message, n_facts, 0));
	for (size_t i = 0; i < message->n_events && i < PLAIN_EVENTS_MAX; i++) {
		const struct yw_event *event = message->events[i];
		put_line(out, "", plain_headline(event, headline, sizeof headline));
		put_facts(out, "  ", FIELD(event, facts, NULL), FIELD(event, n_facts, 0));
	}
	if (message->n_events > PLAIN_EVENTS_MAX)
		(void)fprintf(out, "and %zu more: yankwatch notifications show %s\n",
			      message->n_events - PLAIN_EVENTS_MAX, message->id);
}

/* Whole lines, as many as fit. One line that does not fit is cut itself. */
static void put_given_words(FILE *out, const struct yw_message *message, const char *text)
{
	size_t len = strnlen(text, PLAIN_TEXT_MAX + 1);
	bool cut = len > PLAIN_TEXT_MAX;

	if (cut) {
		const char *line_end = memrchr(text, '\n', PLAIN_TEXT_MAX);
		len = line_end ? (size_t)(line_end + 1 - text) : PLAIN_TEXT_MAX;
	}
	struct clean c = {.at = text, .max = PLAIN_TEXT_MAX, .lines = true};
	while (c.at < text + len && clean_next(&c))
		(void)fputs(c.piece, out);
	if (cut)
		(void)fprintf(out, "\nToo long for a mail, cut here. All of it: yankwatch notifications show %s\n",
			      message->id);
}

void plain_text(FILE *out, const struct yw_message *message)
{
	const char *text = FIELD_TEXT(message, text);

	if (*text)
		put_given_words(out, message, text);
	else
		put_own_words(out, message);
}
