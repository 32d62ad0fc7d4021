/* SPDX-License-Identifier: Apache-2.0 */
/*
 * app_polls.c: polls that the socket asks for. Who waits for the end waits a while
 * and then asks again by the round's number, so that a sweep of an hour holds no
 * thread of the socket for an hour. A round that nobody asks for again ends all the
 * same; what came of it is dropped when others need its place.
 */
#include "app.h"

#include "base/call.h"
#include "base/json.h"

#include <string.h>

struct poll_call {
	struct call call;
	struct app *app;
	struct loop_task task;
	struct poller_change turn; /* changes nothing: it is done when those before it are */
	char *registry;
	char **crates;
	size_t n_crates;
	bool wait; /* false: answered as soon as it is asked for */
	uint64_t id;
	_Atomic size_t asked_for; /* round.polled, for who does not find it ended */
	int rc;
	struct err err;
	struct strbuf out;
	struct poll_round round;
};

static void poll_release(struct call *call)
{
	struct poll_call *poll = CONTAINER_OF(call, struct poll_call, call);

	free(poll->registry);
	app_free_names(poll->crates, poll->n_crates);
	strbuf_release(&poll->out);
	free(poll);
}

static void put_errors(struct json_writer *w, const struct poll_round *round)
{
	json_open(w, "errors", '[');
	for (size_t i = 0; i < round->n_errors; i++) {
		json_open(w, NULL, '{');
		json_put_string(w, "registry", round->errors[i].registry);
		json_put_string(w, "crate", round->errors[i].crate);
		json_put_string(w, "text", round->errors[i].err.text);
		json_close(w, '}');
	}
	json_close(w, ']');
}

static void put_round(struct strbuf *out, const struct poll_round *round, bool ended)
{
	struct json_writer w = {.out = out};

	json_open(&w, NULL, '{');
	json_put_int(&w, "polled",
		     (int64_t)(ended ? round->changed + round->unchanged + round->failed : round->polled));
	if (ended) {
		json_put_int(&w, "changed", (int64_t)round->changed);
		json_put_int(&w, "unchanged", (int64_t)round->unchanged);
		json_put_int(&w, "failed", (int64_t)round->failed);
		put_errors(&w, round);
	}
	json_close(&w, '}');
}

static void round_on_done(struct poll_round *round)
{
	struct poll_call *poll = CONTAINER_OF(round, struct poll_call, round);

	put_round(&poll->out, round, true);
	call_finish(&poll->call);
}

/* The asker does not wait: he was told, and the round ends by itself. */
static void round_on_unwatched_done(struct poll_round *round)
{
	call_put(&CONTAINER_OF(round, struct poll_call, round)->call);
}

static void poll_on_turn(struct poller_change *turn)
{
	struct poll_call *poll = CONTAINER_OF(turn, struct poll_call, turn);
	bool wait = poll->wait;

	poll->round.done = wait ? round_on_done : round_on_unwatched_done;
	atomic_fetch_add(&poll->call.refs, 1); /* the round's own */
	int rc = poller_poll_now(poll->app->poller, poll->registry, (const char *const *)poll->crates, poll->n_crates,
				 &poll->round, &poll->err);
	atomic_store(&poll->asked_for, poll->round.polled);
	if (!rc && wait) { /* round_on_done() finishes, or has: the answer is no more ours */
		call_put(&poll->call);
		return;
	}
	if (rc)
		call_put(&poll->call);
	else
		put_round(&poll->out, &poll->round, false);
	poll->rc = rc;
	call_finish(&poll->call);
}

/* Watches that were added before are there before they are polled. */
static void poll_on_loop(struct loop_task *task)
{
	struct poll_call *poll = CONTAINER_OF(task, struct poll_call, task);

	poll->turn.done = poll_on_turn;
	poller_change(poll->app->poller, &poll->turn);
}

static struct poll_call *poll_new(struct app *app, const struct api_poll *question)
{
	struct poll_call *poll = calloc(1, sizeof *poll);

	if (!poll)
		return NULL;
	call_init(&poll->call, poll_release);
	poll->app = app;
	poll->wait = question->wait_ms > 0;
	poll->task.run = poll_on_loop;
	poll->n_crates = question->n_crates;
	poll->crates = app_copy_names(question->crates, question->n_crates);
	poll->registry = question->registry ? strdup(question->registry) : NULL;
	if (poll->crates && (!question->registry || poll->registry))
		return poll;
	call_put(&poll->call);
	call_put(&poll->call);
	return NULL;
}

/* ---- rounds that nobody waits for at the moment ---- */

/* Takes the asker's reference; returns the number to ask for. */
static uint64_t keep_round(struct app_rounds *rounds, struct poll_call *poll)
{
	size_t place = 0;

	pthread_mutex_lock(&rounds->lock);
	if (poll->id == 0)
		poll->id = ++rounds->last_id;
	uint64_t id = poll->id;
	for (size_t i = 0; i < ARRAY_LEN(rounds->kept) && rounds->kept[place]; i++)
		if (!rounds->kept[i] || rounds->kept[i]->id < rounds->kept[place]->id)
			place = i;
	struct poll_call *oldest = rounds->kept[place];
	rounds->kept[place] = poll;
	pthread_mutex_unlock(&rounds->lock);
	if (oldest)
		call_put(&oldest->call);
	return id;
}

static struct poll_call *take_round(struct app_rounds *rounds, uint64_t id)
{
	struct poll_call *found = NULL;

	pthread_mutex_lock(&rounds->lock);
	for (size_t i = 0; i < ARRAY_LEN(rounds->kept) && !found; i++)
		if (rounds->kept[i] && rounds->kept[i]->id == id)
			found = TAKE(rounds->kept[i]);
	pthread_mutex_unlock(&rounds->lock);
	return found;
}

void app_rounds_init(struct app_rounds *rounds)
{
	pthread_mutex_init(&rounds->lock, NULL);
}

void app_rounds_release(struct app_rounds *rounds)
{
	for (size_t i = 0; i < ARRAY_LEN(rounds->kept); i++)
		if (rounds->kept[i])
			call_put(&TAKE(rounds->kept[i])->call);
	pthread_mutex_destroy(&rounds->lock);
}

/* ---- the question ---- */

static int answer_ended(const struct poll_call *poll, struct strbuf *out, struct err *err)
{
	if (poll->rc)
		*err = poll->err;
	else
		strbuf_add(out, strbuf_str(&poll->out), poll->out.len);
	return poll->rc;
}

static void answer_later(struct poll_call *poll, struct strbuf *out)
{
	struct json_writer w = {.out = out};
	int64_t polled = (int64_t)atomic_load(&poll->asked_for);

	json_open(&w, NULL, '{');
	json_put_int(&w, "polled", polled);
	json_put_int(&w, "round", (int64_t)keep_round(&poll->app->rounds, poll));
	json_close(&w, '}');
}

/* Gives the asker's reference back, or keeps it for when he asks again. */
static int wait_and_answer(struct poll_call *poll, int64_t wait_ms, struct strbuf *out, bool *ret_ended,
			   struct err *err)
{
	const atomic_bool *stopping = api_stopping(poll->app->api);
	bool answered = call_wait(&poll->call, poll->wait ? wait_ms : APP_ANSWER_MS, stopping);

	*ret_ended = answered && poll->wait;
	if (!answered && poll->wait && !atomic_load(stopping)) {
		answer_later(poll, out);
		return 0;
	}
	int rc = answered ? answer_ended(poll, out, err) : app_no_answer(err);
	call_put(&poll->call);
	return rc;
}

int app_poll(void *ctx, const struct api_poll *question, struct strbuf *out, bool *ret_ended, struct err *err)
{
	struct app *app = ctx;
	struct poll_call *poll;

	if (question->round) {
		poll = take_round(&app->rounds, question->round);
		if (!poll)
			return err_set(err, ERR_ABSENT, "round %llu: it was told already, or there never was one",
				       (unsigned long long)question->round);
	} else {
		poll = poll_new(app, question);
		if (!poll)
			return err_nomem(err);
		loop_post(app->loop, &poll->task);
	}
	return wait_and_answer(poll, question->wait_ms, out, ret_ended, err);
}
