/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_scan.h: JSON in one pass, as strict as cargo's reader.
 *
 * A text becomes a flat list of nodes in the text's order: a list is followed by
 * its items, an object by key, value, key, value. Strings point into the text, so
 * that nothing is allocated for a node; only those with escapes are written anew.
 * The list serves text after text and grows no further than the longest needs.
 * Index lines are read from it; json_parse() asks it first and then cJSON.
 */
#pragma once

#include "base/err.h"
#include "base/text_span.h"

#define JSON_DEPTH_MAX 32

enum json_type { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_LIST, JSON_OBJECT, JSON_KNOWN };

struct json_node {
	const char *at; /* of a string its bytes, unescaped; else the value's text. No terminator */
	uint32_t len;   /* bytes of that; never with a NUL in a string */
	uint32_t span;  /* nodes up to the next one beside it; a key's includes its value */
	enum json_type type;
};

/* Zeroed is empty. */
struct json_scan {
	struct json_node *nodes; /* owned; the first one is the value */
	size_t count, cap;
	size_t limit;    /* the caller's: nodes that it takes room for at most, about; 0 = no limit */
	char *unescaped; /* owned */
};

void json_scan_release(struct json_scan *scan);

/*
 * Scans exactly one value. What an earlier call gave is overwritten; `text` must
 * outlive the use of the nodes. ERR_BAD: no JSON to the letter of RFC 8259,
 * trailing bytes, a key twice in one object, not UTF-8, \u0000 (our strings could
 * not hold it). ERR_LIMIT: deeper than JSON_DEPTH_MAX, 4 GB and more, above the limit of
 * nodes. ERR_NOMEM.
 */
MUST_CHECK int json_scan(struct json_scan *scan, const char *text, size_t len, struct err *err);

/* For each item of a list, or each key of an object. */
#define json_for_each(node, parent) \
	for (const struct json_node *node = (parent) + 1; node < (parent) + (parent)->span; node += node->span)

static inline struct text_span json_text_of(const struct json_node *string)
{
	return (struct text_span){string->at, string->len};
}

static inline const struct json_node *json_value_of(const struct json_node *key)
{
	return key + 1;
}

/* A member of an object that was scanned before: its value, a list or an object, byte for byte. */
struct json_known {
	struct text_span key;
	struct text_span value; /* .at NULL: none */
	/* Borrowed. Of a list its items, all of them objects or lists. Of an object its members, from the quote before
	 * the key to the end of the value; no key has an escape, all values are objects or lists. */
	const struct text_span *items;
	size_t n_items;
};

/*
 * As json_scan(). Where the outermost object has such a member with that same value, a node JSON_KNOWN
 * stands for all of it: what was well-formed is not looked at again. Else such a node stands
 * for each item that is the same; it points to the known one, and they keep their order. A member's
 * points to its key in the known one, and no value follows it.
 */
MUST_CHECK int json_scan_after(struct json_scan *scan, const char *text, size_t len, const struct json_known *known,
			       size_t n_known, struct err *err);

double json_node_number(const struct json_node *number); /* of a list's item or a member */
