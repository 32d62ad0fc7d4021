/* SPDX-License-Identifier: Apache-2.0 */
/* columns_reason.h: columns and a list of why a version was yanked, for `show`. */
#pragma once

#include "columns.h"

/* Of the member `key`, or, without a key, of the object itself: the text, who gave it, and when. */
void column_reason(struct table *table, const cJSON *object, const char *key);
void column_reason_by(struct table *table, const cJSON *object, const char *key);
void column_reason_time(struct table *table, const cJSON *object, const char *key);

/* What was said before, under a title; nothing when nothing was. */
MUST_CHECK int reason_print_earlier(const struct style *style, const cJSON *version, struct err *err);
