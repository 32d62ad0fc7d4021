/* SPDX-License-Identifier: Apache-2.0 */
/* outbox_reminder.c: see outbox_reminder.h. */
#include "store/outbox_reminder.h"

#include "base/json.h"

#include <string.h>

/* By the index finding_crate. */
static const char COUNT[] = "SELECT count(*) FROM event e JOIN finding f ON f.crate = e.crate"
			    " WHERE e.seq = :event AND f.resolved_ms = 0 AND f.event = e.seq";

int outbox_reminder_count(struct db *db, int64_t event, int64_t *ret, struct err *err)
{
	*ret = 0;
	struct stmt st = stmt_use(db, COUNT);
	stmt_put_int(&st, ":event", event);
	if (stmt_row(&st))
		*ret = stmt_int(&st, 0);
	return stmt_done(&st, err);
}

/* A project that is open still. */
struct name {
	const char *text;
	bool told; /* one of its findings stays */
};

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct name *)a)->text, ((const struct name *)b)->text);
}

static struct name *find(struct name *names, size_t n, const char *project)
{
	const struct name wanted = {.text = project};

	return project && n ? bsearch(&wanted, names, n, sizeof *names, compare) : NULL;
}

/* Returns how many of the projects have no finding in the list. */
static size_t keep_open(cJSON *findings, struct name *names, size_t n)
{
	cJSON *finding = findings ? findings->child : NULL;
	size_t untold = 0;

	while (finding) {
		cJSON *next = finding->next;
		struct name *name = find(names, n, json_string(finding, "project"));
		if (name)
			name->told = true;
		else
			cJSON_Delete(cJSON_DetachItemViaPointer(findings, finding));
		finding = next;
	}
	for (size_t i = 0; i < n; i++)
		untold += !names[i].told;
	return untold;
}

static bool reduce(cJSON *annotation, struct name *names, size_t n)
{
	size_t more = keep_open(cJSON_GetObjectItemCaseSensitive(annotation, "findings"), names, n);

	cJSON_DeleteItemFromObjectCaseSensitive(annotation, "more_findings");
	return !more || cJSON_AddNumberToObject(annotation, "more_findings", (double)more);
}

/* Without its braces. */
static bool print(const cJSON *annotation, struct strbuf *out)
{
	OWNED_MEM char *text = cJSON_PrintUnformatted(annotation);

	if (text)
		strbuf_add(out, text + 1, strlen(text) - 2);
	return text && !strbuf_failed(out);
}

int outbox_reminder_members(const char *members, const struct annotation_projects *open, struct strbuf *out,
			    struct err *err)
{
	OWNED_STRBUF struct strbuf object = {0};
	OWNED_MEM struct name *names = calloc(open->count + 1, sizeof *names);
	OWNED_JSON cJSON *annotation = NULL;

	if (!members || !members[0])
		return 0;
	strbuf_addf(&object, "{%s}", members);
	if (!names || strbuf_failed(&object))
		return err_nomem(err);
	for (size_t i = 0; i < open->count; i++)
		names[i].text = open->items[i].project;
	qsort(names, open->count, sizeof *names, compare);
	int rc = json_parse(strbuf_str(&object), object.len, &annotation, err);
	if (rc == ERR_BAD || rc == ERR_LIMIT) {
		strbuf_adds(out, members);
		return 0;
	}
	if (rc)
		return rc;
	return reduce(annotation, names, open->count) && print(annotation, out) ? 0 : err_nomem(err);
}
