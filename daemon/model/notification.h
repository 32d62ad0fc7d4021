/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notification.h: one message for one notifier, as it is claimed from the outbox
 * by the dispatcher, and the result that comes back.
 */
#pragma once

#include "model/frames.h"

#define NOTIFICATION_ID_MAX 40
#define DELIVERY_TEXT_MAX 1024 /* bytes kept of a receiver's answer */

/* States of the outbox. Stored: only append. */
enum notification_state { NOTIFICATION_DUE, NOTIFICATION_IN_FLIGHT, NOTIFICATION_DELIVERED, NOTIFICATION_DEAD };

struct notification {
	int64_t row;
	char id[NOTIFICATION_ID_MAX]; /* the same at every attempt */
	unsigned attempt;             /* this one's number, from 1 */
	char *subject;                /* owned */
	char *document;               /* owned; {"events":[…]}, the same bytes at every attempt */
};

void notification_release(struct notification *notification);

/* What came of one attempt. */
struct delivery_result {
	int64_t row;
	unsigned attempt;
	enum frame_outcome outcome;
	int64_t retry_after_ms; /* the receiver's wish; 0 = none */
	char text[DELIVERY_TEXT_MAX];
};
