/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memory.h: the status that lives in the daemon's memory, with what the outbox
 * knows of each notifier. For handlers_status.c and handlers_notifiers.c.
 */
#pragma once

#include "api/request.h"
#include "base/json.h"

/* An object with `notifiers` among its members; the caller frees it. */
MUST_CHECK int memory_ask(const struct request *request, cJSON **ret, struct err *err);
