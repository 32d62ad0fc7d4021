/* SPDX-License-Identifier: Apache-2.0 */
/*
 * needs.h: what a plugin declares to need (enum yw_needs), as the words of its
 * description: "network", "local_sockets", "programs". Pure.
 */
#pragma once

#include "base/json.h"

#include <yankwatch/notifier.h>

void needs_write(uint32_t needs, struct json_writer *w); /* "needs":[…] */
uint32_t needs_read(const cJSON *description);           /* what it does not know is left out */
