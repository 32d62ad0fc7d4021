/* SPDX-License-Identifier: Apache-2.0 */
/* outbox_fixture.h: what the tests of the outbox do to it. Builds on fixture.h. */
#pragma once

#include "fixture.h"

#include "store/outbox.h"

#define NOW INT64_C(1795253400000) /* 2026-11-21T09:30:00Z */
#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define YEAR (365 * DAY)
#define GIVE_UP (72 * HOUR)
#define MIDDLE (UINT32_MAX / 2 + 1) /* a random number without jitter */

static const unsigned char lineage[LINEAGE_SIZE] = "lineage";

/* Nothing falls back. */
static inline struct outbox outbox_of(struct fixture *f, int64_t now_ms)
{
	return (struct outbox){
		.db = f->db,
		.lineage = lineage,
		.retry = {.first_ms = SECOND, .max_ms = 30 * MINUTE, .give_up_ms = GIVE_UP},
		.now_ms = now_ms,
	};
}

static inline struct outbox outbox_with_fallback(struct fixture *f, int64_t now_ms)
{
	struct outbox outbox = outbox_of(f, now_ms);

	outbox.fallback = "mail";
	return outbox;
}

/* Any event of that crate; returns its seq. */
static inline int64_t happen(struct fixture *f, int64_t crate, enum event_kind kind, const char *version, int64_t at_ms)
{
	struct err err = {0};
	struct event event = {
		.at_ms = at_ms,
		.observed_at_ms = at_ms,
		.registry = "r",
		.index_url = INDEX_URL,
		.crate = "demo",
		.version = version,
		.kind = kind,
		.severity = severity_of(kind, false),
	};

	ok(history_next_seq(f->db, &event.seq, &err));
	(void)snprintf(event.id, sizeof event.id, "evt_%lld", (long long)event.seq);
	ok(history_append(f->db, crate, &event, &err));
	return event.seq;
}

/* The event goes to the notifier, in the group of `key` when there is one. */
static inline void tell(struct fixture *f, const char *notifier, int64_t crate, int64_t seq,
			const struct grouping *grouping, const char *key, int64_t now_ms)
{
	static const struct grouping at_once = {0};
	const struct outbox outbox = outbox_of(f, now_ms);
	const struct outbox_entry entry = {
		.notifier = notifier,
		.event = seq,
		.crate = crate,
		.grouping = grouping ? grouping : &at_once,
		.key = key,
	};
	struct err err = {0};

	ok(outbox_add(&outbox, &entry, &err));
}

/* A yank of that crate and its notification for `notifier`. */
static inline void add_for(struct fixture *f, const char *notifier, int64_t crate, const char *version, int64_t now_ms)
{
	const struct event event = append_event(f->db, crate, version, now_ms);

	tell(f, notifier, crate, event.seq, NULL, NULL, now_ms);
}

static inline void add(struct fixture *f, int64_t crate, const char *version)
{
	add_for(f, "hook", crate, version, NOW);
}

static inline void claim_release(struct outbox_claim *claim)
{
	notification_release(&claim->notification);
}
#define OWNED_CLAIM OWNED(claim_release)

static inline struct outbox_claim claim_for(struct fixture *f, const char *notifier, int64_t now_ms)
{
	const struct outbox outbox = outbox_of(f, now_ms);
	struct outbox_claim claim;
	struct err err = {0};

	ok(outbox_claim(&outbox, notifier, &claim, &err));
	return claim;
}

/* Claims and says which row it was; 0 = none. */
static inline int64_t claim_row(struct fixture *f, int64_t now_ms)
{
	OWNED_CLAIM struct outbox_claim claim = claim_for(f, "hook", now_ms);

	return claim.notification.row;
}

static inline struct outbox_outcome record_at(const struct outbox *outbox, const struct delivery_result *result)
{
	struct outbox_outcome outcome;
	struct err err = {0};

	ok(outbox_record(outbox, result, MIDDLE, &outcome, &err));
	return outcome;
}

static inline enum notification_state record(struct fixture *f, int64_t row, unsigned attempt,
					     enum frame_outcome outcome, int64_t now_ms)
{
	const struct delivery_result result = {.row = row, .attempt = attempt, .outcome = outcome, .text = "said"};
	const struct outbox outbox = outbox_of(f, now_ms);

	return record_at(&outbox, &result).state;
}

/* A number of one notification's row. */
static inline int64_t column(struct fixture *f, const char *name, int64_t row)
{
	char sql[128];

	(void)snprintf(sql, sizeof sql, "SELECT %s FROM notification WHERE id = %lld", name, (long long)row);
	return number(f->db, sql);
}

static inline int64_t state_of(struct fixture *f, int64_t row)
{
	return column(f, "state", row);
}

static inline int64_t due_of(struct fixture *f, int64_t row)
{
	return column(f, "due_ms", row);
}
