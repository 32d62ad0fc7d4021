/* SPDX-License-Identifier: Apache-2.0 */
/* reason_text.c: see reason_text.h. */
#include "model/reason_text.h"

#include <sodium.h>
#include <string.h>

/* Not in the middle of a character. */
static size_t kept(const char *at, size_t len)
{
	size_t end = REASON_TEXT_MAX;

	if (len <= REASON_TEXT_MAX)
		return len;
	while (end > 0 && ((unsigned char)at[end] & 0xc0) == 0x80)
		end--;
	return end;
}

int reason_text_keep(const char *at, size_t len, struct reason_text *ret, struct err *err)
{
	*ret = (struct reason_text){0};
	if (len == 0)
		return 0;
	(void)crypto_generichash(ret->digest, sizeof ret->digest, (const unsigned char *)at, len, NULL, 0);
	ret->text = strndup(at, kept(at, len));
	ret->cut = len > REASON_TEXT_MAX;
	return ret->text ? 0 : err_nomem(err);
}

void reason_text_release(struct reason_text *text)
{
	if (!text)
		return;
	free(text->text);
	*text = (struct reason_text){0};
}

bool reason_text_same(const struct reason_text *a, const struct reason_text *b)
{
	const char *first = a ? a->text : NULL;
	const char *second = b ? b->text : NULL;

	if (!first || !second)
		return !first && !second;
	return memcmp(a->digest, b->digest, sizeof a->digest) == 0;
}
