/* SPDX-License-Identifier: Apache-2.0 */
/*
 * metrics.h: the status as Prometheus reads it, in its text format 0.0.4. A metric
 * is a row that names a member of the status document (docs/SOCKET.md), so both tell
 * the same. Pure.
 */
#pragma once

#include "base/json.h"

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* Appends all metrics of this status document, as of the wall clock's `now_ms`. */
void metrics_write(const cJSON *status, int64_t now_ms, struct strbuf *out);
