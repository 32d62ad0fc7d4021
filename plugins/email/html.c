/* SPDX-License-Identifier: Apache-2.0 */
/* html.c: see html.h. */
#include "html.h"

#include "clean.h"
#include "fields.h"
#include "plain.h"

#include <string.h>

#define FONT "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
#define MONO "font-family:ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace"
#define WRAPS "overflow-wrap:anywhere;word-break:break-word"
/* Seen on white and on black. */
#define LINE "#80868b"
#define SHADE "background-color:rgba(128,134,139,0.16)"

static const char page_begins[] = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
				  "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
				  "<meta name=\"color-scheme\" content=\"light dark\">\n"
				  "<meta name=\"supported-color-schemes\" content=\"light dark\">\n<title>";
static const char body_begins[] =
	"</title>\n</head>\n<body style=\"margin:0;padding:16px;" FONT
	";font-size:15px;line-height:1.45\">\n<div style=\"max-width:680px;margin:0 auto\">\n";
static const char card_begins[] =
	"<div style=\"border:1px solid " LINE ";border-radius:6px;padding:12px 14px;margin:0 0 12px\">\n"
	"<div style=\"font-weight:bold;margin:0 0 6px;" WRAPS "\">";
static const char facts_begin[] = "<table role=\"presentation\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" "
				  "style=\"width:100%;border-collapse:collapse;font-size:14px\">\n";
static const char label_begins[] =
	"<tr><th scope=\"row\" align=\"left\" valign=\"top\" style=\"padding:3px 14px 3px 0;font-weight:normal;"
	"opacity:0.75;white-space:nowrap;width:1%\">";
static const char value_begins[] = "</th><td valign=\"top\" style=\"padding:3px 0;" WRAPS "\">";
static const char code_begins[] = "<pre style=\"margin:0;padding:6px 8px;border-radius:4px;" SHADE ";" MONO
				  ";font-size:13px;white-space:pre-wrap;" WRAPS "\"><code style=\"" MONO "\">";
static const char code_ends[] = "</code></pre>";

/* ---- pieces ---- */

static const char *entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void html_escape(FILE *out, const char *text, size_t max)
{
	struct clean c = {.at = text, .max = max};

	while (clean_next(&c)) {
		const char *escaped = c.len == 1 ? entity(c.piece[0]) : NULL;
		(void)fputs(escaped ? escaped : c.piece, out);
	}
}

/* White on each of these has a contrast of 4.5 or more (WCAG 2, 1.4.3). */
static const struct {
	const char *severity, *colour;
} badges[] = {
	{"critical", "#8b1030"}, {"high", "#c0392b"}, {"medium", "#8a6100"}, {"low", "#0b5cad"}, {"info", "#57606a"},
};

static const char *badge_colour(const char *severity)
{
	for (size_t i = 0; i < sizeof badges / sizeof badges[0]; i++)
		if (strcmp(severity, badges[i].severity) == 0)
			return badges[i].colour;
	return NULL;
}

static void put_badge(FILE *out, const char *severity)
{
	const char *colour = badge_colour(severity);

	if (colour)
		(void)fprintf(out,
			      "<span style=\"display:inline-block;padding:1px 8px;border-radius:9px;"
			      "background-color:%s;color:#ffffff;font-size:12px;font-weight:bold\">%s</span> ",
			      colour, severity);
}

static void put_headline(FILE *out, const struct yw_event *event)
{
	char headline[PLAIN_VALUE_MAX];

	put_badge(out, fields_text(event->severity));
	html_escape(out, plain_headline(event, headline, sizeof headline), sizeof headline);
}

/* ---- facts ---- */

/* What a person copies into a terminal. */
static bool is_code(const char *label)
{
	return strcmp(label, "run") == 0 || strcmp(label, "look") == 0;
}

static void put_fact(FILE *out, const struct yw_fact *fact, bool same_label)
{
	bool code = is_code(fact->label);

	(void)fputs(label_begins, out);
	if (!same_label)
		html_escape(out, fact->label, PLAIN_LABEL_MAX);
	(void)fputs(value_begins, out);
	(void)fputs(code ? code_begins : "", out);
	html_escape(out, fact->value, PLAIN_VALUE_MAX);
	(void)fputs(code ? code_ends : "", out);
	(void)fputs("</td></tr>\n", out);
}

/* What the badge says already. */
static bool is_badge(const struct yw_fact *fact)
{
	return strcmp(fact->label, "severity") == 0 && badge_colour(fact->value);
}

static void put_facts(FILE *out, const struct yw_fact *facts, size_t n)
{
	if (n == 0)
		return;
	(void)fputs(facts_begin, out);
	for (size_t i = 0; i < n && i < PLAIN_FACTS_MAX; i++)
		if (!is_badge(&facts[i]))
			put_fact(out, &facts[i], i > 0 && strcmp(facts[i].label, facts[i - 1].label) == 0);
	(void)fputs("</table>\n", out);
}

/* ---- events ---- */

static void put_card(FILE *out, const struct yw_event *event)
{
	(void)fputs(card_begins, out);
	put_headline(out, event);
	(void)fputs("</div>\n", out);
	put_facts(out, FIELD(event, facts, NULL), FIELD(event, n_facts, 0));
	(void)fputs("</div>\n", out);
}

static void put_short(FILE *out, const struct yw_event *event)
{
	(void)fputs("<div style=\"padding:4px 0;border-bottom:1px solid " LINE ";" WRAPS "\">", out);
	put_headline(out, event);
	(void)fputs("</div>\n", out);
}

static void put_rest(FILE *out, const char *id, size_t more)
{
	(void)fprintf(out, "<p>and %zu more:</p>\n%syankwatch notifications show ", more, code_begins);
	html_escape(out, id, PLAIN_VALUE_MAX);
	(void)fprintf(out, "%s\n", code_ends);
}

static void put_events(FILE *out, const struct yw_message *message)
{
	size_t i = 0;

	for (; i < message->n_events && i < HTML_EVENTS_MAX && ftello(out) < HTML_BYTES_MAX; i++) {
		if (i < HTML_EVENTS_FULL)
			put_card(out, message->events[i]);
		else
			put_short(out, message->events[i]);
	}
	if (i < message->n_events)
		put_rest(out, message->id, message->n_events - i);
}

/* ---- the page ---- */

static void put_title(FILE *out, const struct yw_message *message)
{
	(void)fputs("<h1 style=\"font-size:19px;line-height:1.3;margin:0 0 14px;" WRAPS "\">", out);
	html_escape(out, message->subject, PLAIN_VALUE_MAX);
	(void)fputs("</h1>\n", out);
}

static void put_foot(FILE *out, const struct yw_message *message, const char *notifier)
{
	(void)fputs("<p style=\"font-size:12px;opacity:0.75;margin:14px 0 0\">Sent by yankwatch, notifier ", out);
	html_escape(out, notifier, PLAIN_VALUE_MAX);
	(void)fputs(", notification ", out);
	html_escape(out, message->id, PLAIN_VALUE_MAX);
	(void)fputs(".</p>\n</div>\n</body>\n</html>\n", out);
}

void html_text(FILE *out, const struct yw_message *message, const char *notifier)
{
	(void)fputs(page_begins, out);
	html_escape(out, message->subject, PLAIN_VALUE_MAX);
	(void)fputs(body_begins, out);
	put_title(out, message);
	put_facts(out, FIELD(message, facts, NULL), FIELD(message, n_facts, 0));
	put_events(out, message);
	put_foot(out, message, notifier);
}
