/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop.c: libevent, and a stopwatch around each callback: every timer, descriptor,
 * signal and mail of the program comes through one of the four below.
 */
#include "net/loop.h"

#include "base/clock.h"
#include "base/histogram.h"

#include <event2/event.h>

#define SIGNALS_MAX 8
#define MAIL_TURN_US 2000 /* mail is run for so long at a time */

struct loop_signal {
	struct loop *loop;
	struct event *event;
	void (*fire)(int signal, void *arg);
	void *arg;
};

struct loop {
	struct event_base *base;
	struct mailbox *inbox;
	struct loop_fd inbox_fd;
	struct mail *taken;           /* from the inbox, not run yet */
	struct loop_timer taken_next; /* wakes for it */
	struct loop_signal signals[SIGNALS_MAX];
	size_t n_signals;
	int64_t longest_turn_us, longest_turn_cpu_us;
	struct histogram turns;
};

struct stopwatch {
	int64_t wall_us, cpu_us;
};

static struct stopwatch turn_begins(void)
{
	return (struct stopwatch){.wall_us = clock_mono_us(), .cpu_us = clock_cpu_us()};
}

/* A turn cannot have used more processor time than has passed, so most need no second look at it. */
static void turn_ends(struct loop *loop, struct stopwatch began)
{
	int64_t took = clock_mono_us() - began.wall_us;

	histogram_add(&loop->turns, took);
	if (took > loop->longest_turn_us)
		loop->longest_turn_us = took;
	if (took <= loop->longest_turn_cpu_us)
		return;
	int64_t used = clock_cpu_us() - began.cpu_us;
	if (used > loop->longest_turn_cpu_us)
		loop->longest_turn_cpu_us = used;
}

/* Runs what was taken until that time. */
static void run_taken(struct loop *loop, int64_t until_us)
{
	do {
		struct loop_task *task = CONTAINER_OF(loop->taken, struct loop_task, mail);
		loop->taken = loop->taken->next;
		task->run(task);
	} while (loop->taken && clock_mono_us() < until_us);
}

static void run_tasks(struct loop *loop, int64_t until_us)
{
	if (!loop->taken)
		loop->taken = mailbox_take(loop->inbox);
	if (loop->taken)
		run_taken(loop, until_us);
}

/* What is left waits for a timer: all that is ready by then has its turn first. */
static void run_mail(struct loop *loop)
{
	run_tasks(loop, clock_mono_us() + MAIL_TURN_US);
	if (loop->taken)
		loop_timer_set(&loop->taken_next, 0);
}

static void inbox_on_ready(struct loop_fd *fd, unsigned ready)
{
	(void)ready;
	run_mail(CONTAINER_OF(fd, struct loop, inbox_fd));
}

static void taken_on_fire(struct loop_timer *timer)
{
	run_mail(CONTAINER_OF(timer, struct loop, taken_next));
}

void loop_drain(struct loop *loop)
{
	run_tasks(loop, INT64_MAX); /* the rest of what was taken, */
	run_tasks(loop, INT64_MAX); /* and what came after it */
}

static int loop_build(struct loop *loop, struct err *err)
{
	loop->base = event_base_new();
	if (!loop->base)
		return err_set(err, ERR_IO, "cannot start the event loop");
	int rc = mailbox_new(0, &loop->inbox, err);
	if (!rc)
		rc = loop_fd_init(loop, &loop->inbox_fd, mailbox_fd(loop->inbox), inbox_on_ready, err);
	if (!rc)
		rc = loop_timer_init(loop, &loop->taken_next, taken_on_fire, err);
	return rc ? rc : loop_fd_want(&loop->inbox_fd, LOOP_READ, err);
}

int loop_new(struct loop **ret, struct err *err)
{
	struct loop *loop = calloc(1, sizeof *loop);

	if (!loop)
		return err_nomem(err);
	int rc = loop_build(loop, err);
	if (rc) {
		loop_free(loop);
		return rc;
	}
	*ret = loop;
	return 0;
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	for (size_t i = 0; i < loop->n_signals; i++)
		event_free(loop->signals[i].event);
	loop_fd_release(&loop->inbox_fd);
	loop_timer_release(&loop->taken_next);
	mailbox_free(loop->inbox);
	if (loop->base)
		event_base_free(loop->base);
	free(loop);
}

void loop_run(struct loop *loop)
{
	(void)event_base_dispatch(loop->base);
}

void loop_stop(struct loop *loop)
{
	(void)event_base_loopbreak(loop->base);
}

void loop_post(struct loop *loop, struct loop_task *task)
{
	mailbox_send(loop->inbox, &task->mail);
}

/* Sleeps until it is due, or for a nap. */
static void timer_sleep(struct loop_timer *timer, int64_t left_us)
{
	int64_t nap_us = clock_nap_ms() * 1000;
	int64_t us = left_us < nap_us ? left_us : nap_us;
	struct timeval tv = {.tv_sec = (time_t)(us / 1000000), .tv_usec = (suseconds_t)(us % 1000000)};

	(void)evtimer_add(timer->event, &tv);
}

static void timer_on_event(evutil_socket_t fd, short what, void *arg)
{
	struct loop_timer *timer = arg;
	struct loop *loop = timer->loop;
	struct stopwatch began = turn_begins();
	(void)fd;
	(void)what;

	int64_t left_us = timer->due_us - clock_mono_us();
	if (left_us > 0)
		timer_sleep(timer, left_us);
	else
		timer->fire(timer); /* may free the timer */
	turn_ends(loop, began);
}

int loop_timer_init(struct loop *loop, struct loop_timer *timer, void (*fire)(struct loop_timer *timer),
		    struct err *err)
{
	*timer = (struct loop_timer){.loop = loop, .fire = fire};
	timer->event = evtimer_new(loop->base, timer_on_event, timer);
	return timer->event ? 0 : err_nomem(err);
}

void loop_timer_release(struct loop_timer *timer)
{
	if (timer->event)
		event_free(timer->event);
	timer->event = NULL;
}

void loop_timer_set(struct loop_timer *timer, int64_t delay_ms)
{
	int64_t left_us = delay_ms > 0 ? delay_ms * 1000 : 0;

	timer->due_us = clock_mono_us() + left_us;
	timer_sleep(timer, left_us);
}

void loop_timer_clear(struct loop_timer *timer)
{
	(void)evtimer_del(timer->event);
}

static void fd_on_event(evutil_socket_t fd, short what, void *arg)
{
	struct loop_fd *watch = arg;
	struct loop *loop = watch->loop;
	struct stopwatch began = turn_begins();
	(void)fd;

	/* May free the watch. */
	watch->ready(watch, (what & EV_READ ? LOOP_READ : 0u) | (what & EV_WRITE ? LOOP_WRITE : 0u));
	turn_ends(loop, began);
}

int loop_fd_init(struct loop *loop, struct loop_fd *watch, int fd, void (*ready)(struct loop_fd *fd, unsigned ready),
		 struct err *err)
{
	*watch = (struct loop_fd){.loop = loop, .fd = fd, .ready = ready};
	watch->read = event_new(loop->base, fd, EV_READ | EV_PERSIST, fd_on_event, watch);
	watch->write = event_new(loop->base, fd, EV_WRITE | EV_PERSIST, fd_on_event, watch);
	if (watch->read && watch->write)
		return 0;
	loop_fd_release(watch);
	return err_nomem(err);
}

/* An event for each bit: what is wanted on besides costs no system call. */
int loop_fd_want(struct loop_fd *watch, unsigned want, struct err *err)
{
	const struct {
		unsigned bit;
		struct event *event;
	} rows[] = {{LOOP_READ, watch->read}, {LOOP_WRITE, watch->write}};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (((want ^ watch->wanted) & rows[i].bit) == 0)
			continue;
		if (want & rows[i].bit ? event_add(rows[i].event, NULL) : event_del(rows[i].event))
			return err_set(err, ERR_IO, "cannot watch descriptor %d", watch->fd);
		watch->wanted ^= rows[i].bit;
	}
	return 0;
}

void loop_fd_release(struct loop_fd *watch)
{
	if (watch->read)
		event_free(watch->read);
	if (watch->write)
		event_free(watch->write);
	watch->read = watch->write = NULL;
}

static void signal_on_event(evutil_socket_t number, short what, void *arg)
{
	struct loop_signal *sig = arg;
	struct stopwatch began = turn_begins();
	(void)what;

	sig->fire((int)number, sig->arg);
	turn_ends(sig->loop, began);
}

int loop_signal(struct loop *loop, int signal, void (*fire)(int signal, void *arg), void *arg, struct err *err)
{
	if (loop->n_signals == SIGNALS_MAX)
		return err_set(err, ERR_LIMIT, "more than %d signals", SIGNALS_MAX);
	struct loop_signal *sig = &loop->signals[loop->n_signals];
	*sig = (struct loop_signal){.loop = loop, .fire = fire, .arg = arg};
	sig->event = evsignal_new(loop->base, signal, signal_on_event, sig);
	if (!sig->event)
		return err_nomem(err);
	loop->n_signals++;
	return evsignal_add(sig->event, NULL) ? err_set(err, ERR_IO, "cannot watch signal %d", signal) : 0;
}

struct loop_figures loop_figures(const struct loop *loop)
{
	int64_t p999_us = histogram_quantile(&loop->turns, 999); /* the upper end of a bucket */

	return (struct loop_figures){
		.longest_turn_us = loop->longest_turn_us,
		.longest_turn_cpu_us = loop->longest_turn_cpu_us,
		.turn_p999_us = p999_us < loop->longest_turn_us ? p999_us : loop->longest_turn_us,
	};
}
