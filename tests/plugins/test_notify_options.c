/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration's keys and the files they name, by a plugin's schema. */
#include "options.h"
#include "value_file.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const struct yw_option schema[] = {
	{"url", YW_OPTION_URL, YW_OPTION_REQUIRED | YW_OPTION_OR_FILE, NULL, "h"},
	{"token", YW_OPTION_STRING, YW_OPTION_SECRET, NULL, "h"},
	{"port", YW_OPTION_INTEGER, 0, "-25", "h"},
	{"tls", YW_OPTION_BOOLEAN, 0, "true", "h"},
	{"to", YW_OPTION_LIST, 0, NULL, "h"},
	{"ca_file", YW_OPTION_PATH, 0, NULL, "h"},
};

static char folder[] = "/tmp/yankwatch-options-XXXXXX";
static char file[64];

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	(void)snprintf(file, sizeof file, "%s/value", folder);
	return setenv("CREDENTIALS_DIRECTORY", folder, 1);
}

static int remove_folder(void **state)
{
	(void)state;
	(void)unlink(file);
	return rmdir(folder);
}

static void write_file(const char *bytes, size_t len, mode_t mode)
{
	(void)unlink(file);
	int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	assert_true(fd >= 0 && fchmod(fd, mode) == 0);
	assert_int_equal(write(fd, bytes, len), len);
	assert_int_equal(close(fd), 0);
}

static int read_options(const char *json, struct options **ret, struct err *err)
{
	OWNED_JSON cJSON *config = NULL;
	assert_int_equal(json_parse(json, strlen(json), &config, err), 0);
	return options_new(schema, ARRAY_LEN(schema), config, "hook", ret, err);
}

static void expect_error(const char *json, const char *text)
{
	struct options *options = NULL;
	struct err err = {0};

	assert_int_not_equal(read_options(json, &options, &err), 0);
	assert_null(options);
	if (!strstr(err.text, text))
		fail_msg("\"%s\" does not hold \"%s\"", err.text, text);
}

static void every_type_arrives(void **state)
{
	(void)state;
	OWNED_OPTIONS struct options *options = NULL;
	struct err err;

	assert_int_equal(read_options("{\"url\":\"https://h/x\",\"port\":465,\"tls\":false,\"to\":[\"a\",\"b\"],"
				      "\"ca_file\":\"/ca.pem\"}",
				      &options, &err),
			 0);
	const struct yw_options *view = options_view(options);
	assert_string_equal(view->notifier, "hook");
	assert_int_equal(view->n_values, 5);
	assert_string_equal(view->values[0].text, "https://h/x");
	assert_string_equal(view->values[1].name, "port");
	assert_int_equal(view->values[1].integer, 465);
	assert_int_equal(view->values[2].integer, 0);
	assert_int_equal(view->values[3].n_items, 2);
	assert_string_equal(view->values[3].items[1], "b");
	assert_string_equal(view->values[4].text, "/ca.pem");
}

static void defaults_fill_what_is_absent(void **state)
{
	(void)state;
	OWNED_OPTIONS struct options *options = NULL;
	struct err err;

	assert_int_equal(read_options("{\"url\":\"http://h\"}", &options, &err), 0);
	const struct yw_options *view = options_view(options);
	assert_int_equal(view->n_values, 3);
	assert_int_equal(view->values[1].integer, -25);
	assert_int_equal(view->values[2].integer, 1);
}

static void faults_name_the_key(void **state)
{
	(void)state;
	static const struct {
		const char *json, *text;
	} rows[] = {
		{"{}", "url: is required"},
		{"{\"url\":7}", "url: must be of the type url"},
		{"{\"url\":\"ftp://h\"}", "url: must be a URL http://HOST"},
		{"{\"url\":\"http:///x\"}", "url: must be a URL http://HOST"},
		{"{\"url\":\"http://h/a b\"}", "url: must be a URL without blanks"},
		{"{\"url\":\"http://h\",\"port\":\"25\"}", "port: must be of the type integer"},
		{"{\"url\":\"http://h\",\"port\":2.5}", "port: must be of the type integer"},
		{"{\"url\":\"http://h\",\"port\":1e300}", "port: must be of the type integer"},
		{"{\"url\":\"http://h\",\"tls\":\"yes\"}", "tls: must be of the type boolean"},
		{"{\"url\":\"http://h\",\"to\":\"a\"}", "to: must be of the type list"},
		{"{\"url\":\"http://h\",\"to\":[\"a\",1]}", "to: must be a list of strings"},
		{"{\"url\":\"http://h\",\"ca_file\":\"ca.pem\"}", "ca_file: must be an absolute path"},
		{"{\"url\":\"http://h\",\"colour\":\"red\"}", "colour: the plugin has no such option"},
		{"{\"url\":\"http://h\",\"port_file\":\"/x\"}", "port_file: the plugin has no such option"},
		{"{\"url\":\"http://h\",\"token\":\"hunter2\"}", "token: a secret is never inline: use token_file"},
		{"{\"url\":\"http://h\",\"url_file\":\"/x\"}", "not both"},
		{"{\"url\":\"http://h\",\"token_file\":\"token\"}",
		 "token_file: token: an absolute path or credential:NAME"},
		{"{\"url_file\":\"/nonexistent/x\"}", "url_file: /nonexistent/x: cannot open it"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		expect_error(rows[i].json, rows[i].text);
}

static void a_secret_comes_from_its_file_without_the_line_end(void **state)
{
	(void)state;
	static const struct {
		const char *content, *value;
	} rows[] = {{"s3cret\n", "s3cret"},
		    {"s3cret\r\n", "s3cret"},
		    {"a\n\n", "a\n"},
		    {" b ", " b "},
		    {"\n", ""},
		    {"", ""}};
	struct err err;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_MEM char *value = NULL;
		OWNED_MEM char *same = NULL;
		write_file(rows[i].content, strlen(rows[i].content), 0640);
		assert_int_equal(value_file_read(file, true, &value, &err), 0);
		assert_string_equal(value, rows[i].value);
		assert_int_equal(value_file_read("credential:value", true, &same, &err), 0);
		assert_string_equal(same, value);
	}
}

static void files_that_are_not_fit_are_refused(void **state)
{
	(void)state;
	char *value = NULL;
	struct err err;
	OWNED_MEM char *large = calloc(1, VALUE_FILE_MAX + 1);

	assert_non_null(large);
	memset(large, 'a', VALUE_FILE_MAX + 1);
	write_file(large, VALUE_FILE_MAX + 1, 0600);
	assert_int_equal(value_file_read(file, true, &value, &err), ERR_LIMIT);
	write_file("a\0b", 3, 0600);
	assert_int_equal(value_file_read(file, true, &value, &err), ERR_BAD);
	write_file("\xff", 1, 0600);
	assert_int_equal(value_file_read(file, true, &value, &err), ERR_BAD);
	(void)unlink(file);
	assert_int_equal(mkfifo(file, 0600), 0);
	assert_int_equal(value_file_read(file, true, &value, &err), ERR_BAD);
	assert_int_equal(value_file_read(folder, true, &value, &err), ERR_BAD);
	assert_int_equal(value_file_read("credential:../value", true, &value, &err), ERR_BAD);
	assert_int_equal(value_file_read("credential:..", true, &value, &err), ERR_BAD);
	assert_int_equal(value_file_read("credential:", true, &value, &err), ERR_BAD);
	assert_null(value);
}

static void others_may_read_a_file_only_when_it_is_no_secret(void **state)
{
	(void)state;
	OWNED_MEM char *value = NULL;
	struct err err;

	write_file("http://h\n", 9, 0644);
	assert_int_equal(value_file_read(file, true, &value, &err), ERR_BAD);
	assert_null(value);
	assert_int_equal(value_file_read(file, false, &value, &err), 0);
	assert_string_equal(value, "http://h");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_arrives),
		cmocka_unit_test(defaults_fill_what_is_absent),
		cmocka_unit_test(faults_name_the_key),
		cmocka_unit_test(a_secret_comes_from_its_file_without_the_line_end),
		cmocka_unit_test(files_that_are_not_fit_are_refused),
		cmocka_unit_test(others_may_read_a_file_only_when_it_is_no_secret),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
