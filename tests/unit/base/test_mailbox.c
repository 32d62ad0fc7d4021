/* SPDX-License-Identifier: Apache-2.0 */
/* Mail between threads: order, wake-ups and the places that bound it. */
#include "base/mailbox.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <poll.h>
#include <pthread.h>
#include <sched.h>

struct letter {
	struct mail mail;
	unsigned writer;
	unsigned number;
};

static struct mailbox *new_box(size_t places)
{
	struct mailbox *box = NULL;
	struct err err;

	assert_int_equal(mailbox_new(places, &box, &err), 0);
	return box;
}

static bool readable(const struct mailbox *box, int timeout_ms)
{
	struct pollfd fd = {.fd = mailbox_fd(box), .events = POLLIN};

	return poll(&fd, 1, timeout_ms) == 1;
}

static void mail_comes_out_in_the_order_it_went_in(void **state)
{
	(void)state;
	struct mailbox *box = new_box(0);
	struct letter letters[5] = {0};

	assert_null(mailbox_take(box));
	for (unsigned i = 0; i < ARRAY_LEN(letters); i++)
		mailbox_send(box, &letters[i].mail);
	const struct mail *mail = mailbox_take(box);
	for (unsigned i = 0; i < ARRAY_LEN(letters); i++, mail = mail->next)
		assert_ptr_equal(mail, &letters[i].mail);
	assert_null(mail);
	assert_null(mailbox_take(box));
	mailbox_free(box);
}

static void the_descriptor_is_readable_while_mail_waits(void **state)
{
	(void)state;
	struct mailbox *box = new_box(0);
	struct letter letters[2] = {0};

	for (unsigned round = 0; round < 3; round++) {
		assert_false(readable(box, 0));
		mailbox_send(box, &letters[0].mail);
		assert_true(readable(box, 0));
		mailbox_send(box, &letters[1].mail);
		assert_true(readable(box, 0));
		assert_ptr_equal(mailbox_take(box), &letters[0].mail);
	}
	assert_false(readable(box, 0));
	mailbox_free(box);
}

static void reserved_places_end_and_come_back(void **state)
{
	(void)state;
	struct mailbox *box = new_box(2);

	assert_int_equal(mailbox_reserved(box), 0);
	assert_true(mailbox_reserve(box));
	assert_true(mailbox_reserve(box));
	assert_false(mailbox_reserve(box));
	assert_int_equal(mailbox_reserved(box), 2);
	mailbox_unreserve(box);
	assert_true(mailbox_reserve(box));
	assert_false(mailbox_reserve(box));
	mailbox_free(box);
}

static void mail_without_a_place_is_always_taken(void **state)
{
	(void)state;
	struct mailbox *box = new_box(0);
	struct letter letter = {0};

	assert_false(mailbox_reserve(box));
	mailbox_send(box, &letter.mail);
	assert_ptr_equal(mailbox_take(box), &letter.mail);
	mailbox_free(box);
}

static void no_box_needs_no_freeing(void **state)
{
	(void)state;
	mailbox_free(NULL);
}

#define WRITERS 2u
#define LETTERS 20000u
#define PLACES 16u

struct writer {
	struct mailbox *box;
	unsigned number;
	struct letter letters[LETTERS];
};

/* Sends every letter, each on a place of its own. */
static void *write_letters(void *arg)
{
	struct writer *writer = arg;

	for (unsigned i = 0; i < LETTERS; i++) {
		while (!mailbox_reserve(writer->box))
			sched_yield();
		writer->letters[i].writer = writer->number;
		writer->letters[i].number = i;
		mailbox_send(writer->box, &writer->letters[i].mail);
	}
	return NULL;
}

/* Takes what waits and gives each place back; returns how many there were. */
static unsigned read_letters(struct mailbox *box, unsigned next[static WRITERS])
{
	unsigned n = 0;

	assert_true(mailbox_reserved(box) <= PLACES);
	for (struct mail *mail = mailbox_take(box); mail; n++) {
		const struct letter *letter = CONTAINER_OF(mail, struct letter, mail);
		mail = mail->next; /* the place, and with it the mail, is given back below */
		assert_int_equal(letter->number, next[letter->writer]++);
		mailbox_unreserve(box);
	}
	assert_true(n <= PLACES);
	return n;
}

static void two_writers_lose_nothing_and_keep_their_order(void **state)
{
	(void)state;
	static struct writer writers[WRITERS];
	struct mailbox *box = new_box(PLACES);
	pthread_t threads[WRITERS];
	unsigned next[WRITERS] = {0};

	for (unsigned i = 0; i < WRITERS; i++) {
		writers[i].box = box;
		writers[i].number = i;
		assert_int_equal(pthread_create(&threads[i], NULL, write_letters, &writers[i]), 0);
	}
	for (unsigned read = 0; read < WRITERS * LETTERS;) {
		assert_true(readable(box, 10000)); /* no wake-up is ever lost */
		read += read_letters(box, next);
	}
	for (unsigned i = 0; i < WRITERS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(mailbox_reserved(box), 0);
	assert_null(mailbox_take(box));
	mailbox_free(box);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mail_comes_out_in_the_order_it_went_in),
		cmocka_unit_test(the_descriptor_is_readable_while_mail_waits),
		cmocka_unit_test(reserved_places_end_and_come_back),
		cmocka_unit_test(mail_without_a_place_is_always_taken),
		cmocka_unit_test(no_box_needs_no_freeing),
		cmocka_unit_test(two_writers_lose_nothing_and_keep_their_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
