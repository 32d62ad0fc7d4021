/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pager.h: the daemon's lists come in pages; a pager asks for one after the
 * other, until the last or until as many items as wanted have come. For
 * history, show and watch.
 */
#pragma once

#include "http.h"

#define PAGER_PAGE_MAX 1000 /* the most that the daemon gives at once */

struct pager {
	struct http *http;  /* borrowed */
	const char *member; /* the list's key in an answer */
	struct strbuf path; /* with its filters, without limit and after */
	uint64_t left;      /* items still wanted; UINT64_MAX: all */
	char *next;         /* where to go on; after the end: there is more than was wanted */
	bool ended;
};

void pager_release(struct pager *pager);
#define OWNED_PAGER OWNED(pager_release)

/* The next page's array, which the caller frees; NULL after the last. */
MUST_CHECK int pager_next(struct pager *pager, cJSON **ret_items, struct err *err);

/* All that is left, in one array, which the caller frees. */
MUST_CHECK int pager_collect(struct pager *pager, cJSON **ret_items, struct err *err);
