/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fixture.h: index lines for the tests of the model, written with ' for " so that
 * a row stays readable, and keys derived from a fixed secret.
 */
#pragma once

#include "model/index_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#define SUM_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define SUM_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

/* A line of `demo` with further members, each with its comma before it. */
#define LINE_OF(vers, sum, more) "{'name':'demo','vers':'" vers "','deps':[],'cksum':'" sum "','features':{}" more "}"
#define LINE(vers) LINE_OF(vers, SUM_A, ",'yanked':false")
#define LINE_YANKED(vers) LINE_OF(vers, SUM_A, ",'yanked':true")

static inline struct index_keys test_keys(void)
{
	static const unsigned char secret[INDEX_SECRET_SIZE] = "a secret of just thirty-two byte";
	struct index_keys keys;

	index_keys_derive(secret, &keys);
	return keys;
}

/* The text with each ' made ", on the heap without a terminator, so that the sanitizer sees its end. */
static inline char *quoted(const char *text, size_t *ret_len)
{
	size_t len = strlen(text);
	char *copy = malloc(len ? len : 1);

	assert_non_null(copy);
	for (size_t i = 0; i < len; i++)
		copy[i] = text[i] == '\'' ? '"' : text[i];
	*ret_len = len;
	return copy;
}
