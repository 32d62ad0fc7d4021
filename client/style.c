/* SPDX-License-Identifier: Apache-2.0 */
/* style.c: see style.h. */
#include "style.h"

#include "base/clock.h"
#include "base/numbers.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static const char *const sgr[COLOURS] = {
	[COLOUR_NONE] = "",
	[COLOUR_BOLD] = "\033[1m",
	[COLOUR_DIM] = "\033[2m",
	[COLOUR_GREEN] = "\033[32m",
	[COLOUR_YELLOW] = "\033[33m",
	[COLOUR_RED] = "\033[31m",
	[COLOUR_ALARM] = "\033[1;31m",
};

static const struct {
	const char *word;
	enum colour colour;
} words[] = {
	/* severities */
	{"critical", COLOUR_ALARM},
	{"high", COLOUR_RED},
	{"medium", COLOUR_YELLOW},
	{"info", COLOUR_DIM},
	/* kinds of events */
	{"published", COLOUR_DIM},
	{"yanked", COLOUR_YELLOW},
	{"unyanked", COLOUR_GREEN},
	{"version_deleted", COLOUR_RED},
	{"crate_deleted", COLOUR_RED},
	{"crate_created", COLOUR_YELLOW},
	{"checksum_changed", COLOUR_ALARM},
	{"registry_blind", COLOUR_RED},
	{"registry_incident", COLOUR_RED},
	{"finding_opened", COLOUR_RED},
	{"finding_resolved", COLOUR_GREEN},
	{"replacement_available", COLOUR_GREEN},
	{"reason_changed", COLOUR_DIM},
	/* states of the daemon, a registry, a notifier, a watch, a version */
	{"healthy", COLOUR_GREEN},
	{"unhealthy", COLOUR_ALARM},
	{"starting", COLOUR_YELLOW},
	{"failing", COLOUR_RED},
	{"blind", COLOUR_ALARM},
	{"incident", COLOUR_ALARM},
	{"pausing", COLOUR_RED},
	{"absent", COLOUR_YELLOW},
	{"unknown", COLOUR_YELLOW},
	{"deleted", COLOUR_RED},
	{"disabled", COLOUR_ALARM},
	/* of a notification, an attempt, a silence */
	{"delivered", COLOUR_GREEN},
	{"dead", COLOUR_ALARM},
	{"gathering", COLOUR_DIM},
	{"silenced", COLOUR_DIM},
	{"ok", COLOUR_GREEN},
	{"retry", COLOUR_YELLOW},
	{"reject", COLOUR_RED},
	{"disable", COLOUR_RED},
	{"active", COLOUR_YELLOW},
	{"expired", COLOUR_DIM},
	{"removed", COLOUR_DIM},
};

static size_t terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size = {0};
	uint64_t width;

	if (columns && number_parse_u64(columns, UINT16_MAX, &width) && width > 0)
		return (size_t)width;
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

void style_init(struct style *style)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	tzset(); /* localtime_r() need not */
	style->terminal = isatty(STDOUT_FILENO);
	style->width = style->terminal ? terminal_width() : 0;
	style->colour = style->terminal && !(no_color && *no_color) && term && strcmp(term, "dumb") != 0;
}

const char *style_begin(const struct style *style, enum colour colour)
{
	return style->colour ? sgr[colour] : "";
}

const char *style_end(const struct style *style, enum colour colour)
{
	return style->colour && colour != COLOUR_NONE ? "\033[0m" : "";
}

enum colour style_word(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(word, words[i].word) == 0)
			return words[i].colour;
	return COLOUR_NONE;
}

void style_text(const struct style *style, enum colour colour, const char *text)
{
	char safe[STYLE_TEXT_MAX];

	printf("%s%s%s", style_begin(style, colour), text_safe(text, safe, sizeof safe), style_end(style, colour));
}

size_t style_room(const struct style *style, size_t column)
{
	return style->width == 0 ? 0 : style->width > column ? style->width - column : 1;
}

/* Up to the last blank within the columns; a word that is longer than a line is broken, or (`whole`) overflows. */
static size_t line_length(const char *text, size_t columns, bool whole)
{
	size_t width;
	size_t fits = text_prefix(text, columns, &width);
	size_t end = fits;

	if (text[fits] == '\0' || text[fits] == ' ')
		return fits;
	while (end > 0 && text[end - 1] != ' ')
		end--;
	while (end > 0 && text[end - 1] == ' ')
		end--;
	if (end > 0)
		return end;
	if (whole || fits == 0) /* a wide character in a single column */
		return strcspn(text, " ");
	return fits;
}

struct style_wrap style_hang(const struct style *style, size_t column)
{
	size_t room = style_room(style, column);

	return (struct style_wrap){.first = room, .hang = column, .columns = room};
}

void style_wrapped(const struct style *style, enum colour colour, const char *safe, const struct style_wrap *wrap)
{
	size_t columns = wrap->first;

	for (bool first = true; first || *safe; first = false) {
		if (!first)
			printf("\n%*s", (int)wrap->hang, "");
		size_t len = columns ? line_length(safe, columns, wrap->whole) : strlen(safe);
		printf("%s%.*s%s", style_begin(style, colour), (int)len, safe, style_end(style, colour));
		safe += len;
		safe += strspn(safe, " ");
		columns = wrap->columns;
	}
}

void style_line(const struct style *style, enum colour colour, const char *text)
{
	char safe[STYLE_TEXT_MAX];

	const struct style_wrap wrap = style_hang(style, 0);

	style_wrapped(style, colour, text_safe(text, safe, sizeof safe), &wrap);
	(void)putchar('\n');
}

void style_title(const struct style *style, const char *title)
{
	(void)putchar('\n');
	style_text(style, COLOUR_BOLD, title);
	(void)putchar('\n');
}

const char *style_time(const struct style *style, const char *rfc3339, char buf[static STYLE_TIME_MAX])
{
	struct tm tm;
	int64_t wall_ms;

	if (!time_parse_rfc3339(rfc3339, &wall_ms))
		return rfc3339;
	time_t seconds = (time_t)(wall_ms / 1000);
	if (!localtime_r(&seconds, &tm))
		return rfc3339;
	if (style->terminal) {
		(void)strftime(buf, STYLE_TIME_MAX, "%Y-%m-%d %H:%M:%S", &tm);
		return buf;
	}
	/* RFC 3339 wants a colon in the offset, which strftime() does not write. */
	size_t n = strftime(buf, STYLE_TIME_MAX - 1, "%Y-%m-%dT%H:%M:%S%z", &tm);
	if (n > 2) {
		memmove(buf + n - 1, buf + n - 2, 3);
		buf[n - 2] = ':';
	}
	return buf;
}

const char *style_ago(const char *rfc3339, char buf[static STYLE_TIME_MAX])
{
	static const struct {
		int64_t ms;
		const char *name;
	} units[] = {{86400000, "d"}, {3600000, "h"}, {60000, "min"}, {1000, "s"}};
	int64_t wall_ms;
	size_t i = 0;

	if (!time_parse_rfc3339(rfc3339, &wall_ms))
		return "";
	int64_t past = clock_wall_ms() - wall_ms;
	int64_t span = past < 0 ? -past : past;
	if (span < 1000) {
		(void)snprintf(buf, STYLE_TIME_MAX, "now");
		return buf;
	}
	while (span < units[i].ms)
		i++;
	(void)snprintf(buf, STYLE_TIME_MAX, "%s%" PRId64 " %s%s", past < 0 ? "in " : "", span / units[i].ms,
		       units[i].name, past < 0 ? "" : " ago");
	return buf;
}

/* Takes one character off valid UTF-8. */
static uint32_t next_point(const unsigned char **p)
{
	unsigned char first = *(*p)++;
	uint32_t point = first < 0xe0 ? first & 0x1f : first < 0xf0 ? first & 0x0f : first & 0x07;

	if (first < 0x80)
		return first;
	while ((**p & 0xc0) == 0x80)
		point = point << 6 | (*(*p)++ & 0x3f);
	return point;
}

/* Beyond ASCII only strings have anything, so an escape is right wherever it stands. */
static void put_ascii(uint32_t point)
{
	if (point < 0x7f)
		putchar((int)point);
	else if (point < 0x10000)
		printf("\\u%04x", point);
	else
		printf("\\u%04x\\u%04x", 0xd800 + ((point - 0x10000) >> 10), 0xdc00 + (point & 0x3ff));
}

void style_json_line(const char *line)
{
	const unsigned char *p = (const unsigned char *)line;

	while (*p)
		put_ascii(next_point(&p));
	putchar('\n');
}

int style_json(const cJSON *value, struct err *err)
{
	OWNED_MEM char *text = cJSON_PrintUnformatted(value);

	if (!text)
		return err_nomem(err);
	style_json_line(text);
	return 0;
}
