/* SPDX-License-Identifier: Apache-2.0 */
/*
 * facts.h: a growing list of labels with values, as plugins get it. The error is
 * sticky, like a strbuf's: whoever fills a list checks once, with facts_failed().
 */
#pragma once

#include "base/strbuf.h"

#include <yankwatch/notifier.h>

struct facts {
	struct yw_fact *items; /* labels are constants, values heap strings */
	size_t n, cap;
	bool failed;
};

void facts_release(struct facts *facts);
static inline bool facts_failed(const struct facts *facts)
{
	return facts->failed;
}

/* Appends `label` with what stands in `value`, which is empty afterwards. Nothing stands in it: no fact. */
void facts_take(struct facts *facts, const char *label, struct strbuf *value);
void facts_add(struct facts *facts, const char *label, const char *value);
