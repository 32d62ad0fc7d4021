/* SPDX-License-Identifier: Apache-2.0 */
/* node.c: see node.h. */
#include "config/node.h"

#include <string.h>

const char *node_kind_name(enum node_kind kind)
{
	static const char *const names[] = {
		[NODE_SCALAR] = "text", [NODE_SEQUENCE] = "list", [NODE_MAPPING] = "mapping"};
	return names[kind];
}

void node_append(struct node *parent, struct node *node)
{
	node->parent = parent;
	node->index = parent->count++;
	if (parent->last)
		parent->last->next = node;
	else
		parent->first = node;
	parent->last = node;
}

const struct node *node_get(const struct node *mapping, const char *key)
{
	if (!mapping || mapping->kind != NODE_MAPPING)
		return NULL;
	for (const struct node *member = mapping->first; member; member = member->next)
		if (strcmp(member->key, key) == 0)
			return member;
	return NULL;
}

bool node_is_empty(const struct node *node)
{
	return node->kind == NODE_SCALAR && node->text[0] == '\0';
}
