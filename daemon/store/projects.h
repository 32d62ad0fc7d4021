/* SPDX-License-Identifier: Apache-2.0 */
/*
 * projects.h: projects, their lockfiles and which crates these lock. For the tracker's connection, inside a
 * transaction. A project has lockfiles: those that the configuration names, or the one that was sent by the socket.
 * While one of them holds a crate that crate is watched, and for PROJECT_LAG_MS after.
 *
 *   lockfile ──put──▶ lockfile.lock, locked (crate, version) ──▶ watches, demands.h ──▶ findings.h
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
	bool changed;              /* it may lock other packages than before */
	size_t packages, matched;  /* matched: of a configured registry */
};

/* What the calls below work on. */
struct projects {
	struct db *db;
	const struct lock_sources *sources;
	int64_t now_ms;                /* wall clock */
	struct watch_changes *changes; /* one for each of n_registries names; gets the watches that are added */
	size_t n_registries;
};

/* Stores a lockfile and which crates it locks; these are watched from now on. ERR_REFUSED: a project of that name is
 * of the other origin. */
MUST_CHECK int projects_put(const struct projects *projects, const struct project_lockfile *lockfile,
			    struct project_put *ret, struct err *err);

/* The sources are other ones than when the lockfiles were put: their packages may be of other registries. Matches the
 * next lockfile, whose findings are to follow; its row is 0 when all are matched. The caller sorts the changes. */
MUST_CHECK int projects_match_next(const struct projects *projects, struct project_put *ret, struct err *err);

/* ---- forgetting: after it the findings are to follow (track/follow.h), and before projects_forget() ---- */

/* The first lockfile behind the row `after` of a configured project that is none of {project, path}. Its row is 0 when
 * there is none. */
MUST_CHECK int projects_find_unnamed(struct db *db, const char *const (*lockfiles)[2], size_t n, int64_t after,
				     struct project_put *ret, struct err *err);
/* What it locks is not locked by it any more, and it is gone. */
MUST_CHECK int projects_unlock(const struct projects *projects, int64_t lockfile, struct err *err);

/* A project that was sent: all of its lockfiles are unlocked. ERR_ABSENT; ERR_REFUSED: the configuration has it. */
MUST_CHECK int projects_empty(const struct projects *projects, const char *name, int64_t *ret_project, struct err *err);
/* With its findings, which must be resolved, when it has no lockfile any more; else it stays. */
MUST_CHECK int projects_forget(struct db *db, int64_t project, struct err *err);
