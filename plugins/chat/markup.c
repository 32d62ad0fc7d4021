/* SPDX-License-Identifier: Apache-2.0 */
/* markup.c: see markup.h. */
#include "markup.h"

#include "lib/text.h"

#include <ctype.h>
#include <string.h>

#define PART "\xe2\x80\x8b" /* U+200B: seen by parsers, not by people */
#define ELLIPSIS "\xe2\x80\xa6"

/*
 * What must not be itself, by service:
 * - Slack: only &, < and > begin something (docs.slack.dev, "Formatting message
 *   text"); for * _ ~ ` there is no escape, so at a word's edge PART goes before.
 * - Mattermost: as Markdown; < is an entity, since the server itself turns <!channel>
 *   of a webhook into a mention; it pings for @ in any text but code.
 * - Discord: any punctuation takes a backslash; allowed_mentions in the template
 *   forbids pings, and PART behind @ does it for a template that lost that line.
 * - Adaptive Cards: links, lists, bold and italics; no HTML.
 */
static const struct {
	const char *entities;  /* become &name; */
	const char *backslash; /* get a backslash */
	const char *edges;     /* get PART before them at the edge of a word */
	const char *behind;    /* get PART behind them */
} rules[] = {
	[MARKUP_NONE] = {"", "", "", ""},
	[MARKUP_HTML] = {"&<>\"'", "", "", ""},
	[MARKUP_SLACK] = {"&<>", "", "*_~`", ""},
	[MARKUP_MATTERMOST] = {"&<>", "\\`*_~|[]#!", "", "@"},
	[MARKUP_DISCORD] = {"", "\\`*_~|<>[]#", "", "@"},
	[MARKUP_CARD] = {"", "\\`*_[]#", "", ""},
};

static int holds(const char *set, char c)
{
	return c && strchr(set, c) != NULL;
}

static void put_entity(FILE *out, char c)
{
	(void)fprintf(out, "&#%d;", c);
}

/* Slack knows these three names only. */
static void put_named(FILE *out, char c)
{
	(void)fputs(c == '&' ? "&amp;" : c == '<' ? "&lt;" : "&gt;", out);
}

void markup_put(FILE *out, enum markup markup, const char *text)
{
	for (const char *p = text; *p; p++) {
		int inside_word = p > text && isalnum((unsigned char)p[-1]) && isalnum((unsigned char)p[1]);
		if (holds(rules[markup].edges, *p) && !inside_word)
			(void)fputs(PART, out);
		if (holds(rules[markup].backslash, *p))
			(void)fputc('\\', out);
		if (!holds(rules[markup].entities, *p))
			(void)fputc(*p, out);
		else if (holds("&<>", *p))
			put_named(out, *p);
		else
			put_entity(out, *p);
		if (holds(rules[markup].behind, *p))
			(void)fputs(PART, out);
	}
}

/* ---- what every value goes through ---- */

static size_t character_len(const char *p)
{
	size_t len = 1;

	while (((unsigned char)p[len] & 0xc0) == 0x80)
		len++;
	return len;
}

/* C1 controls, marks and embeddings of direction, isolates, line and paragraph
 * separators, the byte order mark: as ranges of their UTF-8. */
static int is_unseen(const char *p, size_t len)
{
	static const char *const ranges[][2] = {
		{"\xc2\x80", "\xc2\x9f"},         {"\xd8\x9c", "\xd8\x9c"},         {"\xe2\x80\x8b", "\xe2\x80\x8f"},
		{"\xe2\x80\xa8", "\xe2\x80\xae"}, {"\xe2\x81\xa0", "\xe2\x81\xaf"}, {"\xef\xbb\xbf", "\xef\xbb\xbf"},
	};

	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
		if (len == strlen(ranges[i][0]) && memcmp(p, ranges[i][0], len) >= 0 &&
		    memcmp(p, ranges[i][1], len) <= 0)
			return 1;
	return 0;
}

static void put_clean(FILE *out, const char *p, size_t len, int lines)
{
	int control = len == 1 && ((unsigned char)*p < ' ' || *p == 0x7f);

	if ((control && !(lines && *p == '\n')) || is_unseen(p, len))
		(void)fputc(' ', out);
	else
		(void)fwrite(p, 1, len, out);
}

/* Does `p` part what clients would take for an address: between "https:" and "//", behind "www"? */
static int parts_address(const char *text, const char *p)
{
	if (p > text && p[-1] == ':' && strncmp(p, "//", 2) == 0)
		return 1;
	return p - text >= 3 && *p == '.' && strncasecmp(p - 3, "www", 3) == 0;
}

static void clean(FILE *out, const char *text, size_t max, int lines)
{
	size_t n = 0;

	for (const char *p = text; *p; n++) {
		size_t len = character_len(p);
		if (n == max) {
			(void)fputs(ELLIPSIS, out);
			return;
		}
		if (parts_address(text, p))
			(void)fputs(PART, out);
		put_clean(out, p, len, lines);
		p += len;
	}
}

char *markup_clean(const char *text, size_t max, int lines)
{
	char *copy = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&copy, &len);

	if (out)
		clean(out, text, max, lines);
	return text_end(out, &copy);
}
