/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_scan.c: see json_scan.h. A scan_… function begins at its token's first byte
 * and leaves the scanner behind its last one.
 */
#include "base/json_scan.h"
#include "base/json_lex.h"

#include "base/text.h"

#include <endian.h>
#include <string.h>

#define KEYS_SORTED_ABOVE 16 /* new keys in no order; up to here each is held against each */
#define ITEMS_AHEAD 8        /* so many known items are tried at a place of a list */
#define OUTER_MEMBER_DEPTH 2 /* of the values in the outermost object */

struct scanner {
	const char *text, *at, *end;
	struct json_scan *out;
	size_t unescaped; /* bytes used of out->unescaped */
	const struct json_known *known;
	size_t n_known;
	struct err *err;
};

void json_scan_release(struct json_scan *scan)
{
	free(scan->nodes);
	free(scan->unescaped);
	*scan = (struct json_scan){0};
}

static int refuse(const struct scanner *s, const char *at)
{
	return err_set(s->err, ERR_BAD, "not JSON at byte %zu", (size_t)(at - s->text));
}

static int grow(struct scanner *s)
{
	struct json_scan *out = s->out;
	size_t cap = out->cap ? out->cap * 2 : 512;

	if (out->limit && out->cap >= out->limit)
		return err_set(s->err, ERR_LIMIT, "JSON of more than %zu values", out->cap);
	struct json_node *nodes = reallocarray(out->nodes, cap, sizeof *nodes);
	if (!nodes)
		return err_nomem(s->err);
	out->nodes = nodes;
	out->cap = cap;
	return 0;
}

static inline int push(struct scanner *s, enum json_type type, const char *at, size_t len)
{
	if (s->out->count == s->out->cap) {
		int rc = grow(s);
		if (rc)
			return rc;
	}
	s->out->nodes[s->out->count++] = (struct json_node){.at = at, .len = (uint32_t)len, .span = 1, .type = type};
	return 0;
}

/* The node has been pushed with all that belongs to it. */
static void close_node(struct scanner *s, size_t node)
{
	s->out->nodes[node].span = (uint32_t)(s->out->count - node);
}

/* Behind the bracket of a list or an object: its text ends here. */
static void close_text(struct scanner *s, size_t node)
{
	close_node(s, node);
	s->out->nodes[node].len = (uint32_t)(s->at - s->out->nodes[node].at);
}

static inline void skip_space(struct scanner *s)
{
	if (s->at<s->end && * s->at> ' ')
		return;
	while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\r' || *s->at == '\n'))
		s->at++;
}

/* Skips space before and after it, too; false when another byte stands there. */
static inline bool take(struct scanner *s, char byte)
{
	skip_space(s);
	if (s->at == s->end || *s->at != byte)
		return false;
	s->at++;
	skip_space(s);
	return true;
}

/* ---- numbers and words ---- */

static int scan_number(struct scanner *s)
{
	const char *begin = s->at;
	const char *stop = json_lex_number(begin, s->end);

	if (!stop)
		return refuse(s, begin);
	s->at = stop;
	return push(s, JSON_NUMBER, begin, (size_t)(stop - begin));
}

static int scan_word(struct scanner *s)
{
	static const char *const words[] = {[JSON_NULL] = "null", [JSON_FALSE] = "false", [JSON_TRUE] = "true"};
	const char *begin = s->at;
	enum json_type type = *begin == 'n' ? JSON_NULL : *begin == 'f' ? JSON_FALSE : JSON_TRUE;
	size_t len = type == JSON_FALSE ? 5 : 4;

	if ((size_t)(s->end - begin) < len || memcmp(begin, words[type], len) != 0)
		return refuse(s, begin);
	s->at += len;
	return push(s, type, begin, len);
}

/* ---- strings ---- */

#define EACH_BYTE(byte) (UINT64_C(0x0101010101010101) * (byte))

/*
 * The first byte that is not simply itself: a quote, a backslash, a control, or not
 * ASCII. Eight bytes at once: a subtraction sets the top bit of a byte that is below
 * what is taken away; what it borrows from the bytes above comes after a find.
 */
static const char *skip_plain(const char *p, const char *end)
{
	uint64_t eight;

	for (; end - p >= (ptrdiff_t)sizeof eight; p += sizeof eight) {
		memcpy(&eight, p, sizeof eight);
		eight = le64toh(eight);
		uint64_t odd = eight | (eight - EACH_BYTE(0x20));
		odd |= (eight ^ EACH_BYTE('"')) - EACH_BYTE(1);
		odd |= (eight ^ EACH_BYTE('\\')) - EACH_BYTE(1);
		odd &= EACH_BYTE(0x80);
		if (odd)
			return p + __builtin_ctzll(odd) / 8;
	}
	while (p < end && (signed char)*p >= 0x20 && *p != '"' && *p != '\\')
		p++;
	return p;
}

/* The rest of a string that has more in it than plain bytes. It is no longer than the text is. */
static __attribute__((noinline)) int scan_odd_string(struct scanner *s, const char *begin)
{
	if (!s->out->unescaped && !(s->out->unescaped = malloc((size_t)(s->end - s->text))))
		return err_nomem(s->err);
	char *unescaped = s->out->unescaped + s->unescaped;
	char *out = unescaped;
	const char *p = begin;

	while (p && p < s->end && *p != '"') {
		if ((unsigned char)*p < 0x20)
			return refuse(s, begin - 1);
		if (*p == '\\')
			p = json_lex_escape(p + 1, s->end, &out);
		else
			*out++ = *p++;
	}
	if (!p || p == s->end)
		return refuse(s, begin - 1);
	if (!text_is_utf8(unescaped, (size_t)(out - unescaped)))
		return err_set(s->err, ERR_BAD, "not valid UTF-8");
	s->unescaped += (size_t)(out - unescaped);
	s->at = p + 1;
	return push(s, JSON_STRING, unescaped, (size_t)(out - unescaped));
}

static inline int scan_string(struct scanner *s)
{
	const char *begin = s->at + 1;
	const char *stop = skip_plain(begin, s->end);

	if (stop == s->end || *stop != '"')
		return scan_odd_string(s, begin);
	s->at = stop + 1;
	return push(s, JSON_STRING, begin, (size_t)(stop - begin));
}

/* ---- keys ---- */

static int refuse_key(const struct scanner *s, struct text_span key)
{
	int len = key.len < 64 ? (int)key.len : 64;
	return err_set(s->err, ERR_BAD, "duplicate key \"%.*s\"", len, key.at);
}

/* Sorting keeps a hostile object of a million keys from costing their square. */
static int check_many_keys(const struct scanner *s, const struct json_node *object, size_t count)
{
	size_t n = 0;
	OWNED_MEM struct text_span *keys = calloc(count, sizeof *keys);

	if (!keys)
		return err_nomem(s->err);
	json_for_each (key, object)
		keys[n++] = json_text_of(key);
	text_spans_sort(keys, n);
	for (size_t i = 1; i < n; i++)
		if (text_span_same(keys[i - 1], keys[i]))
			return refuse_key(s, keys[i]);
	return 0;
}

/* Known ones are not the same among themselves: an object that was checked had them all. */
static int check_new_keys(const struct scanner *s, const struct json_node *object)
{
	json_for_each (key, object) {
		if (key->type == JSON_KNOWN)
			continue;
		json_for_each (other, object)
			if (other != key && text_span_same(json_text_of(other), json_text_of(key)))
				return refuse_key(s, json_text_of(key));
	}
	return 0;
}

static size_t count_new(const struct json_node *object)
{
	size_t n = 0;

	json_for_each (key, object)
		n += key->type != JSON_KNOWN;
	return n;
}

/* No key twice. Registries write large tables in order, which tells it at once. */
static int check_keys(const struct scanner *s, const struct json_node *object, size_t count)
{
	const struct json_node *last = object + 1;
	bool ascending = true;

	json_for_each (key, object) {
		ascending = key == last || text_span_compare(json_text_of(last), json_text_of(key)) < 0;
		if (!ascending)
			break;
		last = key;
	}
	if (ascending)
		return 0;
	return count_new(object) > KEYS_SORTED_ABOVE ? check_many_keys(s, object, count) : check_new_keys(s, object);
}

/* ---- values ---- */

static int scan_value(struct scanner *s, unsigned depth);
static int scan_object(struct scanner *s, unsigned depth, const struct json_known *known);

/* What ends with its own bracket ends there whatever follows. */
static bool stands_here(const struct scanner *s, const struct text_span *known)
{
	return known->at && (size_t)(s->end - s->at) >= known->len && memcmp(s->at, known->at, known->len) == 0;
}

static int skip_known(struct scanner *s, const char *at, size_t len)
{
	s->at += len;
	return push(s, JSON_KNOWN, at, len);
}

/* The next known item that stands here; NULL: none. Items that went are passed over. */
static const struct text_span *find_known(const struct scanner *s, const struct json_known *known, size_t *next)
{
	size_t last = known->n_items - *next > ITEMS_AHEAD ? *next + ITEMS_AHEAD : known->n_items;

	for (size_t i = *next; i < last; i++) {
		if (!stands_here(s, &known->items[i]))
			continue;
		*next = i + 1;
		return &known->items[i];
	}
	return NULL;
}

/* `known` may be NULL, here and below. */
static int scan_item(struct scanner *s, const struct json_known *known, size_t *next, unsigned depth)
{
	const struct text_span *found = known ? find_known(s, known, next) : NULL;
	return found ? skip_known(s, found->at, found->len) : scan_value(s, depth);
}

static int scan_list(struct scanner *s, unsigned depth, const struct json_known *known)
{
	size_t list = s->out->count;
	size_t next = 0;

	int rc = push(s, JSON_LIST, s->at++, 1);
	skip_space(s);
	if (!rc && s->at < s->end && *s->at != ']') {
		do
			rc = scan_item(s, known, &next, depth + 1);
		while (!rc && take(s, ','));
	}
	if (rc)
		return rc;
	if (s->at == s->end || *s->at != ']')
		return refuse(s, s->at);
	s->at++;
	close_text(s, list);
	return 0;
}

/* The value of a member of the outermost object. */
static int scan_outer_value(struct scanner *s, const struct json_node *key, unsigned depth)
{
	for (size_t i = 0; i < s->n_known; i++) {
		const struct json_known *known = &s->known[i];
		if (!text_span_same(json_text_of(key), known->key))
			continue;
		if (stands_here(s, &known->value))
			return skip_known(s, s->at, known->value.len);
		if (s->at == s->end || !known->value.at || *s->at != *known->value.at)
			break;
		if (*s->at == '[')
			return scan_list(s, depth, known);
		if (*s->at == '{')
			return scan_object(s, depth, known);
	}
	return scan_value(s, depth);
}

/* Its node stands for key and value: its text is the key's, which has no escape. */
static int skip_known_member(struct scanner *s, const struct text_span *known)
{
	const char *key = known->at + 1;

	s->at += known->len;
	return push(s, JSON_KNOWN, key, (size_t)((const char *)memchr(key, '"', known->len - 1) - key));
}

static int scan_member(struct scanner *s, const struct json_known *known, size_t *next, unsigned depth)
{
	const struct text_span *found = known ? find_known(s, known, next) : NULL;
	size_t key = s->out->count;

	if (found)
		return skip_known_member(s, found);
	if (s->at == s->end || *s->at != '"')
		return refuse(s, s->at);
	int rc = scan_string(s);
	if (rc)
		return rc;
	if (!take(s, ':'))
		return refuse(s, s->at);
	rc = depth == OUTER_MEMBER_DEPTH ? scan_outer_value(s, &s->out->nodes[key], depth) : scan_value(s, depth);
	close_node(s, key);
	return rc;
}

static int scan_object(struct scanner *s, unsigned depth, const struct json_known *known)
{
	size_t object = s->out->count;
	size_t members = 0;
	size_t next = 0;

	int rc = push(s, JSON_OBJECT, s->at++, 1);
	skip_space(s);
	if (!rc && s->at < s->end && *s->at != '}') {
		do {
			rc = scan_member(s, known, &next, depth + 1);
			members++;
		} while (!rc && take(s, ','));
	}
	if (rc)
		return rc;
	if (s->at == s->end || *s->at != '}')
		return refuse(s, s->at);
	s->at++;
	close_text(s, object);
	return members < 2 ? 0 : check_keys(s, &s->out->nodes[object], members);
}

static int scan_value(struct scanner *s, unsigned depth)
{
	if (depth > JSON_DEPTH_MAX)
		return err_set(s->err, ERR_LIMIT, "nested deeper than %d", JSON_DEPTH_MAX);
	if (s->at == s->end)
		return refuse(s, s->at);
	switch (*s->at) {
	case '"':
		return scan_string(s);
	case '{':
		return scan_object(s, depth, NULL);
	case '[':
		return scan_list(s, depth, NULL);
	default:
		return *s->at == '-' || json_is_digit(s->at, s->end) ? scan_number(s) : scan_word(s);
	}
}

int json_scan(struct json_scan *scan, const char *text, size_t len, struct err *err)
{
	return json_scan_after(scan, text, len, NULL, 0, err);
}

int json_scan_after(struct json_scan *scan, const char *text, size_t len, const struct json_known *known,
		    size_t n_known, struct err *err)
{
	struct scanner s = {.text = text,
			    .at = text,
			    .end = text + len,
			    .out = scan,
			    .known = known,
			    .n_known = n_known,
			    .err = err};

	free(scan->unescaped);
	scan->unescaped = NULL;
	scan->count = 0;
	if (len >= UINT32_MAX)
		return err_set(err, ERR_LIMIT, "%zu bytes of JSON", len);
	skip_space(&s);
	int rc = scan_value(&s, 1);
	if (rc)
		return rc;
	skip_space(&s);
	if (s.at != s.end)
		return err_set(err, ERR_BAD, "something follows the value at byte %zu", (size_t)(s.at - text));
	return 0;
}

double json_node_number(const struct json_node *number)
{
	return strtod(number->at, NULL); /* ends at the comma or bracket that must follow */
}
