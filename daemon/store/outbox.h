/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outbox.h: notifications on their way. A row is added with its event, takes more
 * events while its group gathers, is claimed by the dispatcher, and leaves as
 * delivered only when the receiver has accepted it. For the tracker's connection,
 * inside a transaction. Why it is so: docs/decisions/009-outbox.md.
 *
 *   event ──▶ gathering ──its time, or full──▶ due ──claim──▶ in flight ──ok──▶ delivered
 *     └──────────────at once──────────────────▶ │ ▲              │ │             │  ▲
 *                                               │ └───retry──────┘ │             └──┘ again: claimed once more, and
 *        every event silenced, at a claim       │                  │                  delivered whatever comes of it
 *   silenced ◀──────────────────────────────────┤                  │
 *                                               │                  └─refused, or retried for give_up─▶ dead
 *                                               └─give_up passed, and nobody claims it─────────────────▲ │
 *                                                                                                        ▼
 *   A start puts back what was in flight. A person's retry: dead or due ─▶ due now.        due, to the fallback
 *
 * Order: of one notifier and crate the one that became due first goes first; a
 * later one waits for it, but no longer than OUTBOX_ORDER_MS (outbox_line.h).
 */
#pragma once

#include "model/event.h"
#include "model/group.h"
#include "model/notification.h"
#include "model/retry.h"
#include "store/db.h"

#define OUTBOX_ORDER_MS (INT64_C(15) * 60 * 1000) /* how long a notification holds later ones of its crate back */
#define OUTBOX_TURN_MAX 100                       /* notifications that one call closes, silences or gives up */
#define OUTBOX_ATTEMPTS_KEPT 500                  /* the last ones of each notification */
#define OUTBOX_UNSERVED_MS (INT64_C(3600) * 1000) /* beyond give_up: due, but its notifier does not get on */

/* What every call works on; made for the call. */
struct outbox {
	struct db *db;
	const unsigned char *lineage; /* LINEAGE_SIZE bytes: public ids are of this database */
	struct retry_rules retry;
	const char *fallback; /* the notifier that is told what others could not deliver; NULL = none */
	int64_t now_ms;       /* wall clock */
	bool lenient;         /* nothing is given up for its age now (model/vigil.h) */
	bool no_wait;         /* groups that gather are due: nobody waits for more, nor for reasons; digests keep their
				 time */
};

/* ---- adding: outbox_add.c ---- */

/* An event on its way to one notifier. */
struct outbox_entry {
	const char *notifier;
	int64_t event;   /* seq; it is in the history */
	int64_t crate;   /* row */
	int64_t follows; /* seq of the event whose news this one is: while that one gathers, this one joins it; 0 =
			    none */
	const struct grouping *grouping;
	const char *key;   /* grouping_write_key(); NULL: it stands by itself */
	int64_t reason_ms; /* wall clock: until then it waits for its reason; 0 = it does not */
};

/* Into the open group, or into a notification of its own. What waits for a reason gathers for so long; without a group
 * it holds later ones of its crate back already. */
MUST_CHECK int outbox_add(const struct outbox *outbox, const struct outbox_entry *entry, struct err *err);

/* The event `seq` does not wait for its reason any more (reason_asks.h says so): what it kept waiting goes by its
 * group's time, or when the last of its events does not wait either. */
MUST_CHECK int outbox_reason_known(const struct outbox *outbox, int64_t seq, struct err *err);

/* Was a notification that tells the event `seq` rendered already? */
MUST_CHECK int outbox_is_said(struct db *db, int64_t seq, bool *ret, struct err *err);

/* A notification without events that goes ahead of what is due (a test), or in its turn (a heartbeat). Its
 * document is made: {"kind":…,…,"events":[]}. */
MUST_CHECK int outbox_add_plain(const struct outbox *outbox, const char *notifier, enum notification_kind kind,
				const char *subject, const char *document, int64_t *ret_row,
				char ret_id[static NOTIFICATION_ID_MAX], struct err *err);

/*
 * Findings that are still open are told again: a notification that is due now, of the events that opened them (each
 * once); more than one when they are too large together. What is over by the time it is rendered is left out of it.
 */
MUST_CHECK int outbox_remind(const struct outbox *outbox, const char *notifier, const int64_t *events, size_t n,
			     struct err *err);

/* Calls `each` for every notifier that was or will be told the event `seq`. */
MUST_CHECK int outbox_told(struct db *db, int64_t seq, void (*each)(void *ctx, const char *notifier), void *ctx,
			   struct err *err);

/* ---- on their way: outbox_claim.c, outbox_record.c ---- */

/* At a start: what was in flight is due again. */
MUST_CHECK int outbox_recover(const struct outbox *outbox, int64_t *ret_recovered, struct err *err);

struct outbox_claim {
	struct notification notification; /* its row is 0 when none is due; the caller releases it */
	int64_t next_due_ms; /* then: when to ask again; 0 = when the outbox grows or the notifier is enabled */
	bool undelivered;    /* and: something that was due is not delivered yet */
	size_t silenced;     /* notifications that silences held back on the way */
};

/* Takes the first due notification of `notifier` in flight; the first time it is rendered. */
MUST_CHECK int outbox_claim(const struct outbox *outbox, const char *notifier, struct outbox_claim *ret,
			    struct err *err);

struct outbox_outcome {
	enum notification_state state;
	bool told_fallback; /* the outbox grew: another notifier is told that this one is dead */
	bool disabled;      /* its notifier is out of service now */
	char id[NOTIFICATION_ID_MAX];
};

/* What became of an attempt. ERR_ABSENT: it is not the one in flight. */
MUST_CHECK int outbox_record(const struct outbox *outbox, const struct delivery_result *result, uint32_t random,
			     struct outbox_outcome *ret, struct err *err);

/* ---- by a person, and by time: outbox_retry.c ---- */

/* A dead or due one is due now. ERR_ABSENT: no such id; ERR_REFUSED: it is in another state. */
MUST_CHECK int outbox_retry(const struct outbox *outbox, const char *public_id, struct err *err);

struct outbox_swept {
	size_t given_up;
	bool grew; /* the fallback was told */
	bool more; /* OUTBOX_TURN_MAX was reached */
};

/*
 * Gives up what nobody delivers: of notifiers that are out of service or that `served` (n names) does not have,
 * after give_up; OUTBOX_UNSERVED_MS later of those whose receiver took nothing in all that time (one that is slow
 * is left its backlog). Closes groups that are due and that nobody claims.
 */
MUST_CHECK int outbox_sweep(const struct outbox *outbox, const char *const *served, size_t n_served,
			    struct outbox_swept *ret, struct err *err);
