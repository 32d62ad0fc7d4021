/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outcome.h: what a program's end means for the notification, and how the
 * delivery log tells it. Pure; the rule is in README.md.
 */
#pragma once

#include "child.h"

#include <yankwatch/notifier.h>

/* `wait_status` as of waitpid(2). */
enum yw_outcome outcome_of(int wait_status);

/* Outcome and text of a result. */
void outcome_fill(const struct child_end *end, struct yw_result *result);
