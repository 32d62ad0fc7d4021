/* SPDX-License-Identifier: Apache-2.0 */
/*
 * toml.h: TOML 1.0, read by toml++ (docs/decisions/014-toml.md): a tree to look at, with
 * the line of each value. Nothing of C++ comes through here: no exception, no type.
 */
#pragma once

#include "base/err.h"

/* Of a text that is parsed. The first two bound the tree's memory (each dot may be a table of its own), the third and
 * fourth its depth, for the tree is freed by recursion; toml++ takes a time that grows with the square of the last
 * two. */
#define TOML_VALUES_MAX 1000000
#define TOML_DOTS_MAX 1000000
#define TOML_LINE_DOTS_MAX 250
#define TOML_NESTED_MAX 16    /* lists and inline tables */
#define TOML_TABLES_MAX 20000 /* headers, those that are as the header before left out */
#define TOML_DOTTED_MAX 20000 /* parts of dotted keys */

struct toml_doc;
struct toml_node; /* a value in the tree; lives as long as that */

/* ERR_BAD and ERR_LIMIT: "line 12: what is wrong". ERR_NOMEM. */
MUST_CHECK int toml_parse(const char *text, size_t len, struct toml_doc **ret, struct err *err);
void toml_free(struct toml_doc *doc); /* NULL is allowed */

const struct toml_node *toml_root(const struct toml_doc *doc); /* a table */

/* All below take NULL for a value that is not there. */

unsigned toml_line(const struct toml_node *node); /* from 1; of a table's header; 0: not known */
bool toml_is_table(const struct toml_node *node);
bool toml_is_list(const struct toml_node *node);

/* The table's value of that name; NULL: none, or no table. */
const struct toml_node *toml_get(const struct toml_node *table, const char *key);

size_t toml_count(const struct toml_node *list); /* 0: no list */
const struct toml_node *toml_item(const struct toml_node *list, size_t i);

const char *toml_string(const struct toml_node *node);         /* NULL: no text, or one with a NUL inside */
bool toml_integer(const struct toml_node *node, int64_t *ret); /* false: no integer */

/* For each value of a table, in the order of the keys; a key with a NUL inside is left out. The first result that is
 * not 0 ends it and is returned. */
typedef int toml_member_fn(void *ctx, const char *key, const struct toml_node *value);
int toml_each(const struct toml_node *table, toml_member_fn *fn, void *ctx);

DEFINE_OWNED(owned_toml, struct toml_doc, toml_free)
#define OWNED_TOML OWNED(owned_toml)
