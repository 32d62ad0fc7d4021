/* SPDX-License-Identifier: Apache-2.0 */
/* page_config.c: every key of the configuration, by its path. See pages.h. */
#include "pages.h"

#include "config/build.h"
#include "config/value.h"
#include "mdoc.h"

#include <inttypes.h>
#include <stdio.h>

#define ALLOWED_MAX 128

static void put_words(struct strbuf *line, const struct schema_row *row)
{
	const char *word;

	for (size_t i = 0; (word = row->words(NULL, i)); i++)
		strbuf_addf(line, "%s%s", i ? ", " : "", word);
}

/* "a duration, 100ms to 7d" */
static void put_scalar(struct strbuf *line, const struct schema_row *row, enum schema_type type)
{
	char allowed[ALLOWED_MAX];

	value_allowed(row, type, allowed, sizeof allowed);
	strbuf_adds(line, value_noun(type));
	if (type == SCHEMA_WORD) {
		strbuf_adds(line, " of ");
		put_words(line, row);
	} else if (*allowed && row->type != SCHEMA_LIST) {
		strbuf_addf(line, ", %s", allowed);
	}
}

static void put_count(struct strbuf *line, const struct schema_row *row)
{
	if (row->max)
		strbuf_addf(line, ", at most %" PRId64, row->max);
}

static void put_type(struct strbuf *line, const struct schema_row *row)
{
	switch (row->type) {
	case SCHEMA_TEXT:
	case SCHEMA_PATH:
	case SCHEMA_URL:
	case SCHEMA_WORD:
	case SCHEMA_BOOLEAN:
	case SCHEMA_INTEGER:
	case SCHEMA_DURATION:
	case SCHEMA_MODE:
	case SCHEMA_GROUP:
		put_scalar(line, row, row->type);
		break;
	case SCHEMA_LIST:
		strbuf_adds(line, "a list; each entry is ");
		if (row->item == SCHEMA_MAPPING)
			strbuf_adds(line, "a mapping");
		else
			put_scalar(line, row, row->item);
		put_count(line, row);
		break;
	case SCHEMA_NAMED:
		strbuf_adds(line, "a mapping of names to mappings");
		put_count(line, row);
		break;
	case SCHEMA_MAPPING:
	case SCHEMA_SECTION:
		strbuf_adds(line, "a mapping");
		break;
	case SCHEMA_READ:
	case SCHEMA_SECRET:
		break;
	}
}

static void put_key(struct strbuf *out, const struct schema_row *row, const char *path)
{
	OWNED_STRBUF struct strbuf line = {0};

	strbuf_adds(out, ".It Ic ");
	mdoc_word(out, path);
	strbuf_adds(out, "\n");
	mdoc_sentence(out, row->help ? row->help : "");
	put_type(&line, row);
	if (row->required)
		strbuf_adds(&line, "; required");
	if (row->absent)
		strbuf_addf(&line, "; %s if not given", row->absent);
	mdoc_sentence(out, strbuf_str(&line));
}

static void put_keys(struct strbuf *out, const struct schema *schema, const char *above)
{
	for (size_t i = 0; i < schema->n_rows; i++) {
		const struct schema_row *row = &schema->rows[i];
		OWNED_STRBUF struct strbuf path = {0};
		strbuf_addf(&path, "%s%s", above, row->key);
		put_key(out, row, strbuf_str(&path));
		const struct schema *below = row->type == SCHEMA_SECTION ? row->section : row->entry;
		if (!below)
			continue;
		strbuf_adds(&path, row->type == SCHEMA_LIST ? "[]." : row->type == SCHEMA_NAMED ? ".NAME." : ".");
		put_keys(out, below, strbuf_str(&path));
	}
}

void write_config_keys(struct strbuf *out, const char *source)
{
	(void)source;
	put_keys(out, &config_schema, "");
}
