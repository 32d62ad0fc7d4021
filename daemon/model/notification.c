/* SPDX-License-Identifier: Apache-2.0 */
/* notification.c: see notification.h. */
#include "model/notification.h"

#include <string.h>

static const char *const state_names[NOTIFICATION_STATES] = {
	[NOTIFICATION_DUE] = "due",   [NOTIFICATION_IN_FLIGHT] = "in_flight", [NOTIFICATION_DELIVERED] = "delivered",
	[NOTIFICATION_DEAD] = "dead", [NOTIFICATION_GATHERING] = "gathering", [NOTIFICATION_SILENCED] = "silenced",
};

const char *notification_kind_name(enum notification_kind kind)
{
	static const char *const names[NOTIFICATION_KINDS] = {
		[NOTIFICATION_EVENTS] = "events",     [NOTIFICATION_HEARTBEAT] = "heartbeat",
		[NOTIFICATION_TEST] = "test",         [NOTIFICATION_UNDELIVERED] = "undelivered",
		[NOTIFICATION_REMINDER] = "reminder",
	};
	return names[kind];
}

bool notification_kind_tells_events(enum notification_kind kind)
{
	return kind == NOTIFICATION_EVENTS || kind == NOTIFICATION_REMINDER;
}

const char *notification_state_name(enum notification_state state)
{
	return state_names[state];
}

bool notification_state_parse(const char *name, enum notification_state *ret)
{
	for (size_t i = 0; i < NOTIFICATION_STATES; i++) {
		if (strcmp(name, state_names[i]) == 0) {
			*ret = (enum notification_state)i;
			return true;
		}
	}
	return false;
}

void notification_release(struct notification *notification)
{
	free(notification->subject);
	free(notification->document);
	free(notification->state);
	free(notification->ended);
	*notification = (struct notification){0};
}
