/* SPDX-License-Identifier: Apache-2.0 */
/* text_file.h: a small file of the user's, as one string. */
#pragma once

#include <stddef.h>

/* NULL and *ret, which the caller frees, or what is wrong with it: a constant. */
const char *text_file_read(const char *path, size_t max, char **ret);
