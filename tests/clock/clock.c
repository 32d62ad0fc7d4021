/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock.c: base/clock.h for yankwatchd-test-clock: the system's clocks plus an offset
 * that a test moves forward while the daemon runs. The offset, 64-bit milliseconds in
 * the machine's order, is the content of the file that YANKWATCH_CLOCK names. Timers
 * look at it every NAP_MS, so that what is due by the new time happens soon; with
 * YANKWATCH_CLOCK_STILL set they do not, and what happens is what the test asks for.
 */
#include "base/clock.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define NAP_MS 10
#define STILL_MS (INT64_C(24) * 3600 * 1000)

/* Set once, and the only global here: the interface that is replaced has no object. */
static const _Atomic int64_t *offset;

/* Without its file the clock says so and ends: a test would else wait for nothing. */
static void open_offset(void)
{
	const char *path = getenv("YANKWATCH_CLOCK");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *mapped = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *offset, PROT_READ, MAP_SHARED, fd, 0);

	if (mapped == MAP_FAILED) {
		perror("YANKWATCH_CLOCK");
		_exit(EXIT_FAILURE);
	}
	(void)close(fd);
	offset = mapped;
}

static int64_t read_us(clockid_t id)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct timespec ts;

	(void)pthread_once(&once, open_offset);
	(void)clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000 + atomic_load(offset) * 1000;
}

int64_t clock_mono_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}

int64_t clock_mono_ms(void)
{
	return clock_mono_us() / 1000;
}

/* What a thread has worked is not moved. */
int64_t clock_cpu_us(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t clock_wall_ms(void)
{
	return read_us(CLOCK_REALTIME) / 1000;
}

int64_t clock_nap_ms(void)
{
	return getenv("YANKWATCH_CLOCK_STILL") ? STILL_MS : NAP_MS;
}
