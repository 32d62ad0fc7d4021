/* SPDX-License-Identifier: Apache-2.0 */
/* text.h: strings that grow, and strings from files. */
#pragma once

#include <stddef.h>
#include <stdio.h>

/*
 * Closes what open_memstream(text, …) has made and returns *text, which the caller
 * frees; NULL, with nothing left to free, when `out` is NULL or memory was short.
 */
char *text_end(FILE *out, char **text);

/* NULL and *ret, which the caller frees, or what is wrong with that file: a constant. */
const char *text_of_file(const char *path, size_t max, char **ret);
