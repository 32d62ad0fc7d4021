/* SPDX-License-Identifier: Apache-2.0 */
/* randoms.c: see randoms.h. */
#include "poll/randoms.h"

#include <sodium.h>

uint32_t randoms_draw(struct randoms *randoms)
{
	if (randoms->left == 0) {
		randombytes_buf(randoms->numbers, sizeof randoms->numbers);
		randoms->left = ARRAY_LEN(randoms->numbers);
	}
	return randoms->numbers[--randoms->left];
}
