/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quoted_printable.h: RFC 2045, 6.7: any text as lines of at most 76 ASCII bytes
 * that end with CR LF. No line begins with '.' (SMTP's end of the mail) or with
 * "From " (mailboxes that escape it), so no server has a reason to change a byte.
 */
#pragma once

#include <stddef.h>
#include <stdio.h>

#define QP_LINE_MAX 76

/* '\n' ends a line; every other control byte is encoded. What is written ends with a line end. */
void quoted_printable(FILE *out, const char *text, size_t len);
