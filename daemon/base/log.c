/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.c: producers copy a line into the ring under a mutex held for the copy
 * alone; the log thread takes lines out and writes them where they belong. It
 * alone may be held up by a stopped reader of /dev/log.
 */
#include "base/log.h"

#include "base/clock.h"
#include "base/numbers.h"

#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>
#ifdef HAVE_LIBSYSTEMD
#include <systemd/sd-journal.h>
#endif

#define STOP_S 5 /* the last lines may take this long */

struct line {
	int64_t wall_ms;
	enum log_level level;
	char text[LOG_LINE_MAX];
};

static struct {
	pthread_mutex_t lock;
	pthread_cond_t filled;
	pthread_t thread;
	bool running;
	bool stopping;
	enum log_target target;
	enum log_level level;
	uint64_t dropped, told; /* lines; told: the log says so already */
	size_t first, count;
	struct line ring[LOG_RING_LINES];
} logger = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.filled = PTHREAD_COND_INITIALIZER,
	.target = LOG_TARGET_STDERR,
	.level = LOG_LEVEL_INFO,
};

static const struct {
	const char *name;
	int priority;
} levels[] = {
	[LOG_LEVEL_ERROR] = {"error", LOG_ERR},
	[LOG_LEVEL_WARNING] = {"warning", LOG_WARNING},
	[LOG_LEVEL_INFO] = {"info", LOG_INFO},
	[LOG_LEVEL_DEBUG] = {"debug", LOG_DEBUG},
};

static void write_stderr(const struct line *line)
{
	char when[TIME_TEXT_MAX];
	(void)fprintf(stderr, "%s %s: %s\n", time_format_rfc3339(line->wall_ms, when), levels[line->level].name,
		      line->text);
}

static void write_syslog(const struct line *line)
{
	syslog(levels[line->level].priority, "%s", line->text);
}

static void write_journal(const struct line *line)
{
#ifdef HAVE_LIBSYSTEMD
	(void)sd_journal_print(levels[line->level].priority, "%s", line->text);
#else
	write_syslog(line);
#endif
}

/* AUTO: a person at a terminal reads stderr; a service is read by its journal; where nobody reads syslog, stderr. */
static enum log_target resolve(enum log_target target)
{
	if (target != LOG_TARGET_AUTO)
		return target;
	if (isatty(STDERR_FILENO))
		return LOG_TARGET_STDERR;
	if (getenv("JOURNAL_STREAM"))
		return LOG_TARGET_JOURNAL;
	return access("/dev/log", W_OK) == 0 ? LOG_TARGET_SYSLOG : LOG_TARGET_STDERR;
}

static void write_line(enum log_target target, const struct line *line)
{
	switch (target) {
	case LOG_TARGET_AUTO:
	case LOG_TARGET_STDERR:
		write_stderr(line);
		break;
	case LOG_TARGET_SYSLOG:
		write_syslog(line);
		break;
	case LOG_TARGET_JOURNAL:
		write_journal(line);
		break;
	}
}

/* Called with the lock held; gives the lock up while it writes. */
static void write_oldest(void)
{
	struct line line = logger.ring[logger.first];
	enum log_target target = logger.target;
	uint64_t dropped = logger.dropped - logger.told;

	logger.told = logger.dropped;
	logger.first = (logger.first + 1) % LOG_RING_LINES;
	logger.count--;
	pthread_mutex_unlock(&logger.lock);
	write_line(target, &line);
	if (dropped > 0) {
		struct line gap = {.wall_ms = clock_wall_ms(), .level = LOG_LEVEL_WARNING};
		(void)snprintf(gap.text, sizeof gap.text, "log: %llu lines dropped, the reader is too slow",
			       (unsigned long long)dropped);
		write_line(target, &gap);
	}
	pthread_mutex_lock(&logger.lock);
}

static void *log_thread(void *arg)
{
	(void)arg;

	pthread_mutex_lock(&logger.lock);
	while (logger.count > 0 || !logger.stopping) {
		if (logger.count > 0)
			write_oldest();
		else
			pthread_cond_wait(&logger.filled, &logger.lock);
	}
	pthread_mutex_unlock(&logger.lock);
	return NULL;
}

int log_start(const char *ident, enum log_target target, enum log_level level, struct err *err)
{
	sigset_t all;
	sigset_t before;

	openlog(ident, LOG_PID | LOG_NDELAY, LOG_DAEMON);
	log_configure(target, level);
	logger.stopping = false;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int rc = pthread_create(&logger.thread, NULL, log_thread, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc != 0)
		return err_set(err, ERR_IO, "cannot start the log thread");
	logger.running = true;
	return 0;
}

void log_stop(void)
{
	pthread_mutex_lock(&logger.lock);
	bool running = logger.running;
	logger.running = false;
	logger.stopping = true;
	pthread_cond_signal(&logger.filled);
	pthread_mutex_unlock(&logger.lock);
	if (!running)
		return;
	/* Whoever reads /dev/log may have stopped; the program ends all the same. */
	struct timespec until;
	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += STOP_S;
	if (pthread_timedjoin_np(logger.thread, NULL, &until) != 0)
		(void)pthread_detach(logger.thread);
}

void log_configure(enum log_target target, enum log_level level)
{
	pthread_mutex_lock(&logger.lock);
	logger.target = resolve(target);
	logger.level = level;
	pthread_mutex_unlock(&logger.lock);
}

/* Whoever forgot text_safe() still cannot start a second line. */
static void blunt_controls(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
}

void log_write(enum log_level level, const char *fmt, ...)
{
	struct line line = {.wall_ms = clock_wall_ms(), .level = level};
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(line.text, sizeof line.text, fmt, ap);
	va_end(ap);
	blunt_controls(line.text);

	pthread_mutex_lock(&logger.lock);
	if (level <= logger.level && !logger.running) {
		write_line(LOG_TARGET_STDERR, &line);
	} else if (level <= logger.level && logger.count == LOG_RING_LINES) {
		logger.dropped++;
	} else if (level <= logger.level) {
		logger.ring[(logger.first + logger.count++) % LOG_RING_LINES] = line;
		pthread_cond_signal(&logger.filled);
	}
	pthread_mutex_unlock(&logger.lock);
}

uint64_t log_dropped(void)
{
	pthread_mutex_lock(&logger.lock);
	uint64_t dropped = logger.dropped;
	pthread_mutex_unlock(&logger.lock);
	return dropped;
}
