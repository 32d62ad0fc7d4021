/* SPDX-License-Identifier: Apache-2.0 */
/*
 * toml_limits.c: see toml_limits.h. What bounds memory and depth counts bytes whatever they mean, so that nothing gets
 * around it. What bounds time looks for texts line by line; a list of texts of several lines can get around that, and
 * costs seconds then.
 */
#include "base/toml_limits.h"

#include "base/text_span.h"
#include "base/toml.h"

struct cost {
	size_t values, dots, tables, dotted;
	struct text_span header; /* the last one */
};

/* Behind the text whose first quote is at `p`. */
static const char *skip_quoted(const char *p, const char *end)
{
	char quote = *p++;

	while (p < end && *p != quote)
		p += *p == '\\' && quote == '"' && p + 1 < end ? 2 : 1;
	return p < end ? p + 1 : end;
}

static size_t dots_outside_texts(const char *p, const char *end)
{
	size_t dots = 0;

	while (p < end && *p != '#') {
		if (*p == '"' || *p == '\'') {
			p = skip_quoted(p, end);
		} else {
			dots += *p == '.';
			p++;
		}
	}
	return dots;
}

static void count_header(struct cost *cost, struct text_span line)
{
	while (line.len > 0 && (*line.at == ' ' || *line.at == '\t')) {
		line.at++;
		line.len--;
	}
	if (line.len == 0 || *line.at != '[' || text_span_same(line, cost->header))
		return;
	cost->header = line;
	cost->tables++;
}

static int check_line(struct cost *cost, struct text_span line, struct err *err)
{
	size_t dots = 0;

	for (size_t i = 0; i < line.len; i++) {
		dots += line.at[i] == '.';
		cost->values += strchr(",=[{", line.at[i]) && line.at[i];
	}
	if (dots > TOML_LINE_DOTS_MAX)
		return err_set(err, ERR_LIMIT, "more than %d dots in one line", TOML_LINE_DOTS_MAX);
	if (dots > 0)
		cost->dotted += dots_outside_texts(line.at, line.at + line.len);
	count_header(cost, line);
	cost->dots += dots;
	if (cost->values > TOML_VALUES_MAX)
		return err_set(err, ERR_LIMIT, "more than %d values", TOML_VALUES_MAX);
	if (cost->dots > TOML_DOTS_MAX)
		return err_set(err, ERR_LIMIT, "more than %d dots", TOML_DOTS_MAX);
	if (cost->tables > TOML_TABLES_MAX || cost->dotted > TOML_DOTTED_MAX)
		return err_set(err, ERR_LIMIT, "more than %d different tables", TOML_TABLES_MAX);
	return 0;
}

int toml_limits_check(const char *text, size_t len, struct err *err)
{
	struct cost cost = {.header = {"", 0}};
	const char *end = text + len;
	unsigned number = 1;

	for (const char *at = text; at < end; number++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *stop = newline ? newline : end;
		if (check_line(&cost, (struct text_span){at, (size_t)(stop - at)}, err))
			return err_prefix(err, "line %u", number);
		at = newline ? newline + 1 : end;
	}
	return 0;
}
