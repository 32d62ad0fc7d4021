/* SPDX-License-Identifier: Apache-2.0 */
/* past_reason.h: what was known at a past moment of why a version was yanked. For `show --at`. */
#pragma once

#include "base/err.h"
#include "base/json.h"

/* Puts the reason that was known then into `version`, as it was, and into its last yank of `events`: what the daemon
 * notes beside a yank is what is known today. `now`: the version's document of today, with every text and its times. */
MUST_CHECK int past_reason_put(const cJSON *now, int64_t at_ms, cJSON *version, cJSON *events, struct err *err);
