/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dispatcher.h: all the notifiers there are, as the configuration has them. Lives
 * on the loop.
 */
#pragma once

#include "alert/notifier.h"

struct dispatcher;

MUST_CHECK int dispatcher_new(struct loop *loop, const char *notify_program, const struct notifier_sink *sink,
			      struct dispatcher **ret, struct err *err);
void dispatcher_free(struct dispatcher *dispatcher); /* NULL is allowed; kills what runs */

/* Starts, keeps and ends notifiers as the configuration has them. A notifier whose
 * settings changed gets a new process once its delivery is recorded. */
MUST_CHECK int dispatcher_configure(struct dispatcher *dispatcher, const struct config *config, struct err *err);

/* The outbox grew. `asked`: by a person's word, who does not wait for a pause after failures. */
void dispatcher_wake(struct dispatcher *dispatcher, bool asked);

void dispatcher_reap(struct dispatcher *dispatcher); /* SIGCHLD came */

/* No more claims; what is being delivered may end. */
void dispatcher_drain(struct dispatcher *dispatcher);
bool dispatcher_is_quiet(const struct dispatcher *dispatcher); /* nothing claimed, delivered or recorded */
/* Quiet, and every notifier has found nothing more due or has a process that ended. */
bool dispatcher_is_settled(const struct dispatcher *dispatcher);

/* Ends every process; dispatcher_is_gone() once all are reaped. */
void dispatcher_stop(struct dispatcher *dispatcher);
bool dispatcher_is_gone(const struct dispatcher *dispatcher);

/* Something was not delivered at once since the start. */
bool dispatcher_had_failures(const struct dispatcher *dispatcher);
void dispatcher_status(const struct dispatcher *dispatcher, struct json_writer *w); /* puts "notifiers" */
