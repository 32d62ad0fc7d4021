/* SPDX-License-Identifier: Apache-2.0 */
/* heads.c: see heads.h. */
#include "heads.h"

#include "base/json.h"
#include "base/list.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NESTED_MAX 3 /* {"data": {"document": {"head": …}}} */

const char *heads_name(const struct kept_heads *heads)
{
	return strcmp(heads->path, "-") == 0 ? "standard input" : heads->path;
}

void heads_release(struct kept_heads *heads)
{
	free(heads->items);
	*heads = (struct kept_heads){0};
}

static bool find_head(const cJSON *object, unsigned depth, struct head *ret)
{
	static const char *const places[] = {"head", "data", "document"};

	if (!cJSON_IsObject(object))
		return false;
	if (head_read(object, ret))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(places) && depth < NESTED_MAX; i++)
		if (find_head(json_member(object, places[i]), depth + 1, ret))
			return true;
	return false;
}

/* Most lines of an export are events: they are not parsed. */
static int take_line(struct kept_heads *heads, const char *line, size_t len, size_t number, struct err *err)
{
	static const char sign[] = "\"signature\"";
	OWNED_JSON cJSON *json = NULL;
	struct head head;

	if (!memmem(line, len, sign, sizeof sign - 1))
		return 0;
	int rc = json_parse(line, len, &json, err);
	if (rc)
		return err_prefix(err, "%s:%zu", heads_name(heads), number);
	if (!find_head(json, 0, &head))
		return 0;
	if (!LIST_ROOM(heads))
		return err_nomem(err);
	heads->items[heads->n++] = (struct kept_head){.head = head, .line = number};
	return 0;
}

static int read_lines(struct kept_heads *heads, FILE *file, struct err *err)
{
	OWNED_MEM char *line = NULL;
	size_t size = 0;
	ssize_t len;
	int rc = 0;

	for (size_t number = 1; !rc && (len = getline(&line, &size, file)) > 0; number++) {
		while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r'))
			len--;
		if (len > (ssize_t)HEADS_LINE_MAX)
			rc = err_set(err, ERR_BAD, "%s:%zu: longer than %u MB", heads_name(heads), number,
				     HEADS_LINE_MAX >> 20);
		else
			rc = take_line(heads, line, (size_t)len, number, err);
	}
	if (!rc && ferror(file))
		rc = err_errno(err, "%s", heads_name(heads));
	return rc;
}

static int by_seq(const void *a, const void *b)
{
	const struct kept_head *x = a;
	const struct kept_head *y = b;

	return (x->head.seq > y->head.seq) - (x->head.seq < y->head.seq);
}

int heads_read(const char *path, struct kept_heads *ret, struct err *err)
{
	*ret = (struct kept_heads){.path = path};
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *file = is_stdin ? stdin : fopen(path, "re");
	if (!file) {
		(void)err_errno(err, "%s", path);
		return err->code = ERR_BAD;
	}
	int rc = read_lines(ret, file, err);
	if (!is_stdin)
		(void)fclose(file);
	if (!rc && ret->n == 0)
		rc = err_set(err, ERR_BAD,
			     "%s: there is no head in it: one JSON object a line, as `status --json`, an export or a "
			     "notification has it",
			     heads_name(ret));
	if (!rc)
		qsort(ret->items, ret->n, sizeof *ret->items, by_seq);
	return rc;
}
