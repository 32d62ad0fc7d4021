/* SPDX-License-Identifier: Apache-2.0 */
/* err.c: see err.h. */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_set(struct err *err, int code, const char *fmt, ...)
{
	va_list ap;

	err->code = code;
	va_start(ap, fmt);
	(void)vsnprintf(err->text, sizeof err->text, fmt, ap);
	va_end(ap);
	return code;
}

int err_prefix(struct err *err, const char *fmt, ...)
{
	char before[ERR_TEXT_MAX];
	char after[ERR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(before, sizeof before, fmt, ap);
	va_end(ap);
	memcpy(after, err->text, sizeof after);
	size_t at = strlen(before);
	(void)snprintf(err->text, sizeof err->text, "%s", before);
	(void)snprintf(err->text + at, sizeof err->text - at, ": %.*s", (int)(sizeof after - 1), after);
	return err->code;
}

int err_errno(struct err *err, const char *fmt, ...)
{
	int saved = errno;
	va_list ap;

	err->code = ERR_IO;
	va_start(ap, fmt);
	(void)vsnprintf(err->text, sizeof err->text, fmt, ap);
	va_end(ap);
	size_t at = strlen(err->text);
	char reason[128];
	(void)snprintf(err->text + at, sizeof err->text - at, ": %s", strerror_r(saved, reason, sizeof reason));
	return ERR_IO;
}

int err_nomem(struct err *err)
{
	return err_set(err, ERR_NOMEM, "out of memory");
}
