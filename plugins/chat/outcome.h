/* SPDX-License-Identifier: Apache-2.0 */
/* outcome.h: what a chat service's answer means for the notification. Pure. */
#pragma once

#include "service.h"

void outcome_fill(const struct service *service, const struct http_answer *answer, struct yw_result *result);
