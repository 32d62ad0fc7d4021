/* SPDX-License-Identifier: Apache-2.0 */
/*
 * message.h: a "deliver" frame as the struct yw_message that a plugin sees.
 * Called by the runner alone; never changes a byte of the document.
 */
#pragma once

#include "base/json.h"

#include <yankwatch/notifier.h>

#define MESSAGE_ID_MAX 128

struct message; /* keeps pointers into the frame's tree: free it first */

/*
 * `frame` is the parsed tree of `json`; the tree must outlive the message, the
 * text need not. `notifier` is the name of the one that delivers. The caller frees
 * *ret with message_free(). ERR_BAD, ERR_NOMEM.
 */
MUST_CHECK int message_new(const cJSON *frame, const char *json, size_t len, const char *notifier, struct message **ret,
			   struct err *err);
void message_free(struct message *message);

const struct yw_message *message_view(const struct message *message);
int64_t message_deadline_ms(const struct message *message); /* from the frame's arrival */

DEFINE_OWNED(owned_message, struct message, message_free)
#define OWNED_MESSAGE OWNED(owned_message)
