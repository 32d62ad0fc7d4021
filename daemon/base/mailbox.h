/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mailbox.h: how threads hand work to each other.
 *
 * A mailbox has one reader and any number of writers. What is sent embeds a
 * `struct mail`, so sending allocates nothing, cannot fail and never waits.
 * Room is bounded before that: a sender that may be refused reserves a place
 * first (mailbox_reserve), and the reader gives the place back when the job is
 * done (mailbox_unreserve). The reader waits on mailbox_fd(), alone or in an
 * event loop. Ownership of the mail goes with it.
 */
#pragma once

#include "base/err.h"

struct mail {
	struct mail *next;
};

struct mailbox;

MUST_CHECK int mailbox_new(size_t places, struct mailbox **ret, struct err *err);
void mailbox_free(struct mailbox *box); /* NULL is allowed; must be empty */

bool mailbox_reserve(struct mailbox *box); /* false: every place is taken */
void mailbox_unreserve(struct mailbox *box);
size_t mailbox_reserved(struct mailbox *box);

void mailbox_send(struct mailbox *box, struct mail *mail);

/* Every waiting mail as a list in order of arrival, NULL when there is none.
 * For the reader alone; clears the descriptor's readiness. */
struct mail *mailbox_take(struct mailbox *box);

int mailbox_fd(const struct mailbox *box); /* readable while mail waits */
