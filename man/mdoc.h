/* SPDX-License-Identifier: Apache-2.0 */
/* mdoc.h: text and lists in the language of manual pages, mdoc(7). For the writers of pages.c. */
#pragma once

#include "base/strbuf.h"

/* The text as a paragraph's own line: nothing in it is a macro; `words` in backquotes are set off. */
void mdoc_text(struct strbuf *out, const char *text);

/* A line of a literal display, to the letter. */
void mdoc_literal(struct strbuf *out, const char *text);

/* Text as a sentence: with a capital letter and a full stop. */
void mdoc_sentence(struct strbuf *out, const char *text);

/* Appends one word of a macro's line, which is no macro itself and no delimiter. */
void mdoc_word(struct strbuf *out, const char *word);

/* Appends usage words to a macro's line: "--all | CRATE…" as flags and arguments. */
void mdoc_usage(struct strbuf *out, const char *words);

/* ".It Fl -name Ar VALUE" and its help; `value` may be NULL. */
void mdoc_option(struct strbuf *out, const char *name, const char *value, const char *help);
