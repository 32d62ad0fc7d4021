/* SPDX-License-Identifier: Apache-2.0 */
/* A lock that is made, stored and loaded; and what does not load. */
#include "base/strbuf.h"
#include "model/lock.h"
#include "model/lock_sources.h"

#include <byteswap.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define CRATES_IO_GIT "registry+https://github.com/rust-lang/crates.io-index"
#define CHECKSUM "0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef"

static uint32_t add(struct lock_builder *builder, const char *name, const char *source, const char *checksum)
{
	const struct lock_new_package new = {name, "1.0.0", source, checksum, lock_origin_of(source)};
	uint32_t index;
	struct err err;

	if (lock_builder_package(builder, &new, &index, &err))
		fail_msg("%s", err.text);
	return index;
}

static void link_packages(struct lock_builder *builder, uint32_t from, uint32_t to, const char *requirement)
{
	struct err err;
	assert_int_equal(lock_builder_edge(builder, from, to, requirement, &err), 0);
}

static struct lock finish(struct lock_builder *builder)
{
	struct lock lock;
	struct err err;

	assert_int_equal(lock_builder_finish(builder, &lock, &err), 0);
	lock_builder_free(builder);
	return lock;
}

static struct lock make(void)
{
	struct lock_builder *builder = lock_builder_new(LOCK_CARGO, 4);

	uint32_t app = add(builder, "app", NULL, NULL);
	uint32_t serde = add(builder, "serde", CRATES_IO_GIT, CHECKSUM);
	uint32_t local = add(builder, "own", "git+https://localhost/own#abc", NULL);
	link_packages(builder, local, serde, "^1");
	link_packages(builder, app, local, NULL);
	link_packages(builder, app, serde, "^1.0");
	link_packages(builder, app, serde, "");
	link_packages(builder, app, serde, "^1.0"); /* a double */
	return finish(builder);
}

/* "name@version source url checksum origin -> name requirement, …" of each. */
static char *told(const struct lock *lock)
{
	struct strbuf out = {0};

	for (uint32_t i = 0; i < lock->n_packages; i++) {
		const struct lock_package *package = &lock->packages[i];
		strbuf_addf(&out, "%s@%s %s %s %.10s %s:", lock_text_at(lock, package->name),
			    lock_text_at(lock, package->version), lock_text_at(lock, package->source),
			    lock_text_at(lock, package->url), lock_text_at(lock, package->checksum),
			    lock_origin_name((enum lock_origin)package->origin));
		for (uint32_t e = 0; e < package->n_edges; e++) {
			const struct lock_edge *edge = &lock->edges[package->edges + e];
			strbuf_addf(&out, " %u%s", edge->to, lock_text_at(lock, edge->requirement));
		}
		strbuf_adds(&out, "\n");
	}
	return strbuf_take(&out);
}

static void what_was_made_is_what_is_loaded(void **state)
{
	(void)state;
	OWNED(lock_release) struct lock lock = make();
	OWNED(lock_release) struct lock loaded = {0};
	OWNED_MEM char *before = told(&lock);
	struct err err;
	size_t len;

	assert_string_equal(before, "app@1.0.0    workspace: 2 1^1.0 1\n"
				    "serde@1.0.0 " CRATES_IO_GIT " https://index.crates.io/ 0123456789 registry:\n"
				    "own@1.0.0 git+https://localhost/own#abc   git: 1^1\n");
	const void *bytes = lock_bytes(&lock, &len);
	assert_int_equal(lock_load(bytes, len, &loaded, &err), 0);
	OWNED_MEM char *after = told(&loaded);
	assert_string_equal(after, before);
	assert_int_equal(loaded.format, LOCK_CARGO);
	assert_int_equal(loaded.version, 4);
	assert_string_equal(lock_text_at(&loaded, loaded.packages[1].checksum) + 10,
			    "abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
}

static void the_other_byte_order_is_turned(void **state)
{
	(void)state;
	OWNED(lock_release) struct lock lock = make();
	OWNED(lock_release) struct lock loaded = {0};
	OWNED_MEM char *before = told(&lock);
	struct err err;

	uint32_t *words = lock.memory;
	size_t n = (lock.size - lock.n_texts) / sizeof *words;
	for (size_t i = 0; i < n; i++)
		words[i] = bswap_32(words[i]);
	assert_int_equal(lock_load(lock.memory, lock.size, &loaded, &err), 0);
	OWNED_MEM char *after = told(&loaded);
	assert_string_equal(after, before);
}

/* Reads all of what was loaded: a sanitizer sees who leads nowhere. */
static void look_at(const struct lock *lock)
{
	OWNED_MEM char *text = told(lock);
	assert_non_null(text);
}

static void damage_never_leads_nowhere(void **state)
{
	(void)state;
	OWNED(lock_release) struct lock lock = make();
	unsigned loaded = 0;
	struct err err;

	for (size_t i = 0; i < lock.size; i++) {
		OWNED_MEM unsigned char *bytes = malloc(lock.size);
		memcpy(bytes, lock.memory, lock.size);
		for (unsigned flip = 1; flip < 256; flip = flip * 2 + 1) {
			OWNED(lock_release) struct lock damaged = {0};
			bytes[i] ^= (unsigned char)flip;
			int rc = lock_load(bytes, lock.size, &damaged, &err);
			assert_true(rc == 0 || rc == ERR_BAD);
			if (rc == 0)
				look_at(&damaged);
			loaded += rc == 0;
		}
	}
	assert_true(loaded > 0); /* a letter of a name */
	for (size_t len = 0; len < lock.size; len++) {
		struct lock cut;
		assert_int_equal(lock_load(lock.memory, len, &cut, &err), ERR_BAD);
	}
}

static void a_package_has_a_name_that_can_be_used(void **state)
{
	(void)state;
	static const struct {
		const char *name, *version, *source, *checksum, *fault;
		int rc;
	} rows[] = {
		{"a", "1.0.0", NULL, NULL, NULL, 0},
		{"a b", "1.0.0", NULL, NULL, NULL, 0}, /* nobody asks a registry for it */
		{"a b", "1.0.0", CRATES_IO_GIT, NULL, "\"a b\" is not a crate's name", ERR_BAD},
		{"a", "1.0.0", "sparse+https://localhost/\n", NULL, "the source \"sparse+", ERR_BAD},
		{"", "1.0.0", NULL, NULL, "a package without a name", ERR_BAD},
		{"a", NULL, NULL, NULL, "the package \"a\" has no version", ERR_BAD},
		{"a", "1.0.0\x7f", NULL, NULL, "the version \"1.0.0", ERR_BAD},
		{"a", "1.0.0", NULL, "0123", "the checksum \"0123\" is not 64", ERR_BAD},
		{"a", "1.0.0", NULL, CHECKSUM "0", "the checksum \"0123456789", ERR_BAD},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct lock_builder *builder = lock_builder_new(LOCK_CARGO, 4);
		const struct lock_new_package new = {rows[i].name, rows[i].version, rows[i].source, rows[i].checksum,
						     lock_origin_of(rows[i].source)};
		struct err err = {0};
		uint32_t index;
		int rc = lock_builder_package(builder, &new, &index, &err);
		lock_builder_free(builder);
		if (rc != rows[i].rc || (rc && strncmp(err.text, rows[i].fault, strlen(rows[i].fault)) != 0))
			fail_msg("row %zu: %d %s", i, rc, err.text);
	}
}

static void too_much_is_refused(void **state)
{
	(void)state;
	struct lock_builder *builder = lock_builder_new(LOCK_METADATA, 0);
	struct err err;
	int rc = 0;

	uint32_t a = add(builder, "a", NULL, NULL);
	for (unsigned i = 0; i < LOCK_EDGES_MAX && !rc; i++)
		rc = lock_builder_edge(builder, a, a, NULL, &err);
	assert_int_equal(rc, 0);
	assert_int_equal(lock_builder_edge(builder, a, a, NULL, &err), ERR_LIMIT);
	lock_builder_free(builder);
}

static void urls_are_made_alike(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{CRATES_IO_GIT, LOCK_CRATES_IO},
		{CRATES_IO_GIT ".git#0123", LOCK_CRATES_IO},
		{"registry+https://GitHub.com/Rust-Lang/crates.io-index/", LOCK_CRATES_IO},
		{"sparse+https://index.crates.io/", LOCK_CRATES_IO},
		{"registry+https://index.crates.io", LOCK_CRATES_IO},
		{"sparse+HTTPS://User@Crates.Example/Index/", "https://User@crates.example/Index"},
		{"registry+sparse+https://crates.example/index/?a=b#c", "https://crates.example/index"},
		{"registry+ssh://git@crates.example/Index.git", "ssh://git@crates.example/Index"},
		{"https://crates.example:8443/", "https://crates.example:8443"},
		{"registry+file:///srv/Index", "file:///srv/Index"},
		{"registry+", ""},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_MEM char *url = lock_source_url(rows[i][0]);
		assert_string_equal(url, rows[i][1]);
	}
}

static void a_source_is_the_first_registry_that_serves_it(void **state)
{
	(void)state;
	static const struct lock_source items[] = {
		{"https://crates.example/index", "internal"},
		{LOCK_CRATES_IO, "mirror"},
		{LOCK_CRATES_IO, "second"},
	};
	const struct lock_sources sources = {items, ARRAY_LEN(items)};
	struct lock_builder *builder = lock_builder_new(LOCK_CARGO, 4);

	(void)add(builder, "a", CRATES_IO_GIT, NULL);
	(void)add(builder, "b", "sparse+https://crates.example/index/", NULL);
	(void)add(builder, "c", "sparse+https://other.example/index/", NULL);
	(void)add(builder, "d", NULL, NULL);
	(void)add(builder, "e", "git+https://crates.example/index", NULL);
	OWNED(lock_release) struct lock lock = finish(builder);
	static const char *const expected[] = {"mirror", "internal", NULL, NULL, NULL};
	for (uint32_t i = 0; i < lock.n_packages; i++) {
		const char *registry = lock_sources_find(&sources, &lock, &lock.packages[i]);
		assert_string_equal(registry ? registry : "", expected[i] ? expected[i] : "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_made_is_what_is_loaded),
		cmocka_unit_test(the_other_byte_order_is_turned),
		cmocka_unit_test(damage_never_leads_nowhere),
		cmocka_unit_test(a_package_has_a_name_that_can_be_used),
		cmocka_unit_test(too_much_is_refused),
		cmocka_unit_test(urls_are_made_alike),
		cmocka_unit_test(a_source_is_the_first_registry_that_serves_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
