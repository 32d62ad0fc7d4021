/* SPDX-License-Identifier: Apache-2.0 */
/* recording.c: see recording.h. */
#include "track/recording.h"

#include "store/history.h"
#include "store/outbox.h"

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

static int identify(const struct recording *recording, struct event *event, struct err *err)
{
	struct event_identity identity = {
		.index_url = event->index_url,
		.crate = or_empty(event->crate),
		.version = or_empty(event->version),
		.kind = event->kind,
		.last_modified = event->last_modified,
		.lineage = tracker_secrets(recording->tracker)->lineage,
	};

	int rc = history_ordinal(tracker_db(recording->tracker), recording->crate, identity.version, event->kind,
				 &identity.ordinal, err);
	if (!rc)
		event_make_id(&identity, event->id);
	return rc;
}

static int notify(const struct recording *recording, const struct event *event, struct err *err)
{
	const struct config *config = tracker_config(recording->tracker);
	const struct routed_event routed = {.kind = event->kind,
					    .severity = event->severity,
					    .registry = event->registry,
					    .crate = or_empty(event->crate)};
	struct routing routing;
	int rc = 0;

	routes_lead(config->routes, config->n_routes, &routed, &routing);
	for (size_t i = 0; i < config->n_notifiers && !rc; i++) {
		if (!(routing.notifiers & UINT64_C(1) << i))
			continue;
		tracker_note_outbox(recording->tracker);
		rc = outbox_add(tracker_db(recording->tracker), tracker_secrets(recording->tracker)->lineage,
				config->notifiers[i].name, recording->crate, event, event->observed_at_ms, err);
	}
	return rc;
}

int recording_begin(struct recording *recording, struct tracker *tracker, int64_t crate, struct err *err)
{
	*recording = (struct recording){.tracker = tracker, .crate = crate};
	return history_next_seq(tracker_db(tracker), &recording->next_seq, err);
}

int recording_add(struct recording *recording, struct event *event, struct err *err)
{
	event->seq = recording->next_seq++;
	int rc = identify(recording, event, err);
	if (!rc)
		rc = history_append(tracker_db(recording->tracker), recording->crate, event, err);
	return rc ? rc : notify(recording, event, err);
}
