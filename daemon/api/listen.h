/* SPDX-License-Identifier: Apache-2.0 */
/* listen.h: the socket's file: its place, mode and group. Called by api.c. */
#pragma once

#include "config/config.h"

/* Returns a listening descriptor in *ret_fd, the caller's. A stale socket file is
 * replaced; ERR_REFUSED when somebody still answers on it. */
MUST_CHECK int listen_unix(const struct config *config, int *ret_fd, struct err *err);
