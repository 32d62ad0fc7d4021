/* SPDX-License-Identifier: Apache-2.0 */
/*
 * strbuf.h: a growing, always NUL-terminated string of bytes.
 *
 * The error is sticky: once an allocation fails or `limit` is passed, further
 * calls do nothing and strbuf_failed() says so; so a caller adds without
 * checking and checks once at the end. A zeroed struct is an empty, unlimited
 * buffer. The owner calls strbuf_release(); strbuf_take() gives the bytes away.
 */
#pragma once

#include "base/defs.h"

struct strbuf {
	char *data; /* NULL while nothing was ever added */
	size_t len; /* bytes, without the terminator */
	size_t cap;
	size_t limit; /* most bytes it may hold; 0 = no limit */
	bool failed;
};

void strbuf_release(struct strbuf *sb);
void strbuf_reset(struct strbuf *sb); /* empty again, memory kept, error cleared */

void strbuf_add(struct strbuf *sb, const void *bytes, size_t len);
void strbuf_adds(struct strbuf *sb, const char *str);
void strbuf_reserve(struct strbuf *sb, size_t len); /* room for `len` more, which may come in pieces */
char *strbuf_grow(struct strbuf *sb, size_t len);   /* strbuf_extend() for what is rare */
/* Room for `len` more bytes, all of which the caller writes at once; NULL if it fails. */
static inline char *strbuf_extend(struct strbuf *sb, size_t len)
{
	if (sb->failed || sb->limit || sb->cap - sb->len <= len)
		return strbuf_grow(sb, len);
	char *room = sb->data + sb->len;
	sb->len += len;
	sb->data[sb->len] = '\0';
	return room;
}
static inline void strbuf_addc(struct strbuf *sb, char c)
{
	char *room = strbuf_extend(sb, 1);
	if (room)
		*room = c;
}
void strbuf_addf(struct strbuf *sb, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The string; "" when nothing was added. Valid until the next call on sb. */
const char *strbuf_str(const struct strbuf *sb);

static inline bool strbuf_failed(const struct strbuf *sb)
{
	return sb->failed;
}

/* The heap string, owned by the caller, sb empty after; NULL if it had failed. */
char *strbuf_take(struct strbuf *sb);

#define OWNED_STRBUF OWNED(strbuf_release)

/* "1 crate", "160,000 crates". */
void strbuf_add_count(struct strbuf *out, int64_t count, const char *one, const char *many);
