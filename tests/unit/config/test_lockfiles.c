/* SPDX-License-Identifier: Apache-2.0 */
/* Looks at lockfiles on disk: what is new is handed over once, what is gone or damaged is told once. */
#include "config/lockfile_paths.h"
#include "config/lockfiles.h"
#include "fixture.h"
#include "model/lock.h"

#include <fcntl.h>
#include <sys/time.h>
#include <time.h>

#define GOOD "# made by hand\nversion = 4\n\n[[package]]\nname = \"app\"\nversion = \"1.0.0\"\n"
#define OTHER "# made by hand\nversion = 4\n\n[[package]]\nname = \"app\"\nversion = \"2.0.0\"\n"
#define CONFLICT "version = 4\n<<<<<<< ours\n"
#define HOUR_S 3600

/* What was handed over, a line each: "PROJECT FILE ok", "PROJECT FILE: why", "present: PROJECT FILE, …". */
struct fixture {
	struct lockfiles *lockfiles;
	const struct config *config;
	struct strbuf said;
	bool refuses;
	atomic_bool interrupt;
};

static const char *base_of(const char *path)
{
	assert_memory_equal(path, fixture_folder, strlen(fixture_folder));
	return path + strlen(fixture_folder) + 1;
}

static bool on_changed(void *ctx, const struct config *config, const struct lockfile_news *news)
{
	struct fixture *f = ctx;

	assert_ptr_equal(config, f->config);
	if (f->refuses)
		return false;
	assert_int_equal(news->lock != NULL, news->digest != NULL);
	strbuf_addf(&f->said, "%s %s%s%s\n", news->project->name, base_of(news->path), news->lock ? " ok" : ": ",
		    news->lock ? "" : news->err->text);
	return true;
}

static bool on_present(void *ctx, const struct config *config, const char *const (*lockfiles)[2], size_t n)
{
	struct fixture *f = ctx;

	assert_ptr_equal(config, f->config);
	if (f->refuses)
		return false;
	strbuf_adds(&f->said, "present:");
	for (size_t i = 0; i < n; i++)
		strbuf_addf(&f->said, " %s %s", lockfiles[i][0], base_of(lockfiles[i][1]));
	strbuf_addc(&f->said, '\n');
	return true;
}

/* Not of this moment: nobody writes it any more. */
static void age(const char *name, long seconds)
{
	struct timeval times[2] = {{.tv_sec = time(NULL) - seconds}, {.tv_sec = time(NULL) - seconds}};
	assert_int_equal(utimes(name, times), 0);
}

static void put(const char *name, const char *text)
{
	write_file(name, text, 0644);
	age(name, HOUR_S);
}

/* `projects` is YAML with FOLDER for the test's own. */
static void configure(struct fixture *f, const char *projects)
{
	OWNED_STRBUF struct strbuf text = {0};
	const char *folder;

	strbuf_adds(&text, "registries: {r: {index: \"sparse+http://localhost/\"}}\nprojects:\n");
	while ((folder = strstr(projects, "FOLDER"))) {
		strbuf_add(&text, projects, (size_t)(folder - projects));
		strbuf_adds(&text, fixture_folder);
		projects = folder + strlen("FOLDER");
	}
	strbuf_adds(&text, projects);
	config_unref(f->config);
	f->config = load_good(strbuf_str(&text));
}

static void look(struct fixture *f, const char *expected)
{
	strbuf_reset(&f->said);
	(void)lockfiles_look(f->lockfiles, f->config, &f->interrupt);
	assert_string_equal(strbuf_str(&f->said), expected);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	const struct lockfiles_sink sink = {on_changed, on_present, f};
	struct err err;

	assert_non_null(f);
	assert_int_equal(lockfiles_new(&sink, &f->lockfiles, &err), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	static const char *const names[] = {"one", "two", "three", "new", "fifo", "sub"};

	lockfiles_free(f->lockfiles);
	config_unref(f->config);
	strbuf_release(&f->said);
	free(f);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		(void)remove(names[i]);
	return 0;
}

static void a_lockfile_is_handed_over_once_and_again_when_it_says_something_else(void **state)
{
	struct fixture *f = *state;

	put("one", GOOD);
	put("two", GOOD);
	configure(f, "  - {name: b, lockfile: FOLDER/two}\n  - {name: a, lockfile: FOLDER/one}\n"
		     "  - {name: b, lockfile: FOLDER/one}\n");
	look(f, "a one ok\nb one ok\nb two ok\npresent: a one b one b two\n");
	look(f, "");
	put("two", GOOD); /* touched, and the same */
	age("two", 60);
	look(f, "");
	put("two", OTHER);
	look(f, "b two ok\n");
	look(f, "");
}

static void another_configuration_is_handed_over_anew(void **state)
{
	struct fixture *f = *state;

	put("one", GOOD);
	configure(f, "  - {name: a, lockfile: FOLDER/one}\n");
	look(f, "a one ok\npresent: a one\n");
	configure(f, "  - {name: a, lockfile: FOLDER/one}\n");
	look(f, "a one ok\npresent: a one\n");
	configure(f, "");
	look(f, "present:\n");
	look(f, "");
}

static void what_cannot_be_read_is_told_once_and_is_good_again_when_it_can(void **state)
{
	struct fixture *f = *state;

	configure(f, "  - {name: a, lockfile: FOLDER/one}\n");
	look(f, "a one: cannot be opened: No such file or directory\npresent: a one\n");
	look(f, "");
	put("one", GOOD);
	look(f, "a one ok\n");
	assert_int_equal(remove("one"), 0);
	look(f, "a one: is not there any more\n");
	look(f, "");
	put("one", GOOD); /* the very same */
	look(f, "a one ok\n");
	put("one", CONFLICT);
	strbuf_reset(&f->said);
	(void)lockfiles_look(f->lockfiles, f->config, &f->interrupt);
	assert_memory_equal(strbuf_str(&f->said), "a one: line 2: ", strlen("a one: line 2: "));
	look(f, "");
	put("one", GOOD);
	look(f, "a one ok\n");
}

static void what_is_no_file_holds_nobody_up(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_int_equal(mkdir("sub", 0700), 0);
	configure(f, "  - {name: a, lockfile: FOLDER/fifo}\n  - {name: a, lockfile: FOLDER/sub}\n");
	look(f, "a fifo: is not a regular file\na sub: is not a regular file\npresent: a fifo a sub\n");
}

static void a_file_above_the_limit_is_not_read(void **state)
{
	struct fixture *f = *state;

	put("one", "");
	assert_int_equal(truncate("one", (16 << 20) + 1), 0);
	age("one", HOUR_S);
	configure(f, "  - {name: a, lockfile: FOLDER/one}\n");
	look(f, "a one: has 16777217 bytes, allowed: at most 16777216\npresent: a one\n");
}

static void a_pattern_is_what_it_matches_and_what_goes_stays_a_fault(void **state)
{
	struct fixture *f = *state;

	configure(f, "  - {name: a, lockfile: \"FOLDER/t*\"}\n  - {name: a, lockfile: \"FOLDER/tw[o]\"}\n");
	look(f, "a t*: matches no file\na tw[o]: matches no file\npresent: a t* a tw[o]\n");
	put("two", GOOD);
	look(f, "a two ok\npresent: a two\n");
	put("three", GOOD);
	look(f, "a three ok\npresent: a three a two\n");
	assert_int_equal(remove("three"), 0);
	look(f, "a three: is not there any more\n");
	look(f, "");
	put("three", OTHER);
	look(f, "a three ok\n");
	assert_int_equal(remove("three"), 0);
	configure(f, "  - {name: a, lockfile: \"FOLDER/t*\"}\n");
	look(f, "a two ok\npresent: a two\n");
}

static void a_pattern_that_matches_what_a_path_names_is_no_lockfile_of_its_own(void **state)
{
	struct fixture *f = *state;

	configure(f, "  - {name: a, lockfile: FOLDER/two}\n  - {name: a, lockfile: \"FOLDER/tw[o]\"}\n");
	look(f, "a tw[o]: matches no file\na two: cannot be opened: No such file or directory\n"
		"present: a tw[o] a two\n");
	put("two", GOOD);
	look(f, "a two ok\npresent: a two\n");
}

static void what_was_refused_is_told_again(void **state)
{
	struct fixture *f = *state;

	put("one", GOOD);
	put("two", CONFLICT);
	configure(f, "  - {name: a, lockfile: FOLDER/one}\n  - {name: a, lockfile: FOLDER/two}\n");
	f->refuses = true;
	look(f, "");
	look(f, "");
	f->refuses = false;
	strbuf_reset(&f->said);
	(void)lockfiles_look(f->lockfiles, f->config, &f->interrupt);
	assert_non_null(strstr(strbuf_str(&f->said), "a one ok\na two: line 2: "));
	assert_non_null(strstr(strbuf_str(&f->said), "\npresent: a one a two\n"));
	look(f, "");
}

/* As a deploy does it: the first half is no news, and neither is it a fault. */
static void a_file_that_is_being_written_is_looked_at_later(void **state)
{
	struct fixture *f = *state;

	put("one", GOOD);
	configure(f, "  - {name: a, lockfile: FOLDER/one}\n");
	look(f, "a one ok\npresent: a one\n");
	write_file("one", CONFLICT, 0644);
	look(f, "");
	put("one", OTHER);
	look(f, "a one ok\n");
	write_file("one", GOOD, 0644); /* of this moment at two looks: read at the second */
	look(f, "");
	write_file("one", GOOD, 0644);
	look(f, "a one ok\n");
	look(f, "");
}

static void the_first_look_waits_for_nothing(void **state)
{
	struct fixture *f = *state;

	write_file("one", GOOD, 0644);
	configure(f, "  - {name: a, lockfile: FOLDER/one}\n");
	look(f, "a one ok\npresent: a one\n");
	look(f, "");
}

/* By the first file already, here. */
static bool on_changed_then_interrupt(void *ctx, const struct config *config, const struct lockfile_news *news)
{
	struct fixture *f = ctx;

	atomic_store(&f->interrupt, true);
	return on_changed(ctx, config, news);
}

static void a_look_that_was_interrupted_goes_on_where_it_was(void **state)
{
	struct fixture *f = *state;
	const struct lockfiles_sink sink = {on_changed_then_interrupt, on_present, f};
	struct err err;

	lockfiles_free(f->lockfiles);
	assert_int_equal(lockfiles_new(&sink, &f->lockfiles, &err), 0);
	put("one", GOOD);
	put("two", GOOD);
	configure(f, "  - {name: a, lockfile: FOLDER/one}\n  - {name: a, lockfile: FOLDER/two}\n");
	assert_false(lockfiles_look(f->lockfiles, f->config, &f->interrupt));
	assert_string_equal(strbuf_str(&f->said), "a one ok\n");
	atomic_store(&f->interrupt, false);
	look(f, "a two ok\npresent: a one a two\n");
	assert_true(atomic_load(&f->interrupt)); /* too late: it was the last one */
}

static void a_check_tells_what_is_wrong_with_which_lockfile(void **state)
{
	struct fixture *f = *state;
	struct config_errors remarks = {0};
	char expected[256];

	put("one", GOOD);
	put("two", CONFLICT);
	configure(f, "  - {name: a, lockfile: FOLDER/one}\n  - {name: a, lockfile: \"FOLDER/t*\"}\n"
		     "  - {name: a, lockfile: \"FOLDER/q*\"}\n");
	lockfiles_check(CONFIG_NAME, f->config, &remarks);
	assert_int_equal(remarks.count, 2);
	(void)snprintf(expected, sizeof expected,
		       CONFIG_NAME ":4: projects[1].lockfile: %s/two: line 2: ", fixture_folder);
	assert_memory_equal(remarks.lines[0], expected, strlen(expected));
	(void)snprintf(expected, sizeof expected, CONFIG_NAME ":5: projects[2].lockfile: %s/q*: matches no file",
		       fixture_folder);
	assert_string_equal(remarks.lines[1], expected);
	config_errors_release(&remarks);
}

int main(void)
{
#define lockfiles_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		lockfiles_test(a_lockfile_is_handed_over_once_and_again_when_it_says_something_else),
		lockfiles_test(another_configuration_is_handed_over_anew),
		lockfiles_test(what_cannot_be_read_is_told_once_and_is_good_again_when_it_can),
		lockfiles_test(what_is_no_file_holds_nobody_up),
		lockfiles_test(a_file_above_the_limit_is_not_read),
		lockfiles_test(a_pattern_is_what_it_matches_and_what_goes_stays_a_fault),
		lockfiles_test(a_pattern_that_matches_what_a_path_names_is_no_lockfile_of_its_own),
		lockfiles_test(what_was_refused_is_told_again),
		lockfiles_test(a_file_that_is_being_written_is_looked_at_later),
		lockfiles_test(the_first_look_waits_for_nothing),
		lockfiles_test(a_look_that_was_interrupted_goes_on_where_it_was),
		lockfiles_test(a_check_tells_what_is_wrong_with_which_lockfile),
	};
	return cmocka_run_group_tests(tests, setup_folder, remove_folder);
}
