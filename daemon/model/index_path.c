/* SPDX-License-Identifier: Apache-2.0 */
/* index_path.c: see index_path.h. */
#include "model/index_path.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

bool crate_name_valid(const char *name)
{
	size_t len = strlen(name);
	size_t good = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");
	return len > 0 && len <= CRATE_NAME_MAX && good == len;
}

const char *index_path(const char *name, char buf[static INDEX_PATH_MAX])
{
	char lower[CRATE_NAME_MAX + 1];
	size_t len = strlen(name);

	for (size_t i = 0; i <= len; i++)
		lower[i] = (char)tolower((unsigned char)name[i]);
	switch (len) {
	case 1:
	case 2:
		(void)snprintf(buf, INDEX_PATH_MAX, "%zu/%s", len, lower);
		break;
	case 3:
		(void)snprintf(buf, INDEX_PATH_MAX, "3/%c/%s", lower[0], lower);
		break;
	default:
		(void)snprintf(buf, INDEX_PATH_MAX, "%.2s/%.2s/%s", lower, lower + 2, lower);
		break;
	}
	return buf;
}
