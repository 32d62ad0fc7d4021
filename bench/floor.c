/* SPDX-License-Identifier: Apache-2.0 */
/*
 * floor.c: yankwatch-floor sends the daemon's requests with libcurl and nothing
 * else: what the library takes is the least that the daemon can take. Options
 * and headers are those of daemon/net/http.c and registry_http.c; a fixed set of
 * handles is used again and again, sockets are watched by a bare epoll.
 *
 * Prints what it measured as one line of JSON. The connection is opened by an
 * untimed request for config.json, and ETags are made beforehand.
 */
#include "base/err.h"
#include "base/numbers.h"
#include "model/index_path.h"

#include <curl/curl.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define IN_FLIGHT 64 /* POLLER_IN_FLIGHT_MAX */
#define CONNECTIONS_PER_HOST 2
#define CONNECTION_AGE_S 1800
#define CONNECT_TIMEOUT_MS 30000
#define LOW_SPEED_BYTES 10
#define LOW_SPEED_S 30
#define DEADLINE_MS 120000
#define ETAG_SIZE 64
#define URL_SIZE 2048
#define STATUSES 600
#define EVENTS 64

static const char USAGE[] =
	"usage: yankwatch-floor (--sync | --sweep) --url URL --ca FILE --names FILE --index FOLDER\n"
	"\n"
	"Requests every crate of FILE from the sparse index at URL and prints what it took.\n"
	"  --sync           whole files; the bodies are received and dropped\n"
	"  --sweep          with If-None-Match, which nginx is to answer with 304\n"
	"  --ca FILE        the certificates to trust\n"
	"  --index FOLDER   the files that nginx serves: its ETags are made of their times and sizes\n";

/* One crate to ask for. */
struct target {
	const char *name; /* points into floor->names */
	char etag[ETAG_SIZE];
};

/* One of the requests in flight; used again for the next target when it is done. */
struct slot {
	CURL *easy;
	struct curl_slist headers[3]; /* linked here, nothing is allocated for a request */
	char condition[ETAG_SIZE + 20];
	char url[URL_SIZE];
	const struct target *target;
};

struct counts {
	uint64_t requests, failed, bytes;
	uint64_t statuses[STATUSES];
};

struct floor {
	CURLM *multi;
	int epoll;
	int64_t timer_ms; /* monotonic, when curl wants to be woken; -1 = not */
	X509_STORE *trust;
	const char *url;
	char *names; /* owned */
	struct target *targets;
	size_t n_targets, next;
	struct slot slots[IN_FLIGHT];
	size_t in_flight;
	struct counts counts;
};

static int64_t now_ns(clockid_t clock)
{
	struct timespec ts;
	(void)clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* ---- sockets and timer ---- */

static int socket_cb(CURL *easy, curl_socket_t fd, int what, void *user, void *assigned)
{
	struct floor *floor = user;
	struct epoll_event event = {.data.fd = fd};
	(void)easy;

	event.events = (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
	if (what == CURL_POLL_REMOVE)
		return epoll_ctl(floor->epoll, EPOLL_CTL_DEL, fd, NULL) < 0 && errno != EBADF ? -1 : 0;
	(void)curl_multi_assign(floor->multi, fd, floor);
	return epoll_ctl(floor->epoll, assigned ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
}

static int timer_cb(CURLM *multi, long timeout_ms, void *user)
{
	struct floor *floor = user;
	(void)multi;

	floor->timer_ms = timeout_ms < 0 ? -1 : now_ns(CLOCK_MONOTONIC) / 1000000 + timeout_ms;
	return 0;
}

static size_t body_cb(char *bytes, size_t size, size_t count, void *user)
{
	struct counts *counts = user;
	(void)bytes;

	counts->bytes += size * count;
	return size * count;
}

/* ---- requests ---- */

static CURLcode trust_cb(CURL *easy, void *ssl_ctx, void *user)
{
	(void)easy;
	SSL_CTX_set1_cert_store(ssl_ctx, user);
	return CURLE_OK;
}

static int slot_init(struct floor *floor, struct slot *slot, struct err *err)
{
	static char protocol[] = "cargo-protocol: version=1";
	static char accept[] = "accept: text/plain";
	CURL *easy = slot->easy = curl_easy_init();
	int bad = 0;

	if (!easy)
		return err_nomem(err);
	slot->headers[0] = (struct curl_slist){.data = protocol, .next = &slot->headers[1]};
	slot->headers[1] = (struct curl_slist){.data = accept, .next = &slot->headers[2]};
	slot->headers[2] = (struct curl_slist){.data = slot->condition};
	bad |= (int)curl_easy_setopt(easy, CURLOPT_USERAGENT, "yankwatch/" YANKWATCH_VERSION);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	bad |= (int)curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
	bad |= (int)curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)DEADLINE_MS);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, (long)LOW_SPEED_BYTES);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)LOW_SPEED_S);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)CONNECTION_AGE_S);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, body_cb);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_WRITEDATA, &floor->counts);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_PRIVATE, slot);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, trust_cb);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, floor->trust);
	return bad ? err_set(err, ERR_IO, "libcurl lacks an option that is needed") : 0;
}

static int slot_send(struct floor *floor, struct slot *slot, const char *path)
{
	const char *etag = slot->target ? slot->target->etag : "";

	if (*etag)
		(void)snprintf(slot->condition, sizeof slot->condition, "if-none-match: %s", etag);
	slot->headers[1].next = *etag ? &slot->headers[2] : NULL;
	(void)snprintf(slot->url, sizeof slot->url, "%s%s", floor->url, path);
	if (curl_easy_setopt(slot->easy, CURLOPT_URL, slot->url) != CURLE_OK ||
	    curl_easy_setopt(slot->easy, CURLOPT_HTTPHEADER, slot->headers) != CURLE_OK ||
	    curl_multi_add_handle(floor->multi, slot->easy) != CURLM_OK)
		return -1;
	floor->in_flight++;
	return 0;
}

/* The next target that nobody has asked for yet. */
static int send_next(struct floor *floor, struct slot *slot)
{
	char path[INDEX_PATH_MAX];

	if (floor->next == floor->n_targets)
		return 0;
	slot->target = &floor->targets[floor->next++];
	return slot_send(floor, slot, index_path(slot->target->name, path));
}

static int collect_done(struct floor *floor)
{
	CURLMsg *msg;
	int left;
	int bad = 0;

	while ((msg = curl_multi_info_read(floor->multi, &left))) {
		struct slot *slot = NULL;
		CURLcode code = msg->data.result;
		long status = 0;
		(void)curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &slot);
		(void)curl_easy_getinfo(slot->easy, CURLINFO_RESPONSE_CODE, &status);
		(void)curl_multi_remove_handle(floor->multi, slot->easy);
		floor->in_flight--;
		floor->counts.requests++;
		floor->counts.failed += code != CURLE_OK;
		if (code == CURLE_OK && status > 0 && status < STATUSES)
			floor->counts.statuses[status]++;
		bad |= send_next(floor, slot);
	}
	return bad;
}

static void act(struct floor *floor, curl_socket_t fd, unsigned ready)
{
	int bits = (ready & (EPOLLIN | EPOLLHUP | EPOLLERR) ? CURL_CSELECT_IN : 0) |
		   (ready & EPOLLOUT ? CURL_CSELECT_OUT : 0);
	int running;

	(void)curl_multi_socket_action(floor->multi, fd, bits, &running);
}

static int turn(struct floor *floor)
{
	struct epoll_event events[EVENTS];
	int64_t wait_ms = floor->timer_ms < 0 ? -1 : floor->timer_ms - now_ns(CLOCK_MONOTONIC) / 1000000;

	int n = epoll_wait(floor->epoll, events, EVENTS, floor->timer_ms >= 0 && wait_ms < 0 ? 0 : (int)wait_ms);
	for (int i = 0; i < n; i++)
		act(floor, events[i].data.fd, events[i].events);
	if (floor->timer_ms >= 0 && floor->timer_ms <= now_ns(CLOCK_MONOTONIC) / 1000000) {
		floor->timer_ms = -1;
		act(floor, CURL_SOCKET_TIMEOUT, 0);
	}
	return collect_done(floor);
}

/* Opens the connection. */
static int fetch_config(struct floor *floor, struct err *err)
{
	size_t n_targets = floor->n_targets;
	int bad;

	floor->n_targets = 0;
	bad = slot_send(floor, &floor->slots[0], "config.json");
	while (!bad && floor->in_flight)
		bad = turn(floor);
	floor->n_targets = n_targets;
	if (bad || floor->counts.statuses[200] != 1)
		return err_set(err, ERR_IO, "%sconfig.json does not come", floor->url);
	floor->counts = (struct counts){0};
	return 0;
}

static int fetch_all(struct floor *floor, struct err *err)
{
	int bad = 0;

	for (size_t i = 0; i < IN_FLIGHT; i++)
		bad |= send_next(floor, &floor->slots[i]);
	while (!bad && floor->in_flight)
		bad = turn(floor);
	return bad ? err_set(err, ERR_IO, "libcurl refuses a request") : 0;
}

/* ---- what is asked for ---- */

/* As nginx makes it: time and size of the file. */
static int make_etag(const char *folder, struct target *target, struct err *err)
{
	char path[INDEX_PATH_MAX];
	char file[URL_SIZE];
	struct stat st;

	(void)snprintf(file, sizeof file, "%s/%s", folder, index_path(target->name, path));
	if (stat(file, &st) < 0)
		return err_errno(err, "%s", file);
	(void)snprintf(target->etag, sizeof target->etag, "\"%" PRIx64 "-%" PRIx64 "\"", (uint64_t)st.st_mtime,
		       (uint64_t)st.st_size);
	return 0;
}

static int read_names(struct floor *floor, const char *file, struct err *err)
{
	FILE *f = fopen(file, "re");
	size_t cap = 0;

	if (!f)
		return err_errno(err, "%s", file);
	ssize_t len = getdelim(&floor->names, &cap, '\0', f);
	(void)fclose(f);
	if (len < 0)
		return err_set(err, ERR_BAD, "%s: empty", file);
	size_t lines = 0;
	for (const char *at = floor->names; *at; at++)
		lines += *at == '\n';
	floor->targets = calloc(lines + 1, sizeof *floor->targets);
	if (!floor->targets)
		return err_nomem(err);
	char *rest = floor->names;
	for (char *name; (name = strsep(&rest, "\n"));) {
		if (!*name)
			continue;
		if (!crate_name_valid(name))
			return err_set(err, ERR_BAD, "%s: \"%.64s\" is not a crate's name", file, name);
		floor->targets[floor->n_targets++].name = name;
	}
	return 0;
}

struct options {
	bool sync, sweep;
	const char *url, *ca, *names, *index;
};

static int floor_init(struct floor *floor, const struct options *options, struct err *err)
{
	*floor = (struct floor){.url = options->url, .timer_ms = -1};
	floor->epoll = epoll_create1(EPOLL_CLOEXEC);
	floor->multi = curl_multi_init();
	floor->trust = X509_STORE_new();
	if (floor->epoll < 0 || !floor->multi || !floor->trust)
		return err_nomem(err);
	if (X509_STORE_load_file(floor->trust, options->ca) != 1)
		return err_set(err, ERR_BAD, "%s: no certificates", options->ca);
	(void)curl_multi_setopt(floor->multi, CURLMOPT_SOCKETFUNCTION, socket_cb);
	(void)curl_multi_setopt(floor->multi, CURLMOPT_SOCKETDATA, floor);
	(void)curl_multi_setopt(floor->multi, CURLMOPT_TIMERFUNCTION, timer_cb);
	(void)curl_multi_setopt(floor->multi, CURLMOPT_TIMERDATA, floor);
	(void)curl_multi_setopt(floor->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
	(void)curl_multi_setopt(floor->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)CONNECTIONS_PER_HOST);
	int rc = read_names(floor, options->names, err);
	for (size_t i = 0; options->sweep && !rc && i < floor->n_targets; i++)
		rc = make_etag(options->index, &floor->targets[i], err);
	for (size_t i = 0; !rc && i < IN_FLIGHT; i++)
		rc = slot_init(floor, &floor->slots[i], err);
	return rc;
}

static void floor_release(struct floor *floor)
{
	for (size_t i = 0; i < IN_FLIGHT; i++)
		curl_easy_cleanup(floor->slots[i].easy);
	if (floor->multi)
		(void)curl_multi_cleanup(floor->multi);
	X509_STORE_free(floor->trust);
	if (floor->epoll >= 0)
		(void)close(floor->epoll);
	free(floor->targets);
	free(floor->names);
}

/* ---- the whole ---- */

static void print_counts(const struct counts *counts, int64_t wall_ns, int64_t cpu_ns)
{
	bool first = true;

	printf("{\"requests\": %" PRIu64 ", \"failed\": %" PRIu64 ", \"bytes\": %" PRIu64, counts->requests,
	       counts->failed, counts->bytes);
	printf(", \"wall_s\": %.6f, \"cpu_s\": %.6f, \"statuses\": {", (double)wall_ns / 1e9, (double)cpu_ns / 1e9);
	for (unsigned i = 0; i < STATUSES; i++) {
		if (!counts->statuses[i])
			continue;
		printf("%s\"%u\": %" PRIu64, first ? "" : ", ", i, counts->statuses[i]);
		first = false;
	}
	printf("}}\n");
}

static int measure(struct floor *floor, struct err *err)
{
	int rc = fetch_config(floor, err);
	if (rc)
		return rc;
	int64_t wall_ns = now_ns(CLOCK_MONOTONIC);
	int64_t cpu_ns = now_ns(CLOCK_PROCESS_CPUTIME_ID);
	rc = fetch_all(floor, err);
	if (!rc)
		print_counts(&floor->counts, now_ns(CLOCK_MONOTONIC) - wall_ns,
			     now_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu_ns);
	return rc;
}

static bool read_options(int argc, char **argv, struct options *ret)
{
	static const struct option longs[] = {
		{"sync", no_argument, NULL, 'y'},        {"sweep", no_argument, NULL, 'w'},
		{"url", required_argument, NULL, 'u'},   {"ca", required_argument, NULL, 'c'},
		{"names", required_argument, NULL, 'n'}, {"index", required_argument, NULL, 'i'},
		{"help", no_argument, NULL, 'h'},        {0}};
	bool good = true;
	int option;

	*ret = (struct options){0};
	while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (option == 'y')
			ret->sync = true;
		else if (option == 'w')
			ret->sweep = true;
		else if (option == 'u')
			ret->url = optarg;
		else if (option == 'c')
			ret->ca = optarg;
		else if (option == 'n')
			ret->names = optarg;
		else if (option == 'i')
			ret->index = optarg;
		else if (option == 'h')
			exit(fputs(USAGE, stdout) < 0);
		else
			good = false;
	}
	return good && optind == argc && ret->sync != ret->sweep && ret->url && ret->ca && ret->names && ret->index;
}

int main(int argc, char **argv)
{
	struct options options;
	struct floor floor;
	struct err err;

	if (!read_options(argc, argv, &options)) {
		(void)fputs(USAGE, stderr);
		return 2;
	}
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return 1;
	int rc = floor_init(&floor, &options, &err);
	if (!rc)
		rc = measure(&floor, &err);
	if (rc)
		(void)fprintf(stderr, "yankwatch-floor: %s\n", err.text);
	floor_release(&floor);
	curl_global_cleanup();
	return rc ? 1 : 0;
}
