/* SPDX-License-Identifier: Apache-2.0 */
/* line_members.c: see line_members.h. */
#include "model/line_members.h"

#define KEY(text) (text), sizeof(text) - 1

const struct member_rule line_rules[LINE_MEMBERS] = {
	[LINE_NAME] = {KEY("name"), MEMBER_STRING, true, false},
	[LINE_VERS] = {KEY("vers"), MEMBER_STRING, true, false},
	[LINE_CKSUM] = {KEY("cksum"), MEMBER_STRING, true, false},
	[LINE_YANKED] = {KEY("yanked"), MEMBER_BOOL, false, true},
	[LINE_DEPS] = {KEY("deps"), MEMBER_LIST, true, false},
	[LINE_FEATURES] = {KEY("features"), MEMBER_OBJECT, false, false},
	[LINE_FEATURES2] = {KEY("features2"), MEMBER_OBJECT, false, true},
	[LINE_LINKS] = {KEY("links"), MEMBER_STRING, false, true},
	[LINE_RUST_VERSION] = {KEY("rust_version"), MEMBER_STRING, false, true},
	[LINE_V] = {KEY("v"), MEMBER_NUMBER, false, true},
	/* No registry is known to write them: whatever they are, they do not make the line a bad one. */
	[LINE_YANK_MESSAGE] = {KEY("yank_message"), MEMBER_ANY, false, true},
	[LINE_YANK_REASON] = {KEY("yank_reason"), MEMBER_ANY, false, true},
};

const struct member_rule dep_rules[DEP_MEMBERS] = {
	[DEP_NAME] = {KEY("name"), MEMBER_STRING, true, false},
	[DEP_REQ] = {KEY("req"), MEMBER_STRING, true, false},
	[DEP_FEATURES] = {KEY("features"), MEMBER_LIST, false, false},
	[DEP_OPTIONAL] = {KEY("optional"), MEMBER_BOOL, false, false},
	[DEP_DEFAULT_FEATURES] = {KEY("default_features"), MEMBER_BOOL, false, false},
	[DEP_TARGET] = {KEY("target"), MEMBER_STRING, false, true},
	[DEP_KIND] = {KEY("kind"), MEMBER_STRING, false, true},
	[DEP_REGISTRY] = {KEY("registry"), MEMBER_STRING, false, true},
	[DEP_PACKAGE] = {KEY("package"), MEMBER_STRING, false, true},
};

static bool has_type(const struct json_node *value, enum member_type type)
{
	switch (type) {
	case MEMBER_STRING:
		return value->type == JSON_STRING;
	case MEMBER_BOOL:
		return value->type == JSON_TRUE || value->type == JSON_FALSE;
	case MEMBER_LIST:
		return value->type == JSON_LIST || value->type == JSON_KNOWN;
	case MEMBER_OBJECT:
		return value->type == JSON_OBJECT || value->type == JSON_KNOWN;
	case MEMBER_NUMBER:
		return value->type == JSON_NUMBER;
	case MEMBER_ANY:
		return true;
	}
	return false;
}

/* The row of that key, n when there is none. Registries write their members in one order, the rows': so the
 * search begins where it is most likely to end. */
static size_t find_rule(const struct json_node *key, const struct member_rule *rules, size_t n, size_t likely)
{
	for (size_t i = 0; i < n; i++) {
		size_t row = likely + i < n ? likely + i : likely + i - n;
		if (key->len == rules[row].key_len && bytes_same(key->at, rules[row].key, key->len))
			return row;
	}
	return n;
}

const struct json_node member_absent = {.at = "", .span = 1, .type = JSON_NULL};

void members_find(const struct json_node *object, const struct member_rule *rules, size_t n,
		  const struct json_node **ret)
{
	size_t likely = 0;

	for (size_t i = 0; i < n; i++)
		ret[i] = &member_absent;
	if (object->type != JSON_OBJECT)
		return;
	json_for_each (key, object) {
		size_t row = find_rule(key, rules, n, likely);
		if (row == n)
			continue;
		ret[row] = json_value_of(key);
		likely = row + 1;
	}
}

int members_check(const struct json_node **members, const struct member_rule *rules, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		if (members[i]->type == JSON_NULL && rules[i].null_allowed)
			members[i] = &member_absent;
		if (members[i] == &member_absent && rules[i].required)
			return err_set(err, ERR_BAD, "no \"%s\"", rules[i].key);
		if (members[i] != &member_absent && !has_type(members[i], rules[i].type))
			return err_set(err, ERR_BAD, "\"%s\" has the wrong type", rules[i].key);
	}
	return 0;
}

bool member_is_true(const struct json_node *value, bool otherwise)
{
	return value == &member_absent ? otherwise : value->type == JSON_TRUE;
}

int member_shown(const struct json_node *text)
{
	return text->len < 64 ? (int)text->len : 64;
}
