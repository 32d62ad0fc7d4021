/* SPDX-License-Identifier: Apache-2.0 */
/*
 * observe.c: yankwatch-observe hands large files straight to the tracker, without
 * network or loop, and measures from the submission to the reply, which comes
 * after the COMMIT: a file of which one line has changed, and one that is the
 * same but for its ETag. Prints one line of JSON.
 */
#include "synthetic.h"
#include "track/jobs.h"

#include "base/log.h"

#include <errno.h>
#include <semaphore.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define ROUNDS 50
#define MEDIAN 25 /* of the rounds, sorted */
#define INDEX_URL "http://localhost/index/"
#define CRATE "web"
#define VERSIONS 105 /* with these lines as large as web-sys, the largest of crates.io */
#define LINE_BYTES 33300
#define FIRST_MODIFIED 1700000000

static int64_t now_ns(clockid_t clock)
{
	struct timespec ts;
	(void)clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* ---- a job and its answer ---- */

struct wait {
	sem_t replied;
	int64_t replied_ns, cpu_ns;
};

struct took {
	int64_t wall_ns, cpu_ns;
};

/* On the tracker's thread. */
static void reply_comes(struct wait *wait)
{
	wait->replied_ns = now_ns(CLOCK_MONOTONIC);
	wait->cpu_ns = now_ns(CLOCK_PROCESS_CPUTIME_ID);
	(void)sem_post(&wait->replied);
}

/* From the submission to the reply, which must be a good one. */
static int submit(struct tracker *tracker, struct job *job, struct wait *wait, struct took *ret, struct err *err)
{
	(void)sem_init(&wait->replied, 0, 0);
	if (!tracker_reserve(tracker))
		return err_set(err, ERR_BUSY, "the tracker has no place");
	int64_t began_ns = now_ns(CLOCK_MONOTONIC);
	int64_t cpu_ns = now_ns(CLOCK_PROCESS_CPUTIME_ID);
	tracker_submit(tracker, job);
	while (sem_wait(&wait->replied) < 0 && errno == EINTR)
		;
	*ret = (struct took){wait->replied_ns - began_ns, wait->cpu_ns - cpu_ns};
	*err = job->err;
	return job->rc;
}

/* ---- an observation ---- */

struct look {
	struct job_observation job;
	struct wait wait;
};

static void look_on_reply(struct job *job)
{
	reply_comes(&CONTAINER_OF(job, struct look, job.job)->wait);
}

static void look_release(struct look *look)
{
	observation_result_release(&look->job.ret_result);
	observation_release(&look->job.observation);
	strbuf_release(&look->job.ret_said);
}

static int look_init(struct look *look, const struct strbuf *body, int number, struct err *err)
{
	struct observation *seen = &look->job.observation;
	char etag[32];

	(void)snprintf(etag, sizeof etag, "\"%d\"", number);
	*look = (struct look){.job.job = {.kind = &job_observation_kind, .reply = look_on_reply}};
	*seen = (struct observation){
		.registry = strdup("r"),
		.index_url = strdup(INDEX_URL),
		.crate = strdup(CRATE),
		.state = CRATE_PRESENT,
		.status = 200,
		.body = malloc(body->len + 1),
		.body_len = body->len,
		.validators = {.etag = strdup(etag), .last_modified = FIRST_MODIFIED + number},
		.observed_at_ms = (int64_t)(FIRST_MODIFIED + number) * 1000,
	};
	if (!seen->registry || !seen->index_url || !seen->crate || !seen->body || !seen->validators.etag)
		return err_nomem(err);
	memcpy(seen->body, strbuf_str(body), body->len + 1);
	return 0;
}

/* Looks at the file, which must tell of so many events. */
static int observe(struct tracker *tracker, const struct strbuf *body, size_t events, int number, struct took *ret,
		   struct err *err)
{
	OWNED(look_release) struct look look;

	int rc = look_init(&look, body, number, err);
	if (!rc)
		rc = submit(tracker, &look.job.job, &look.wait, ret, err);
	if (!rc && look.job.ret_result.events != events)
		rc = err_set(err, ERR_BAD, "look %d: %zu events instead of %zu", number, look.job.ret_result.events,
			     events);
	return rc;
}

/* ---- the two cases ---- */

/* The first version that is not yanked is so from now on; nothing else moves. */
static int yank_one(struct strbuf *body, struct err *err)
{
	static const char before[] = "\"yanked\":false";
	static const char after[] = "\"yanked\":true ";
	char *flag = strstr(body->data, before);

	if (!flag)
		return err_set(err, ERR_BAD, "every version is yanked");
	memcpy(flag, after, strlen(after));
	return 0;
}

struct figures {
	size_t bytes;
	struct took changed[ROUNDS], same[ROUNDS];
};

static int measure(struct tracker *tracker, struct figures *figures, struct err *err)
{
	OWNED_STRBUF struct strbuf body = {0};
	const struct synthetic_crate crate = {.name = CRATE, .seed = 1, .versions = VERSIONS, .line_bytes = LINE_BYTES};
	struct took first;
	int number = 0;

	(void)synthetic_file(&crate, &body);
	if (strbuf_failed(&body))
		return err_nomem(err);
	figures->bytes = body.len;
	int rc = observe(tracker, &body, 0, number++, &first, err);
	for (size_t i = 0; i < ROUNDS && !rc; i++) {
		rc = yank_one(&body, err);
		if (!rc)
			rc = observe(tracker, &body, 1, number++, &figures->changed[i], err);
		if (!rc)
			rc = observe(tracker, &body, 0, number++, &figures->same[i], err);
	}
	return rc;
}

/* ---- what it took ---- */

static int compare_wall(const void *a, const void *b)
{
	const struct took *x = a;
	const struct took *y = b;
	return (x->wall_ns > y->wall_ns) - (x->wall_ns < y->wall_ns);
}

static int compare_cpu(const void *a, const void *b)
{
	const struct took *x = a;
	const struct took *y = b;
	return (x->cpu_ns > y->cpu_ns) - (x->cpu_ns < y->cpu_ns);
}

static void print_times(const char *name, struct took *took)
{
	qsort(took, ROUNDS, sizeof *took, compare_wall);
	printf(", \"%s\": {\"wall_ms\": {\"median\": %.3f, \"max\": %.3f}", name, (double)took[MEDIAN].wall_ns / 1e6,
	       (double)took[ROUNDS - 1].wall_ns / 1e6);
	qsort(took, ROUNDS, sizeof *took, compare_cpu);
	printf(", \"cpu_ms\": {\"median\": %.3f, \"max\": %.3f}}", (double)took[MEDIAN].cpu_ns / 1e6,
	       (double)took[ROUNDS - 1].cpu_ns / 1e6);
}

static void print_figures(struct figures *figures)
{
	printf("{\"bytes\": %zu, \"lines\": %d, \"rounds\": %d", figures->bytes, VERSIONS, ROUNDS);
	print_times("one_line_changed", figures->changed);
	print_times("unchanged", figures->same);
	printf(", \"unchanged_cpu_gb_s\": %.3f", (double)figures->bytes / (double)figures->same[MEDIAN].cpu_ns);
	qsort(figures->same, ROUNDS, sizeof *figures->same, compare_wall);
	printf(", \"unchanged_wall_gb_s\": %.3f}\n", (double)figures->bytes / (double)figures->same[MEDIAN].wall_ns);
}

/* ---- a tracker in a folder ---- */

static int write_config(const char *path, struct err *err)
{
	FILE *f = fopen(path, "we");
	int bad = !f || fprintf(f,
				"registries:\n  r: {index: \"sparse+%s\", confirm: {unyanked: 0s, deleted: 0s}}\n"
				"watch: [{registry: r, crates: [%s]}]\n",
				INDEX_URL, CRATE) < 0;

	if (f)
		bad |= fclose(f);
	return bad ? err_errno(err, "%s", path) : 0;
}

static int load_config(const char *folder, const struct config **ret, struct err *err)
{
	static const struct config_paths no_plugins;
	OWNED(config_errors_release) struct config_errors errors = {0};
	OWNED_STRBUF struct strbuf path = {0};

	strbuf_addf(&path, "%s/config.yaml", folder);
	int rc = write_config(strbuf_str(&path), err);
	if (rc)
		return rc;
	rc = config_load(strbuf_str(&path), &no_plugins, ret, &errors);
	return rc ? err_set(err, rc, "%s", errors.count ? errors.lines[0] : "the configuration cannot be read") : 0;
}

struct configuring {
	struct job_configure job;
	struct wait wait;
};

static void configure_on_reply(struct job *job)
{
	reply_comes(&CONTAINER_OF(job, struct configuring, job.job)->wait);
}

static int configure(struct tracker *tracker, const struct config *config, struct err *err)
{
	struct configuring configuring = {
		.job = {.config = config, .job = {.kind = &job_configure_kind, .reply = configure_on_reply}}};
	struct took took;

	int rc = submit(tracker, &configuring.job.job, &configuring.wait, &took, err);
	job_configure_release(&configuring.job);
	return rc;
}

static void history_grew(void *ctx)
{
	(void)ctx;
}

static void outbox_grew(void *ctx, bool asked)
{
	(void)ctx;
	(void)asked;
}

static int run(const char *folder, struct figures *figures, struct err *err)
{
	static const struct tracker_hooks hooks = {.outbox_grew = outbox_grew, .history_grew = history_grew};
	OWNED_STRBUF struct strbuf database = {0};
	struct tracker *tracker = NULL;
	const struct config *config = NULL;

	strbuf_addf(&database, "%s/yankwatch.sqlite", folder);
	int rc = load_config(folder, &config, err);
	if (!rc)
		rc = tracker_new(folder, strbuf_str(&database), &hooks, &tracker, err);
	if (!rc)
		rc = tracker_start(tracker, err);
	if (!rc)
		rc = configure(tracker, config, err);
	if (!rc)
		rc = measure(tracker, figures, err);
	tracker_free(tracker);
	config_unref(config);
	return rc;
}

int main(int argc, char **argv)
{
	static struct figures figures;
	struct err err;

	if (argc != 2 || argv[1][0] == '-') {
		(void)fputs("usage: yankwatch-observe FOLDER    (an empty one, for a database)\n", stderr);
		return 2;
	}
	int rc = log_start("yankwatch-observe", LOG_TARGET_STDERR, LOG_LEVEL_ERROR, &err);
	if (!rc && sodium_init() < 0)
		rc = err_set(&err, ERR_IO, "libsodium cannot start");
	if (!rc)
		rc = run(argv[1], &figures, &err);
	log_stop();
	if (rc) {
		(void)fprintf(stderr, "yankwatch-observe: %s\n", err.text);
		return 1;
	}
	print_figures(&figures);
	return 0;
}
