/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tempo.h: when a notifier may send its next message: so many a minute, and a
 * pause after each failure that grows while they follow each other, so that a
 * receiver that is down is not asked once for every message that waits for it.
 * Pure; the caller brings the monotonic clock and the random numbers.
 */
#pragma once

#include "model/budget.h"
#include "model/notification.h"

#define TEMPO_PAUSE_MAX_MS 60000 /* between two messages to a receiver that fails, unless it asks for more */
#define TEMPO_DOWN 3             /* failures in a row: the receiver is down */

struct tempo {
	struct budget messages;
	int64_t first_ms;  /* the first pause */
	int64_t paused_ms; /* until then; 0 = it is not */
	unsigned failures; /* in a row */
};

struct tempo tempo_make(int64_t messages_per_minute, int64_t first_pause_ms);

/* From when on the next message may go. */
int64_t tempo_free_ms(const struct tempo *tempo);

void tempo_sent(struct tempo *tempo, int64_t now_us);
void tempo_told(struct tempo *tempo, const struct delivery_result *result, int64_t now_ms, uint32_t random);

/* Somebody asks for a message: no pause stands in its way. */
void tempo_resume(struct tempo *tempo);

bool tempo_is_down(const struct tempo *tempo);
