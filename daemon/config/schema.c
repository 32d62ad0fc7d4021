/* SPDX-License-Identifier: Apache-2.0 */
/* schema.c: the walker; see schema.h. What a scalar means is value.c's. */
#include "config/schema.h"

#include "config/value.h"

#include <string.h>

const struct schema_row *schema_row(const struct schema *schema, const char *key)
{
	for (size_t i = 0; i < schema->n_rows; i++)
		if (strcmp(schema->rows[i].key, key) == 0)
			return &schema->rows[i];
	return NULL;
}

static const char *key_at(const void *set, size_t i)
{
	const struct schema *schema = set;
	return i < schema->n_rows ? schema->rows[i].key : NULL;
}

/* "key:" with nothing behind it is an empty collection: what is left when every item is commented out. */
static bool check_kind(const struct node *node, enum node_kind kind, struct faults *faults)
{
	if (node->kind == kind || node_is_empty(node))
		return true;
	fault_add(faults, place_node(node), "is a %s, allowed: a %s", node_kind_name(node->kind), node_kind_name(kind));
	return false;
}

static bool check_count(const struct schema_row *row, const struct node *node, struct faults *faults)
{
	size_t max = row->max ? (size_t)row->max : SCHEMA_LIST_MAX;

	if (node->count > max)
		fault_add(faults, place_node(node), "has %zu entries, allowed: at most %zu", node->count, max);
	else if (node->count < (size_t)row->min)
		fault_add(faults, place_node(node), "is empty, allowed: at least one entry");
	return node->count >= (size_t)row->min && node->count <= max;
}

static bool check_item(const struct schema_row *row, const struct node *item, struct faults *faults)
{
	struct value value;

	if (row->item == SCHEMA_MAPPING)
		return check_kind(item, NODE_MAPPING, faults);
	return value_read(row, row->item, item, &value, faults);
}

static bool check_member(const struct schema_row *row, const struct node *member, struct faults *faults)
{
	const char *complaint = row->check ? row->check(member->key) : NULL;

	if (complaint)
		fault_add(faults, place_node(member), "%s", complaint);
	return check_kind(member, NODE_MAPPING, faults) && !complaint;
}

static void *field_of(const struct schema_row *row, void *base)
{
	return (char *)base + row->offset;
}

static void store_scalar(const struct schema_row *row, void *base, const struct value *value)
{
	if (row->stored && value_is_text(row->type))
		*(const char **)field_of(row, base) = value->text;
	else if (row->stored)
		*(int64_t *)field_of(row, base) = value->number;
}

static bool read_scalar(const struct schema_row *row, const struct node *node, void *base, struct faults *faults)
{
	struct value value;
	bool good = value_read(row, row->type, node, &value, faults);

	if (good)
		store_scalar(row, base, &value);
	return good;
}

typedef bool (*child_check)(const struct schema_row *row, const struct node *child, struct faults *faults);

/* Stored even when a child is wrong, so that the owner finds the others' faults. */
static bool read_collection(const struct schema_row *row, const struct node *node, enum node_kind kind,
			    child_check check, void *base, struct faults *faults)
{
	bool good = true;

	if (!check_kind(node, kind, faults) || !check_count(row, node, faults))
		return false;
	for (const struct node *child = node->first; child; child = child->next)
		good = check(row, child, faults) && good;
	if (row->stored)
		*(const struct node **)field_of(row, base) = node;
	return good;
}

static bool read_present(const struct schema_row *row, const struct node *node, void *base, struct faults *faults)
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
		return read_scalar(row, node, base, faults);
	case SCHEMA_LIST:
		return read_collection(row, node, NODE_SEQUENCE, check_item, base, faults);
	case SCHEMA_NAMED:
		return read_collection(row, node, NODE_MAPPING, check_member, base, faults);
	case SCHEMA_MAPPING:
		return check_kind(node, NODE_MAPPING, faults);
	case SCHEMA_SECTION:
		return check_kind(node, NODE_MAPPING, faults) && schema_read(row->section, node, base, faults);
	case SCHEMA_SECRET:
		fault_add(faults, place_node(node), "is a secret and never inline, use %s_file", row->key);
		return false;
	case SCHEMA_READ:
		return true;
	}
	return true;
}

static bool read_absent(const struct schema_row *row, const struct node *mapping, void *base, struct faults *faults)
{
	if (row->required) {
		fault_add(faults, place_key(mapping, row->key), "is missing, it is required");
		return false;
	}
	if (row->type == SCHEMA_SECTION)
		return schema_read(row->section, NULL, base, faults);
	if (row->absent) {
		struct value value = value_absent(row);
		store_scalar(row, base, &value);
	}
	return true;
}

static bool check_unknown(const struct schema *schema, const struct node *mapping, struct faults *faults)
{
	struct names keys = {.at = key_at, .set = schema};
	bool good = true;

	for (const struct node *member = mapping ? mapping->first : NULL; member; member = member->next) {
		if (schema_row(schema, member->key))
			continue;
		fault_add_unknown_key(faults, member, &keys);
		good = false;
	}
	return good;
}

bool schema_read(const struct schema *schema, const struct node *mapping, void *base, struct faults *faults)
{
	bool good = true;

	if (mapping && mapping->kind != NODE_MAPPING && !node_is_empty(mapping))
		return false;
	for (size_t i = 0; i < schema->n_rows; i++) {
		const struct schema_row *row = &schema->rows[i];
		const struct node *node = node_get(mapping, row->key);
		bool fine = node ? read_present(row, node, base, faults) : read_absent(row, mapping, base, faults);
		good = fine && good;
	}
	if (!schema->open)
		good = check_unknown(schema, mapping, faults) && good;
	return good;
}
