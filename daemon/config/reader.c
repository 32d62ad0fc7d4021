/* SPDX-License-Identifier: Apache-2.0 */
/* reader.c: see reader.h. */
#include "config/reader.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>

struct config_reader {
	const char *path;
	const struct config_paths *paths;
	config_read_fn *done;
	void *ctx;
	pthread_mutex_t lock;
	pthread_cond_t asked;
	pthread_t thread;
	bool wanted, stopping;
};

/* Waits for a request; false when it is time to end. */
static bool next_request(struct config_reader *reader)
{
	pthread_mutex_lock(&reader->lock);
	while (!reader->wanted && !reader->stopping)
		pthread_cond_wait(&reader->asked, &reader->lock);
	bool go_on = !reader->stopping;
	reader->wanted = false;
	pthread_mutex_unlock(&reader->lock);
	return go_on;
}

static void *reader_thread(void *arg)
{
	struct config_reader *reader = arg;

	while (next_request(reader)) {
		struct config_errors errors = {0};
		const struct config *config = NULL;
		if (config_load(reader->path, reader->paths, &config, &errors))
			config = NULL;
		reader->done(reader->ctx, config, &errors);
		config_errors_release(&errors);
	}
	return NULL;
}

int config_reader_start(const char *path, const struct config_paths *paths, config_read_fn *done, void *ctx,
			struct config_reader **ret, struct err *err)
{
	struct config_reader *reader = calloc(1, sizeof *reader);
	sigset_t all;
	sigset_t before;

	if (!reader)
		return err_nomem(err);
	*reader = (struct config_reader){.path = path, .paths = paths, .done = done, .ctx = ctx};
	pthread_mutex_init(&reader->lock, NULL);
	pthread_cond_init(&reader->asked, NULL);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	errno = pthread_create(&reader->thread, NULL, reader_thread, reader);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (errno) {
		free(reader);
		return err_errno(err, "cannot start the files thread");
	}
	*ret = reader;
	return 0;
}

static void tell(struct config_reader *reader, bool *what)
{
	pthread_mutex_lock(&reader->lock);
	*what = true;
	pthread_cond_signal(&reader->asked);
	pthread_mutex_unlock(&reader->lock);
}

void config_reader_request(struct config_reader *reader)
{
	tell(reader, &reader->wanted);
}

void config_reader_stop(struct config_reader *reader)
{
	if (!reader)
		return;
	tell(reader, &reader->stopping);
	pthread_join(reader->thread, NULL);
	pthread_cond_destroy(&reader->asked);
	pthread_mutex_destroy(&reader->lock);
	free(reader);
}
