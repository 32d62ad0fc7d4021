/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop.h: the event loop of yankwatchd. One thread turns it; every callback runs
 * there and returns at once: no disk, no parsing, no waiting.
 *
 * Other threads reach it by loop_post() alone. Timers are embedded in what they
 * wake and may be set again from their own callback. The loop times its turns: one
 * turn is one callback, or the mail that is run in one go. Mail that does not fit
 * in a short turn waits for the next one, behind the descriptors and timers that
 * have become ready.
 */
#pragma once

#include "base/mailbox.h"

struct loop;

MUST_CHECK int loop_new(struct loop **ret, struct err *err);
void loop_free(struct loop *loop); /* NULL is allowed; not while it runs */

/* Turns until loop_stop(). */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop); /* on the loop */

/* After it ran: what was posted too late is run now, so that it is freed. */
void loop_drain(struct loop *loop);

/* ---- work from other threads ---- */

struct loop_task {
	struct mail mail;
	void (*run)(struct loop_task *task); /* owns the task from here on */
};

void loop_post(struct loop *loop, struct loop_task *task);

/* ---- timers ---- */

struct loop_timer {
	struct loop *loop;
	struct event *event;
	int64_t due_us; /* monotonic clock */
	void (*fire)(struct loop_timer *timer);
};

MUST_CHECK int loop_timer_init(struct loop *loop, struct loop_timer *timer, void (*fire)(struct loop_timer *timer),
			       struct err *err);
void loop_timer_release(struct loop_timer *timer);
void loop_timer_set(struct loop_timer *timer, int64_t delay_ms); /* negative counts as 0 */
void loop_timer_clear(struct loop_timer *timer);

/* ---- descriptors ---- */

enum loop_want { LOOP_READ = 1, LOOP_WRITE = 2 };

struct loop_fd {
	struct loop *loop;
	struct event *read, *write;
	unsigned wanted;
	int fd;
	void (*ready)(struct loop_fd *fd, unsigned ready); /* one bit of enum loop_want */
};

/* Watches `fd`, which stays the caller's, for the wanted bits; 0 = for nothing. */
MUST_CHECK int loop_fd_init(struct loop *loop, struct loop_fd *watch, int fd,
			    void (*ready)(struct loop_fd *fd, unsigned ready), struct err *err);
MUST_CHECK int loop_fd_want(struct loop_fd *watch, unsigned want, struct err *err);
void loop_fd_release(struct loop_fd *watch); /* before the descriptor is closed */

/* ---- signals ---- */

MUST_CHECK int loop_signal(struct loop *loop, int signal, void (*fire)(int signal, void *arg), void *arg,
			   struct err *err);

/* ---- measures ---- */

struct loop_figures {
	int64_t longest_turn_us;     /* as it was on the clock, with what else the machine did */
	int64_t longest_turn_cpu_us; /* of the loop's own processor time */
	int64_t turn_p999_us;        /* 999 of 1000 turns were shorter, on the clock */
};
struct loop_figures loop_figures(const struct loop *loop); /* on the loop */
