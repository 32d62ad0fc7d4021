/* SPDX-License-Identifier: Apache-2.0 */
/* near.c: see near.h. Three rows of the edit table are enough to see swaps. */
#include "model/near.h"

#include "model/index_path.h"

#include <string.h>

static char fold(char c)
{
	return (char)(c == '_' ? '-' : c);
}

static unsigned least(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;
	return m < c ? m : c;
}

unsigned near_distance(const char *a, const char *b)
{
	unsigned rows[3][CRATE_NAME_MAX + 1];
	size_t n = strlen(a);
	size_t m = strlen(b);

	if (n > CRATE_NAME_MAX || m > CRATE_NAME_MAX || n > m + NEAR_DISTANCE_MAX || m > n + NEAR_DISTANCE_MAX)
		return NEAR_DISTANCE_MAX + 1;
	for (unsigned j = 0; j <= m; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= n; i++) {
		unsigned *row = rows[i % 3];
		const unsigned *above = rows[(i + 2) % 3];
		const unsigned *two_above = rows[(i + 1) % 3];
		row[0] = (unsigned)i;
		for (size_t j = 1; j <= m; j++) {
			bool same = fold(a[i - 1]) == fold(b[j - 1]);
			row[j] = least(above[j] + 1, row[j - 1] + 1, above[j - 1] + !same);
			if (i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) && fold(a[i - 2]) == fold(b[j - 1]) &&
			    two_above[j - 2] + 1 < row[j])
				row[j] = two_above[j - 2] + 1;
		}
	}
	return rows[n % 3][m];
}
