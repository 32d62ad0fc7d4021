/* SPDX-License-Identifier: Apache-2.0 */
/* address.c: see address.h. */
#include "lib/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct block {
	unsigned char bytes[8]; /* the first of the address */
	unsigned bits;
};

static const struct block closed_v4[] = {
	{{0}, 8},             /* this network */
	{{10}, 8},            /* private, RFC 1918 */
	{{100, 64}, 10},      /* shared by carriers, RFC 6598 */
	{{127}, 8},           /* loopback */
	{{169, 254}, 16},     /* link-local; 169.254.169.254 tells clouds' secrets */
	{{172, 16}, 12},      /* private */
	{{192, 0, 0}, 24},    /* protocol assignments */
	{{192, 0, 2}, 24},    /* documentation */
	{{192, 88, 99}, 24},  /* 6to4 relays, given up */
	{{192, 168}, 16},     /* private */
	{{198, 18}, 15},      /* benchmarks */
	{{198, 51, 100}, 24}, /* documentation */
	{{203, 0, 113}, 24},  /* documentation */
	{{224}, 3},           /* multicast, reserved, broadcast */
};

static const struct block open_v6 = {{0x20}, 3}; /* all that was ever given out, RFC 4291 */

static const struct block closed_v6[] = {
	{{0x20, 0x01, 0x00}, 23},       /* protocol assignments; Teredo holds an IPv4 address */
	{{0x20, 0x01, 0x0d, 0xb8}, 32}, /* documentation */
	{{0x20, 0x02}, 16},             /* 6to4 holds an IPv4 address */
	{{0x3f, 0xff, 0x00}, 20},       /* documentation */
};

/* An IPv4 address follows. */
static const struct block mapped_v4 = {{0}, 64};                          /* and ffff, see below */
static const struct block translated_v4 = {{0x00, 0x64, 0xff, 0x9b}, 64}; /* NAT64, RFC 6052; zeros to 96 */

static bool is_in(const unsigned char *address, const struct block *block)
{
	unsigned whole = block->bits / 8;
	unsigned mask = 0xff00u >> (block->bits % 8) & 0xff;

	return memcmp(address, block->bytes, whole) == 0 &&
	       (mask == 0 || ((address[whole] ^ block->bytes[whole]) & mask) == 0);
}

static bool is_in_any(const unsigned char *address, const struct block *blocks, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_in(address, &blocks[i]))
			return true;
	return false;
}

static bool is_public_v4(const unsigned char *address)
{
	return !is_in_any(address, closed_v4, sizeof closed_v4 / sizeof closed_v4[0]);
}

static bool is_public_v6(const unsigned char *address)
{
	static const unsigned char mapped[4] = {0, 0, 0xff, 0xff}, zeros[4] = {0};

	if (is_in(address, &mapped_v4) && memcmp(address + 8, mapped, sizeof mapped) == 0)
		return is_public_v4(address + 12);
	if (is_in(address, &translated_v4) && memcmp(address + 8, zeros, sizeof zeros) == 0)
		return is_public_v4(address + 12);
	return is_in(address, &open_v6) && !is_in_any(address, closed_v6, sizeof closed_v6 / sizeof closed_v6[0]);
}

/* The address's bytes; NULL for another family. */
static const unsigned char *bytes_of(const struct sockaddr *address)
{
	const void *any = address;

	if (address->sa_family == AF_INET)
		return (const unsigned char *)&((const struct sockaddr_in *)any)->sin_addr;
	if (address->sa_family == AF_INET6)
		return (const unsigned char *)&((const struct sockaddr_in6 *)any)->sin6_addr;
	return NULL;
}

bool address_is_public(const struct sockaddr *address)
{
	const unsigned char *bytes = bytes_of(address);

	if (!bytes)
		return false;
	return address->sa_family == AF_INET ? is_public_v4(bytes) : is_public_v6(bytes);
}

const char *address_text(const struct sockaddr *address, char ret_text[ADDRESS_TEXT_MAX])
{
	const unsigned char *bytes = bytes_of(address);

	if (!bytes || !inet_ntop(address->sa_family, bytes, ret_text, ADDRESS_TEXT_MAX))
		(void)snprintf(ret_text, ADDRESS_TEXT_MAX, "?");
	return ret_text;
}
