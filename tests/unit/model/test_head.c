/* SPDX-License-Identifier: Apache-2.0 */
/* The chain and its signed heads: bytes that auditors compute with other tools, and that may never change. */
#include "fixture.h"

#include "base/numbers.h"
#include "model/head.h"

#include <sodium.h>

#define AT_MS INT64_C(1795253400000) /* 2026-11-21T09:30:00Z */

/* By Python's hashlib. */
static void the_chain_has_these_hashes(void **state)
{
	(void)state;
	unsigned char hash[CHAIN_HASH_SIZE] = {0};
	unsigned char digest[CHAIN_HASH_SIZE];
	char hex[2 * CHAIN_HASH_SIZE + 1];

	chain_digest("{}", 2, digest);
	hex_encode(digest, sizeof digest, hex);
	assert_string_equal(hex, "c09da522dac261c3d2566230bed10d2f3ef13f8e7654576c12e857e07f786098");
	chain_next(hash, digest, hash);
	hex_encode(hash, sizeof hash, hex);
	assert_string_equal(hex, "0abb02b2eff154215af2cfffcdba7ca57f52c4f4dec51313a8b3c811434ef56f");
	chain_next(hash, digest, hash);
	hex_encode(hash, sizeof hash, hex);
	assert_string_equal(hex, "17dfd899c784167b98ce90a44fd2ca663be75ba9153a828c28159276e4fc0f36");
}

static struct head signed_head(void)
{
	static const unsigned char seed[crypto_sign_SEEDBYTES];
	struct head_signer signer;
	struct head head = {.after = 2, .seq = 3, .at_ms = AT_MS};

	assert_int_equal(crypto_sign_seed_keypair(signer.key, signer.secret, seed), 0);
	memset(head.hash, 1, sizeof head.hash);
	head_sign(&head, &signer);
	return head;
}

/* By Python's cryptography. */
#define HASH "0101010101010101010101010101010101010101010101010101010101010101"
#define KEY "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29"
#define SIGNATURE                                                          \
	"a2dd6878f7401be332263d9ea11f73c22da2a0545a72669f4bba391f85711ee7" \
	"2ac9d71e97640800f8075b36a845f6b4e400a706c6a99acc4e8c80b7a5e0610a"
#define WRITTEN                                                                                           \
	"{\"after\":2,\"seq\":3,\"hash\":\"" HASH "\",\"at\":\"2026-11-21T09:30:00.000Z\",\"key\":\"" KEY \
	"\",\"signature\":\"" SIGNATURE "\"}"

static void a_head_is_written_and_read_as_this(void **state)
{
	(void)state;
	const struct head head = signed_head();
	OWNED_STRBUF struct strbuf out = {0};
	OWNED_JSON cJSON *tree = NULL;
	struct err err;
	struct head read;

	head_write(&(struct json_writer){.out = &out}, NULL, &head);
	assert_string_equal(strbuf_str(&out), WRITTEN);
	assert_int_equal(json_parse(strbuf_str(&out), out.len, &tree, &err), 0);
	assert_true(head_read(tree, &read));
	assert_true(head_is_genuine(&read));
	assert_memory_equal(read.signature, head.signature, sizeof read.signature);
}

static void a_head_that_lacks_a_member_is_none(void **state)
{
	(void)state;
	static const char *const members[] = {"after", "seq", "hash", "at", "key", "signature"};
	struct head head;
	struct err err;

	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		OWNED_JSON cJSON *tree = NULL;
		assert_int_equal(json_parse(WRITTEN, strlen(WRITTEN), &tree, &err), 0);
		cJSON_DeleteItemFromObject(tree, members[i]);
		assert_false(head_read(tree, &head));
		cJSON_AddStringToObject(tree, members[i], "ab");
		assert_false(head_read(tree, &head));
	}
}

static void a_signature_is_of_every_member(void **state)
{
	(void)state;
	const struct head head = signed_head();

	assert_true(head_is_genuine(&head));
	struct head altered[6];
	for (size_t i = 0; i < ARRAY_LEN(altered); i++)
		altered[i] = head;
	altered[0].after++;
	altered[1].seq++;
	altered[2].at_ms++;
	altered[3].hash[31] ^= 1;
	altered[4].key[0] ^= 1;
	altered[5].signature[63] ^= 1;
	for (size_t i = 0; i < ARRAY_LEN(altered); i++)
		assert_false(head_is_genuine(&altered[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_chain_has_these_hashes),
		cmocka_unit_test(a_head_is_written_and_read_as_this),
		cmocka_unit_test(a_head_that_lacks_a_member_is_none),
		cmocka_unit_test(a_signature_is_of_every_member),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
