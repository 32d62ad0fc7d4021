/* SPDX-License-Identifier: Apache-2.0 */
/* news.c: see news.h. */
#include "api/news.h"

#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct news {
	pthread_mutex_t lock;
	struct listener *listeners;
};

int news_new(struct news **ret, struct err *err)
{
	struct news *news = calloc(1, sizeof *news);

	if (!news)
		return err_nomem(err);
	pthread_mutex_init(&news->lock, NULL);
	*ret = news;
	return 0;
}

void news_free(struct news *news)
{
	if (!news)
		return;
	pthread_mutex_destroy(&news->lock);
	free(news);
}

void news_tell(struct news *news)
{
	pthread_mutex_lock(&news->lock);
	/* A counter that is full is readable, which is all that is wanted. */
	for (struct listener *listener = news->listeners; listener; listener = listener->next)
		(void)eventfd_write(listener->fd, 1);
	pthread_mutex_unlock(&news->lock);
}

int news_listen(struct news *news, struct listener *listener, struct err *err)
{
	listener->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (listener->fd < 0)
		return err_errno(err, "a descriptor to wait for events");
	pthread_mutex_lock(&news->lock);
	listener->next = news->listeners;
	if (listener->next)
		listener->next->link = &listener->next;
	listener->link = &news->listeners;
	news->listeners = listener;
	pthread_mutex_unlock(&news->lock);
	return 0;
}

void news_leave(struct news *news, struct listener *listener)
{
	pthread_mutex_lock(&news->lock);
	*listener->link = listener->next;
	if (listener->next)
		listener->next->link = listener->link;
	pthread_mutex_unlock(&news->lock);
	(void)close(listener->fd);
}

void listener_clear(struct listener *listener)
{
	eventfd_t told;

	(void)eventfd_read(listener->fd, &told);
}
