/* SPDX-License-Identifier: Apache-2.0 */
/*
 * retry.h: what becomes of a notification after an attempt. Pure: the table of
 * docs/decisions/009-outbox.md, in code.
 */
#pragma once

#include "model/notification.h"

#define RETRY_AFTER_MAX_MS (INT64_C(60) * 60 * 1000) /* the longest pause a receiver may ask for */
#define AGAIN_MIN_MS INT64_C(1000)                   /* between a delivery and its repeat */
#define AGAIN_MAX_MS (INT64_C(24) * 60 * 60 * 1000)

struct retry_rules {
	int64_t first_ms, max_ms, give_up_ms;
};

/* What went before the attempt. */
struct delivery_past {
	enum notification_kind kind;
	int64_t age_ms;    /* since it was due for the first time */
	unsigned failures; /* in a row */
	bool again;        /* the receiver has it: this was a repeat */
};

struct delivery_next {
	enum notification_state state; /* due, delivered or dead */
	bool again;                    /* delivered, and once more after the pause */
	int64_t pause_ms;              /* until the next attempt; 0 when there is none */
	unsigned failures;
};

/*
 * A repeat that fails stays delivered and is repeated after a pause; one that is refused ends. A test is tried
 * once. While a notifier is out of service nothing of it is claimed, so its pauses do not matter.
 */
struct delivery_next delivery_next(const struct delivery_result *result, const struct delivery_past *past,
				   const struct retry_rules *rules, uint32_t random);
