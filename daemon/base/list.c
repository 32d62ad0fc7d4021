/* SPDX-License-Identifier: Apache-2.0 */
/* list.c: see list.h. */
#include "base/list.h"

#include <stdlib.h>
#include <string.h>

#define FIRST 8

/* `items` is the address of a pointer of whatever type, so it is copied as bytes. */
bool list_grow(void *items, size_t *cap, size_t size)
{
	size_t grown_cap = *cap ? 2 * *cap : FIRST;
	void *old;

	memcpy(&old, items, sizeof old);
	void *grown = reallocarray(old, grown_cap, size);
	if (!grown)
		return false;
	memcpy(items, &grown, sizeof grown);
	*cap = grown_cap;
	return true;
}
