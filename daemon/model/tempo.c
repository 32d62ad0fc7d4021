/* SPDX-License-Identifier: Apache-2.0 */
/* tempo.c: see tempo.h. */
#include "model/tempo.h"

#include "model/pace.h"
#include "model/retry.h"

#define MINUTE_US INT64_C(60000000)
#define BURST_US 10000000 /* so much of its messages a minute may go at once */

struct tempo tempo_make(int64_t messages_per_minute, int64_t first_pause_ms)
{
	return (struct tempo){
		.messages = {.each_us = MINUTE_US / messages_per_minute, .burst_us = BURST_US},
		.first_ms = first_pause_ms < TEMPO_PAUSE_MAX_MS ? first_pause_ms : TEMPO_PAUSE_MAX_MS,
	};
}

int64_t tempo_free_ms(const struct tempo *tempo)
{
	int64_t free_ms = budget_free_ms(&tempo->messages);
	return free_ms > tempo->paused_ms ? free_ms : tempo->paused_ms;
}

void tempo_sent(struct tempo *tempo, int64_t now_us)
{
	budget_spend(&tempo->messages, now_us);
}

void tempo_told(struct tempo *tempo, const struct delivery_result *result, int64_t now_ms, uint32_t random)
{
	if (result->outcome != FRAME_RETRY) { /* it answers */
		tempo->failures = 0;
		tempo->paused_ms = 0;
		return;
	}
	tempo->failures++;
	int64_t pause_ms = pace_backoff_ms(tempo->failures, tempo->first_ms, TEMPO_PAUSE_MAX_MS, random);
	int64_t wish_ms = pace_clamp_ms(result->retry_after_ms, 0, RETRY_AFTER_MAX_MS);
	tempo->paused_ms = now_ms + (wish_ms > pause_ms ? wish_ms : pause_ms);
}

void tempo_resume(struct tempo *tempo)
{
	tempo->paused_ms = 0;
}

bool tempo_is_down(const struct tempo *tempo)
{
	return tempo->failures >= TEMPO_DOWN;
}
