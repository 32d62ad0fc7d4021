/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lines.h: a message as JSON lines: each event's document with the notification's id
 * put before its keys. Pure; README.md has examples.
 */
#pragma once

#include <stddef.h>
#include <yankwatch/notifier.h>

/* Heap memory, every line with its end; *ret_len without the NUL. NULL: out of memory. */
char *lines_make(const struct yw_message *message, size_t *ret_len);
