/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outbox_render.h: what a notification says. Subject and document are made once, at its
 * first claim; what may change until a later attempt (silences, what was taken back
 * since) is looked at each time. Internal to the outbox.
 */
#pragma once

#include "store/outbox.h"
#include "store/silences.h"

/* One that is to be claimed. */
struct outbox_due {
	int64_t id;
	enum notification_kind kind;
	bool again;
	int64_t origin;           /* undelivered: the dead one; else 0 */
	struct notification said; /* owned; subject and document are NULL before the first claim */
};

void outbox_due_release(struct outbox_due *due);

/*
 * Holds its events against the silences and renders what is left, if it has not been.
 * *ret_silenced: nothing is left to tell, and the events are marked with their silence.
 */
MUST_CHECK int outbox_render(const struct outbox *outbox, struct outbox_due *due,
			     const struct active_silences *silences, bool *ret_silenced, struct err *err);

/* Fills said.ended and said.follows. */
MUST_CHECK int outbox_look_back(const struct outbox *outbox, const char *notifier, struct outbox_due *due,
				struct err *err);
