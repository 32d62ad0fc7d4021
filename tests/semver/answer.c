/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answer.c: what yankwatch says of versions and requirements, for tests/integration/test_semver.py. Standard input and
 * output; main.rs beside it says the same of the `semver` crate:
 *   "match TAB requirement TAB version" -> "bad" or "ok" of each, and "yes" or "no" when both are ok
 *   "order TAB version TAB version" -> "bad" or "ok" of each, and "<", "=" or ">" when both are ok
 */
#include "model/requirement.h"

#include <stdio.h>
#include <string.h>

#define LINE_MAX_LEN 65536

static const char *validity(int r)
{
	return r < 0 ? "bad" : "ok";
}

static void answer_match(const char *requirement_text, const char *version_text)
{
	struct requirement requirement;
	struct semver version;
	struct err err;
	int a = requirement_parse(requirement_text, &requirement, &err);
	int b = semver_parse(version_text, &version, &err);

	printf("%s %s", validity(a), validity(b));
	if (a == 0 && b == 0)
		fputs(requirement_matches(&requirement, &version) ? " yes" : " no", stdout);
	putchar('\n');
}

static void answer_order(const char *a_text, const char *b_text)
{
	struct semver versions[2];
	struct err err;
	int a = semver_parse(a_text, &versions[0], &err);
	int b = semver_parse(b_text, &versions[1], &err);

	printf("%s %s", validity(a), validity(b));
	if (a == 0 && b == 0) {
		int order = semver_compare(&versions[0], &versions[1]);
		printf(" %c", order < 0 ? '<' : (order ? '>' : '='));
	}
	putchar('\n');
}

int main(void)
{
	static char line[LINE_MAX_LEN];

	while (fgets(line, sizeof line, stdin)) {
		line[strcspn(line, "\n")] = '\0';
		char *first = strchr(line, '\t');
		char *second = first ? strchr(first + 1, '\t') : NULL;
		if (!second)
			return 1;
		*first++ = *second++ = '\0';
		if (strcmp(line, "match") == 0)
			answer_match(first, second);
		else
			answer_order(first, second);
	}
	return fflush(stdout) ? 1 : 0;
}
