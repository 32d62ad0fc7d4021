/* SPDX-License-Identifier: Apache-2.0 */
/* outbox_render.c: see outbox_render.h. */
#include "store/outbox_render.h"

#include "base/json.h"
#include "base/list.h"
#include "model/finding_sentence.h"
#include "model/subject.h"
#include "store/event_row.h"
#include "store/heads.h"
#include "store/history.h"
#include "store/outbox_reminder.h"

#include <stdio.h>
#include <string.h>

#define REASON_ROOM (1u << 20) /* bytes of all reasons in one notification: beside GROUP_BYTES_MAX a frame has room */

static const char MEMBERS[] = "SELECT e.event, v.kind, v.severity, r.name, c.name, v.version, a.members,"
			      " length(CAST(a.reason AS BLOB)), " EVENT_ROW(
				      "v", "a") " FROM notification_event e JOIN event v ON v.seq = e.event"
						" JOIN crate c ON c.id = e.crate JOIN registry r ON r.id = c.registry"
						" LEFT JOIN annotation a ON a.event = e.event"
						" WHERE e.notification = :id AND e.silence IS NULL ORDER BY e.event";
static const char MARK[] = "UPDATE notification_event SET silence = :silence"
			   " WHERE notification = :id AND event = :event";
static const char ORIGIN[] =
	"SELECT notifier, public_id, attempt, coalesce(last_text, '') FROM notification WHERE id = :id";

static const char TOLD[] = "SELECT e.event, v.kind, v.id FROM notification_event e JOIN event v ON v.seq = e.event"
			   " WHERE e.notification = :id AND e.silence IS NULL ORDER BY e.event";
static const char TOLD_BY[] =
	"SELECT n.public_id FROM notification_event e JOIN notification n ON n.id = e.notification"
	" WHERE e.event = :event AND e.silence IS NULL AND n.notifier = :notifier"
	" AND n.id <> :id AND n.attempt > 0 AND n.state IN (0, 1, 2) ORDER BY n.id LIMIT 1";

/* An event on its way into the document. The texts are owned. */
struct member {
	int64_t event;
	int64_t silence; /* 0 = it is told */
	enum event_kind kind;
	enum severity severity;
	char *registry, *crate, *version;
	char *project, *sentence; /* of kinds of a project; else NULL */
	char *locked;             /* the first project that locks it; NULL = none */
	size_t n_locked;
};

struct rendering {
	struct db *db;
	const struct active_silences *silences;
	bool with_document;
	bool reminds;         /* what is over is left out */
	struct member *items; /* owned */
	size_t n, cap;
	size_t silenced;
	size_t reason_room;   /* bytes of reasons that may be told yet */
	int64_t n_open;       /* findings that it reminds of */
	struct strbuf events; /* the documents of those that are told, with commas */
};

static void member_release(struct member *member)
{
	free(member->registry);
	free(member->crate);
	free(member->version);
	free(member->project);
	free(member->sentence);
	free(member->locked);
}

static void rendering_release(struct rendering *rendering)
{
	for (size_t i = 0; i < rendering->n; i++)
		member_release(&rendering->items[i]);
	free(rendering->items);
	strbuf_release(&rendering->events);
}

void outbox_due_release(struct outbox_due *due)
{
	notification_release(&due->said);
}

/* ---- reading the events ---- */

static struct member *add_member(struct rendering *rendering)
{
	if (!LIST_ROOM(rendering))
		return NULL;
	struct member *member = &rendering->items[rendering->n++];
	*member = (struct member){0};
	return member;
}

static int read_columns(struct member *member, struct stmt *st, struct err *err)
{
	member->event = stmt_int(st, 0);
	member->kind = (enum event_kind)stmt_int(st, 1);
	member->severity = (enum severity)stmt_int(st, 2);
	member->registry = stmt_text_copy(st, 3);
	member->crate = stmt_text_copy(st, 4);
	member->version = stmt_text_copy(st, 5);
	return member->registry && member->crate && member->version ? 0 : err_nomem(err);
}

static bool copy(char **ret, const char *text)
{
	*ret = text ? strdup(text) : NULL;
	return !text || *ret;
}

/* Whom it hits, and whether a silence holds it back. */
static int look_at_projects(const struct rendering *rendering, struct member *member,
			    const struct annotation_projects *projects, struct err *err)
{
	const struct routed_event routed = {.kind = member->kind,
					    .severity = member->severity,
					    .registry = member->registry,
					    .crate = member->crate,
					    .projects = projects->items,
					    .n_projects = projects->count};

	member->silence = silences_find(rendering->silences, &routed, member->version);
	member->n_locked = projects->n_locked;
	return copy(&member->locked, projects->locked) ? 0 : err_nomem(err);
}

/* The subject has the same words as the headline that plugins make of the document. Without one, what is wrong with
 * the document is not a reason to tell nobody. */
static int make_sentence(struct member *member, const struct strbuf *document, struct err *err)
{
	OWNED_STRBUF struct strbuf sentence = {0};
	OWNED_JSON cJSON *event = NULL;

	if (!event_kind_is_of_project(member->kind))
		return 0;
	int rc = json_parse(strbuf_str(document), document->len, &event, err);
	if (rc)
		return rc == ERR_NOMEM ? rc : 0;
	bool said = finding_sentence(&sentence, event, NULL, strbuf_adds);
	member->sentence = said ? strbuf_take(&sentence) : NULL;
	return copy(&member->project, json_string(event, "project")) && (member->sentence || !said) ? 0
												    : err_nomem(err);
}

static int write_event(struct rendering *rendering, struct member *member, const struct event_record *record,
		       struct err *err)
{
	OWNED_STRBUF struct strbuf document = {0};

	event_write_document(&document, record);
	if (strbuf_failed(&document))
		return err_nomem(err);
	if (rendering->events.len)
		strbuf_addc(&rendering->events, ',');
	strbuf_add(&rendering->events, strbuf_str(&document), document.len);
	return make_sentence(member, &document, err);
}

static int write_reminder(struct rendering *rendering, struct member *member, const struct event_record *record,
			  const struct annotation_projects *open, struct err *err)
{
	OWNED_STRBUF struct strbuf left = {0};
	struct event_record still = *record;
	int64_t count = 0;

	int rc = outbox_reminder_count(rendering->db, member->event, &count, err);
	if (!rc)
		rc = outbox_reminder_members(record->annotations, open, &left, err);
	if (rc)
		return rc;
	rendering->n_open += count;
	still.annotations = strbuf_str(&left);
	return write_event(rendering, member, &still, err);
}

/* A reason may have come after its event: so nobody has counted its bytes, and what goes beyond the frame's room is
 * left out. */
static bool take_room(struct rendering *rendering, size_t len)
{
	if (len > rendering->reason_room)
		return false;
	rendering->reason_room -= len;
	return true;
}

static int read_member(struct rendering *rendering, struct stmt *st, struct err *err)
{
	OWNED(annotation_projects_release) struct annotation_projects projects = {0};
	struct member *member = add_member(rendering);

	if (!member)
		return err_nomem(err);
	int rc = read_columns(member, st, err);
	if (!rc)
		rc = (rendering->reminds ? annotations_open_projects
					 : annotations_projects)(rendering->db, member->event, &projects, err);
	if (!rc)
		rc = look_at_projects(rendering, member, &projects, err);
	if (rc)
		return rc;
	rendering->silenced += member->silence != 0;
	if (member->silence || !rendering->with_document)
		return 0;
	struct event_record record = event_row_read(st, 8);
	if (!take_room(rendering, (size_t)stmt_int(st, 7)))
		record.annotations = stmt_text(st, 6);
	return rendering->reminds ? write_reminder(rendering, member, &record, &projects, err)
				  : write_event(rendering, member, &record, err);
}

static int read_members(struct rendering *rendering, int64_t id, struct err *err)
{
	struct err done_err;
	int rc = 0;

	struct stmt st = stmt_use(rendering->db, MEMBERS);
	stmt_put_int(&st, ":id", id);
	while (!rc && stmt_row(&st))
		rc = read_member(rendering, &st, err);
	int done = stmt_done(&st, rc ? &done_err : err);
	return rc ? rc : done;
}

static int mark_silenced(const struct rendering *rendering, struct db *db, int64_t id, struct err *err)
{
	struct stmt st = stmt_use(db, MARK);

	stmt_put_int(&st, ":id", id);
	for (size_t i = 0; i < rendering->n; i++) {
		if (!rendering->items[i].silence)
			continue;
		stmt_put_int(&st, ":silence", rendering->items[i].silence);
		stmt_put_int(&st, ":event", rendering->items[i].event);
		stmt_repeat(&st);
	}
	return stmt_done(&st, err);
}

/* ---- writing ---- */

/* Of which one it tells that it is dead: the document's "undelivered", and the subject's begin. */
static int write_origin(struct db *db, int64_t origin, struct strbuf *subject, struct json_writer *w, struct err *err)
{
	struct stmt st = stmt_use(db, ORIGIN);
	stmt_put_int(&st, ":id", origin);
	if (stmt_row(&st)) {
		strbuf_addf(subject, "not delivered to %s: ", stmt_text(&st, 0));
		json_open(w, "undelivered", '{');
		json_put_string(w, "notifier", stmt_text(&st, 0));
		json_put_string(w, "notification", stmt_text(&st, 1));
		json_put_int(w, "attempts", stmt_int(&st, 2));
		json_put_string(w, "text", stmt_text(&st, 3));
		json_close(w, '}');
	}
	return stmt_done(&st, err);
}

static void write_reminders_begin(const struct rendering *rendering, struct strbuf *subject)
{
	if (rendering->n_open == 0)
		strbuf_adds(subject, "reminder, over meanwhile: ");
	else if (rendering->n_open == 1)
		strbuf_adds(subject, "reminder: a finding is still open: ");
	else
		strbuf_addf(subject, "reminder: %lld findings are still open: ", (long long)rendering->n_open);
}

static int write_subject(const struct rendering *rendering, struct strbuf *out, struct err *err)
{
	OWNED_MEM struct subject_event *told = calloc(rendering->n + 1, sizeof *told);
	size_t n = 0;

	if (!told)
		return err_nomem(err);
	for (size_t i = 0; i < rendering->n; i++) {
		const struct member *member = &rendering->items[i];
		if (member->silence)
			continue;
		told[n++] = (struct subject_event){.kind = member->kind,
						   .severity = member->severity,
						   .registry = member->registry,
						   .crate = member->crate,
						   .version = member->version,
						   .locked = member->locked,
						   .n_locked = member->n_locked,
						   .project = member->project,
						   .sentence = member->sentence};
	}
	subject_write(out, told, n);
	return 0;
}

static int write(const struct rendering *rendering, struct outbox_due *due, struct err *err)
{
	OWNED_STRBUF struct strbuf subject = {0};
	OWNED_STRBUF struct strbuf document = {0};
	struct json_writer w = {.out = &document};
	int rc = 0;

	json_open(&w, NULL, '{');
	if (due->kind != NOTIFICATION_EVENTS)
		json_put_string(&w, "kind", notification_kind_name(due->kind));
	if (due->origin)
		rc = write_origin(rendering->db, due->origin, &subject, &w, err);
	if (rendering->reminds)
		write_reminders_begin(rendering, &subject);
	json_open(&w, "events", '[');
	strbuf_add(&document, strbuf_str(&rendering->events), rendering->events.len);
	json_close(&w, ']');
	if (!rc)
		rc = heads_put(rendering->db, &w, err);
	json_close(&w, '}');
	if (!rc)
		rc = write_subject(rendering, &subject, err);
	if (rc)
		return rc;
	if (strbuf_failed(&subject) || strbuf_failed(&document) || strbuf_failed(&rendering->events))
		return err_nomem(err);
	free(due->said.subject); /* rows of before schema 5 have one without a document */
	due->said.subject = strbuf_take(&subject);
	due->said.document = strbuf_take(&document);
	return due->said.subject && due->said.document ? 0 : err_nomem(err);
}

/* Without silences a retry needs no look at its events. */
int outbox_render(const struct outbox *outbox, struct outbox_due *due, const struct active_silences *silences,
		  bool *ret_silenced, struct err *err)
{
	OWNED(rendering_release)
	struct rendering rendering = {.db = outbox->db,
				      .silences = silences,
				      .with_document = !due->said.document,
				      .reason_room = REASON_ROOM,
				      .reminds = due->kind == NOTIFICATION_REMINDER};

	*ret_silenced = false;
	if (due->said.document && silences->count == 0)
		return 0;
	int rc = read_members(&rendering, due->id, err);
	if (rc)
		return rc;
	bool all = rendering.n > 0 && rendering.silenced == rendering.n;
	/* What stands in the document already goes out with it, or not at all. */
	if (rendering.silenced && (all || rendering.with_document))
		rc = mark_silenced(&rendering, outbox->db, due->id, err);
	*ret_silenced = all;
	return rc || all || !rendering.with_document ? rc : write(&rendering, due, err);
}

/* ---- looking back ---- */

static int look_for_end(struct db *db, const char *public_id, int64_t event, enum event_kind kind,
			struct json_writer *ended, struct err *err)
{
	int64_t at_ms = 0;

	int rc = history_taken_back(db, event, kind, &at_ms, err);
	if (rc || !at_ms)
		return rc;
	if (!ended->out->len)
		json_open(ended, NULL, '{');
	json_put_time(ended, public_id, at_ms);
	return 0;
}

/* The first event that takes one back which was told before decides. */
static int look_for_before(struct db *db, const char *notifier, int64_t event, enum event_kind kind,
			   struct outbox_due *due, struct err *err)
{
	int64_t before = 0;

	if (due->said.follows[0])
		return 0;
	int rc = history_follows(db, event, kind, &before, err);
	if (rc || !before)
		return rc;
	struct stmt st = stmt_use(db, TOLD_BY);
	stmt_put_int(&st, ":event", before);
	stmt_put_text(&st, ":notifier", notifier);
	stmt_put_int(&st, ":id", due->id);
	if (stmt_row(&st))
		(void)snprintf(due->said.follows, sizeof due->said.follows, "%s", stmt_text(&st, 0));
	return stmt_done(&st, err);
}

int outbox_look_back(const struct outbox *outbox, const char *notifier, struct outbox_due *due, struct err *err)
{
	OWNED_STRBUF struct strbuf ended = {0};
	struct json_writer w = {.out = &ended};
	int rc = 0;

	struct stmt st = stmt_use(outbox->db, TOLD);
	stmt_put_int(&st, ":id", due->id);
	while (!rc && stmt_row(&st)) {
		enum event_kind kind = (enum event_kind)stmt_int(&st, 1);
		rc = look_for_end(outbox->db, stmt_text(&st, 2), stmt_int(&st, 0), kind, &w, err);
		if (!rc)
			rc = look_for_before(outbox->db, notifier, stmt_int(&st, 0), kind, due, err);
	}
	struct err done_err;
	int done = stmt_done(&st, rc ? &done_err : err);
	if (rc || done)
		return rc ? rc : done;
	if (!ended.len)
		return 0;
	json_close(&w, '}');
	due->said.ended = strbuf_take(&ended);
	return due->said.ended ? 0 : err_nomem(err);
}
