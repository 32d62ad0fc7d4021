/* SPDX-License-Identifier: Apache-2.0 */
/*
 * news.h: that events were committed, told to the streams that wait for them. It says
 * no more than "look again": each stream reads the database from the place where it
 * is, so nothing is queued for a client that is slow, and nothing is lost or doubled.
 *
 * Made before the tracker runs, which tells it, and ended after the socket, which listens.
 */
#pragma once

#include "base/err.h"

struct news;

MUST_CHECK int news_new(struct news **ret, struct err *err);
void news_free(struct news *news); /* NULL is allowed; nobody listens any more */

/* Wakes everybody who listens. From any thread; costs a lock, and a write for each of them. */
void news_tell(struct news *news);

struct listener {
	int fd; /* readable: told since the last listener_clear() */
	struct listener *next, **link;
};

/* ERR_IO: no descriptor is left. */
MUST_CHECK int news_listen(struct news *news, struct listener *listener, struct err *err);
void news_leave(struct news *news, struct listener *listener);

/* What is told from now on is news. */
void listener_clear(struct listener *listener);
