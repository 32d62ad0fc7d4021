/* SPDX-License-Identifier: Apache-2.0 */
/* reason.h: why a version was yanked, for people; the words are those of notifications (model/reason_said.h). */
#pragma once

#include "columns.h"

/* Of an event, at most so many bytes of a text stand in its line: `show` has all of it. */
#define REASON_SHORT_MAX 160

/* Appends ": " and the sentence of the event's reason, where it has one, and that the audit trail alone has shown it.
 */
void reason_add_short(struct strbuf *out, const cJSON *event);

/* Of the member `key`, or, without a key, of the object itself: the text, who gave it, and when. */
void column_reason(struct table *table, const cJSON *object, const char *key);
void column_reason_by(struct table *table, const cJSON *object, const char *key);
void column_reason_time(struct table *table, const cJSON *object, const char *key);

/* What was said before, under a title; nothing when nothing was. */
MUST_CHECK int reason_print_earlier(const struct style *style, const cJSON *version, struct err *err);
