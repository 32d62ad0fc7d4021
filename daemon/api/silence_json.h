/* SPDX-License-Identifier: Apache-2.0 */
/* silence_json.h: a silence as docs/SOCKET.md shows it. Internal to api/. */
#pragma once

#include "base/json.h"
#include "store/silences.h"

enum silence_state { SILENCE_ACTIVE, SILENCE_EXPIRED, SILENCE_REMOVED, SILENCE_STATES };

enum silence_state silence_state(const struct silence_row *row, int64_t now_ms);
bool silence_state_parse(const char *name, enum silence_state *ret);

/* Appends its object. */
void silence_write(struct json_writer *w, const struct silence_row *row, int64_t now_ms);
