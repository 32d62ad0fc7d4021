/* SPDX-License-Identifier: Apache-2.0 */
/* memory.c: see memory.h. Another C library than glibc does as it likes. */
#include "base/memory.h"

#include <malloc.h>

#define LARGE (256 << 10)     /* bytes; glibc would let this grow to 32 MB, and keep what is below */
#define KEPT_AT_END (1 << 20) /* bytes */
#define ARENAS 4              /* not one for each thread of the socket */

void memory_configure(void)
{
#ifdef __GLIBC__
	(void)mallopt(M_MMAP_THRESHOLD, LARGE);
	(void)mallopt(M_TRIM_THRESHOLD, KEPT_AT_END);
	(void)mallopt(M_ARENA_MAX, ARENAS);
#endif
}

void memory_give_back(void)
{
#ifdef __GLIBC__
	(void)malloc_trim(0);
#endif
}
