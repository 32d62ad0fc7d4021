/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reader.h: the files thread: reads the configuration again when it is asked to,
 * so that neither the loop nor the tracker ever waits for a disk.
 */
#pragma once

#include "config/config.h"

struct config_reader;

/* Called on the files thread. `config` is one reference, or NULL and `errors` says
 * why (valid during the call). */
typedef void config_read_fn(void *ctx, const struct config *config, const struct config_errors *errors);

/* Borrows path and paths, which must outlive it. ERR_NOMEM, ERR_IO. */
MUST_CHECK int config_reader_start(const char *path, const struct config_paths *paths, config_read_fn *done, void *ctx,
				   struct config_reader **ret, struct err *err);

/* From any thread. Requests that come while one waits are one. */
void config_reader_request(struct config_reader *reader);

void config_reader_stop(struct config_reader *reader); /* NULL is allowed; finishes what it reads */
