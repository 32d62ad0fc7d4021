/* SPDX-License-Identifier: Apache-2.0 */
/* text_file.c: see text_file.h. */
#include "lib/text_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *text_file_read(const char *path, size_t max, char **ret)
{
	FILE *file = fopen(path, "re");
	char *text = malloc(max + 1);
	const char *fault = NULL;
	size_t len = 0;

	if (!file)
		fault = "it cannot be opened";
	else if (!text)
		fault = "out of memory";
	else if ((len = fread(text, 1, max + 1, file)) > max)
		fault = "it is too long";
	else if (ferror(file))
		fault = "it cannot be read";
	else if (memchr(text, '\0', len))
		fault = "it is no text";
	if (file)
		(void)fclose(file);
	if (fault) {
		free(text);
		return fault;
	}
	text[len] = '\0';
	*ret = text;
	return NULL;
}
