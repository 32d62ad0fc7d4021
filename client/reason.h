/* SPDX-License-Identifier: Apache-2.0 */
/* reason.h: why a version was yanked, in one line; the words are those of notifications (model/reason_said.h). */
#pragma once

#include "base/json.h"

/* At most so many bytes of a text stand in an event's line: `show` has all of it. */
#define REASON_SHORT_MAX 160

/* Appends ": " and the sentence of the event's reason, where it has one, and that the audit trail alone has shown it.
 */
void reason_add_short(struct strbuf *out, const cJSON *event);
