/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_verify.c: is the history what it was? The daemon computes the chain piece by piece; heads that were kept
 * elsewhere are held against it on the way. Exit 0: it is whole; 1: it is not; 2: that could not be told.
 */
#include "ask.h"
#include "base/numbers.h"
#include "commands.h"
#include "heads.h"
#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const struct option_row verify_options[] = {
	{"head", "FILE",
	 "and do these heads, kept elsewhere, fit? Lines of JSON that are or have one (- is standard input)"},
	{0},
};

#define KEYS_MAX 64 /* that have signed, one after the other */

struct verification {
	const struct session *session;
	struct kept_heads kept;
	size_t next_kept; /* to be held against the history */
	int64_t seq;      /* good up to here */
	char hash[2 * CHAIN_HASH_SIZE + 1];
	int64_t events, pruned, heads;
	char keys[KEYS_MAX][2 * HEAD_KEY_SIZE + 1]; /* in their order */
	size_t n_keys;
	int64_t key_since[KEYS_MAX]; /* the last event before */
	bool done;
	cJSON *fault; /* owned; NULL: none */
	struct progress progress;
};

static void verification_release(struct verification *verification)
{
	progress_end(&verification->progress);
	heads_release(&verification->kept);
	cJSON_Delete(verification->fault);
}

/* ---- asking ---- */

static int ask_piece(struct verification *verification, cJSON **ret, struct err *err)
{
	static const char *const path[] = {"/v1/verify"};
	OWNED_STRBUF struct strbuf body = {0};
	struct json_writer w = {.out = &body};

	json_open(&w, NULL, '{');
	if (verification->seq) {
		json_put_int(&w, "after", verification->seq);
		json_put_string(&w, "hash", verification->hash);
	}
	if (verification->next_kept < verification->kept.n &&
	    verification->kept.items[verification->next_kept].head.seq > verification->seq)
		json_put_int(&w, "to", verification->kept.items[verification->next_kept].head.seq);
	json_close(&w, '}');
	return ask_post(verification->session->http, path, 1, &body, false, ret, err);
}

static void note_key(struct verification *verification, const cJSON *signer)
{
	const char *key = json_string(signer, "key");
	size_t n = verification->n_keys;

	if (!key || strlen(key) >= sizeof verification->keys[0] || n == KEYS_MAX ||
	    (n && strcmp(verification->keys[n - 1], key) == 0))
		return;
	(void)snprintf(verification->keys[n], sizeof verification->keys[n], "%s", key);
	verification->key_since[n] = json_int(signer, "after", 0);
	verification->n_keys++;
}

static int take_piece(struct verification *verification, const cJSON *piece, struct err *err)
{
	const char *hash = json_string(piece, "hash");
	const cJSON *signer;

	if (!hash || strlen(hash) >= sizeof verification->hash)
		return err_set(err, ERR_BAD, "verify: the daemon's answer has no hash");
	(void)snprintf(verification->hash, sizeof verification->hash, "%s", hash);
	verification->seq = json_int(piece, "seq", verification->seq);
	verification->events += json_int(piece, "events", 0);
	verification->pruned += json_int(piece, "pruned", 0);
	verification->heads += json_int(piece, "heads", 0);
	verification->done = json_bool(piece, "done", false);
	cJSON_ArrayForEach (signer, json_member(piece, "keys"))
		note_key(verification, signer);
	const cJSON *fault = json_member(piece, "fault");
	if (fault && !(verification->fault = cJSON_Duplicate(fault, true)))
		return err_nomem(err);
	return 0;
}

static void show_progress(struct verification *verification)
{
	OWNED_STRBUF struct strbuf line = {0};

	if (!progress_is_due(&verification->progress))
		return;
	strbuf_add_count(&line, verification->events, "event", "events");
	strbuf_adds(&line, " verified");
	progress_show(&verification->progress, strbuf_str(&line));
}

/* ---- heads that were kept ---- */

static bool key_has_signed(const struct verification *verification, const struct head *head)
{
	char key[2 * HEAD_KEY_SIZE + 1];

	hex_encode(head->key, sizeof head->key, key);
	for (size_t i = 0; i < verification->n_keys; i++)
		if (strcmp(verification->keys[i], key) == 0)
			return true;
	return false;
}

static int fault_at(struct verification *verification, const struct kept_head *kept, const char *what)
{
	OWNED_STRBUF struct strbuf text = {0};

	strbuf_addf(&text, "%s:%zu: %s", heads_name(&verification->kept), kept->line, what);
	cJSON *fault = verification->fault = cJSON_CreateObject();
	return fault && cJSON_AddNumberToObject(fault, "seq", (double)kept->head.seq) &&
			       cJSON_AddStringToObject(fault, "text", strbuf_str(&text))
		       ? 0
		       : ERR_NOMEM;
}

static int fault_at_end(struct verification *verification, const struct kept_head *kept)
{
	OWNED_STRBUF struct strbuf what = {0};

	strbuf_addf(&what, "there were %" PRId64 " events, the history ends with event %" PRId64, kept->head.seq,
		    verification->seq);
	return fault_at(verification, kept, strbuf_str(&what));
}

static int compare_one(struct verification *verification, const struct kept_head *kept)
{
	static const char before_the_first[] = "0000000000000000000000000000000000000000000000000000000000000000";
	char hash[2 * CHAIN_HASH_SIZE + 1];

	hex_encode(kept->head.hash, sizeof kept->head.hash, hash);
	/* One of the start stands before every event. */
	if (strcmp(hash, kept->head.seq ? verification->hash : before_the_first) != 0)
		return fault_at(verification, kept,
				"the history up to there is not what this head says: it was altered since");
	if (!key_has_signed(verification, &kept->head))
		return fault_at(verification, kept, "this head is signed by a key that never signed this history");
	return 0;
}

/* Those that the history has reached; and at its end those that it should have. */
static int compare_kept(struct verification *verification)
{
	const struct kept_heads *kept = &verification->kept;
	int rc = 0;

	for (; !rc && !verification->fault && verification->next_kept < kept->n; verification->next_kept++) {
		const struct kept_head *next = &kept->items[verification->next_kept];
		if (next->head.seq > verification->seq && !verification->done)
			return 0;
		rc = next->head.seq > verification->seq ? fault_at_end(verification, next)
							: compare_one(verification, next);
	}
	return rc;
}

static int check_signatures(struct verification *verification)
{
	for (size_t i = 0; i < verification->kept.n; i++)
		if (!head_is_genuine(&verification->kept.items[i].head))
			return fault_at(verification, &verification->kept.items[i],
					"its signature is false: this copy of a head was altered");
	return 0;
}

static int walk(struct verification *verification, struct err *err)
{
	int rc = check_signatures(verification);

	while (!rc && !verification->fault && !verification->done) {
		OWNED_JSON cJSON *piece = NULL;
		rc = ask_piece(verification, &piece, err);
		if (!rc)
			rc = take_piece(verification, piece, err);
		if (!rc && !verification->fault)
			rc = compare_kept(verification);
		if (rc == ERR_NOMEM)
			rc = err_nomem(err);
		show_progress(verification);
	}
	progress_end(&verification->progress);
	return rc;
}

/* ---- telling ---- */

static int print_json(const struct verification *verification, struct err *err)
{
	OWNED_JSON cJSON *answer = cJSON_CreateObject();

	if (!answer || !cJSON_AddBoolToObject(answer, "whole", !verification->fault) ||
	    !cJSON_AddNumberToObject(answer, "seq", (double)verification->seq) ||
	    !cJSON_AddStringToObject(answer, "hash", verification->hash) ||
	    !cJSON_AddNumberToObject(answer, "events", (double)verification->events) ||
	    !cJSON_AddNumberToObject(answer, "pruned", (double)verification->pruned) ||
	    !cJSON_AddNumberToObject(answer, "heads", (double)verification->heads) ||
	    !cJSON_AddNumberToObject(answer, "kept_heads", (double)verification->kept.n))
		return err_nomem(err);
	cJSON *keys = cJSON_AddArrayToObject(answer, "keys");
	for (size_t i = 0; i < verification->n_keys; i++)
		if (!cJSON_AddItemToArray(keys, cJSON_CreateString(verification->keys[i])))
			return err_nomem(err);
	if (verification->fault && !cJSON_AddItemReferenceToObject(answer, "fault", verification->fault))
		return err_nomem(err);
	return style_json(answer, err);
}

static void add_word(struct strbuf *out, const cJSON *fault, const char *key, const char *before)
{
	const char *word = json_string(fault, key);

	if (word && *word)
		strbuf_addf(out, "%s%s", before, word);
}

static void print_fault(const struct verification *verification)
{
	const struct style *style = &verification->session->style;
	const cJSON *fault = verification->fault;
	OWNED_STRBUF struct strbuf line = {0};
	int64_t seq = json_int(fault, "seq", 0);
	int64_t to = json_int(fault, "to", seq);

	style_line(style, COLOUR_ALARM, "The history is not whole.");
	if (to == seq)
		strbuf_addf(&line, "event %" PRId64, seq);
	else
		strbuf_addf(&line, "one of the events %" PRId64 " to %" PRId64, seq, to);
	add_word(&line, fault, "id", to == seq ? " " : ", the first of them ");
	add_word(&line, fault, "crate", ", ");
	add_word(&line, fault, "version", " ");
	add_word(&line, fault, "event", " ");
	add_word(&line, fault, "registry", " in ");
	add_word(&line, fault, "text", ": ");
	style_line(style, COLOUR_NONE, strbuf_str(&line));
	if (verification->seq && seq > verification->seq)
		printf("Up to event %" PRId64 " it is whole.\n", verification->seq);
}

static void print_whole(const struct verification *verification)
{
	OWNED_STRBUF struct strbuf line = {0};

	strbuf_adds(&line, "The history is whole: ");
	strbuf_add_count(&line, verification->events, "event", "events");
	if (verification->pruned) {
		strbuf_adds(&line, ", ");
		strbuf_add_count(&line, verification->pruned, "pruned one", "pruned ones");
	}
	strbuf_addf(&line, ", ");
	strbuf_add_count(&line, verification->heads, "signature", "signatures");
	if (verification->kept.n) {
		strbuf_adds(&line, "; ");
		strbuf_add_count(&line, (int64_t)verification->kept.n, "head", "heads");
		strbuf_addf(&line, " of %s %s", heads_name(&verification->kept),
			    verification->kept.n == 1 ? "fits" : "fit");
	}
	style_line(&verification->session->style, COLOUR_NONE, strbuf_str(&line));
}

static void print_keys(const struct verification *verification)
{
	for (size_t i = 1; i < verification->n_keys; i++)
		printf("From event %" PRId64 " on another key signs: %s\n", verification->key_since[i] + 1,
		       verification->keys[i]);
	if (verification->n_keys)
		printf("key %s\n", verification->keys[verification->n_keys - 1]);
}

static int tell(const struct verification *verification, struct err *err)
{
	int rc = 0;

	if (verification->session->json)
		rc = print_json(verification, err);
	else if (verification->fault)
		print_fault(verification);
	else
		print_whole(verification);
	if (!rc && !verification->session->json)
		print_keys(verification);
	if (!rc && (fflush(stdout) != 0 || ferror(stdout)))
		rc = err_errno(err, "standard output");
	return rc || !verification->fault ? rc : COMMAND_SAYS_NO;
}

static int verify(const struct session *session, const struct args *args, struct err *err)
{
	OWNED(verification_release) struct verification verification = {.session = session};
	const char *file = args_value(args, "head");

	progress_begin(&verification.progress, true);
	int rc = file ? heads_read(file, &verification.kept, err) : 0;
	if (!rc)
		rc = walk(&verification, err);
	return rc ? rc : tell(&verification, err);
}

/* Exit 1 is a verdict here, so every failure is 2: nothing can be told of the history. */
int cmd_verify(const struct session *session, const struct args *args, struct err *err)
{
	int rc = verify(session, args, err);

	return rc < 0 ? ERR_BAD : rc;
}
