/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kind.h: the kinds of messages by the names that documents give them.
 */
#pragma once

#include <yankwatch/notifier.h>

/* "events", "heartbeat", "test", "undelivered", "reminder"; "" for one that is younger than the plugin. */
static inline const char *kind_name(enum yw_message_kind kind)
{
	switch (kind) {
	case YW_MESSAGE_EVENTS:
		return "events";
	case YW_MESSAGE_HEARTBEAT:
		return "heartbeat";
	case YW_MESSAGE_TEST:
		return "test";
	case YW_MESSAGE_UNDELIVERED:
		return "undelivered";
	case YW_MESSAGE_REMINDER:
		return "reminder";
	}
	return "";
}
