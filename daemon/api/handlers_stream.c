/* SPDX-License-Identifier: Apache-2.0 */
/*
 * handlers_stream.c: the whole history in one answer, and events as they happen. Both walk
 * through the database by the seq where they are, a bounded question at a time.
 */
#include "api/arguments.h"
#include "api/event_filter.h"
#include "api/handlers.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/numbers.h"
#include "store/heads.h"

#define BEAT_MS 15000 /* a stream without events says that it is there */

struct feed {
	struct stream stream;
	struct event_walk walk;
	struct head head;         /* of an export: it ends there */
	bool is_ended;            /* and that line is there */
	struct listener listener; /* a stream's; fd -1: none */
	int64_t beat_ms;          /* clock_mono_ms(): when it must say something; 0: at once, where it begins */
};

static struct feed *feed_of(struct stream *stream)
{
	return CONTAINER_OF(stream, struct feed, stream);
}

static void feed_release(struct stream *stream)
{
	struct feed *feed = feed_of(stream);

	if (feed->listener.fd >= 0)
		news_leave(stream->request->news, &feed->listener);
	free(feed);
}

static struct feed *feed_new(const struct event_filter *filter, enum event_frame frame)
{
	struct feed *feed = calloc(1, sizeof *feed);

	if (!feed)
		return NULL;
	feed->walk = (struct event_walk){.filter = *filter, .frame = frame};
	feed->listener.fd = -1;
	return feed;
}

static int last_event(const struct request *request, int64_t *ret, struct err *err)
{
	struct db *db = readers_borrow(request->readers, API_QUERY_MS);
	int rc = query_last_event(db, ret, err);
	readers_return(request->readers, db);
	return rc;
}

/* One question. */
static int feed_look(struct feed *feed, struct strbuf *out, struct err *err)
{
	struct readers *readers = feed->stream.request->readers;
	struct db *db = readers_borrow(readers, API_QUERY_MS);
	int rc = query_event_piece(db, &feed->walk, STREAM_PIECE, out, err);
	readers_return(readers, db);
	return rc;
}

static bool feed_has_more(const struct feed *feed)
{
	return feed->walk.filter.after < feed->walk.until;
}

/* ---- an export ---- */

/* Whoever has this line has the whole. Without events there is no head yet. */
static void put_end(const struct feed *feed, struct strbuf *out)
{
	struct json_writer w = {.out = out};

	json_open(&w, NULL, '{');
	if (feed->head.seq)
		head_write(&w, "head", &feed->head);
	else
		json_put_raw(&w, "head", "null");
	json_close(&w, '}');
	strbuf_addc(out, '\n');
}

static int export_pull(struct stream *stream, struct strbuf *out, struct err *err)
{
	struct feed *feed = feed_of(stream);
	int rc = 0;

	while (!rc && out->len == 0 && feed_has_more(feed))
		rc = request_is_over(stream->request) ? err_set(err, ERR_BUSY, "yankwatchd ends")
						      : feed_look(feed, out, err);
	if (!rc && out->len == 0 && !feed->is_ended) {
		put_end(feed, out);
		feed->is_ended = true;
	}
	return rc;
}

static const struct stream_kind export_kind = {
	.content_type = "application/x-ndjson",
	.pull = export_pull,
	.release = feed_release,
};

/* What pages have and an export has not would be left out in silence. */
static int refuse_page_arguments(const struct request *request, struct err *err)
{
	if (request->argument(request, "limit") || request->argument(request, "reverse"))
		return err_set(err, ERR_BAD, "limit, reverse: application/x-ndjson gives all that match, oldest first");
	return 0;
}

static int find_end(struct feed *feed, struct err *err)
{
	struct readers *readers = feed->stream.request->readers;
	struct db *db = readers_borrow(readers, API_QUERY_MS);
	int rc = heads_last(db, &feed->head, err);
	readers_return(readers, db);
	feed->walk.until = feed->head.seq;
	return rc == ERR_ABSENT ? 0 : rc;
}

int answer_export(struct request *request, const struct event_filter *filter, struct err *err)
{
	int rc = refuse_page_arguments(request, err);
	if (!rc)
		rc = event_filter_check(request, filter, err);
	if (rc)
		return rc;
	struct feed *feed = feed_new(filter, EVENT_FRAME_LINE);
	if (!feed)
		return err_nomem(err);
	rc = stream_begin(request, &feed->stream, &export_kind, err);
	return rc ? rc : find_end(feed, err);
}

/* ---- events as they happen ---- */

/* The bare id tells a client where to go on although no event of its filter has come. */
static void put_beat(struct feed *feed, struct strbuf *out)
{
	strbuf_addf(out, ":\nid: %lld\n\n", (long long)feed->walk.filter.after);
	feed->beat_ms = clock_mono_ms() + BEAT_MS;
}

static int tail_pull(struct stream *stream, struct strbuf *out, struct err *err)
{
	struct feed *feed = feed_of(stream);
	const struct request *request = stream->request;

	if (clock_mono_ms() >= feed->beat_ms) {
		put_beat(feed, out);
		return 0;
	}
	for (;;) {
		listener_clear(&feed->listener); /* before the look, so that what comes after it wakes us */
		int rc = last_event(request, &feed->walk.until, err);
		if (!rc && feed_has_more(feed))
			rc = feed_look(feed, out, err);
		if (rc || out->len || request_is_over(request))
			return rc;
		int64_t left_ms = feed->beat_ms - clock_mono_ms();
		if (left_ms <= 0)
			break;
		if (!feed_has_more(feed))
			request_wait(request, feed->listener.fd, (int)left_ms);
	}
	put_beat(feed, out);
	return 0;
}

static const struct stream_kind tail_kind = {
	.content_type = "text/event-stream",
	.pull = tail_pull,
	.release = feed_release,
};

/* Where it begins: behind what the client had last, else now. */
static int tail_place(const struct request *request, struct event_filter *filter, struct err *err)
{
	const char *had = request->header(request, "Last-Event-ID");
	uint64_t seq = 0;
	int64_t last;

	if (had && !number_parse_u64(had, INT64_MAX, &seq))
		return err_set(err, ERR_BAD, "Last-Event-ID: \"%.40s\" is not an event's seq", had);
	int rc = last_event(request, &last, err);
	if (had)
		filter->after = (int64_t)seq;
	else if (!request->argument(request, "after"))
		filter->after = last;
	if (!rc && filter->after > last)
		return err_set(err, ERR_REFUSED, "after %lld: the history ends at %lld: is it another one?",
			       (long long)filter->after, (long long)last);
	return rc;
}

int handle_stream(struct request *request, struct err *err)
{
	struct event_filter filter;

	int rc = event_filter_read(request, &filter, err);
	if (!rc)
		rc = tail_place(request, &filter, err);
	if (!rc)
		rc = event_filter_check(request, &filter, err);
	if (rc)
		return rc;
	struct feed *feed = feed_new(&filter, EVENT_FRAME_SSE);
	if (!feed)
		return err_nomem(err);
	rc = stream_begin(request, &feed->stream, &tail_kind, err);
	return rc ? rc : news_listen(request->news, &feed->listener, err);
}
