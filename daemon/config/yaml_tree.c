/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_tree.c: libyaml's events become nodes. Events and not libyaml's own
 * documents, because it builds those without any limit: 200 kB of '[' cost it 25
 * seconds. The stack is the chain of parents; nothing recurses.
 */
#include "config/yaml_tree.h"

#include "config/faults.h"

#include <string.h>
#include <yaml.h>

struct builder {
	struct pool *pool;
	struct faults *faults;
	struct node *root;
	struct node *open; /* the innermost collection that is not closed yet */
	const char *key;   /* of the next member of `open`, when that is a mapping */
	unsigned key_line;
	size_t depth;
	size_t nodes;
	bool done;
};

static unsigned line_of(const yaml_event_t *event)
{
	return (unsigned)event->start_mark.line + 1;
}

static bool refuse(struct builder *b, const yaml_event_t *event, const char *what)
{
	struct place place = {.line = line_of(event), .node = b->open, .key = b->key};
	fault_add(b->faults, place, "%s", what);
	return false;
}

/* A new node in its place; NULL when it has none or memory ran out. */
static struct node *add_node(struct builder *b, const yaml_event_t *event, enum node_kind kind)
{
	if (b->open && b->open->kind == NODE_MAPPING && !b->key) {
		refuse(b, event, "a key must be a text");
		return NULL;
	}
	if (++b->nodes > YAML_NODES_MAX) {
		refuse(b, event, "too many values, allowed: at most 200000 in a file");
		return NULL;
	}
	struct node *node = pool_alloc(b->pool, 1, sizeof *node);
	if (!node)
		return NULL;
	node->kind = kind;
	node->line = b->key ? b->key_line : line_of(event);
	node->key = TAKE(b->key);
	if (b->open)
		node_append(b->open, node);
	else
		b->root = node;
	return node;
}

static bool check_marks(struct builder *b, const yaml_event_t *event, const void *anchor, const void *tag)
{
	if (anchor)
		return refuse(b, event, "an anchor (&) is not allowed, write the value where it is needed");
	if (tag)
		return refuse(b, event, "a tag (!) is not allowed, write the plain value");
	return true;
}

static bool on_scalar(struct builder *b, const yaml_event_t *event)
{
	const char *bytes = (const char *)event->data.scalar.value;
	size_t len = event->data.scalar.length;

	if (!check_marks(b, event, event->data.scalar.anchor, event->data.scalar.tag))
		return false;
	if (memchr(bytes, '\0', len))
		return refuse(b, event, "a NUL byte is not allowed");
	const char *text = pool_copy(b->pool, bytes, len);
	if (b->open && b->open->kind == NODE_MAPPING && !b->key) {
		b->key = text;
		b->key_line = line_of(event);
		return text;
	}
	struct node *node = add_node(b, event, NODE_SCALAR);
	if (node)
		node->text = text;
	return node && text;
}

static bool on_open(struct builder *b, const yaml_event_t *event, enum node_kind kind, const void *anchor,
		    const void *tag)
{
	if (!check_marks(b, event, anchor, tag))
		return false;
	if (++b->depth > YAML_DEPTH_MAX)
		return refuse(b, event, "nested too deep, allowed: 16 levels");
	struct node *node = add_node(b, event, kind);
	if (node)
		b->open = node;
	return node;
}

static int compare_members(const void *a, const void *b)
{
	const struct node *const *left = a;
	const struct node *const *right = b;
	int order = strcmp((*left)->key, (*right)->key);
	return order ? order : ((*left)->index > (*right)->index) - ((*left)->index < (*right)->index);
}

/* Sorted, so that a mapping of 100,000 keys does not cost its square. */
static bool check_doubles(struct builder *b, const struct node *mapping)
{
	size_t n = 0;

	if (mapping->count < 2)
		return true;
	OWNED_MEM const struct node **members = calloc(mapping->count, sizeof(struct node *));
	if (!members) {
		b->pool->failed = true;
		return false;
	}
	for (const struct node *member = mapping->first; member; member = member->next)
		members[n++] = member;
	qsort(members, n, sizeof(struct node *), compare_members);
	for (size_t i = 1; i < n; i++)
		if (strcmp(members[i - 1]->key, members[i]->key) == 0)
			fault_add(b->faults, place_node(members[i]), "stands here a second time, first in line %u",
				  members[i - 1]->line);
	return true;
}

static bool on_close(struct builder *b)
{
	struct node *closed = b->open;

	if (!closed) /* never: libyaml balances them */
		return false;
	b->open = closed->parent;
	b->depth--;
	return closed->kind != NODE_MAPPING || check_doubles(b, closed);
}

static bool on_document(struct builder *b, const yaml_event_t *event)
{
	if (b->root)
		return refuse(b, event, "a second document (---) is not allowed");
	if (event->data.document_start.version_directive ||
	    event->data.document_start.tag_directives.start != event->data.document_start.tag_directives.end)
		return refuse(b, event, "a directive (%) is not allowed");
	return true;
}

static bool on_event(struct builder *b, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		return true;
	case YAML_STREAM_END_EVENT:
		b->done = true;
		return true;
	case YAML_DOCUMENT_START_EVENT:
		return on_document(b, event);
	case YAML_ALIAS_EVENT:
		return refuse(b, event, "an alias (*) is not allowed, write the value itself");
	case YAML_SCALAR_EVENT:
		return on_scalar(b, event);
	case YAML_SEQUENCE_START_EVENT:
		return on_open(b, event, NODE_SEQUENCE, event->data.sequence_start.anchor,
			       event->data.sequence_start.tag);
	case YAML_MAPPING_START_EVENT:
		return on_open(b, event, NODE_MAPPING, event->data.mapping_start.anchor, event->data.mapping_start.tag);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return on_close(b);
	}
	return true;
}

/* The reader runs ahead of the parser, so a fault of it (UTF-8) comes with a byte's offset instead of a mark. */
static unsigned problem_line(const yaml_parser_t *parser, const char *text)
{
	unsigned line = 1;

	if (parser->error != YAML_READER_ERROR)
		return (unsigned)parser->problem_mark.line + 1;
	for (size_t i = 0; i < parser->problem_offset; i++)
		line += text[i] == '\n';
	return line;
}

static void tell_syntax(struct faults *faults, const yaml_parser_t *parser, const char *text)
{
	unsigned line = problem_line(parser, text);
	const char *problem = parser->problem ? parser->problem : "cannot be read";

	if (parser->context && parser->context_mark.line + 1 != line)
		fault_add(faults, (struct place){.line = line}, "not YAML: %s, %s from line %zu", problem,
			  parser->context, parser->context_mark.line + 1);
	else
		fault_add(faults, (struct place){.line = line}, "not YAML: %s", problem);
}

static bool parse_all(struct builder *b, yaml_parser_t *parser, const char *text)
{
	while (!b->done) {
		yaml_event_t event;
		if (!yaml_parser_parse(parser, &event)) {
			b->pool->failed |= parser->error == YAML_MEMORY_ERROR;
			tell_syntax(b->faults, parser, text);
			return false;
		}
		bool good = on_event(b, &event);
		yaml_event_delete(&event);
		if (!good)
			return false;
	}
	return true;
}

const struct node *yaml_tree_parse(const char *text, size_t len, struct pool *pool, struct faults *faults)
{
	struct builder b = {.pool = pool, .faults = faults};
	OWNED(yaml_parser_delete) yaml_parser_t parser;

	if (!yaml_parser_initialize(&parser)) {
		pool->failed = true;
		return NULL;
	}
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	if (!parse_all(&b, &parser, text))
		return NULL;
	if (!b.root)
		fault_add(faults, place_file(), "is empty, at least `registries` is needed");
	return b.root;
}
