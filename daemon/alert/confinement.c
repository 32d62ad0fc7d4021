/* SPDX-License-Identifier: Apache-2.0 */
/* confinement.c: see confinement.h. */
#include "alert/confinement.h"

#include <stdio.h>
#include <string.h>

static bool is_word(const char *text)
{
	size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz_");
	return len > 0 && len <= CONFINEMENT_WORD_MAX && !text[len];
}

static void read_words(const cJSON *list, char words[static CONFINEMENT_WORDS_MAX][CONFINEMENT_WORD_MAX + 1])
{
	const cJSON *item;
	size_t n = 0;

	cJSON_ArrayForEach (item, list)
		if (n < CONFINEMENT_WORDS_MAX && cJSON_IsString(item) && is_word(item->valuestring))
			(void)snprintf(words[n++], sizeof words[0], "%s", item->valuestring);
}

struct confinement confinement_read(const cJSON *frame)
{
	struct confinement confinement = {.told = cJSON_IsArray(json_member(frame, "unconfined"))};

	read_words(json_member(frame, "confined"), confinement.confined);
	read_words(json_member(frame, "unconfined"), confinement.unconfined);
	return confinement;
}

static void write_words(const char *key, const char words[static CONFINEMENT_WORDS_MAX][CONFINEMENT_WORD_MAX + 1],
			struct json_writer *w)
{
	json_open(w, key, '[');
	for (size_t i = 0; i < CONFINEMENT_WORDS_MAX && *words[i]; i++)
		json_put_string(w, NULL, words[i]);
	json_close(w, ']');
}

void confinement_write(const struct confinement *confinement, struct json_writer *w)
{
	if (!confinement->told)
		return;
	write_words("confined", confinement->confined, w);
	write_words("unconfined", confinement->unconfined, w);
}
