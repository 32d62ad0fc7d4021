/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outbox_reminder.h: what is left to say of an event when it is told again: of the projects that it hit, and of the
 * findings that were noted with it, those that are still open. Internal to the outbox.
 */
#pragma once

#include "store/annotations.h"

/* How many findings that the event opened are open now. */
MUST_CHECK int outbox_reminder_count(struct db *db, int64_t event, int64_t *ret, struct err *err);

/*
 * Appends `members` (as annotations_add() took them; NULL = none) with the findings of the `open` projects alone. Those
 * of them that have none there are counted in "more_findings". What cannot be read is left as it is.
 */
MUST_CHECK int outbox_reminder_members(const char *members, const struct annotation_projects *open, struct strbuf *out,
				       struct err *err);
