/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wording_message.h: a notification as a whole in plain words: its facts, and the
 * text for plugins that have no layout of their own. Pure.
 */
#pragma once

#include "base/json.h"
#include "facts.h"

#define TEXT_EVENTS_FULL 20   /* told with all their facts */
#define TEXT_EVENTS_LINES 200 /* of the others: a line each; what is left is a number */

/* `document`: of the deliver frame; `notifier`: the name of the one that delivers. */
void wording_message_facts(struct facts *facts, const cJSON *document, enum yw_message_kind kind, const char *notifier);

/* Of a message that has all but its text. */
void wording_message_text(struct strbuf *out, const struct yw_message *message);
