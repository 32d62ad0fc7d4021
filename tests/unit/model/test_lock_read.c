/* SPDX-License-Identifier: Apache-2.0 */
/* Small lockfiles of each format. Real ones, damaged ones and each error: tests/integration/test_lockfiles.py. */
#include "base/strbuf.h"
#include "model/lock_read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define CRATES_IO "registry+https://github.com/rust-lang/crates.io-index"
#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* "format version; name@version origin [url] [#checksum] > name@version requirement, …; …" */
static char *read_text(const char *text)
{
	OWNED(lock_release) struct lock lock = {0};
	struct strbuf out = {0};
	struct err err;

	if (lock_read(text, strlen(text), &lock, &err))
		fail_msg("%s", err.text);
	strbuf_addf(&out, "%s %u", lock_format_name(lock.format), lock.version);
	for (uint32_t i = 0; i < lock.n_packages; i++) {
		const struct lock_package *package = &lock.packages[i];
		strbuf_addf(&out, "; %s@%s %s", lock_text_at(&lock, package->name),
			    lock_text_at(&lock, package->version), lock_origin_name((enum lock_origin)package->origin));
		if (package->url)
			strbuf_addf(&out, " %s", lock_text_at(&lock, package->url));
		if (package->checksum)
			strbuf_addf(&out, " #%.4s", lock_text_at(&lock, package->checksum));
		for (uint32_t e = 0; e < package->n_edges; e++) {
			const struct lock_edge *edge = &lock.edges[package->edges + e];
			strbuf_addf(&out, " > %s@%s%s", lock_text_at(&lock, lock.packages[edge->to].name),
				    lock_text_at(&lock, lock.packages[edge->to].version),
				    lock_text_at(&lock, edge->requirement));
		}
	}
	return strbuf_take(&out);
}

#define PACKAGE(name, version, source, more) \
	"[[package]]\nname = \"" name "\"\nversion = \"" version "\"\nsource = \"" source "\"\n" more
#define APP(dependencies) "[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [" dependencies "]\n"
#define INDEX "https://index.crates.io/"

static void a_cargo_lock_is_read(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		/* checksums in [metadata], dependencies in full */
		{"[root]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\"a 1.0.0 (" CRATES_IO
		 ")\"]\n" PACKAGE("a", "1.0.0", CRATES_IO, "") "[metadata]\n\"checksum a 1.0.0 (" CRATES_IO
							       ")\" = \"" SHA "\"\n",
		 "cargo-lock 1; app@0.1.0 workspace > a@1.0.0; a@1.0.0 registry " INDEX " #0123"},
		{PACKAGE("a", "1.0.0", CRATES_IO, "") "[metadata]\n\"checksum a 1.0.0 (" CRATES_IO ")\" = \"<none>\"\n",
		 "cargo-lock 1; a@1.0.0 registry " INDEX},
		/* no number, but a checksum in its place */
		{APP("\"a\"") PACKAGE("a", "1.0.0", CRATES_IO, "checksum = \"" SHA "\"\n"),
		 "cargo-lock 2; app@0.1.0 workspace > a@1.0.0; a@1.0.0 registry " INDEX " #0123"},
		/* two versions; two sources */
		{"version = 3\n" APP("\"a 2.0.0\"") PACKAGE("a", "1.0.0", CRATES_IO, "")
			 PACKAGE("a", "2.0.0", CRATES_IO, ""),
		 "cargo-lock 3; app@0.1.0 workspace > a@2.0.0; a@1.0.0 registry " INDEX "; a@2.0.0 registry " INDEX},
		{"version = 4\n" APP("\"a 1.0.0 (git+https://localhost/a?rev=b%2Bc)\"")
			 PACKAGE("a", "1.0.0", CRATES_IO, "")
				 PACKAGE("a", "1.0.0", "git+https://localhost/a?rev=b%2Bc#01ab", ""),
		 "cargo-lock 4; app@0.1.0 workspace > a@1.0.0; a@1.0.0 registry " INDEX "; a@1.0.0 git"},
		/* the one without a source is meant */
		{"version = 4\n" APP("\"a 1.0.0\"")
			 PACKAGE("a", "1.0.0", CRATES_IO, "") "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n",
		 "cargo-lock 4; app@0.1.0 workspace > a@1.0.0; a@1.0.0 registry " INDEX "; a@1.0.0 workspace"},
		/* not there: passed over, as by cargo */
		{"version = 4\n" APP("\"b\""), "cargo-lock 4; app@0.1.0 workspace"},
		{"version = 4\n" PACKAGE("a", "1.0.0", CRATES_IO, "replace = \"b 2.0.0\"\n")
			 PACKAGE("b", "2.0.0", "git+https://localhost/b#01ab", ""),
		 "cargo-lock 4; a@1.0.0 registry " INDEX " > b@2.0.0; b@2.0.0 git"},
		{"version = 4\n" APP("") "[[patch.unused]]\nname = 7\n", "cargo-lock 4; app@0.1.0 workspace"},
		{"version = 4\n" PACKAGE("a", "1.0.0", "sparse+https://crates.example/index/", "")
			 PACKAGE("b", "1.0.0", "bzr+https://localhost/", ""),
		 "cargo-lock 4; a@1.0.0 registry https://crates.example/index; b@1.0.0 other"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_MEM char *found = read_text(rows[i][0]);
		assert_string_equal(found, rows[i][1]);
	}
}

static char *read_data(const char *name)
{
	OWNED_STRBUF struct strbuf path = {0};
	OWNED_STRBUF struct strbuf text = {0};
	char chunk[4096];
	size_t n;

	strbuf_addf(&path, TESTS_DIR "/data/lockfiles/%s", name);
	FILE *file = fopen(strbuf_str(&path), "re");
	assert_non_null(file);
	while ((n = fread(chunk, 1, sizeof chunk, file)) > 0)
		strbuf_add(&text, chunk, n);
	assert_int_equal(fclose(file), 0);
	return read_text(strbuf_str(&text));
}

/* dev-dependencies count in the workspace alone; `beside` demands what a patch stands in for. */
static void cargo_metadata_is_read_with_what_is_demanded(void **state)
{
	(void)state;
	OWNED_MEM char *found = read_data("small.metadata.json");

	assert_string_equal(found,
			    "cargo-metadata 0"
			    "; app@0.1.0 workspace > a@1.2.9^1.2 > a@1.2.91.2.9 > a@2.0.0^2 > b@3.0.0^3 > beside@0.1.0*"
			    "; a@1.2.9 registry " INDEX " > b@3.0.0>=3"
			    "; a@2.0.0 registry " INDEX "; b@3.0.0 registry " INDEX "; beside@0.1.0 path > b@3.0.0");
}

/* Of its packages of Rust; where they come from stands in the purl, or in the bom-ref. */
static void an_sbom_is_read_for_its_crates(void **state)
{
	(void)state;
	OWNED_MEM char *found = read_data("small.cdx.json");

	assert_string_equal(found,
			    "cyclonedx 0; app@0.1.0 workspace > a@1.0.0+b > c@1.0.0; a@1.0.0+b registry " INDEX " #0123"
			    "; b@2.0.0 registry " INDEX "; c@1.0.0 registry https://crates.example/index > b@2.0.0"
			    "; d@1.0.0 registry " INDEX "; e@1.0.0 git; f@1.0.0 registry https://other.example/index");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cargo_lock_is_read),
		cmocka_unit_test(cargo_metadata_is_read_with_what_is_demanded),
		cmocka_unit_test(an_sbom_is_read_for_its_crates),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
