/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api.h: the UNIX socket and what is asked on it (docs/SOCKET.md).
 *
 * libmicrohttpd's threads, one for each connection, so that a slow client holds up
 * itself alone. Questions about what is stored are answered from read-only
 * database connections; the rest is asked of the program through the backend,
 * whose functions may wait for the loop or the tracker.
 */
#pragma once

#include "base/strbuf.h"
#include "config/config.h"
#include "model/lock.h"
#include "model/notification.h"
#include "model/silence.h"

#include <stdatomic.h>

#define API_CONNECTIONS_MAX 64
#define API_CONNECTIONS_PER_USER 16
#define API_CONNECTIONS_OF_PLUGINS 4 /* to be told no; they take no place of the user's */
#define API_IDLE_S 30
#define API_MEMORY (16u << 10)    /* bytes for one connection's headers */
#define API_BODY_MAX (256u << 10) /* bytes of a request's body; of a lockfile LOCK_FILE_MAX */
#define API_QUERY_MS 10000        /* the longest database query */
#define API_POLL_WAIT_MS 120000   /* the longest that POST /v1/poll waits at a time */
#define API_CHECK_WAIT_S 120      /* the longest that POST /v1/check waits at a time */

#define API_TEST_WAIT_MS 120000 /* the longest that a test message's result is waited for */

/* What POST /v1/poll asks. */
struct api_poll {
	const char *registry;      /* NULL: every one */
	const char *const *crates; /* none: all watches */
	size_t n_crates;
	uint64_t round;  /* the one that was asked for before; 0: a new one */
	int64_t wait_ms; /* for its end; 0: not at all */
};

/* A lockfile that is sent for a project. */
struct api_project {
	const char *name;
	const char *team; /* "" = none */
	const struct lock *lock;
	const unsigned char *digest; /* LOCKFILE_DIGEST_SIZE bytes */
};

/* Who wants a copy of the database. */
struct api_backup {
	const char *by;
	bool (*is_over)(const void *asker); /* it is not wanted any more; asked between two steps */
	const void *asker;
};

/* Called on the socket's threads. `by` is who asks, for the log. Results as err.h says; ERR_BUSY: no answer in time. */
struct api_backend {
	bool (*is_healthy)(void *ctx);
	/* Appends the members of /v1/status that live in memory: `"registries":[…],"loop":…` */
	int (*status)(void *ctx, struct strbuf *out, struct err *err);
	/* The public key that signs the history now: HEAD_KEY_SIZE bytes, as long as there is a backend. */
	const unsigned char *(*signing_key)(void *ctx);
	/* Appends the answer of POST /v1/poll; *ret_ended: the round is over. ERR_ABSENT: *ret_missing is the crate
	 * that is not watched; n_crates when it is the registry that is not there. */
	int (*poll)(void *ctx, const struct api_poll *question, struct strbuf *out, bool *ret_ended,
		    size_t *ret_missing, struct err *err);
	/* Adds watches to *registry (NULL: the only one there is, which is then returned, owned
	 * by the caller), or removes them; ret_added[n_crates] may be NULL when removing. */
	int (*watch)(void *ctx, char **registry, const char *const *crates, size_t n_crates, bool remove,
		     bool *ret_added, struct err *err);
	/* A dead or waiting notification is due now. */
	int (*retry)(void *ctx, const char *id, const char *by, struct err *err);
	int (*silence_add)(void *ctx, const struct silence *silence, const char *by, char ret_id[static SILENCE_ID_MAX],
			   struct err *err);
	int (*silence_remove)(void *ctx, const char *id, const char *by, struct err *err);
	int (*notifier_enable)(void *ctx, const char *name, const char *by, bool *ret_was_disabled, struct err *err);
	/* Sends a test message and waits at most `wait_ms` for what comes of it; ret->row is 0 when nothing came. */
	int (*notifier_test)(void *ctx, const char *name, const char *by, int64_t wait_ms,
			     char ret_id[static NOTIFICATION_ID_MAX], struct delivery_result *ret, struct err *err);
	/* ERR_REFUSED: the configuration has a project of that name. */
	int (*project_put)(void *ctx, const struct api_project *project, const char *by, bool *ret_added,
			   struct err *err);
	/* ERR_ABSENT, ERR_REFUSED. */
	int (*project_remove)(void *ctx, const char *name, const char *by, struct err *err);
	/* What a lockfile that is checked needs to be looked at, {registry, crate, version or ""}, n of them: these
	 * crates are watched for a day. */
	int (*check)(void *ctx, const char *const (*wants)[3], size_t n, struct err *err);
	/* Appends the answer of POST /v1/reload. ERR_REFUSED: it could be read, and not be put in force. */
	int (*reload)(void *ctx, const char *by, struct strbuf *out, struct err *err);
	/* Takes as long as the database is large. *ret_fd is the caller's: a file without a name. ERR_REFUSED: another
	 * is being made. */
	int (*backup)(void *ctx, const struct api_backup *question, int *ret_fd, struct err *err);
	void *ctx;
};

struct api;

struct news;

/* Opens the read-only connections to the database, which must be there already. `news` is told of every event that is
 * committed, and outlives the api. */
MUST_CHECK int api_new(const struct config *config, const char *database, const struct api_backend *backend,
		       struct news *news, struct api **ret, struct err *err);

/* Binds the socket with the configured mode and group and serves from now on. ERR_IO,
 * ERR_NOMEM, ERR_REFUSED when another process serves that path. */
MUST_CHECK int api_serve(struct api *api, const struct config *config, struct err *err);

/* A reload: this configuration is in force. A reference is taken. */
void api_configure(struct api *api, const struct config *config);

/* Calls of the backend that wait may give up when this is true. */
const atomic_bool *api_stopping(const struct api *api);

/* Ends every connection and removes the socket. Not on a thread that a backend waits for. */
void api_free(struct api *api); /* NULL is allowed */
