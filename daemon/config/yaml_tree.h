/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_tree.h: a YAML file as a tree of nodes that know their lines.
 *
 * A small YAML: one document of mappings, sequences and scalars. Aliases,
 * anchors, tags and directives are refused, keys are scalars, depth and number
 * of nodes are limited. All scalars are texts; what they mean is the schema's.
 */
#pragma once

#include "config/pool.h"

#define YAML_DEPTH_MAX 16
#define YAML_NODES_MAX 200000

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
};

struct faults;

/*
 * The root, which lives as long as `pool`; NULL when the text is no such YAML or
 * memory ran out, with the reason in `faults` or the pool. A key that a mapping
 * holds twice is a fault, but both nodes are in the tree: the rest can be
 * checked all the same.
 */
const struct node *yaml_tree_parse(const char *text, size_t len, struct pool *pool, struct faults *faults);

/* The (first) member of that name; NULL when there is none or `mapping` is none. */
const struct node *node_get(const struct node *mapping, const char *key);

/* A scalar without text: what "key:" with nothing behind it gives. */
bool node_is_empty(const struct node *node);
