/* SPDX-License-Identifier: Apache-2.0 */
/* gunzip.c: see gunzip.h. */
#include "net/gunzip.h"

#define ZLIB_CONST /* what comes in is const */
#include <zlib.h>

#define GZIP_ONLY (16 + MAX_WBITS)
#define BLOCK 16384 /* bytes unpacked at a time */

struct gunzip {
	z_stream stream;
	bool between; /* a member is complete, another may follow */
};

struct gunzip *gunzip_new(void)
{
	struct gunzip *gunzip = calloc(1, sizeof *gunzip);

	if (gunzip && inflateInit2(&gunzip->stream, GZIP_ONLY) != Z_OK) {
		free(gunzip);
		return NULL;
	}
	return gunzip;
}

void gunzip_free(struct gunzip *gunzip)
{
	if (!gunzip)
		return;
	(void)inflateEnd(&gunzip->stream);
	free(gunzip);
}

/* One block; *ret_len bytes of it are new. */
static int unpack(struct gunzip *gunzip, char block[static BLOCK], size_t *ret_len, struct err *err)
{
	z_stream *stream = &gunzip->stream;

	if (gunzip->between)
		(void)inflateReset(stream);
	stream->next_out = (unsigned char *)block;
	stream->avail_out = BLOCK;
	int code = inflate(stream, Z_NO_FLUSH);
	gunzip->between = code == Z_STREAM_END;
	*ret_len = BLOCK - stream->avail_out;
	if (code == Z_MEM_ERROR)
		return err_nomem(err);
	if (code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR)
		return 0;
	return err_set(err, ERR_BAD, "the gzip data is damaged: %s", stream->msg ? stream->msg : "no more is known");
}

int gunzip_add(struct gunzip *gunzip, const char *bytes, size_t len, gunzip_out_fn *out, void *arg, struct err *err)
{
	z_stream *stream = &gunzip->stream;
	char block[BLOCK];
	size_t n;

	stream->next_in = (const unsigned char *)bytes;
	stream->avail_in = (unsigned)len;
	do {
		int rc = unpack(gunzip, block, &n, err);
		if (rc)
			return rc;
		if (n > 0 && !out(arg, block, n))
			return err_set(err, ERR_LIMIT, "there is no room for what is unpacked");
	} while (stream->avail_in > 0 || (stream->avail_out == 0 && !gunzip->between));
	return 0;
}

int gunzip_end(const struct gunzip *gunzip, struct err *err)
{
	return gunzip->between ? 0 : err_set(err, ERR_BAD, "the gzip data ends too early");
}
