/* SPDX-License-Identifier: Apache-2.0 */
/* line_members.h: which members a line and a dependency have, and what they must be: a table of rows for each. */
#pragma once

#include "base/json_scan.h"

enum member_type { MEMBER_STRING, MEMBER_BOOL, MEMBER_LIST, MEMBER_OBJECT, MEMBER_NUMBER, MEMBER_ANY };

struct member_rule {
	const char *key;
	size_t key_len;
	enum member_type type;
	bool required;
	bool null_allowed;
};

enum line_member {
	LINE_NAME,
	LINE_VERS,
	LINE_CKSUM,
	LINE_YANKED,
	LINE_ANY_FORMAT, /* those before it are all that is read of a line whose `v` is unknown */
	LINE_DEPS = LINE_ANY_FORMAT,
	LINE_FEATURES,
	LINE_FEATURES2,
	LINE_LINKS,
	LINE_RUST_VERSION,
	LINE_V,
	LINE_YANK_MESSAGE,
	LINE_YANK_REASON,
	LINE_MEMBERS
};

enum dep_member {
	DEP_NAME,
	DEP_REQ,
	DEP_FEATURES,
	DEP_OPTIONAL,
	DEP_DEFAULT_FEATURES,
	DEP_TARGET,
	DEP_KIND,
	DEP_REGISTRY,
	DEP_PACKAGE,
	DEP_MEMBERS
};

extern const struct member_rule line_rules[LINE_MEMBERS];
extern const struct member_rule dep_rules[DEP_MEMBERS];

/* Stands for a member that is not there, or is a null that may be: nothing, and nothing in it. */
extern const struct json_node member_absent;

/* The values of the members that the rows name, at the rows' places. What is no object has none. */
void members_find(const struct json_node *object, const struct member_rule *rules, size_t n,
		  const struct json_node **ret);
/* ERR_BAD: one is missing, or of the wrong type. A null that may be becomes member_absent. */
MUST_CHECK int members_check(const struct json_node **members, const struct member_rule *rules, size_t n,
			     struct err *err);

bool member_is_true(const struct json_node *value, bool otherwise); /* if it is absent */

/* How many bytes of a text stand in an error. */
int member_shown(const struct json_node *text);
