/* SPDX-License-Identifier: Apache-2.0 */
/* pager.c: see pager.h. */
#include "pager.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void pager_release(struct pager *pager)
{
	strbuf_release(&pager->path);
	free(pager->next);
}

static int ask(struct pager *pager, cJSON **ret_answer, struct err *err)
{
	OWNED_STRBUF struct strbuf path = {0};
	char limit[24];

	if (strbuf_failed(&pager->path))
		return err_nomem(err);
	(void)snprintf(limit, sizeof limit, "%" PRIu64, pager->left < PAGER_PAGE_MAX ? pager->left : PAGER_PAGE_MAX);
	strbuf_adds(&path, strbuf_str(&pager->path));
	http_add_query(&path, "limit", limit);
	http_add_query(&path, "after", pager->next);
	return http_get(pager->http, &path, ret_answer, err);
}

/* Notes where the page ends. An empty one may have a next: the daemon looks at so many rows at a time; but one that
 * leads nowhere is the last. */
static int turn(struct pager *pager, const cJSON *answer, size_t count, struct err *err)
{
	const char *next = json_string(answer, "next");

	if (next && count == 0 && pager->next && strcmp(next, pager->next) == 0)
		next = NULL;
	free(pager->next);
	pager->next = next ? strdup(next) : NULL;
	if (next && !pager->next)
		return err_nomem(err);
	if (pager->left != UINT64_MAX)
		pager->left -= count < pager->left ? count : pager->left;
	pager->ended = !pager->next || pager->left == 0;
	return 0;
}

int pager_next(struct pager *pager, cJSON **ret_items, struct err *err)
{
	OWNED_JSON cJSON *answer = NULL;

	if (pager->ended)
		return 0;
	int rc = ask(pager, &answer, err);
	if (rc)
		return rc;
	cJSON *items = cJSON_DetachItemFromObjectCaseSensitive(answer, pager->member);
	rc = turn(pager, answer, (size_t)cJSON_GetArraySize(items), err);
	if (rc)
		cJSON_Delete(items);
	else
		*ret_items = items;
	return rc;
}

int pager_collect(struct pager *pager, cJSON **ret_items, struct err *err)
{
	OWNED_JSON cJSON *all = cJSON_CreateArray();

	if (!all)
		return err_nomem(err);
	for (;;) {
		OWNED_JSON cJSON *page = NULL;
		int rc = pager_next(pager, &page, err);
		if (rc)
			return rc;
		if (!page)
			break;
		while (page->child)
			cJSON_AddItemToArray(all, cJSON_DetachItemFromArray(page, 0));
	}
	*ret_items = TAKE(all);
	return 0;
}
