/* SPDX-License-Identifier: Apache-2.0 */
/*
 * job_registry.c: the registry as a whole. The poller reports how it is; what the
 * database has recorded otherwise becomes an event. So a report may come twice, or
 * after a restart, and nothing is told twice.
 */
#include "base/log.h"
#include "base/text.h"
#include "track/jobs.h"
#include "track/recording.h"

#include <stdio.h>

/* One thing that may be wrong with a registry, and since when that is recorded. */
struct trouble {
	enum known reported;
	int64_t since_ms;
	const char *detail;
	enum event_kind begins;
	const char *ended; /* the detail of its registry_back */
	int64_t *recorded_ms;
};

static int record(struct job_registry *job, struct recording *recording, const struct trouble *trouble, struct err *err)
{
	bool begins = trouble->reported == KNOWN_YES;
	enum event_kind kind = begins ? trouble->begins : EVENT_REGISTRY_BACK;
	struct event event = {
		.at_ms = job->report.at_ms,
		.observed_at_ms = job->report.at_ms,
		.registry = job->registry,
		.index_url = job->index_url,
		.kind = kind,
		.severity = severity_of(kind, false),
		.since_ms = begins ? trouble->since_ms : *trouble->recorded_ms,
		.detail = begins ? trouble->detail : trouble->ended,
	};

	job->ret_kind = kind;
	(void)snprintf(job->ret_said, sizeof job->ret_said, "%s", event.detail);
	*trouble->recorded_ms = begins ? trouble->since_ms : 0;
	return recording_add(recording, &event, NULL, err);
}

static bool is_new(const struct trouble *trouble)
{
	return trouble->reported != KNOWN_NOT && (trouble->reported == KNOWN_YES) != (*trouble->recorded_ms != 0);
}

static int apply(struct tracker *tracker, struct job *base, struct err *err)
{
	struct job_registry *job = CONTAINER_OF(base, struct job_registry, job);
	const struct registry_report *report = &job->report;
	struct db *db = tracker_db(tracker);
	struct registry_record known;
	struct recording recording;

	job->ret_said[0] = '\0';
	int rc = state_registry(db, job->registry, job->index_url, &known, err);
	if (!rc)
		rc = recording_begin(&recording, tracker, known.crate, err);
	if (rc)
		return rc;
	bool had_incident = known.incident_ms != 0;
	const struct trouble troubles[] = {
		{report->blind, report->blind_ms, report->blind_why.text, EVENT_REGISTRY_BLIND, "it answers again",
		 &known.blind_ms},
		{report->incident, report->incident_ms, report->incident_why.text, EVENT_REGISTRY_INCIDENT,
		 "what was missing is back: deletions are believed again", &known.incident_ms},
	};
	for (size_t i = 0; i < ARRAY_LEN(troubles) && !rc; i++)
		if (is_new(&troubles[i]))
			rc = record(job, &recording, &troubles[i], err);
	if (!rc && had_incident && known.incident_ms == 0)
		rc = state_absences_restart(db, &known, report->at_ms, err);
	return rc || !job->ret_said[0] ? rc : state_registry_save(db, &known, err);
}

static void committed(struct tracker *tracker, struct job *base)
{
	struct job_registry *job = CONTAINER_OF(base, struct job_registry, job);
	char safe[ERR_TEXT_MAX];
	(void)tracker;

	if (job->ret_said[0])
		log_write(job->ret_kind == EVENT_REGISTRY_BACK ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING,
			  "registry %s: %s: %s", job->registry, event_kind_name(job->ret_kind),
			  text_safe(job->ret_said, safe, sizeof safe));
}

const struct job_kind job_registry_kind = {.name = "registry", .apply = apply, .committed = committed};
