/* SPDX-License-Identifier: Apache-2.0 */
/* names.c: see names.h. */
#include "config/names.h"

#include "base/text.h"
#include "model/near.h"

#include <string.h>

#define NAME_SHOWN_MAX 68 /* bytes */
#define NAMES_LISTED_MAX 20

bool names_find(const struct names *names, const char *name, size_t *ret)
{
	const char *other;

	for (size_t i = 0; (other = names->at(names->set, i)) != NULL; i++) {
		if (strcmp(name, other) == 0) {
			*ret = i;
			return true;
		}
	}
	return false;
}

/* Of a short name fewer letters may be wrong: "log" is not near to "tag". */
static const char *nearest(const struct names *names, const char *name)
{
	size_t best = strlen(name) / 3 + 1;
	const char *found = NULL;
	const char *other;

	for (size_t i = 0; (other = names->at(names->set, i)) != NULL; i++) {
		unsigned distance = near_distance(name, other);
		if (distance <= NEAR_DISTANCE_MAX && distance < best) {
			best = distance;
			found = other;
		}
	}
	return found;
}

/* Names of registries come from the file, and may be the very thing that is wrong. */
static void add_safe(struct strbuf *out, const char *name)
{
	char safe[NAME_SHOWN_MAX];
	strbuf_adds(out, text_safe(name, safe, sizeof safe));
}

static void list_all(const struct names *names, struct strbuf *out)
{
	const char *name;

	for (size_t i = 0; (name = names->at(names->set, i)) != NULL; i++) {
		strbuf_adds(out, i == 0 ? ", allowed: " : ", ");
		if (i == NAMES_LISTED_MAX) {
			strbuf_adds(out, "...");
			return;
		}
		add_safe(out, name);
	}
}

void names_advise(const struct names *names, const char *name, struct strbuf *out)
{
	const char *meant = nearest(names, name);

	if (!meant) {
		list_all(names, out);
		return;
	}
	strbuf_adds(out, ", did you mean \"");
	add_safe(out, meant);
	strbuf_adds(out, "\"?");
}
