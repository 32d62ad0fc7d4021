/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lock_dump.c: what lock_read() makes of lockfiles, for tests/integration/test_lockfiles.py.
 *
 *   yankwatch-test-lock FILE     prints it as one JSON object, or the error and ends with 1
 *   yankwatch-test-lock --many   reads from standard input, again and again, a line with a number of bytes and so many
 * bytes; answers each with one line: "read N" (packages) or "refused TEXT"
 *
 * Whatever was read is also stored and loaded again, which must come to the same.
 */
#include "base/json.h"
#include "model/lock_read.h"

#include <stdio.h>
#include <string.h>

static int read_twice(const char *text, size_t len, struct lock *ret, struct err *err)
{
	OWNED(lock_release) struct lock again = {0};
	size_t size;

	int rc = lock_read(text, len, ret, err);
	if (rc)
		return rc;
	const void *bytes = lock_bytes(ret, &size);
	if (lock_load(bytes, size, &again, err) || again.size != size || memcmp(again.memory, ret->memory, size) != 0) {
		(void)fprintf(stderr, "yankwatch-test-lock: it does not load as it was stored: %s\n", err->text);
		abort();
	}
	return 0;
}

static void put_package(struct json_writer *w, const struct lock *lock, const struct lock_package *package)
{
	json_open(w, NULL, '{');
	json_put_string(w, "name", lock_text_at(lock, package->name));
	json_put_string(w, "version", lock_text_at(lock, package->version));
	json_put_string(w, "source", lock_text_at(lock, package->source));
	json_put_string(w, "url", lock_text_at(lock, package->url));
	json_put_string(w, "checksum", lock_text_at(lock, package->checksum));
	json_put_string(w, "origin", lock_origin_name((enum lock_origin)package->origin));
	json_open(w, "edges", '[');
	for (uint32_t i = 0; i < package->n_edges; i++) {
		const struct lock_edge *edge = &lock->edges[package->edges + i];
		json_open(w, NULL, '[');
		json_put_int(w, NULL, edge->to);
		json_put_string(w, NULL, lock_text_at(lock, edge->requirement));
		json_close(w, ']');
	}
	json_close(w, ']');
	json_close(w, '}');
}

static void put_lock(const struct lock *lock)
{
	OWNED_STRBUF struct strbuf out = {0};
	struct json_writer w = {.out = &out};

	json_open(&w, NULL, '{');
	json_put_string(&w, "format", lock_format_name(lock->format));
	json_put_int(&w, "version", lock->version);
	json_put_int(&w, "bytes", (int64_t)lock->size);
	json_open(&w, "packages", '[');
	for (uint32_t i = 0; i < lock->n_packages; i++)
		put_package(&w, lock, &lock->packages[i]);
	json_close(&w, ']');
	json_close(&w, '}');
	(void)puts(strbuf_str(&out));
}

static int dump(const char *path)
{
	OWNED(lock_release) struct lock lock = {0};
	OWNED_STRBUF struct strbuf text = {0};
	char chunk[65536];
	struct err err;
	size_t n;

	FILE *file = fopen(path, "rb");
	if (!file) {
		perror(path);
		return 2;
	}
	while ((n = fread(chunk, 1, sizeof chunk, file)) > 0)
		strbuf_add(&text, chunk, n);
	(void)fclose(file);
	if (read_twice(strbuf_str(&text), text.len, &lock, &err)) {
		(void)printf("%s\n", err.text);
		return 1;
	}
	put_lock(&lock);
	return 0;
}

static bool answer_one(void)
{
	OWNED(lock_release) struct lock lock = {0};
	char line[32];
	struct err err;

	if (!fgets(line, sizeof line, stdin))
		return false;
	size_t len = strtoul(line, NULL, 10);
	/* No byte behind it, so that a sanitizer sees who reads on. */
	OWNED_MEM char *text = malloc(len ? len : 1);
	if (!text || fread(text, 1, len, stdin) != len)
		return false;
	if (read_twice(text, len, &lock, &err))
		(void)printf("refused %s\n", err.text);
	else
		(void)printf("read %u\n", lock.n_packages);
	return fflush(stdout) == 0;
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		(void)fputs("usage: yankwatch-test-lock FILE | yankwatch-test-lock --many\n", stderr);
		return 2;
	}
	if (strcmp(argv[1], "--many") != 0)
		return dump(argv[1]);
	while (answer_one())
		continue;
	return 0;
}
