/* SPDX-License-Identifier: Apache-2.0 */
/*
 * address.h: an address of the configuration: "sec@example.com" or
 * "Security Team <sec@example.com>". What is accepted is narrower than RFC 5322
 * and free of anything that could end a header or an SMTP command.
 */
#pragma once

#include <stddef.h>

#define ADDRESS_MAX 254      /* bytes of LOCAL@DOMAIN (RFC 5321, 4.5.3.1.3, without the angle brackets) */
#define ADDRESS_LOCAL_MAX 64 /* RFC 5321, 4.5.3.1.1 */
#define ADDRESS_NAME_MAX 100 /* bytes of the name before it */

struct address {
	char spec[ADDRESS_MAX + 1];      /* LOCAL@DOMAIN, ASCII */
	char name[ADDRESS_NAME_MAX + 1]; /* UTF-8; "": none */
};

/* NULL and *ret filled, or what is wrong with it. */
const char *address_parse(const char *text, struct address *ret);

/* Points into the address. */
const char *address_domain(const struct address *address);

/* NULL, or why `text` of `len` bytes is no host name of letters, digits, '-' and '.'. */
const char *address_domain_fault(const char *text, size_t len);
