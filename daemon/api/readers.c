/* SPDX-License-Identifier: Apache-2.0 */
/* readers.c: see readers.h. */
#include "api/readers.h"

#include <pthread.h>

struct readers {
	pthread_mutex_t lock;
	pthread_cond_t returned;
	struct db *free[READERS];
	size_t n_free;
};

int readers_open(const char *database, struct readers **ret, struct err *err)
{
	struct readers *readers = calloc(1, sizeof *readers);
	int rc = 0;

	if (!readers)
		return err_nomem(err);
	pthread_mutex_init(&readers->lock, NULL);
	pthread_cond_init(&readers->returned, NULL);
	for (size_t i = 0; i < READERS && !rc; i++) {
		rc = db_open(database, DB_READ_ONLY, &readers->free[i], err);
		readers->n_free += rc == 0;
	}
	if (rc) {
		readers_close(readers);
		return rc;
	}
	*ret = readers;
	return 0;
}

void readers_close(struct readers *readers)
{
	if (!readers)
		return;
	for (size_t i = 0; i < readers->n_free; i++)
		db_close(readers->free[i]);
	pthread_cond_destroy(&readers->returned);
	pthread_mutex_destroy(&readers->lock);
	free(readers);
}

struct db *readers_borrow(struct readers *readers, int64_t deadline_ms)
{
	pthread_mutex_lock(&readers->lock);
	while (readers->n_free == 0)
		pthread_cond_wait(&readers->returned, &readers->lock);
	struct db *db = readers->free[--readers->n_free];
	pthread_mutex_unlock(&readers->lock);
	db_set_deadline(db, deadline_ms);
	return db;
}

void readers_return(struct readers *readers, struct db *db)
{
	pthread_mutex_lock(&readers->lock);
	readers->free[readers->n_free++] = db;
	pthread_cond_signal(&readers->returned);
	pthread_mutex_unlock(&readers->lock);
}
