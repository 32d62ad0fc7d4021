/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reason_replies.h: what comes back of a request to a web API, and how it ends for its crate: recorded by the tracker,
 * asked again, or left for later. What is next reasons.c knows, which calls this. Internal to poll/.
 */
#pragma once

#include "poll/reason_api.h"

http_done_fn reason_on_reply; /* `arg` is the API */
void reason_not_sent(struct reason_api *api, const struct http_reply *why);
/* The registry still asks this API. */
bool reason_is_wanted(const struct reason_api *api);
/* On to the next crate; with reason_drop() nothing is recorded, and the place at the tracker is given back. */
void reason_begin_again(struct reason_api *api);
void reason_drop(struct reason_api *api);
