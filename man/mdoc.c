/* SPDX-License-Identifier: Apache-2.0 */
/* mdoc.c: see mdoc.h. */
#include "mdoc.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define ELLIPSIS "…"

/* Pages are ASCII, for whatever shows them. */
static const char *put_one(struct strbuf *out, const char *p, bool *quoted)
{
	if (strncmp(p, ELLIPSIS, strlen(ELLIPSIS)) == 0) {
		strbuf_adds(out, "...");
		return p + strlen(ELLIPSIS);
	}
	switch (*p) {
	case '\\':
		strbuf_adds(out, "\\e");
		break;
	case '`':
		strbuf_adds(out, *quoted ? "\\fR" : "\\fB");
		*quoted = !*quoted;
		break;
	case '"':
		strbuf_adds(out, "\\(dq");
		break;
	case '-':
		strbuf_adds(out, "\\-");
		break;
	default:
		strbuf_add(out, p, 1);
	}
	return p + 1;
}

static void put_escaped(struct strbuf *out, const char *text)
{
	bool quoted = false;

	while (*text)
		text = put_one(out, text, &quoted);
}

void mdoc_literal(struct strbuf *out, const char *text)
{
	strbuf_adds(out, "\\&");
	for (; *text; text += strcspn(text, "`") ? strcspn(text, "`") : 1) {
		OWNED_STRBUF struct strbuf piece = {0};
		strbuf_add(&piece, text, strcspn(text, "`"));
		if (*text == '`')
			strbuf_adds(out, "\\(ga");
		else
			put_escaped(out, strbuf_str(&piece));
	}
	strbuf_adds(out, "\n");
}

void mdoc_text(struct strbuf *out, const char *text)
{
	if (*text == '.' || *text == '\'')
		strbuf_adds(out, "\\&");
	put_escaped(out, text);
	strbuf_adds(out, "\n");
}

/* A name that begins a sentence (a configuration key, "sparse+https") is no word to be changed. */
static bool begins_with_word(const char *text)
{
	size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz'");

	return len > 0 && strchr(" ,;", text[len]); /* the terminator, too */
}

void mdoc_sentence(struct strbuf *out, const char *text)
{
	OWNED_STRBUF struct strbuf line = {0};
	size_t len = strlen(text);

	strbuf_adds(&line, text);
	if (begins_with_word(text))
		line.data[0] = (char)toupper((unsigned char)text[0]);
	if (len > 0 && !strchr(".?!", text[len - 1]) && (len < 3 || strcmp(text + len - 3, ELLIPSIS) != 0))
		strbuf_adds(&line, ".");
	mdoc_text(out, strbuf_str(&line));
}

void mdoc_word(struct strbuf *out, const char *word)
{
	strbuf_adds(out, "\\&");
	put_escaped(out, word);
}

void mdoc_usage(struct strbuf *out, const char *words)
{
	char word[64];

	while (*(words += strspn(words, " "))) {
		size_t len = strcspn(words, " ");
		(void)snprintf(word, sizeof word, "%.*s", (int)len, words);
		words += len;
		strbuf_adds(out, word[0] == '-' ? " Fl " : strcmp(word, "|") == 0 ? " No " : " Ar ");
		mdoc_word(out, word + (word[0] == '-'));
	}
}

void mdoc_option(struct strbuf *out, const char *name, const char *value, const char *help)
{
	strbuf_addf(out, ".It Fl \\-%s", name);
	if (value)
		mdoc_usage(out, value);
	strbuf_adds(out, "\n");
	mdoc_sentence(out, help);
}
