/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.h: the log thread and its bounded ring; the one global of the program.
 *
 * log_write() formats into a slot and returns: it never blocks and never
 * touches a descriptor, so the loop may call it. When the ring is full the line
 * is dropped and counted; the thread says how many. One line a finished job:
 * what, on what, why, what happens next. Text from outside goes through
 * text_safe() first; log_write() escapes what is left of control bytes.
 */
#pragma once

#include "base/defs.h"
#include "base/err.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };
enum log_target { LOG_TARGET_AUTO, LOG_TARGET_STDERR, LOG_TARGET_SYSLOG, LOG_TARGET_JOURNAL };

#define LOG_LINE_MAX 1024  /* bytes of one line; longer ones are cut */
#define LOG_RING_LINES 512 /* lines waiting for the thread */

/* Before log_start() (and after log_stop()) lines go to stderr at once. */
MUST_CHECK int log_start(const char *ident, enum log_target target, enum log_level level, struct err *err);
void log_stop(void); /* writes what waits, joins the thread; gives up on a reader that has stopped */

/* Another target or level, from the next line on (a reload). */
void log_configure(enum log_target target, enum log_level level);

void log_write(enum log_level level, const char *fmt, ...) PRINTF_LIKE(2, 3);
uint64_t log_dropped(void); /* lines since the start that found the ring full */

#define log_error(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...) log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)
