/* SPDX-License-Identifier: Apache-2.0 */
/*
 * call.h: one thread asks another and waits for the answer, for a while.
 *
 * The asker may give up before the answer comes, so the call is counted: each
 * side puts its reference when it is done, and the last one frees. Embed it
 * first in a struct with the question and the answer; the answer may be read only
 * after call_wait() has returned true.
 */
#pragma once

#include "base/defs.h"

#include <pthread.h>
#include <stdatomic.h>

struct call {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool done;
	atomic_int refs;
	void (*release)(struct call *call); /* frees the whole; called once */
};

void call_init(struct call *call, void (*release)(struct call *call)); /* two references */
void call_finish(struct call *call);                                   /* the answerer: done, and its reference */
void call_put(struct call *call);                                      /* gives a reference back */

/* True: answered. False: `timeout_ms` passed or *give_up became true. */
bool call_wait(struct call *call, int64_t timeout_ms, const atomic_bool *give_up);
