/* SPDX-License-Identifier: Apache-2.0 */
/*
 * markup.h: texts of registries in a chat's own markup: they are shown as they
 * are, and ping nobody, link nowhere and format nothing. Pure.
 */
#pragma once

#include <stddef.h>
#include <stdio.h>

/* What {{name}} does in a template of that service; {{{name}}} leaves it out. */
enum markup {
	MARKUP_NONE,       /* the service shows plain text */
	MARKUP_HTML,       /* Matrix */
	MARKUP_SLACK,      /* mrkdwn */
	MARKUP_MATTERMOST, /* Markdown, with Slack's <!channel> understood by the server */
	MARKUP_DISCORD,    /* Markdown with <@…> and <#…> */
	MARKUP_CARD,       /* Adaptive Cards: the Markdown of a TextBlock */
};

void markup_put(FILE *out, enum markup markup, const char *text);

/*
 * What every value goes through first, whatever the service: control characters
 * and those that turn the direction of text become blanks (line ends too, unless
 * `lines`), addresses are parted ("https:" and "//") so that no client makes a
 * link of them, and what is longer than `max` characters ends in "…". The caller
 * frees the result; NULL: out of memory.
 */
char *markup_clean(const char *text, size_t max, int lines);
