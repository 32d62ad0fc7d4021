/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_tree.h: a YAML file as a tree of nodes that know their lines.
 *
 * A small YAML: one document of mappings, sequences and scalars. Aliases,
 * anchors, tags and directives are refused, keys are scalars, depth and number
 * of nodes are limited. All scalars are texts; what they mean is the schema's.
 */
#pragma once

#include "config/node.h"
#include "config/pool.h"

#define YAML_DEPTH_MAX 16
#define YAML_NODES_MAX 200000

struct faults;

/*
 * The root, which lives as long as `pool`; NULL when the text is no such YAML or
 * memory ran out, with the reason in `faults` or the pool. A key that a mapping
 * holds twice is a fault, but both nodes are in the tree: the rest can be
 * checked all the same.
 */
const struct node *yaml_tree_parse(const char *text, size_t len, struct pool *pool, struct faults *faults);
