/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mustache.c: see mustache.h. A template becomes a row of parts; a section knows
 * where its own ends, so rendering is a walk over ranges of that row.
 */
#include "lib/mustache.h"

#include <stdlib.h>
#include <string.h>

enum kind { TEXT, VALUE, RAW, SECTION, INVERTED, CLOSE, COMMENT };

struct part {
	enum kind kind;
	char *text; /* a literal text, or the tag's name */
	size_t end; /* of a section: the part that closes it */
	unsigned line;
};

struct mustache {
	struct part *parts;
	size_t n;
};

struct parser {
	struct mustache *template;
	mustache_known *known;
	const char *at;
	unsigned line;
	size_t open[MUSTACHE_DEPTH_MAX]; /* sections that are not closed yet */
	size_t depth;
	char *error;
};

/* ---- parsing ---- */

static bool fail(const struct parser *p, unsigned line, const char *before, const char *name, const char *after)
{
	(void)snprintf(p->error, MUSTACHE_ERROR_MAX, "line %u: %s%.64s%s", line, before, name, after);
	return false;
}

static unsigned count_lines(const char *text, size_t len)
{
	unsigned lines = 0;

	for (size_t i = 0; i < len; i++)
		lines += text[i] == '\n';
	return lines;
}

static struct part *add_part(struct parser *p, enum kind kind, const char *text, size_t len)
{
	struct mustache *template = p->template;
	struct part *parts = reallocarray(template->parts, template->n + 1, sizeof *parts);

	if (!parts)
		return NULL;
	template->parts = parts;
	parts[template->n] = (struct part){.kind = kind, .text = strndup(text, len), .line = p->line};
	return parts[template->n].text ? &parts[template->n++] : NULL;
}

static bool open_section(struct parser *p, const struct part *part)
{
	if (p->depth == MUSTACHE_DEPTH_MAX)
		return fail(p, part->line, "{{#", part->text, "}} is too deep in other sections");
	p->open[p->depth++] = (size_t)(part - p->template->parts);
	return true;
}

static bool close_section(struct parser *p, const struct part *part)
{
	struct part *begin = p->depth > 0 ? &p->template->parts[p->open[p->depth - 1]] : NULL;

	if (!begin || strcmp(begin->text, part->text) != 0)
		return fail(p, part->line, "{{/", part->text, "}} closes nothing that is open here");
	begin->end = (size_t)(part - p->template->parts);
	p->depth--;
	return true;
}

static bool check_part(struct parser *p, const struct part *part)
{
	static const char name_bytes[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
	const char *name = part->text;

	if (part->kind == COMMENT)
		return true;
	if (strcmp(name, ".") != 0 && (!*name || strspn(name, name_bytes) != strlen(name) || !p->known(name)))
		return fail(p, part->line, "{{", name, "}} is nothing that a template can show");
	if (part->kind == SECTION || part->kind == INVERTED)
		return open_section(p, part);
	return part->kind != CLOSE || close_section(p, part);
}

static enum kind kind_of(char sigil)
{
	static const struct {
		char sigil;
		enum kind kind;
	} rows[] = {{'#', SECTION}, {'^', INVERTED}, {'/', CLOSE}, {'!', COMMENT}, {'&', RAW}, {'{', RAW}};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i].sigil == sigil)
			return rows[i].kind;
	return VALUE;
}

/* p->at stands behind "{{". */
static bool parse_tag(struct parser *p)
{
	enum kind kind = kind_of(*p->at);
	const char *ending = *p->at == '{' ? "}}}" : "}}";
	const char *begin = p->at + (kind != VALUE);
	const char *end = strstr(begin, ending);

	if (!end)
		return fail(p, p->line, "a tag is opened by {{ and not closed by ", ending, "");
	const char *next = end + strlen(ending);
	unsigned lines = count_lines(begin, (size_t)(next - begin));
	while (begin < end && *begin == ' ')
		begin++;
	while (end > begin && end[-1] == ' ')
		end--;
	const struct part *part = add_part(p, kind, begin, (size_t)(end - begin));
	if (!part)
		return fail(p, p->line, "out of memory", "", "");
	p->at = next;
	p->line += lines;
	return check_part(p, part);
}

static bool parse_text(struct parser *p, size_t len)
{
	if (len > 0 && !add_part(p, TEXT, p->at, len))
		return fail(p, p->line, "out of memory", "", "");
	p->line += count_lines(p->at, len);
	p->at += len;
	return true;
}

static bool parse_all(struct parser *p)
{
	while (*p->at) {
		const char *tag = strstr(p->at, "{{");
		if (!parse_text(p, tag ? (size_t)(tag - p->at) : strlen(p->at)))
			return false;
		p->at += tag ? strlen("{{") : 0;
		if (tag && !parse_tag(p))
			return false;
	}
	if (p->depth == 0)
		return true;
	const struct part *begin = &p->template->parts[p->open[p->depth - 1]];
	return fail(p, begin->line, "{{#", begin->text, "}} is never closed");
}

struct mustache *mustache_parse(const char *text, mustache_known *known, char error[MUSTACHE_ERROR_MAX])
{
	struct mustache *template = calloc(1, sizeof *template);
	struct parser parser = {.template = template, .known = known, .at = text, .line = 1, .error = error};

	if (!template)
		(void)snprintf(error, MUSTACHE_ERROR_MAX, "out of memory");
	if (template && parse_all(&parser))
		return template;
	mustache_free(template);
	return NULL;
}

void mustache_free(struct mustache *template)
{
	if (!template)
		return;
	for (size_t i = 0; i < template->n; i++)
		free(template->parts[i].text);
	free(template->parts);
	free(template);
}

/* ---- rendering ---- */

struct scope {
	const cJSON *value;
	const struct scope *outer;
};

struct job {
	const struct part *parts;
	mustache_put *put;
	void *arg;
	FILE *out;
};

static const cJSON *look_up(const struct scope *scope, const char *name)
{
	if (strcmp(name, ".") == 0)
		return scope->value;
	for (; scope; scope = scope->outer) {
		const cJSON *found = cJSON_GetObjectItemCaseSensitive(scope->value, name);
		if (found)
			return found;
	}
	return NULL;
}

static bool is_nothing(const cJSON *value)
{
	return !value || cJSON_IsNull(value) || cJSON_IsFalse(value) ||
	       (cJSON_IsString(value) && !*value->valuestring) || (cJSON_IsArray(value) && !value->child);
}

static void put_value(const struct job *job, const cJSON *value, bool raw)
{
	char number[32];

	if (cJSON_IsString(value))
		job->put(job->arg, job->out, value->valuestring, raw);
	if (!cJSON_IsNumber(value))
		return;
	(void)snprintf(number, sizeof number, "%.0f", value->valuedouble);
	job->put(job->arg, job->out, number, raw);
}

static void render(const struct job *job, size_t from, size_t to, const struct scope *scope);

static void render_section(const struct job *job, size_t begin, const cJSON *value, const struct scope *outer)
{
	size_t end = job->parts[begin].end;
	const cJSON *item;

	if (!cJSON_IsArray(value)) {
		render(job, begin + 1, end, &(struct scope){value, outer});
		return;
	}
	cJSON_ArrayForEach (item, value)
		render(job, begin + 1, end, &(struct scope){item, outer});
}

/* As deep as the sections: the parser has bounded that. */
static void render(const struct job *job, size_t from, size_t to, const struct scope *scope)
{
	for (size_t i = from; i < to; i++) {
		const struct part *part = &job->parts[i];
		const cJSON *value = part->kind == TEXT ? NULL : look_up(scope, part->text);
		switch (part->kind) {
		case TEXT:
			(void)fputs(part->text, job->out);
			break;
		case VALUE:
		case RAW:
			put_value(job, value, part->kind == RAW);
			break;
		case SECTION:
			if (!is_nothing(value))
				render_section(job, i, value, scope);
			i = part->end;
			break;
		case INVERTED:
			if (is_nothing(value))
				render(job, i + 1, part->end, scope);
			i = part->end;
			break;
		case CLOSE:
		case COMMENT:
			break;
		}
	}
}

void mustache_render(const struct mustache *template, const cJSON *view, mustache_put *put, void *arg, FILE *out)
{
	const struct job job = {template->parts, put, arg, out};

	render(&job, 0, template->n, &(struct scope){view, NULL});
}
