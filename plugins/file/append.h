/* SPDX-License-Identifier: Apache-2.0 */
/*
 * append.h: lines put at the end of a file, all of them or none, and on the disk
 * when it returns.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define APPEND_ERROR_MAX 256

/*
 * Opens `path` anew, so that a rotation needs no signal. A new file gets `mode`,
 * whatever the umask; one that is there keeps its own. A symbolic link, or what is no
 * regular file, is refused. A last line without its end (a machine that fell down in
 * the middle) is ended first. False with a sentence in `error`: nothing was written,
 * or it was taken back.
 */
bool append_lines(const char *path, mode_t mode, const char *lines, size_t len, char error[APPEND_ERROR_MAX]);
