/* SPDX-License-Identifier: Apache-2.0 */
/* web_api.c: see web_api.h. */
#include "model/web_api.h"

#include <string.h>
#include <strings.h>

#define CRATES_IO "crates.io"

/* Behind "https://" or "http://"; NULL: another scheme, or no host. */
static const char *host_of(const char *url)
{
	static const char *const schemes[] = {"https://", "http://"};

	for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
		size_t len = strlen(schemes[i]);
		if (strncmp(url, schemes[i], len) == 0)
			return strchr("/:", url[len]) ? NULL : url + len;
	}
	return NULL;
}

/* Of what stands behind the scheme; an IPv6 address with its brackets. */
static size_t host_length(const char *host)
{
	size_t len = strcspn(host, *host == '[' ? "]/" : ":/");

	return host[len] == ']' ? len + 1 : len;
}

/* Of the port and its colon; *ret_usual: it goes without saying. */
static size_t port_length(const char *url, const char *port, bool *ret_usual)
{
	const char *usual = strncmp(url, "https:", 6) == 0 ? ":443" : ":80";
	size_t len = strcspn(port, "/");

	*ret_usual = len == strlen(usual) && strncmp(port, usual, len) == 0;
	return len;
}

static bool is_plain(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] > '~' || strchr("?#@\"<>\\^`{|}", text[i]))
			return false;
	return true;
}

/* In small letters, without the root of all names. */
static void put_host(struct strbuf *out, const char *host, size_t len)
{
	if (len > 1 && host[len - 1] == '.')
		len--;
	for (size_t i = 0; i < len; i++) {
		bool is_capital = host[i] >= 'A' && host[i] <= 'Z';
		strbuf_addc(out, (char)(is_capital ? host[i] - 'A' + 'a' : host[i]));
	}
}

bool web_api_base(const char *text, struct strbuf *out)
{
	const char *host = host_of(text);
	size_t len = strlen(text);
	bool usual;

	if (len > WEB_API_URL_MAX || !host || !is_plain(text, len))
		return false;
	size_t host_len = host_length(host);
	const char *port = host + host_len;
	const char *path = port + port_length(text, port, &usual);
	while (len > (size_t)(path - text) && text[len - 1] == '/')
		len--;
	strbuf_add(out, text, (size_t)(host - text));
	put_host(out, host, host_len);
	if (!usual)
		strbuf_add(out, port, (size_t)(path - port));
	strbuf_add(out, path, (size_t)(text + len - path));
	return true;
}

bool web_api_is_crates_io(const char *url)
{
	const char *host = host_of(url);
	size_t len = host ? strcspn(host, ":/") : 0;
	size_t tail = strlen(CRATES_IO);

	if (len > 0 && host[len - 1] == '.') /* the root of all names */
		len--;
	return len >= tail && strncasecmp(host + len - tail, CRATES_IO, tail) == 0 &&
	       (len == tail || host[len - tail - 1] == '.');
}

/* Without the port that goes without saying. */
static size_t origin_length(const char *url)
{
	const char *host = host_of(url);
	const char *port = host + host_length(host);
	bool usual;
	size_t port_len = port_length(url, port, &usual);

	return (size_t)(port - url) + (usual ? 0 : port_len);
}

bool web_api_same_origin(const char *url, const char *other)
{
	if (!host_of(url) || !host_of(other))
		return false;
	size_t len = origin_length(url);
	return len == origin_length(other) && strncasecmp(url, other, len) == 0;
}

/* Everything but RFC 3986's unreserved characters. */
static void put_encoded(struct strbuf *out, const char *text)
{
	static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

	for (; *text; text++) {
		if (strchr(unreserved, *text))
			strbuf_addc(out, *text);
		else
			strbuf_addf(out, "%%%02X", (unsigned)(unsigned char)*text);
	}
}

static void put_crate(struct strbuf *out, const char *base, const char *crate)
{
	strbuf_addf(out, "%s/api/v1/crates/", base);
	put_encoded(out, crate);
}

void web_api_put_versions(struct strbuf *out, const char *base, const char *crate)
{
	put_crate(out, base, crate);
	strbuf_adds(out, "/versions");
}

void web_api_put_owners(struct strbuf *out, const char *base, const char *crate)
{
	put_crate(out, base, crate);
	strbuf_adds(out, "/owners");
}

size_t web_api_put_nums(struct strbuf *out, const char *const *versions, size_t n)
{
	size_t begin = out->len;
	size_t i = 0;

	for (; i < n && (i == 0 || out->len - begin + 3 * strlen(versions[i]) < WEB_API_NUMS_MAX); i++) {
		strbuf_adds(out, i ? "&nums%5B%5D=" : "?nums%5B%5D=");
		put_encoded(out, versions[i]);
	}
	return i;
}
