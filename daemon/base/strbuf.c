/* SPDX-License-Identifier: Apache-2.0 */
/* strbuf.c: see strbuf.h. */
#include "base/strbuf.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void strbuf_release(struct strbuf *sb)
{
	free(sb->data);
	*sb = (struct strbuf){.limit = sb->limit};
}

void strbuf_reset(struct strbuf *sb)
{
	sb->len = 0;
	sb->failed = false;
	if (sb->data)
		sb->data[0] = '\0';
}

static bool make_room(struct strbuf *sb, size_t extra)
{
	if (sb->failed)
		return false;
	size_t need = sb->len + extra + 1;
	if (need <= extra || (sb->limit && need - 1 > sb->limit)) {
		sb->failed = true;
		return false;
	}
	if (need <= sb->cap)
		return true;
	size_t cap = sb->cap ? sb->cap : 64;
	while (cap < need)
		cap = cap > SIZE_MAX / 2 ? need : cap * 2;
	char *data = realloc(sb->data, cap);
	if (!data) {
		sb->failed = true;
		return false;
	}
	sb->data = data;
	sb->cap = cap;
	return true;
}

void strbuf_reserve(struct strbuf *sb, size_t len)
{
	if (sb->cap > sb->len && sb->cap - sb->len > len)
		return;
	size_t cap = sb->len + len + 1;
	char *data = sb->failed || cap <= len ? NULL : realloc(sb->data, cap);
	if (!data)
		return; /* it is only a favour: what does not fit fails when it comes */
	sb->data = data;
	sb->cap = cap;
	sb->data[sb->len] = '\0';
}

char *strbuf_grow(struct strbuf *sb, size_t len)
{
	if (!make_room(sb, len))
		return NULL;
	char *room = sb->data + sb->len;
	sb->len += len;
	sb->data[sb->len] = '\0';
	return room;
}

void strbuf_add(struct strbuf *sb, const void *bytes, size_t len)
{
	char *room = strbuf_extend(sb, len);
	if (room && len)
		memcpy(room, bytes, len);
}

void strbuf_adds(struct strbuf *sb, const char *str)
{
	strbuf_add(sb, str, strlen(str));
}

void strbuf_addf(struct strbuf *sb, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	int len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len < 0) {
		sb->failed = true;
		return;
	}
	if (!make_room(sb, (size_t)len))
		return;
	va_start(ap, fmt);
	(void)vsnprintf(sb->data + sb->len, (size_t)len + 1, fmt, ap);
	va_end(ap);
	sb->len += (size_t)len;
}

const char *strbuf_str(const struct strbuf *sb)
{
	return sb->data ? sb->data : "";
}

char *strbuf_take(struct strbuf *sb)
{
	strbuf_add(sb, "", 0); /* an empty result is a string, too */
	if (sb->failed) {
		strbuf_release(sb);
		return NULL;
	}
	char *data = sb->data;
	*sb = (struct strbuf){.limit = sb->limit};
	return data;
}

void strbuf_add_count(struct strbuf *out, int64_t count, const char *one, const char *many)
{
	char digits[32];
	int len = snprintf(digits, sizeof digits, "%" PRId64, count);

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0 && digits[i - 1] != '-')
			strbuf_addc(out, ',');
		strbuf_addc(out, digits[i]);
	}
	strbuf_addf(out, " %s", count == 1 ? one : many);
}
