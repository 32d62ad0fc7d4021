/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cef.h: an event in the Common Event Format, version 0 (ArcSight's "Implementing
 * CEF"): seven fields with bars between them, then an extension of key=value. In the
 * header bars and backslashes are escaped, in values equals signs and backslashes. Pure.
 */
#pragma once

#include <stdio.h>
#include <yankwatch/notifier.h>

/* `event` NULL: the message as a whole. */
void cef_put(FILE *out, const struct yw_message *message, const struct yw_event *event);
