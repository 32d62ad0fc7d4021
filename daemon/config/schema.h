/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema.h: which keys a mapping may have and what their values may be, as rows;
 * one walker checks a mapping against them, tells every fault and fills a
 * struct. A new key is a row. A plugin's options become rows, too.
 *
 * What a row cannot say (other keys, other sections, files) is checked by the
 * section that owns the rows, after the walk.
 */
#pragma once

#include "config/faults.h"

#define SCHEMA_TEXT_MAX 4096   /* bytes of a text whose row gives no max */
#define SCHEMA_LIST_MAX 100000 /* items of a list whose row gives no max */

enum schema_type {
	/* Scalars (value.c). */
	SCHEMA_TEXT, /* any text */
	SCHEMA_PATH, /* an absolute path */
	SCHEMA_URL,  /* http:// or https:// and a host */
	SCHEMA_WORD, /* one of `words`; its index */
	SCHEMA_BOOLEAN,
	SCHEMA_INTEGER,
	SCHEMA_DURATION, /* "500ms" "30s" "10m" "2h" "7d"; milliseconds */
	SCHEMA_MODE,     /* a file's permission bits, octal */
	SCHEMA_GROUP,    /* a group by name; its id */
	/* Collections (schema.c). */
	SCHEMA_LIST,    /* items of the type `item`: SCHEMA_TEXT, SCHEMA_WORD or SCHEMA_MAPPING */
	SCHEMA_MAPPING, /* its owner walks it */
	SCHEMA_NAMED,   /* a mapping of names that the file chooses; its owner walks each */
	SCHEMA_SECTION, /* a mapping with the rows of `section`, into the same struct */
	/* Not values. */
	SCHEMA_READ,   /* somebody has read it already */
	SCHEMA_SECRET, /* never inline: KEY_file is meant */
};

struct schema_row {
	const char *key;
	enum schema_type type;
	/* Where the value goes (SCHEMA_FIELD): texts to a const char *, the other scalars to an int64_t,
	 * collections to a const struct node *. All borrow from the tree. */
	bool stored;
	size_t offset;
	enum schema_type item;
	bool required;
	/* Durations, integers, modes: the range. Texts: most bytes. Lists and names: how many. */
	int64_t min, max;
	const char *absent; /* the default as it would be written; NULL: the field stays as it is */
	/* Texts, names and a list's texts: NULL when good, else a sentence about it ("must end in '/'"). */
	const char *(*check)(const char *text);
	name_at words;
	const struct schema *section;
	/* For the manual: what the key means, in a sentence without a full stop (the range is told from the above), and
	 * the keys of a list's or of names' entries, which their owner walks. */
	const char *help;
	const struct schema *entry;
};

#define SCHEMA_FIELD(type, member) .stored = true, .offset = offsetof(type, member)

#define SECONDS(n) (INT64_C(1000) * (n))
#define HOURS(n) (SECONDS(3600) * (n))
#define DAYS(n) (HOURS(24) * (n))

struct schema {
	const struct schema_row *rows;
	size_t n_rows;
	bool open; /* other keys are not our business */
};

/* clang-format off */
#define SCHEMA_OF(array) {.rows = (array), .n_rows = ARRAY_LEN(array)}
/* clang-format on */

/*
 * Checks `mapping` and fills `base`, a zeroed struct (NULL when no row is
 * stored). A key that is absent without a default, or wrong, leaves its field as
 * it was. Returns true when no fault was found.
 */
bool schema_read(const struct schema *schema, const struct node *mapping, void *base, struct faults *faults);

const struct schema_row *schema_row(const struct schema *schema, const char *key);
