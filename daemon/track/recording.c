/* SPDX-License-Identifier: Apache-2.0 */
/* recording.c: see recording.h. */
#include "track/recording.h"

#include "store/history.h"
#include "track/outbox_now.h"

#include <string.h>

/* It also goes to every notifier that was told what it takes back or tells more of, whatever the routes say. */
#define FOLLOWS (1u << EVENT_UNYANKED | 1u << EVENT_REASON_CHANGED)

/* One event and where it goes. */
struct dispatch {
	const struct config *config;
	struct routed_event event;
	const struct recording_notes *notes;
	int64_t follows; /* seq of the event whose news this one is; 0 = of none */
	struct routing routing;
};

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
		.project = event->project,
		.action_ms = event->source == EVENT_OF_AUDIT_TRAIL ? event->at_ms : 0,
	};

	int rc = history_ordinal(tracker_db(recording->tracker), recording->crate, identity.version, event->kind,
				 event->project, &identity.ordinal, err);
	if (!rc)
		event_make_id(&identity, event->id);
	return rc;
}

/* Notifiers of the configuration that were told an event, a bit each; one that is gone is told no more. */
struct told {
	const struct config *config;
	uint64_t notifiers;
};

static void add_told(void *ctx, const char *notifier)
{
	struct told *told = ctx;

	for (size_t i = 0; i < told->config->n_notifiers; i++)
		if (strcmp(told->config->notifiers[i].name, notifier) == 0)
			told->notifiers |= UINT64_C(1) << i;
}

/* With seq 0 none. */
static int find_told(struct db *db, const struct config *config, int64_t seq, uint64_t *ret, struct err *err)
{
	struct told told = {.config = config};

	int rc = seq ? outbox_told(db, seq, add_told, &told, err) : 0;
	*ret = told.notifiers;
	return rc;
}

/* Those who heard of the finding because of this event's project, and not of another that it hit, too. */
static int find_concerned(struct db *db, const struct dispatch *dispatch, uint64_t *ret, struct err *err)
{
	const struct config *config = dispatch->config;
	struct routed_event opening = dispatch->event;
	struct routing routing;

	*ret = 0;
	if (!dispatch->notes->belongs_to)
		return 0;
	int rc = find_told(db, config, dispatch->notes->belongs_to, ret, err);
	if (!rc)
		rc = history_kind(db, dispatch->notes->belongs_to, &opening.kind, err);
	if (rc)
		return rc;
	opening.severity = dispatch->notes->finding;
	routes_lead(config->routes, config->n_routes, &opening, &routing);
	*ret &= routing.notifiers;
	return 0;
}

static int find_way(struct db *db, int64_t seq, struct dispatch *dispatch, struct err *err)
{
	const struct config *config = dispatch->config;
	uint64_t followers = 0;
	uint64_t concerned = 0;
	uint64_t informed = 0;

	routes_lead(config->routes, config->n_routes, &dispatch->event, &dispatch->routing);
	int rc = history_follows(db, seq, dispatch->event.kind, &dispatch->follows, err);
	if (!rc && FOLLOWS & 1u << dispatch->event.kind)
		rc = find_told(db, config, dispatch->follows, &followers, err);
	if (!rc)
		rc = find_concerned(db, dispatch, &concerned, err);
	if (!rc)
		rc = find_told(db, config, dispatch->notes->said_by, &informed, err);
	dispatch->routing.notifiers = (dispatch->routing.notifiers | followers | concerned) & ~informed;
	return rc;
}

static int add(const struct recording *recording, const struct outbox *outbox, const struct dispatch *dispatch,
	       size_t notifier, int64_t seq, struct err *err)
{
	static const struct grouping at_once = {0};
	OWNED_STRBUF struct strbuf key = {0};
	const struct route *route = dispatch->routing.routes[notifier];
	const struct grouping *grouping = route ? &route->grouping : &at_once;

	bool grouped = grouping_write_key(grouping, &dispatch->event, &key);
	if (strbuf_failed(&key))
		return err_nomem(err);
	const struct outbox_entry entry = {
		.notifier = dispatch->config->notifiers[notifier].name,
		.event = seq,
		.crate = recording->crate,
		.follows = dispatch->follows,
		.grouping = grouping,
		.key = grouped ? strbuf_str(&key) : NULL,
		.reason_ms = dispatch->notes->reason_ms,
	};
	tracker_note_outbox(recording->tracker, false);
	return outbox_add(outbox, &entry, err);
}

static int notify(const struct recording *recording, const struct event *event, const struct recording_notes *notes,
		  struct err *err)
{
	const struct outbox outbox = outbox_at(recording->tracker, event->observed_at_ms);
	OWNED_MEM struct routed_project *projects = calloc(notes->n_projects + 1, sizeof *projects);
	struct dispatch dispatch = {
		.config = tracker_config(recording->tracker),
		.notes = notes,
		.event = {.kind = event->kind,
			  .severity = event->severity,
			  .registry = event->registry,
			  .crate = or_empty(event->crate),
			  .projects = projects,
			  .n_projects = notes->n_projects},
	};

	if (!projects)
		return err_nomem(err);
	for (size_t i = 0; i < notes->n_projects; i++)
		projects[i] = (struct routed_project){notes->projects[i].project, notes->projects[i].team};
	int rc = find_way(outbox.db, event->seq, &dispatch, err);
	for (size_t i = 0; i < dispatch.config->n_notifiers && !rc; i++)
		if (dispatch.routing.notifiers & UINT64_C(1) << i)
			rc = add(recording, &outbox, &dispatch, i, event->seq, err);
	return rc;
}

int recording_begin(struct recording *recording, struct tracker *tracker, int64_t crate, struct err *err)
{
	*recording = (struct recording){.tracker = tracker, .crate = crate};
	return history_next_seq(tracker_db(tracker), &recording->next_seq, err);
}

static int append(struct recording *recording, struct event *event, struct err *err)
{
	event->seq = recording->next_seq++;
	int rc = identify(recording, event, err);
	tracker_note_history(recording->tracker);
	return rc ? rc : history_append(tracker_db(recording->tracker), recording->crate, event, err);
}

int recording_add_late(struct recording *recording, struct event *event, struct err *err)
{
	return append(recording, event, err);
}

int recording_add(struct recording *recording, struct event *event, const struct recording_notes *notes,
		  struct err *err)
{
	static const struct recording_notes nothing;
	struct db *db = tracker_db(recording->tracker);

	if (!notes)
		notes = &nothing;
	int rc = append(recording, event, err);
	if (!rc)
		rc = annotations_add(db, event->seq, notes->members, notes->projects, notes->n_projects, err);
	if (!rc && notes->reason)
		rc = annotations_set_reason(db, event->seq, notes->reason, err);
	return rc ? rc : notify(recording, event, notes, err);
}
