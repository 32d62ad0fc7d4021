/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notification.h: one message for one notifier, as it is claimed from the outbox
 * by the dispatcher, and the result that comes back.
 */
#pragma once

#include "model/frames.h"

#define NOTIFICATION_ID_MAX 40
#define DELIVERY_TEXT_MAX 1024  /* bytes kept of a receiver's answer */
#define DELIVERY_STATE_MAX 4096 /* bytes that a plugin may leave for the next attempt */

/* States of the outbox. Stored: only append. */
enum notification_state {
	NOTIFICATION_DUE,
	NOTIFICATION_IN_FLIGHT,
	NOTIFICATION_DELIVERED,
	NOTIFICATION_DEAD,
	NOTIFICATION_GATHERING, /* a group that still takes events; due when its wait is over */
	NOTIFICATION_SILENCED,  /* nothing was sent: a silence held all of its events back */
	NOTIFICATION_STATES
};

/* What a notification is about; its document says so as "kind". Stored: only append. */
enum notification_kind {
	NOTIFICATION_EVENTS,
	NOTIFICATION_HEARTBEAT,   /* "still watching": no events */
	NOTIFICATION_TEST,        /* somebody tries the notifier: no events */
	NOTIFICATION_UNDELIVERED, /* to the fallback: the events of one that another notifier could not deliver */
	NOTIFICATION_REMINDER,    /* events whose findings are still open, told again */
	NOTIFICATION_KINDS
};

/* "events", "heartbeat", … */
const char *notification_kind_name(enum notification_kind kind);
/* Is somebody to be told when one of that kind cannot be delivered? */
bool notification_kind_tells_events(enum notification_kind kind);

/* "due", "in_flight", … */
const char *notification_state_name(enum notification_state state);
bool notification_state_parse(const char *name, enum notification_state *ret);

struct notification {
	int64_t row;
	char id[NOTIFICATION_ID_MAX]; /* the same at every attempt */
	unsigned attempt;             /* this one's number, from 1 */
	char *subject;                /* owned */
	char *document;               /* owned; {"events":[…],"head":{…}}, the same bytes at every attempt */
	int64_t created_ms;
	char *state;                       /* owned; what the last attempt's plugin left; NULL = nothing */
	char *ended;                       /* owned; JSON {event id: time}: events taken back since; NULL = none */
	char follows[NOTIFICATION_ID_MAX]; /* the notification whose event this one takes back; "" = none */
};

void notification_release(struct notification *notification);

/* What came of one attempt. */
struct delivery_result {
	int64_t row;
	unsigned attempt;
	enum frame_outcome outcome;
	int64_t retry_after_ms; /* the receiver's wish; 0 = none */
	int64_t again_after_ms; /* with OK: deliver the same once more then; 0 = done */
	int64_t started_ms;     /* wall clock; when the attempt began */
	int64_t duration_ms;
	char text[DELIVERY_TEXT_MAX];
	char state[DELIVERY_STATE_MAX]; /* the plugin's, for the next attempt; "" = none */
};
