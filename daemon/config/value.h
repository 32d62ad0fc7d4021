/* SPDX-License-Identifier: Apache-2.0 */
/*
 * value.h: what a scalar means: one row for each type of the schema says how it
 * is read and how its range is told. Called by the walker, schema.c, alone; the
 * checks at the end are for the rows of all sections.
 */
#pragma once

#include "config/schema.h"

struct value {
	const char *text; /* borrowed from the node or the row */
	int64_t number;   /* of the numeric types */
};

/* Reads `node` as `type` within the row's limits; tells what is wrong and returns false. */
bool value_read(const struct schema_row *row, enum schema_type type, const struct node *node, struct value *ret,
		struct faults *faults);

bool value_is_text(enum schema_type type);

/* What a value of the type is: "an absolute path". For the manual, as the next. */
const char *value_noun(enum schema_type type);
/* "100ms to 7d", "true or false", or "" where there is no range. */
void value_allowed(const struct schema_row *row, enum schema_type type, char *buf, size_t size);

/* The row's default. */
struct value value_absent(const struct schema_row *row);

/* Printable ASCII without blanks. */
bool text_is_graphic(const char *text);
/* 1 to `max` bytes, each one of `allowed`. */
bool text_is_of(const char *text, const char *allowed, size_t max);
/* Where the host begins in an http:// or https:// URL; NULL when it is neither. */
const char *url_host(const char *url);

#define TEXT_LOWER "abcdefghijklmnopqrstuvwxyz"
#define TEXT_DIGITS "0123456789"
#define TEXT_NAME TEXT_LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ" TEXT_DIGITS "_-"

/* NULL when it may name a registry, notifier, project or team; else a sentence about it. For rows. */
const char *check_name(const char *name);
