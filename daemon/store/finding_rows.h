/* SPDX-License-Identifier: Apache-2.0 */
/*
 * finding_rows.h: what projects lock, and the findings that are open, of one crate or of one project: for
 * track/follow.h, which holds the two against each other. For the tracker's connection, inside a transaction.
 */
#pragma once

#include "store/findings.h"

enum finding_scope {
	SCOPE_CRATE,
	SCOPE_LOCKFILE, /* what it holds, and all that is open of its project */
	SCOPE_EMPTIED,  /* a project, of which nothing new is held: what is open alone */
};

/* A version that a project locks. */
struct holding {
	int64_t project, crate;
	char *version;  /* owned, as the next */
	char *checksum; /* hex; "" = none */
};

struct holdings {
	struct holding *items; /* owned; by crate, version, checksum */
	size_t n, cap;
};

MUST_CHECK int holdings_load(struct db *db, enum finding_scope scope, int64_t row, struct holdings *ret,
			     struct err *err);
void holdings_release(struct holdings *holdings);

/* By crate, version in a list. */
struct open_finding {
	int64_t id; /* 0 = not stored yet */
	int64_t project, crate;
	char *version; /* owned in a list, else borrowed */
	enum finding_state state;
	enum severity severity;
	bool replaceable;
	int64_t since_ms;
	int64_t event; /* that opened it; 0 = it waits for confirmation */
	bool stands;   /* the project still locks it */
};

struct open_findings {
	struct open_finding *items; /* owned */
	size_t n, cap;
};

MUST_CHECK int open_findings_load(struct db *db, enum finding_scope scope, int64_t row, struct open_findings *ret,
				  struct err *err);
void open_findings_release(struct open_findings *findings);

MUST_CHECK int finding_add(struct db *db, const struct open_finding *finding, struct err *err);
/* Its state, severity, replaceable and event. */
MUST_CHECK int finding_update(struct db *db, const struct open_finding *finding, int64_t now_ms, struct err *err);
MUST_CHECK int finding_resolve(struct db *db, int64_t id, int64_t now_ms, struct err *err);
/* One that was never told. */
MUST_CHECK int finding_drop(struct db *db, int64_t id, struct err *err);

/* The first crate behind the row `after` with a finding that waits for what packages demand; 0 = none. */
MUST_CHECK int finding_next_waiting(struct db *db, int64_t after, int64_t *ret_crate, struct err *err);

/* Each crate with findings that wait, the first of them since then, and whose registry can be asked; false: out of
 * memory. */
typedef bool finding_waiting_fn(void *ctx, const char *registry, const char *crate, int64_t since_ms);
MUST_CHECK int findings_waiting(struct db *db, finding_waiting_fn *each, void *ctx, struct err *err);
MUST_CHECK int finding_waits(struct db *db, int64_t crate, bool *ret, struct err *err); /* one of that crate */

/* One that is open, of `at_least`, and was told last `every_ms` ago, or so far ahead that the clock was put back; its
 * row is 0 when there is none. */
struct finding_to_remind {
	int64_t id, event;
};
MUST_CHECK int finding_next_to_remind(struct db *db, enum severity at_least, int64_t now_ms, int64_t every_ms,
				      int64_t after, struct finding_to_remind *ret, struct err *err);
MUST_CHECK int finding_reminded(struct db *db, int64_t id, int64_t now_ms, struct err *err);
