/* SPDX-License-Identifier: Apache-2.0 */
/*
 * err.h: how a failure is told. A function that can fail returns 0 or one of
 * the codes below and, as its last parameter, fills a `struct err` with one
 * sentence for a person: "what: why". It either returns its error or logs it,
 * never both.
 */
#pragma once

#include "base/defs.h"

enum err_code {
	ERR_NOMEM = -1,   /* an allocation failed */
	ERR_IO = -2,      /* a system call or the database failed */
	ERR_BAD = -3,     /* the input breaks its own format */
	ERR_LIMIT = -4,   /* the input is well formed but above a limit */
	ERR_BUSY = -5,    /* no room or no answer now; again later may help */
	ERR_ABSENT = -6,  /* the thing asked for does not exist */
	ERR_REFUSED = -7, /* not allowed in this state */
};

#define ERR_TEXT_MAX 512 /* bytes, the terminator included; longer text is cut */

struct err {
	int code; /* 0 or an err_code */
	char text[ERR_TEXT_MAX];
};

/* Sets code and text; returns code, so that `return err_set(...)` reads well. */
int err_set(struct err *err, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Puts "what: " before the text that is there; returns the code that is there. */
int err_prefix(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* "what: " and the text of errno; returns ERR_IO. */
int err_errno(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* ERR_NOMEM with its one text. */
int err_nomem(struct err *err);
