/* SPDX-License-Identifier: Apache-2.0 */
/* mailbox.c: a list under a mutex, and an eventfd that wakes its reader. */
#include "base/mailbox.h"

#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct mailbox {
	pthread_mutex_t lock;
	struct mail *first;
	struct mail **last;
	size_t places, reserved;
	int fd;
};

int mailbox_new(size_t places, struct mailbox **ret, struct err *err)
{
	struct mailbox *box = calloc(1, sizeof *box);
	if (!box)
		return err_nomem(err);
	box->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (box->fd < 0) {
		free(box);
		return err_errno(err, "eventfd");
	}
	pthread_mutex_init(&box->lock, NULL);
	box->places = places;
	box->last = &box->first;
	*ret = box;
	return 0;
}

void mailbox_free(struct mailbox *box)
{
	if (!box)
		return;
	(void)close(box->fd);
	pthread_mutex_destroy(&box->lock);
	free(box);
}

bool mailbox_reserve(struct mailbox *box)
{
	pthread_mutex_lock(&box->lock);
	bool room = box->reserved < box->places;
	if (room)
		box->reserved++;
	pthread_mutex_unlock(&box->lock);
	return room;
}

void mailbox_unreserve(struct mailbox *box)
{
	pthread_mutex_lock(&box->lock);
	box->reserved--;
	pthread_mutex_unlock(&box->lock);
}

size_t mailbox_reserved(struct mailbox *box)
{
	pthread_mutex_lock(&box->lock);
	size_t reserved = box->reserved;
	pthread_mutex_unlock(&box->lock);
	return reserved;
}

void mailbox_send(struct mailbox *box, struct mail *mail)
{
	mail->next = NULL;
	pthread_mutex_lock(&box->lock);
	bool was_empty = box->first == NULL;
	*box->last = mail;
	box->last = &mail->next;
	/* Inside the lock: a reader that takes the list has seen the wake-up. */
	if (was_empty)
		(void)eventfd_write(box->fd, 1);
	pthread_mutex_unlock(&box->lock);
}

struct mail *mailbox_take(struct mailbox *box)
{
	eventfd_t count;

	pthread_mutex_lock(&box->lock);
	(void)eventfd_read(box->fd, &count);
	struct mail *list = box->first;
	box->first = NULL;
	box->last = &box->first;
	pthread_mutex_unlock(&box->lock);
	return list;
}

int mailbox_fd(const struct mailbox *box)
{
	return box->fd;
}
