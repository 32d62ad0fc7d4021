/* SPDX-License-Identifier: Apache-2.0 */
/* facts.c: see facts.h. */
#include "facts.h"

#include "base/list.h"

#include <string.h>

void facts_release(struct facts *facts)
{
	for (size_t i = 0; i < facts->n; i++)
		free((char *)facts->items[i].value);
	free(facts->items);
	*facts = (struct facts){0};
}

void facts_take(struct facts *facts, const char *label, struct strbuf *value)
{
	if (!value->len && !strbuf_failed(value))
		return;
	char *text = strbuf_take(value);
	if (text && LIST_ROOM(facts))
		facts->items[facts->n++] = (struct yw_fact){.label = label, .value = TAKE(text)};
	else
		facts->failed = true;
	free(text);
}

void facts_add(struct facts *facts, const char *label, const char *value)
{
	OWNED_STRBUF struct strbuf text = {0};

	strbuf_adds(&text, value);
	facts_take(facts, label, &text);
}
