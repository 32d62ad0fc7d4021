/* SPDX-License-Identifier: Apache-2.0 */
/* text.c: see text.h. */
#include "lib/text.h"

#include <stdlib.h>
#include <string.h>

char *text_end(FILE *out, char **text)
{
	int failed = out ? ferror(out) : 0;

	if (out && fclose(out) == 0 && !failed)
		return *text;
	free(out ? *text : NULL);
	return NULL;
}

const char *text_of_file(const char *path, size_t max, char **ret)
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
