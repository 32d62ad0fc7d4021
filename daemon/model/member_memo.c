/* SPDX-License-Identifier: Apache-2.0 */
/* member_memo.c: see member_memo.h. */
#include "model/member_memo.h"

void member_memo_release(struct member_memo *memo)
{
	strbuf_release(&memo->written);
	free(memo->texts);
	free(memo->places);
	*memo = (struct member_memo){0};
}

static int grow(struct member_memo *memo, struct err *err)
{
	size_t cap = memo->cap ? memo->cap * 2 : 16;

	struct text_span *texts = reallocarray(memo->texts, cap, sizeof *texts);
	if (!texts)
		return err_nomem(err);
	memo->texts = texts;
	struct member_place *places = reallocarray(memo->places, cap, sizeof *places);
	if (!places)
		return err_nomem(err);
	memo->places = places;
	memo->cap = cap;
	return 0;
}

int member_memo_add(struct member_memo *memo, struct text_span text, struct member_place place, struct err *err)
{
	int rc = memo->count == memo->cap ? grow(memo, err) : 0;
	if (rc)
		return rc;
	memo->texts[memo->count] = text;
	memo->places[memo->count++] = place;
	return 0;
}

struct member_found member_memo_find(const struct member_memo *memo, const char *text, size_t *at)
{
	while (*at < memo->count && memo->texts[*at].at != text)
		++*at;
	if (*at == memo->count)
		return (struct member_found){0};
	size_t found = (*at)++;
	const struct member_place *place = &memo->places[found];
	return (struct member_found){memo->texts[found], {strbuf_str(&memo->written) + place->began, place->len}};
}
