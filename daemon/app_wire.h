/* SPDX-License-Identifier: Apache-2.0 */
/* app_wire.h: what one job needs to go from the loop to the tracker and back. For the app_*.c files. */
#pragma once

#include "app.h"

/* Embedded beside its job; made on the loop and freed on the loop. */
struct wire {
	struct app *app;
	struct loop_task back;
};

/* A place for the job is reserved; on_back() runs on the loop when it is done. */
void wire_send(struct wire *wire, struct app *app, struct job *job, const struct job_kind *kind,
	       void (*on_back)(struct loop_task *back));
