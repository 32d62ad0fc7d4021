/* SPDX-License-Identifier: Apache-2.0 */
/* list.h: a list that grows: `items`, `n` of them, room for `cap`. */
#pragma once

#include "base/defs.h"

/* Makes room for one more, for LIST_ROOM(). */
bool list_grow(void *items, size_t *cap, size_t size);

/* Room for one more behind the n of the struct that `list` points to; what is there may move. False: out of memory. */
#define LIST_ROOM(list) ((list)->n < (list)->cap || list_grow(&(list)->items, &(list)->cap, sizeof *(list)->items))
