/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trouble.h: what of a status a person has to know or to do something about: a
 * line for each, with what to do. Called by `status`, before its tables.
 */
#pragma once

#include "style.h"

/* Prints them, worst first; nothing when there is none. `now_ms`: wall clock. */
void trouble_print(const struct style *style, const cJSON *status, int64_t now_ms);

/* Is there one that keeps alerts from people, or the daemon from seeing something? */
bool trouble_is_urgent(const struct style *style, const cJSON *status, int64_t now_ms);
