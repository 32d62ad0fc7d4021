/* SPDX-License-Identifier: Apache-2.0 */
/*
 * impact.h: what a bad version of a crate means for one lockfile: is it locked, who demands it and how, over which
 * path, what cargo would pick instead, how severe it is. Pure. Sources: docs/EVENTS.md (severity), the Cargo book
 * ("Dependency resolution", "cargo update"), docs/decisions/013-impact.md for what is left out.
 *
 * What is picked: a fresh resolution of that one package takes, for each requirement on it, a version that the
 * lockfile holds besides, else the highest that is not yanked; of versions that are alike (semver.h) only one
 * stands in a lockfile, so picks that collide are tried again one lower.
 */
#pragma once

#include "model/lock.h"
#include "model/words.h"

#define IMPACT_PICKS_MAX 64     /* different requirements on one package; more are cut */
#define IMPACT_STEPS_MAX 100000 /* of the search for picks; beyond it nothing is said to fit */

/* A version of the crate. */
struct impact_version {
	const char *version; /* raw text; one that is no semver is never picked */
	bool usable;         /* in the index and not yanked */
};

/*
 * What `package` of the lock, which comes from a registry, demands of the crate in question by its index entry: its
 * entries for that crate, dev-dependencies left out. false: not known. Texts live as long as the question.
 */
typedef bool impact_demands_fn(void *ctx, uint32_t package, const char *const **ret_requirements, size_t *ret_n);

struct impact_question {
	const struct lock *lock;
	const bool *is_crate;                  /* n_packages: that package is the crate, in the registry in question */
	const char *version;                   /* V: yanked or deleted, or thought to be */
	const struct impact_version *versions; /* of the crate, in any order; V itself counts as not usable */
	size_t n_versions;
	impact_demands_fn *demands;
	void *ctx;
};

struct impact_demand {
	const char *requirement; /* borrowed from the lock or the question, or owned by the impact when assumed */
	bool assumed;            /* nobody knows it: ^V stands in; only where V is locked */
	const char *pick;        /* borrowed from question->versions or the lock; NULL: no version fits. Where V is not
				    locked: what the lock has for it */
};

struct impact {
	bool hits; /* locked, or a requirement in the lockfile allows V */
	bool locked;
	bool assumed;                  /* one of the demands is */
	struct impact_demand *demands; /* owned; different ones, the nearest to the workspace first; nothing depends on
					  it: ^V is assumed */
	size_t n_demands;
	const char *would_pick; /* when every demand has a pick: that of the version alike V, else the highest; NULL */
	bool splits;            /* the picks are not all the same */
	uint32_t *path; /* owned; packages from a workspace member to the crate, the shortest; the crate alone when
			   nothing leads there */
	size_t n_path;
	char *memory; /* owned; texts that were made */
};

void impact_release(struct impact *impact);

/* ERR_NOMEM. The caller releases *ret. */
MUST_CHECK int impact_find(const struct impact_question *question, struct impact *ret, struct err *err);

/*
 * The highest usable version that is alike V and not V; failing that, the highest usable one. Pre-releases come last,
 * but for those of the same numbers where V is one: cargo takes no others unasked.
 */
struct impact_replacement {
	const char *version; /* borrowed; NULL: no usable version is left */
	bool compatible;     /* alike V, and no pre-release that has to be asked for */
	size_t usable;       /* versions that are left; V and what is no semver not counted */
};
struct impact_replacement impact_replacement(const char *version, const struct impact_version *versions, size_t n);

/* ---- how severe it is (docs/EVENTS.md) ---- */

/* Of one finding. `kind`: of the event; a state that was found so has the kind that would have told it.
 * EVENT_PUBLISHED is asked only where a version came back with another checksum. */
enum severity impact_severity(enum event_kind kind, const struct impact *impact);

/* Of an event that hits `n` projects with these findings' severities; belongs: some lockfile holds the crate. */
struct impact_listing {
	bool belongs;
	bool named; /* listed by name by somebody */
};
enum severity impact_event_severity(enum event_kind kind, struct impact_listing listing, const enum severity *findings,
				    size_t n);
