/* SPDX-License-Identifier: Apache-2.0 */
/* reader.c: see reader.h. */
#include "config/reader.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>

struct config_reader {
	const char *path;
	const struct config_paths *paths;
	struct config_reader_sink sink;
	struct lockfiles *lockfiles; /* the thread's own */
	pthread_mutex_t lock;
	pthread_cond_t asked;
	pthread_t thread;
	bool wanted, stopping;
	const struct config *look;    /* a reference: whose lockfiles are to be looked at; NULL = none */
	const struct config *looking; /* whose are looked at now */
	atomic_bool interrupt;        /* something else comes first */
};

/* Waits for a request; false when it is time to end. *ret_look is a reference. */
static bool next_request(struct config_reader *reader, bool *ret_read, const struct config **ret_look)
{
	pthread_mutex_lock(&reader->lock);
	while (!reader->wanted && !reader->look && !reader->stopping)
		pthread_cond_wait(&reader->asked, &reader->lock);
	bool go_on = !reader->stopping;
	*ret_read = reader->wanted;
	*ret_look = TAKE(reader->look);
	reader->looking = *ret_look;
	reader->wanted = false;
	atomic_store(&reader->interrupt, false);
	pthread_mutex_unlock(&reader->lock);
	return go_on;
}

static void read_config(const struct config_reader *reader)
{
	struct config_errors errors = {0};
	const struct config *config = NULL;

	reader->sink.reads(reader->sink.ctx);
	if (config_load(reader->path, reader->paths, &config, &errors))
		config = NULL;
	reader->sink.read(reader->sink.ctx, config, &errors);
	config_errors_release(&errors);
}

/* Takes the reference. What was interrupted goes on after that, unless another look is asked for by then. */
static void look(struct config_reader *reader, const struct config *config)
{
	bool whole = lockfiles_look(reader->lockfiles, config, &reader->interrupt);

	if (whole)
		reader->sink.looked(reader->sink.ctx);
	pthread_mutex_lock(&reader->lock);
	reader->looking = NULL;
	if (!whole && !reader->look)
		reader->look = TAKE(config);
	pthread_mutex_unlock(&reader->lock);
	config_unref(config);
}

static void *reader_thread(void *arg)
{
	struct config_reader *reader = arg;
	const struct config *config;
	bool wanted;

	while (next_request(reader, &wanted, &config)) {
		if (wanted)
			read_config(reader);
		if (config)
			look(reader, config);
	}
	config_unref(config);
	return NULL;
}

static void reader_free(struct config_reader *reader)
{
	config_unref(reader->look);
	lockfiles_free(reader->lockfiles);
	pthread_cond_destroy(&reader->asked);
	pthread_mutex_destroy(&reader->lock);
	free(reader);
}

static int start_thread(struct config_reader *reader, struct err *err)
{
	sigset_t all;
	sigset_t before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	errno = pthread_create(&reader->thread, NULL, reader_thread, reader);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return errno ? err_errno(err, "cannot start the files thread") : 0;
}

int config_reader_start(const char *path, const struct config_paths *paths, const struct config_reader_sink *sink,
			struct config_reader **ret, struct err *err)
{
	struct config_reader *reader = calloc(1, sizeof *reader);

	if (!reader)
		return err_nomem(err);
	*reader = (struct config_reader){.path = path, .paths = paths, .sink = *sink};
	pthread_mutex_init(&reader->lock, NULL);
	pthread_cond_init(&reader->asked, NULL);
	int rc = lockfiles_new(&sink->lockfiles, &reader->lockfiles, err);
	if (!rc)
		rc = start_thread(reader, err);
	if (rc)
		reader_free(reader);
	else
		*ret = reader;
	return rc;
}

void config_reader_request(struct config_reader *reader)
{
	pthread_mutex_lock(&reader->lock);
	reader->wanted = true;
	atomic_store(&reader->interrupt, true);
	pthread_cond_signal(&reader->asked);
	pthread_mutex_unlock(&reader->lock);
}

void config_reader_look(struct config_reader *reader, const struct config *config)
{
	pthread_mutex_lock(&reader->lock);
	config_unref(reader->look);
	reader->look = config_ref(config);
	if (reader->looking != config)
		atomic_store(&reader->interrupt, true);
	pthread_cond_signal(&reader->asked);
	pthread_mutex_unlock(&reader->lock);
}

void config_reader_stop(struct config_reader *reader)
{
	if (!reader)
		return;
	pthread_mutex_lock(&reader->lock);
	reader->stopping = true;
	atomic_store(&reader->interrupt, true);
	pthread_cond_signal(&reader->asked);
	pthread_mutex_unlock(&reader->lock);
	pthread_join(reader->thread, NULL);
	reader_free(reader);
}
