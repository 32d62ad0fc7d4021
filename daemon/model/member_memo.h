/* SPDX-License-Identifier: Apache-2.0 */
/*
 * member_memo.h: what the members of a facet became, and from which text. From one
 * line to the next most dependencies stay as they are: those that the scan knows
 * again (json_scan_after()) are taken over as they were written.
 */
#pragma once

#include "base/json_scan.h"
#include "base/strbuf.h"

/* A member in `written`. */
struct member_place {
	size_t began, len;
};

/* Zeroed is empty. */
struct member_memo {
	struct strbuf written;
	struct text_span *texts;     /* owned; borrowed are the texts themselves */
	struct member_place *places; /* owned; as many */
	size_t count, cap;
};

void member_memo_release(struct member_memo *memo);

MUST_CHECK int member_memo_add(struct member_memo *memo, struct text_span text, struct member_place place,
			       struct err *err);

/* A member that the scan knew by this memo's texts. They are asked for in their order, from *at on. */
struct member_found {
	struct text_span text;    /* .at NULL: it is not there */
	struct text_span written; /* what it became */
};
struct member_found member_memo_find(const struct member_memo *memo, const char *text, size_t *at);
