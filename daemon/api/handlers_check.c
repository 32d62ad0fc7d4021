/* SPDX-License-Identifier: Apache-2.0 */
/*
 * handlers_check.c: a lockfile that need not be stored is judged. Crates that nobody has looked
 * at are put under watch for a day, and the asker waits for them, or asks again.
 */
#include "api/arguments.h"
#include "api/body.h"
#include "api/handlers.h"
#include "base/clock.h"
#include "store/query_findings.h"

#include <time.h>

#define CHECK_CRATES_MAX 10000     /* of one lockfile are put under watch */
#define CHECK_LAGGING_MAX 100000   /* of all lockfiles of a day: a check needs no right, and must not fill the disk */
#define CHECK_LOCK_KEPT (1u << 20) /* bytes: a larger lockfile keeps its place while it is waited for */
#define NAP_MS 100                 /* between looks, and how often a waiter looks whether it should give up */
#define NAP_PER_LOOK 4             /* a look that takes long is not repeated soon */

struct check {
	struct request *request;
	struct lock lock;
	struct check_state state;
	int64_t look_ms; /* what the last one took */
};

static void check_release(struct check *check)
{
	check_state_release(&check->state);
	lock_release(&check->lock);
}

static int look(struct check *check, struct err *err)
{
	struct request *request = check->request;
	int64_t begin_ms = clock_mono_ms();

	check_state_release(&check->state);
	check->state = (struct check_state){0};
	strbuf_reset(&request->answer);
	struct db *db = readers_borrow(request->readers, API_QUERY_MS);
	int rc = query_check(db, &check->lock, &request->config->sources, &request->answer, &check->state, err);
	readers_return(request->readers, db);
	check->look_ms = clock_mono_ms() - begin_ms;
	return rc;
}

/* How many of the wants nobody has asked for; those that are on their way count as the lockfile's. */
static int count_new(const struct check_state *state, size_t *ret, struct err *err)
{
	size_t watched = state->known;

	*ret = 0;
	for (size_t i = 0; i < state->n_wants; i++) {
		*ret += !state->wants[i].is_watched;
		watched += state->wants[i].is_watched;
	}
	if (*ret && watched + *ret > CHECK_CRATES_MAX)
		return err_set(err, ERR_LIMIT,
			       "%zu packages of this lockfile are not looked at yet: of one lockfile at most %d are",
			       *ret, CHECK_CRATES_MAX);
	return 0;
}

static int check_room(const struct check *check, size_t n, struct err *err)
{
	struct readers *readers = check->request->readers;
	int64_t lagging;

	struct db *db = readers_borrow(readers, API_QUERY_MS);
	int rc = query_lagging(db, &lagging, err);
	readers_return(readers, db);
	if (!rc && lagging + (int64_t)n > CHECK_LAGGING_MAX)
		rc = err_set(err, ERR_BUSY,
			     "%lld crates are watched already for checks of the last day, at most %d are: try again "
			     "tomorrow, or send the lockfile as a project's",
			     (long long)lagging, CHECK_LAGGING_MAX);
	return rc;
}

/* Puts under watch what nobody has asked for. */
static int ask_for_new(const struct check *check, struct err *err)
{
	const struct api_backend *backend = check->request->backend;
	const struct check_state *state = &check->state;
	size_t n = 0;

	int rc = count_new(state, &n, err);
	if (!rc && n)
		rc = check_room(check, n, err);
	if (rc || n == 0)
		return rc;
	OWNED_MEM const char *(*wants)[3] = calloc(n, sizeof *wants);
	if (!wants)
		return err_nomem(err);
	n = 0;
	for (size_t i = 0; i < state->n_wants; i++) {
		const struct check_want *want = &state->wants[i];
		if (want->is_watched)
			continue;
		wants[n][0] = want->registry;
		wants[n][1] = want->crate;
		wants[n++][2] = want->version;
	}
	return backend->check(backend->ctx, (const char *const(*)[3])wants, n, err);
}

/* False: the time is over. */
static bool nap(const struct check *check, int64_t end_ms)
{
	int64_t nap_ms = NAP_PER_LOOK * check->look_ms;
	int64_t until_ms = clock_mono_ms() + (nap_ms > NAP_MS ? nap_ms : NAP_MS);
	const struct timespec piece = {.tv_nsec = NAP_MS * 1000000L};

	do
		(void)nanosleep(&piece, NULL);
	while (clock_mono_ms() < until_ms && clock_mono_ms() < end_ms && !atomic_load(check->request->stopping));
	return clock_mono_ms() < end_ms && !atomic_load(check->request->stopping);
}

static bool is_whole(const struct check *check)
{
	return check->state.known == check->state.packages;
}

static int look_until_known(struct check *check, int64_t wait_ms, struct err *err)
{
	int64_t end_ms = clock_mono_ms() + wait_ms;
	int rc;

	do {
		rc = look(check, err);
		if (!rc)
			rc = ask_for_new(check, err);
	} while (!rc && !is_whole(check) && wait_ms && nap(check, end_ms));
	return rc;
}

int handle_check(struct request *request, struct err *err)
{
	OWNED(check_release) struct check check = {.request = request};
	uint64_t wait_s;

	int rc = argument_number(request, "wait", API_CHECK_WAIT_S, 0, &wait_s, err);
	if (!rc)
		rc = body_lock(request, &check.lock, err);
	if (rc)
		return rc;
	if (check.lock.size <= CHECK_LOCK_KEPT)
		request_drop_body(request);
	rc = look_until_known(&check, (int64_t)wait_s * 1000, err);
	if (!rc)
		request->status = is_whole(&check) ? 200 : 202;
	return rc;
}
