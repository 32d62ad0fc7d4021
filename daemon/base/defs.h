/* SPDX-License-Identifier: Apache-2.0 */
/*
 * defs.h: the few words every file may use: ownership, results, array sizes.
 *
 * OWNED(fn) frees a local at the end of its scope; TAKE() moves ownership out
 * of such a local, leaving NULL behind. A function marked MUST_CHECK returns 0
 * or a negative `enum err_code` (err.h) that the caller may not drop.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, first) __attribute__((format(printf, fmt, first)))
#define OWNED(fn) __attribute__((cleanup(fn)))
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define TAKE(p)                                     \
	({                                          \
		__typeof__(p) *take_from_ = &(p);   \
		__typeof__(p) taken_ = *take_from_; \
		*take_from_ = NULL;                 \
		taken_;                             \
	})

/* The struct of type `type` that embeds `ptr` as its member `member`. */
#define CONTAINER_OF(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

/* Defines `name`, the cleanup function of a `type *` local for OWNED(). */
#define DEFINE_OWNED(name, type, free_fn) \
	static inline void name(type **p) \
	{                                 \
		if (*p)                   \
			free_fn(*p);      \
	}

static inline void owned_free(void *p)
{
	free(*(void **)p);
}

/* A heap string or buffer that is freed at the end of the scope. */
#define OWNED_MEM OWNED(owned_free)
