/* SPDX-License-Identifier: Apache-2.0 */
/* needs.c: see needs.h. */
#include "needs.h"

#include <string.h>

static const struct {
	uint32_t need;
	const char *name;
} names[] = {
	{YW_NEEDS_NETWORK, "network"},
	{YW_NEEDS_LOCAL_SOCKETS, "local_sockets"},
	{YW_NEEDS_PROGRAMS, "programs"},
};

void needs_write(uint32_t needs, struct json_writer *w)
{
	json_open(w, "needs", '[');
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (needs & names[i].need)
			json_put_string(w, NULL, names[i].name);
	json_close(w, ']');
}

uint32_t needs_read(const cJSON *description)
{
	const cJSON *name;
	uint32_t needs = 0;

	cJSON_ArrayForEach (name, json_member(description, "needs"))
		for (size_t i = 0; i < ARRAY_LEN(names); i++)
			if (cJSON_IsString(name) && strcmp(name->valuestring, names[i].name) == 0)
				needs |= names[i].need;
	return needs;
}
