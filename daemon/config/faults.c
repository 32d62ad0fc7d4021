/* SPDX-License-Identifier: Apache-2.0 */
/* faults.c: see faults.h. */
#include "config/faults.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

#define FAULT_SENTENCE_MAX 1024 /* bytes; a longer one is cut */
#define OTHER_FILES (1u << 31)  /* added to their lines */
#define FAULT_QUOTE_MAX 80      /* bytes of a key or value that are shown */

struct place place_file(void)
{
	return (struct place){0};
}

struct place place_node(const struct node *node)
{
	return (struct place){.line = node->line, .file = node->file, .node = node};
}

struct place place_value(const struct node *scalar)
{
	return (struct place){.line = scalar->line, .file = scalar->file, .node = scalar, .value = scalar->text};
}

struct place place_key(const struct node *mapping, const char *key)
{
	const struct node *member = node_get(mapping, key);
	return (struct place){
		.line = member ? member->line : mapping->line, .file = mapping->file, .node = mapping, .key = key};
}

static void add_quote(struct strbuf *out, const char *text)
{
	char quote[FAULT_QUOTE_MAX];
	strbuf_adds(out, text_safe(text, quote, sizeof quote));
}

static void add_key(struct strbuf *out, size_t start, const char *key)
{
	if (out->len > start)
		strbuf_addc(out, '.');
	add_quote(out, key);
}

/* "registries.crates-io.contact", "watch[0].crates[2]"; the root has no name. */
static void add_path(struct strbuf *out, size_t start, const struct node *node)
{
	if (!node->parent)
		return;
	add_path(out, start, node->parent);
	if (node->key)
		add_key(out, start, node->key);
	else
		strbuf_addf(out, "[%zu]", node->index);
}

static void add_place(struct strbuf *out, const char *file, const struct place *place)
{
	strbuf_adds(out, place->file ? place->file : file);
	if (place->line)
		strbuf_addf(out, ":%u", place->line);
	strbuf_adds(out, ": ");
	size_t start = out->len;
	if (place->node)
		add_path(out, start, place->node);
	if (place->key)
		add_key(out, start, place->key);
	if (out->len > start)
		strbuf_adds(out, ": ");
	if (place->value) {
		strbuf_addc(out, '"');
		add_quote(out, place->value);
		strbuf_adds(out, "\" ");
	}
}

/* Keeps the lines in order, those of other files last; faults of one line stay as they were found. */
static void insert(struct faults *faults, const struct place *place, char *text)
{
	struct config_errors *errors = faults->errors;
	unsigned line = place->line + (place->file ? OTHER_FILES : 0);
	size_t at = errors->count++;

	for (; at > 0 && faults->lines[at - 1] > line; at--) {
		faults->lines[at] = faults->lines[at - 1];
		errors->lines[at] = errors->lines[at - 1];
	}
	faults->lines[at] = line;
	errors->lines[at] = text;
}

static void add_line(struct faults *faults, const struct place *place, const char *sentence)
{
	struct config_errors *errors = faults->errors;
	OWNED_STRBUF struct strbuf text = {0};

	if (errors->count == CONFIG_ERRORS_MAX) {
		errors->more = true;
		return;
	}
	if (!errors->lines)
		errors->lines = calloc(CONFIG_ERRORS_MAX, sizeof *errors->lines);
	add_place(&text, faults->file, place);
	strbuf_adds(&text, sentence);
	char *line = errors->lines ? strbuf_take(&text) : NULL;
	if (line)
		insert(faults, place, line);
	else
		faults->nomem = true;
}

void fault_add(struct faults *faults, struct place place, const char *fmt, ...)
{
	char sentence[FAULT_SENTENCE_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(sentence, sizeof sentence, fmt, ap);
	va_end(ap);
	add_line(faults, &place, sentence);
}

void fault_add_unknown(struct faults *faults, const struct node *scalar, const char *what, const struct names *names)
{
	OWNED_STRBUF struct strbuf advice = {0};

	names_advise(names, scalar->text, &advice);
	fault_add(faults, place_value(scalar), "is not %s%s", what, strbuf_str(&advice));
}

void fault_add_unknown_key(struct faults *faults, const struct node *node, const struct names *keys)
{
	OWNED_STRBUF struct strbuf advice = {0};

	names_advise(keys, node->key, &advice);
	fault_add(faults, place_node(node), "unknown key%s", strbuf_str(&advice));
}

bool faults_any(const struct faults *faults)
{
	return faults->errors->count > 0 || faults->nomem;
}
