/* SPDX-License-Identifier: Apache-2.0 */
/* line_dependencies.c: see line_dependencies.h. */
#include "model/line_dependencies.h"

#include "model/index_line.h"

#include <string.h>
#include <strings.h>

void line_dependencies_release(struct line_dependencies *dependencies)
{
	free(dependencies->items);
	json_scan_release(&dependencies->scan);
	*dependencies = (struct line_dependencies){0};
}

static struct text_span text_of(const struct json_node *member)
{
	return member == &member_absent ? (struct text_span){0} : json_text_of(member);
}

static bool is_dev(const struct json_node *kind)
{
	static const struct text_span dev = {"dev", 3};
	return text_span_same(text_of(kind), dev);
}

static struct line_dependency *add(struct line_dependencies *dependencies)
{
	if (dependencies->n == dependencies->cap) {
		size_t cap = dependencies->cap ? dependencies->cap * 2 : 32;
		struct line_dependency *items = reallocarray(dependencies->items, cap, sizeof *items);
		if (!items)
			return NULL;
		dependencies->items = items;
		dependencies->cap = cap;
	}
	return &dependencies->items[dependencies->n++];
}

static int read_dependency(struct line_dependencies *dependencies, const struct json_node *dep, struct err *err)
{
	const struct json_node *members[DEP_MEMBERS];

	members_find(dep, dep_rules, DEP_MEMBERS, members);
	int rc = members_check(members, dep_rules, DEP_MEMBERS, err);
	if (rc || is_dev(members[DEP_KIND]))
		return rc;
	struct line_dependency *added = add(dependencies);
	if (!added)
		return err_nomem(err);
	bool renamed = members[DEP_PACKAGE] != &member_absent;
	added->name = text_of(members[renamed ? DEP_PACKAGE : DEP_NAME]);
	added->requirement = text_of(members[DEP_REQ]);
	added->registry = text_of(members[DEP_REGISTRY]);
	return 0;
}

static int check_line(const struct json_node **members, const char *crate, struct err *err)
{
	double format = members[LINE_V]->type == JSON_NUMBER ? json_node_number(members[LINE_V]) : 1;

	if (format > INDEX_FORMAT_MAX)
		return err_set(err, ERR_LIMIT, "\"v\" is above %d", INDEX_FORMAT_MAX);
	int rc = members_check(members, line_rules, LINE_MEMBERS, err);
	if (rc)
		return rc;
	const struct json_node *name = members[LINE_NAME];
	if (name->len != strlen(crate) || strncasecmp(name->at, crate, name->len) != 0)
		return err_set(err, ERR_BAD, "about another crate, \"%.*s\"", member_shown(name), name->at);
	return 0;
}

int line_dependencies_read(struct line_dependencies *dependencies, const char *crate, const char *line, size_t len,
			   struct err *err)
{
	const struct json_node *members[LINE_MEMBERS];

	dependencies->n = 0;
	int rc = json_scan(&dependencies->scan, line, len, err);
	if (rc)
		return rc;
	members_find(dependencies->scan.nodes, line_rules, LINE_MEMBERS, members);
	rc = check_line(members, crate, err);
	if (rc)
		return rc;
	dependencies->version = text_of(members[LINE_VERS]);
	json_for_each (dep, members[LINE_DEPS]) {
		rc = read_dependency(dependencies, dep, err);
		if (rc) {
			dependencies->n = 0;
			return rc;
		}
	}
	return 0;
}

/* Registries write it without a space behind the name; whoever does not is read as a whole. */
bool line_version_glimpse(const char *line, size_t len, struct text_span *ret)
{
	static const char key[] = "\"vers\":\"";

	const char *found = memmem(line, len, key, sizeof key - 1);
	if (!found)
		return false;
	const char *begin = found + sizeof key - 1;
	const char *stop = memchr(begin, '"', (size_t)(line + len - begin));
	if (!stop || memchr(begin, '\\', (size_t)(stop - begin)))
		return false;
	*ret = (struct text_span){begin, (size_t)(stop - begin)};
	return true;
}
