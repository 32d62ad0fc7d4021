/* SPDX-License-Identifier: Apache-2.0 */
/* script.h: a shell script in /tmp that stands in for yankwatch-notify. After cmocka.h. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SCRIPT_PATH_MAX 64

static inline void script_make(char path[static SCRIPT_PATH_MAX])
{
	strcpy(path, "/tmp/yankwatch-script-XXXXXX"); /* mkstemp(3) fills the end in */
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, 0700), 0);
	(void)close(fd);
}

/* Its text, below the line that names the shell. */
static inline void script_write(const char *path, const char *text)
{
	FILE *script = fopen(path, "w");

	assert_non_null(script);
	(void)fprintf(script, "#!/bin/sh\n%s\n", text);
	assert_int_equal(fclose(script), 0);
}
