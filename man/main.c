/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yankwatch-pages: makes a manual page at build time: docs/man/NAME.in is prose, and
 * where a line of it is "@words" the rows that the programs read are written in its
 * place. Completions are made the same way. Prints the page.
 */
#include "pages.h"

#include "base/err.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *line;
	page_writer *write;
} writers[] = {
	{"@client commands", write_client_commands}, {"@client options", write_client_options},
	{"@daemon options", write_daemon_options},   {"@notify usage", write_notify_usage},
	{"@config keys", write_config_keys},         {"@header", write_header},
	{"@plugin name", write_plugin_name},         {"@plugin options", write_plugin_options},
};

static int read_whole(const char *path, struct strbuf *ret, struct err *err)
{
	char buf[4096];
	size_t n;
	FILE *file = fopen(path, "re");

	if (!file)
		return err_errno(err, "%s", path);
	while ((n = fread(buf, 1, sizeof buf, file)) > 0)
		strbuf_add(ret, buf, n);
	int rc = ferror(file) ? err_errno(err, "%s", path) : 0;
	(void)fclose(file);
	return rc;
}

static int put_line(struct strbuf *out, const char *line, const char *source, struct err *err)
{
	if (*line != '@') {
		strbuf_addf(out, "%s\n", line);
		return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(writers); i++) {
		if (strcmp(line, writers[i].line) != 0)
			continue;
		writers[i].write(out, source);
		return 0;
	}
	return err_set(err, ERR_BAD, "%s: nobody writes this", line);
}

static int make_page(char *template, const char *source, struct err *err)
{
	OWNED_STRBUF struct strbuf out = {0};
	char *rest = template;
	char *line;
	int rc = 0;

	while (rc == 0 && (line = strsep(&rest, "\n")))
		if (rest) /* behind the last line end is none */
			rc = put_line(&out, line, source, err);
	if (rc == 0 && (strbuf_failed(&out) || fputs(strbuf_str(&out), stdout) == EOF))
		rc = err_nomem(err);
	return rc;
}

int main(int argc, char **argv)
{
	OWNED_STRBUF struct strbuf template = {0};
	OWNED_STRBUF struct strbuf source = {0};
	struct err err = {0};

	if (argc < 2) {
		(void)fputs("usage: yankwatch-pages TEMPLATE [SOURCE]\n", stderr);
		return 2;
	}
	int rc = read_whole(argv[1], &template, &err);
	if (rc == 0 && argc > 2)
		rc = read_whole(argv[2], &source, &err);
	if (rc == 0)
		rc = make_page(template.data, strbuf_str(&source), &err);
	if (rc)
		(void)fprintf(stderr, "yankwatch-pages: %s\n", err.text);
	return rc ? 1 : 0;
}
