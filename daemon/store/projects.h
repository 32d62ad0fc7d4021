/* SPDX-License-Identifier: Apache-2.0 */
/*
 * projects.h: projects, their lockfiles and which crates these lock. For the tracker's connection, inside a
 * transaction. A project has lockfiles: those that the configuration names, or the one that was sent by the socket.
 * While one of them holds a crate that crate is watched, and for PROJECT_LAG_MS after.
 */
#pragma once

#include "model/lock_sources.h"
#include "model/watch_changes.h"
#include "store/db.h"

#define PROJECT_NAME_MAX 128                       /* bytes */
#define PROJECT_LAG_MS (INT64_C(24) * 3600 * 1000) /* a crate that nobody locks any more is watched for so long */
#define LOCKFILE_DIGEST_SIZE 32

/* Stored: only append. */
enum project_origin { PROJECT_CONFIGURED, PROJECT_SENT };
const char *project_origin_name(enum project_origin origin); /* "configuration", "socket" */

struct project_lockfile {
	const char *project;
	const char *team; /* "" = none */
	enum project_origin origin;
	const char *path;                           /* where the configuration names it; "" = it was sent */
	const struct lock *lock;                    /* NULL: it could not be read, what was read before stays */
	unsigned char digest[LOCKFILE_DIGEST_SIZE]; /* of its bytes */
	const char *fault;                          /* then: why */
};

struct project_put {
	int64_t project, lockfile; /* rows */
	bool added;                /* the project is new */
	bool changed;              /* it locks other packages than before */
	size_t matched;            /* packages of a configured registry */
};

/*
 * Stores a lockfile and which crates it locks; these are watched from now on. `changes` has one list for each of the
 * n_registries names, and gets the watches that this adds. ERR_REFUSED: a project of that name is of the other origin.
 */
MUST_CHECK int projects_put(struct db *db, const struct project_lockfile *lockfile, const struct lock_sources *sources,
			    int64_t now_ms, struct watch_changes *changes, size_t n_registries, struct project_put *ret,
			    struct err *err);

/* ERR_ABSENT: no such project; ERR_REFUSED: the configuration has it. Its findings must be resolved before. */
MUST_CHECK int projects_remove(struct db *db, const char *project, int64_t now_ms, struct err *err);
