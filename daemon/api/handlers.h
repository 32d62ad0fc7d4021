/* SPDX-License-Identifier: Apache-2.0 */
/*
 * handlers.h: what each of the socket's paths does (docs/SOCKET.md). Called by
 * routes.c through the rows of paths.c. A handler appends its answer, or returns an
 * error, which becomes a problem document.
 */
#pragma once

#include "api/request.h"

/* handlers_status.c */
int handle_healthz(struct request *request, struct err *err);
int handle_status(struct request *request, struct err *err);

/* handlers_history.c */
int handle_events(struct request *request, struct err *err);

/* handlers_watches.c */
int handle_crate(struct request *request, struct err *err);
int handle_watches(struct request *request, struct err *err);
int handle_watch_add(struct request *request, struct err *err);
int handle_watch_remove(struct request *request, struct err *err);
int handle_poll(struct request *request, struct err *err);
