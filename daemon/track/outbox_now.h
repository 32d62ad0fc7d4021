/* SPDX-License-Identifier: Apache-2.0 */
/* outbox_now.h: the outbox as the tracker's jobs work on it. Internal to track/. */
#pragma once

#include "store/outbox.h"
#include "track/tracker.h"

/* At `now_ms`, with the configuration's rules (none before the first). */
struct outbox outbox_at(struct tracker *tracker, int64_t now_ms);

struct outbox outbox_now(struct tracker *tracker);
