/* SPDX-License-Identifier: Apache-2.0 */
/*
 * health.h: is the registry there at all, and has it lost its crates? Facts are
 * noted as polls end; what follows from them is a report for the tracker, which
 * knows what was told before. Internal to poll/. Source of the rules:
 * docs/EVENTS.md, "A registry as a whole".
 */
#pragma once

#include "model/incident.h"
#include "model/registry_report.h"

#define HEALTH_REPORT_AGAIN_MS 5000 /* after one that could not be stored */
#define HEALTH_BLIND_CRATES 3       /* so many that were well must fail, or all: one broken file is no outage */

/* When something began that a good poll ends. */
struct health_since {
	int64_t mono_ms; /* 0 = it is not so */
	int64_t wall_ms;
};

struct health {
	struct incident_signs signs;
	size_t told_now;      /* of signs.told, in this sweep */
	size_t swept;         /* polls in this sweep */
	size_t not_looked_at; /* present crates without a good poll since the start */
	int64_t blind_after_ms;
	struct health_since failing_since;
	struct health_since refused_since; /* the registry as a whole: config.json, 429 */
	size_t failing;                    /* crates whose last poll failed */
	size_t failing_before;             /* of these when a poll went well last */
	struct registry_report report;     /* how it is */
	bool news;                         /* the tracker does not know it yet */
	bool reporting;                    /* a report is on its way */
	int64_t report_after_ms;           /* not before; monotonic */
};

/* Another index: nothing is known of it. */
void health_reset(struct health *health);

/* A crate was polled; `present`: it is one of those that signs.present counts. */
void health_polled(struct health *health, bool present);
/* A poll, or config.json, failed. */
void health_failed(struct health *health, const struct err *why);
/* So it is with whatever is asked for. */
void health_refused(struct health *health);
/* config.json is absent, could not be had, or was read. */
void health_config_gone(struct health *health, const struct err *why);
void health_config_failed(struct health *health);
void health_config_good(struct health *health);
/* signs.missing has grown. */
void health_missing(struct health *health);
/* One that was missing is believed to be deleted, and missing no more. */
void health_told(struct health *health);

/* What became true by the passing of time, in a registry of `n_watches`. */
void health_look(struct health *health, size_t n_watches, int64_t now_ms);
/* When to look again; INT64_MAX = not before something happens. */
int64_t health_next_ms(const struct health *health, size_t n_watches, int64_t now_ms);

/* A report is to be sent now; afterwards, whether it was stored. */
bool health_wants_report(const struct health *health, int64_t now_ms);
void health_reporting(struct health *health);
void health_reported(struct health *health, bool stored, int64_t now_ms);
