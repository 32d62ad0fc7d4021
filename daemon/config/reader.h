/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reader.h: the files thread: reads the configuration again when it is asked to, and
 * the lockfiles that it names, so that neither the loop nor the tracker ever waits
 * for a disk.
 */
#pragma once

#include "config/lockfiles.h"

struct config_reader;

/* Called on the files thread. */
struct config_reader_sink {
	void (*reads)(void *ctx); /* a read begins: it is the answer to all requests so far */
	/* `config` is one reference, or NULL and `errors` says why (valid during the call). */
	void (*read)(void *ctx, const struct config *config, const struct config_errors *errors);
	struct lockfiles_sink lockfiles;
	void (*looked)(void *ctx); /* at all lockfiles, after a config_reader_look() */
	void *ctx;                 /* of these three */
};

/* Borrows path and paths, which must outlive it. ERR_NOMEM, ERR_IO. */
MUST_CHECK int config_reader_start(const char *path, const struct config_paths *paths,
				   const struct config_reader_sink *sink, struct config_reader **ret, struct err *err);

/* From any thread. Requests that come while one waits are one. */
void config_reader_request(struct config_reader *reader);

/* From any thread: looks at the lockfiles of `config`, the one in force, and keeps a reference. Of looks that wait
 * the last one counts; one that is under way gives way to a request, and to the look at another configuration. */
void config_reader_look(struct config_reader *reader, const struct config *config);

/* NULL is allowed; finishes the file that it reads. */
void config_reader_stop(struct config_reader *reader);
