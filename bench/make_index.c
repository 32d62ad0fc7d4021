/* SPDX-License-Identifier: Apache-2.0 */
/*
 * make_index.c: yankwatch-make-index writes a sparse index of synthetic crates
 * into a folder, distributed as those of crates.io in November 2024, and says how
 * near it came. The same seed and number of crates give the same bytes.
 */
#include "synthetic.h"

#include "base/err.h"
#include "base/numbers.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CRATES_DEFAULT 163442
#define PROGRESS_EVERY 1000                 /* crates */
#define FILE_TIME_FIRST INT64_C(1700000000) /* Last-Modified lies in the 300 days after it */
#define FILE_TIME_RANGE (UINT64_C(300) * 86400)
#define SPREAD 0.8 /* how loosely a file's size follows its number of versions */

static const char USAGE[] = "usage: yankwatch-make-index [--crates N] [--seed N] [--json] --names FILE FOLDER\n"
			    "\n"
			    "Writes a sparse index of synthetic crates into FOLDER, which must not exist yet,\n"
			    "and their names into FILE, one a line.\n"
			    "  --crates N    how many (default: 163442, as many as crates.io had in November 2024)\n"
			    "  --seed N      another index of the same kind (default: 1)\n"
			    "  --json        say what was written as JSON, not as a table\n";

/* ---- the distribution ---- */

/* A quantile function by some of its points; between them the logarithm is a straight line. */
struct knot {
	double share, value;
};

static const struct knot versions_knots[] = {{0, 0.6},   {0.30, 1},  {0.5, 3},     {0.75, 6.5}, {0.9, 18},
					     {0.97, 36}, {0.99, 81}, {0.999, 190}, {1, 1224.5}};
static const struct knot bytes_knots[] = {{0, 230},       {0.5, 1800},     {0.9, 10000},
					  {0.99, 176000}, {0.999, 430000}, {1, 3.7e6}};

static double quantile(const struct knot *knots, size_t n, double share)
{
	size_t i = 1;

	while (i < n - 1 && share > knots[i].share)
		i++;
	double along = (share - knots[i - 1].share) / (knots[i].share - knots[i - 1].share);
	return knots[i - 1].value * pow(knots[i].value / knots[i - 1].value, along);
}

/* What a crate is to be like, and where it stands among the others. */
struct plan {
	struct synthetic_crate crate;
	double rank;
};

/* About normally distributed, with variance 1. */
static double noise(uint64_t *state)
{
	double sum = -6;

	for (int i = 0; i < 12; i++)
		sum += (double)(synthetic_random(state) >> 11) * 0x1p-53;
	return sum;
}

static int compare_ranks(const void *a, const void *b)
{
	const struct plan *x = a;
	const struct plan *y = b;
	return (x->rank > y->rank) - (x->rank < y->rank);
}

/* Numbers of versions first; then the sizes, larger ones for more versions, loosely. */
static void plan_sizes(struct plan *plans, size_t n, uint64_t *state)
{
	for (size_t i = 0; i < n; i++) {
		double share = ((double)i + 0.5) / (double)n;
		double versions = round(quantile(versions_knots, ARRAY_LEN(versions_knots), share));
		plans[i].crate.versions = versions < 1 ? 1 : (size_t)versions;
		plans[i].rank = log((double)plans[i].crate.versions) + SPREAD * noise(state);
	}
	qsort(plans, n, sizeof *plans, compare_ranks);
	for (size_t i = 0; i < n; i++) {
		double share = ((double)i + 0.5) / (double)n;
		double bytes = quantile(bytes_knots, ARRAY_LEN(bytes_knots), share);
		plans[i].crate.line_bytes = (size_t)(bytes / (double)plans[i].crate.versions);
		plans[i].rank = (double)(synthetic_random(state) >> 11);
	}
	qsort(plans, n, sizeof *plans, compare_ranks); /* in no order now */
}

static struct plan *plan_crates(size_t n, uint64_t seed)
{
	struct plan *plans = calloc(n, sizeof *plans);
	uint64_t state = seed;

	if (!plans)
		return NULL;
	plan_sizes(plans, n, &state);
	for (size_t i = 0; i < n; i++) {
		plans[i].crate.seed = synthetic_random(&state);
		synthetic_name(i, seed, plans[i].crate.name);
	}
	return plans;
}

/* ---- files ---- */

static int write_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);
		if (n < 0)
			return -1;
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

static int make_folders(int root, const char *path)
{
	char folder[INDEX_PATH_MAX];

	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		(void)snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
		if (mkdirat(root, folder, 0755) < 0 && errno != EEXIST)
			return -1;
	}
	return 0;
}

static int open_new(int root, const char *path)
{
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
	int fd = openat(root, path, flags, 0644);

	if (fd < 0 && errno == ENOENT && make_folders(root, path) == 0)
		fd = openat(root, path, flags, 0644);
	return fd;
}

static int write_file(int root, const char *path, const struct strbuf *body, time_t modified, struct err *err)
{
	const struct timespec times[2] = {{.tv_sec = modified}, {.tv_sec = modified}};
	int fd = open_new(root, path);
	int bad = fd < 0 || write_all(fd, strbuf_str(body), body->len) || futimens(fd, times);
	int rc = bad ? err_errno(err, "%s", path) : 0;

	if (fd >= 0 && close(fd) < 0 && !rc)
		rc = err_errno(err, "%s", path);
	return rc;
}

/* ---- what was written ---- */

struct tally {
	size_t crates, versions, yanked, bytes;
	size_t *crate_versions, *crate_bytes; /* owned; sorted before they are read */
};

static int tally_init(struct tally *tally, size_t crates, struct err *err)
{
	tally->crate_versions = calloc(crates, sizeof *tally->crate_versions);
	tally->crate_bytes = calloc(crates, sizeof *tally->crate_bytes);
	if (tally->crate_versions && tally->crate_bytes)
		return 0;
	(void)err_nomem(err);
	return ERR_NOMEM;
}

static void tally_release(struct tally *tally)
{
	free(tally->crate_versions);
	free(tally->crate_bytes);
}

static int compare_sizes(const void *a, const void *b)
{
	const size_t *x = a;
	const size_t *y = b;
	return (*x > *y) - (*x < *y);
}

/* The value that this share of the crates does not exceed. */
static size_t at(const size_t *sorted, size_t n, double share)
{
	size_t i = (size_t)(share * (double)n);
	return sorted[i < n ? i : n - 1];
}

static void print_tally(const struct tally *tally, bool as_json)
{
	const size_t *v = tally->crate_versions;
	const size_t *b = tally->crate_bytes;
	size_t n = tally->crates;
	const struct {
		const char *name;
		size_t real; /* of crates.io in November 2024 */
		size_t here;
	} rows[] = {
		{"crates", 163442, n},
		{"versions", 1324513, tally->versions},
		{"yanked", 72848, tally->yanked},
		{"bytes", 1900000000, tally->bytes},
		{"versions_p50", 3, at(v, n, 0.5)},
		{"versions_p90", 18, at(v, n, 0.9)},
		{"versions_p99", 81, at(v, n, 0.99)},
		{"versions_max", 1224, at(v, n, 1)},
		{"file_bytes_p50", 1800, at(b, n, 0.5)},
		{"file_bytes_p99", 176000, at(b, n, 0.99)},
		{"file_bytes_max", 3700000, at(b, n, 1)},
		{"line_bytes_mean", 1432, tally->versions ? tally->bytes / tally->versions : 0},
	};

	if (!as_json)
		printf("%-16s %12s %12s\n", "", "crates.io", "here");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (as_json)
			printf("%s\"%s\": %zu", i ? ", " : "{", rows[i].name, rows[i].here);
		else
			printf("%-16s %12zu %12zu\n", rows[i].name, rows[i].real, rows[i].here);
	}
	if (as_json)
		printf("}\n");
}

/* ---- the whole ---- */

struct options {
	uint64_t crates, seed;
	const char *names, *folder;
	bool json;
};

static int write_crate(int root, const struct plan *plan, struct strbuf *body, struct tally *tally, struct err *err)
{
	char path[INDEX_PATH_MAX];
	uint64_t state = plan->crate.seed;
	time_t modified = (time_t)(FILE_TIME_FIRST + (int64_t)(synthetic_random(&state) % FILE_TIME_RANGE));

	strbuf_reset(body);
	tally->yanked += synthetic_file(&plan->crate, body);
	if (strbuf_failed(body))
		return err_nomem(err);
	tally->crate_versions[tally->crates] = plan->crate.versions;
	tally->crate_bytes[tally->crates++] = body->len;
	tally->versions += plan->crate.versions;
	tally->bytes += body->len;
	return write_file(root, index_path(plan->crate.name, path), body, modified, err);
}

static int write_crates(int root, const struct options *options, struct tally *tally, struct err *err)
{
	OWNED_MEM struct plan *plans = plan_crates(options->crates, options->seed);
	OWNED_STRBUF struct strbuf body = {0};
	OWNED_STRBUF struct strbuf names = {0};
	bool shows = isatty(STDERR_FILENO);
	int rc = 0;

	if (!plans)
		return err_nomem(err);
	for (size_t i = 0; !rc && i < options->crates; i++) {
		rc = write_crate(root, &plans[i], &body, tally, err);
		strbuf_addf(&names, "%s\n", plans[i].crate.name);
		if (shows && (i % PROGRESS_EVERY == 0 || i + 1 == options->crates))
			(void)fprintf(stderr, "\r%zu of %zu crates%s", i + 1, (size_t)options->crates,
				      i + 1 == options->crates ? "\n" : "");
	}
	if (!rc && strbuf_failed(&names))
		rc = err_nomem(err);
	return rc ? rc : write_file(AT_FDCWD, options->names, &names, (time_t)FILE_TIME_FIRST, err);
}

static int make_index(const struct options *options, struct tally *tally, struct err *err)
{
	OWNED_STRBUF struct strbuf config = {0};

	if (mkdir(options->folder, 0755) < 0)
		return err_errno(err, "%s", options->folder);
	int root = open(options->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return err_errno(err, "%s", options->folder);
	strbuf_adds(&config, "{\"dl\":\"https://localhost/dl\"}\n");
	int rc = write_file(root, "config.json", &config, (time_t)FILE_TIME_FIRST, err);
	if (!rc)
		rc = write_crates(root, options, tally, err);
	(void)close(root);
	qsort(tally->crate_versions, tally->crates, sizeof *tally->crate_versions, compare_sizes);
	qsort(tally->crate_bytes, tally->crates, sizeof *tally->crate_bytes, compare_sizes);
	return rc;
}

static bool read_options(int argc, char **argv, struct options *ret)
{
	static const struct option longs[] = {
		{"crates", required_argument, NULL, 'c'}, {"seed", required_argument, NULL, 's'},
		{"names", required_argument, NULL, 'n'},  {"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},         {0}};
	bool good = true;
	int option;

	*ret = (struct options){.crates = CRATES_DEFAULT, .seed = 1};
	while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (option == 'c')
			good &= number_parse_u64(optarg, SYNTHETIC_CRATES_MAX, &ret->crates) && ret->crates > 0;
		else if (option == 's')
			good &= number_parse_u64(optarg, UINT32_MAX, &ret->seed);
		else if (option == 'n')
			ret->names = optarg;
		else if (option == 'j')
			ret->json = true;
		else if (option == 'h')
			exit(fputs(USAGE, stdout) < 0);
		else
			good = false;
	}
	ret->folder = optind + 1 == argc ? argv[optind] : NULL;
	return good && ret->names && ret->folder;
}

int main(int argc, char **argv)
{
	struct options options;
	OWNED(tally_release) struct tally tally = {0};
	struct err err;

	if (!read_options(argc, argv, &options)) {
		(void)fputs(USAGE, stderr);
		return 2;
	}
	int rc = tally_init(&tally, options.crates, &err);
	if (!rc)
		rc = make_index(&options, &tally, &err);
	if (rc) {
		(void)fprintf(stderr, "yankwatch-make-index: %s\n", err.text);
		return 1;
	}
	print_tally(&tally, options.json);
	return 0;
}
