/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fixture.h: a folder of its own for each test program, which it runs in, with a
 * stand-in for yankwatch-notify that runs PLUGIN.so.sh when it is asked what a plugin
 * declares, and PLUGIN.so.open.sh to open it; without one it has opened.
 */
#pragma once

#include "config/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONFIG_NAME "yankwatch.yaml"

static char fixture_folder[] = "/tmp/yankwatch-config-XXXXXX";

static inline void write_bytes(const char *name, const void *bytes, size_t len, mode_t mode)
{
	FILE *file = fopen(name, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(name, mode), 0);
}

static inline void write_file(const char *name, const char *text, mode_t mode)
{
	write_bytes(name, text, strlen(text), mode);
}

static inline int setup_folder(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(fixture_folder));
	assert_int_equal(chdir(fixture_folder), 0);
	assert_int_equal(mkdir("plugins", 0755), 0);
	write_file("notify",
		   "#!/bin/sh\n"
		   "say() { printf \"\\\\$(printf %03o ${#1})\\\\000\\\\000\\\\000%s\" \"$1\" >&3; }\n"
		   "opened() { say '{\"type\":\"opened\"}'; }\n"
		   "if [ \"$1\" = --describe ]; then echo x >> asked; . \"$2.sh\"; exit; fi\n"
		   "if [ -e \"$1.open.sh\" ]; then . \"$1.open.sh\"; exit; fi\n"
		   "opened\nexec cat <&3 >/dev/null\n",
		   0755);
	return 0;
}

static inline int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st, (void)kind, (void)ftw;
	return remove(path);
}

static inline int remove_folder(void **state)
{
	(void)state;
	assert_int_equal(chdir("/"), 0);
	return nftw(fixture_folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* plugins/NAME.so, which does `script` when it is asked for its options. */
static inline void write_plugin(const char *name, const char *script)
{
	char path[64];

	(void)snprintf(path, sizeof path, "plugins/%s.so", name);
	write_file(path, "", 0644);
	(void)snprintf(path, sizeof path, "plugins/%s.so.sh", name);
	write_file(path, script, 0644);
}

/* What it does when it is opened, with the functions `say` for a frame of its own and `opened`. */
static inline void write_opening(const char *name, const char *script)
{
	char path[64];

	(void)snprintf(path, sizeof path, "plugins/%s.so.open.sh", name);
	write_file(path, script, 0644);
}

static inline int load_text(const char *text, const struct config **ret, struct config_errors *errors)
{
	static const struct config_paths paths = {(char *)"./notify", (char *)"plugins"};

	write_file(CONFIG_NAME, text, 0644);
	return config_load(CONFIG_NAME, &paths, ret, errors);
}

/* Loads what must be good. The caller gives it back with config_unref(). */
static inline const struct config *load_good(const char *text)
{
	const struct config *config = NULL;
	struct config_errors errors;
	int rc = load_text(text, &config, &errors);

	for (size_t i = 0; i < errors.count; i++)
		print_error("%s\n", errors.lines[i]);
	assert_int_equal(rc, 0);
	assert_int_equal(errors.count, 0);
	config_errors_release(&errors);
	return config;
}

/* Loads what must be refused with exactly these lines, each without the file's name and with its '\n'. */
static inline void load_bad(const char *text, const char *expected)
{
	const struct config *config = NULL;
	struct config_errors errors;
	char lines[8192] = "";

	assert_int_not_equal(load_text(text, &config, &errors), 0);
	assert_null(config);
	for (size_t i = 0; i < errors.count; i++) {
		assert_memory_equal(errors.lines[i], CONFIG_NAME ":", sizeof CONFIG_NAME);
		assert_true(strlen(lines) + strlen(errors.lines[i]) < sizeof lines);
		strcat(strcat(lines, errors.lines[i] + sizeof CONFIG_NAME), "\n");
	}
	config_errors_release(&errors);
	assert_string_equal(lines, expected);
}
