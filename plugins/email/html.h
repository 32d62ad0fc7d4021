/* SPDX-License-Identifier: Apache-2.0 */
/*
 * html.h: what a message says, as HTML for mail readers: a card for each event,
 * its facts as a table, commands as code. Styles are inline, since readers drop
 * others; nothing is loaded from anywhere; colours of text and page are left to
 * the reader, so that its dark mode stays dark. All text is escaped. Pure.
 */
#pragma once

#include <stdio.h>
#include <yankwatch/notifier.h>

#define HTML_EVENTS_FULL 20         /* cards; of further events a line each */
#define HTML_EVENTS_MAX 200         /* what is left is a number */
#define HTML_BYTES_MAX (512l << 10) /* with this much written no further event is begun */

/* `notifier`: its name, for the last line. */
void html_text(FILE *out, const struct yw_message *message, const char *notifier);

/* Text between tags or in an attribute, cleaned, cut at `max` bytes. */
void html_escape(FILE *out, const char *text, size_t max);
