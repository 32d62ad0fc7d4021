/* SPDX-License-Identifier: Apache-2.0 */
/*
 * moment.h: times as people type them: a span ("2h" or "7d"), ago or from now,
 * a date, "2026-11-21 09:30" in local time, or RFC 3339. The times that commands
 * print are taken back.
 */
#pragma once

#include "base/defs.h"

enum moment_span { MOMENT_AGO, MOMENT_FROM_NOW }; /* what a plain span means */

bool moment_parse(const char *text, enum moment_span span, int64_t *ret_wall_ms);
