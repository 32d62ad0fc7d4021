/* SPDX-License-Identifier: Apache-2.0 */
/*
 * address.h: is an address one of the public Internet? Source: the special-purpose
 * registries of IANA (RFC 6890), and what IPv6 addresses hold an IPv4 one.
 */
#pragma once

#include <stdbool.h>
#include <sys/socket.h>

#define ADDRESS_TEXT_MAX 64

/* False for loopback, private, link-local (the clouds' metadata with it), shared, multicast and reserved ones, for an
 * IPv6 address that stands for such an IPv4 one, and for what is neither IPv4 nor IPv6. */
bool address_is_public(const struct sockaddr *address);

/* "192.168.1.2", "fe80::1"; "?" for what is neither. Returns ret_text. */
const char *address_text(const struct sockaddr *address, char ret_text[ADDRESS_TEXT_MAX]);
