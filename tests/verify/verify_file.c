/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify_file.c: verifies databases that no daemon has open, for tests/integration/test_tampering.py.
 *
 *   yankwatch-test-verify KEY    reads paths of databases, a line each, and answers each with one line: what
 *                                verify_piece() found, piece after piece, to the end or the first fault. KEY is the
 *                                public key in hex.
 */
#include "base/json.h"
#include "base/numbers.h"
#include "store/verify.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define PIECE_MS 50

static int verify(const char *path, const unsigned char *key, struct strbuf *out, struct err *err)
{
	struct verify_point point = {0};
	struct json_writer w = {.out = out};
	struct db *db = NULL;
	bool over = false;

	int rc = db_open(path, DB_READ_ONLY, &db, err);
	while (!rc && !over) {
		OWNED(verify_piece_release) struct verify_piece piece = {0};
		rc = verify_piece(db, key, &point, 0, PIECE_MS, &piece, err);
		point = piece.point;
		over = piece.done || piece.fault.there;
		if (!rc && over)
			verify_put(&w, &piece);
	}
	db_close(db);
	return rc;
}

int main(int argc, char **argv)
{
	unsigned char key[HEAD_KEY_SIZE];
	char line[4096];

	if (argc != 2 || !hex_decode(argv[1], sizeof key, key) || sodium_init() < 0)
		return 2;
	while (fgets(line, sizeof line, stdin)) {
		OWNED_STRBUF struct strbuf out = {0};
		struct err err = {0};
		line[strcspn(line, "\n")] = '\0';
		if (verify(line, key, &out, &err)) {
			strbuf_reset(&out);
			struct json_writer w = {.out = &out};
			json_open(&w, NULL, '{');
			json_put_string(&w, "error", err.text);
			json_close(&w, '}');
		}
		(void)puts(strbuf_str(&out));
		(void)fflush(stdout);
	}
	return 0;
}
