/* SPDX-License-Identifier: Apache-2.0 */
/*
 * node.h: one value of a configuration file, with its line and its place among the
 * others. yaml_tree.h makes the tree; everybody else only looks at it.
 */
#pragma once

#include "base/defs.h"

enum node_kind { NODE_SCALAR, NODE_SEQUENCE, NODE_MAPPING };

const char *node_kind_name(enum node_kind kind); /* as an operator calls it: "text", "list", "mapping" */

struct node {
	enum node_kind kind;
	unsigned line;             /* of its key, in a mapping; from 1 */
	const char *key;           /* in a mapping, else NULL */
	const char *text;          /* scalar: valid UTF-8 without NUL; else NULL */
	size_t index;              /* among its siblings, from 0 */
	size_t count;              /* children */
	struct node *parent;       /* NULL: the root */
	struct node *first, *last; /* children, in the file's order */
	struct node *next;
	const char *file; /* that it stands in, when that is not the configuration itself; else NULL */
};

/* `node`, which has none yet, becomes the last child of `parent`. */
void node_append(struct node *parent, struct node *node);

/* The (first) member of that name; NULL when there is none or `mapping` is none. */
const struct node *node_get(const struct node *mapping, const char *key);

/* A scalar without text: what "key:" with nothing behind it gives. */
bool node_is_empty(const struct node *node);
