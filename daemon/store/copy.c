/* SPDX-License-Identifier: Apache-2.0 */
/* copy.c: see copy.h. */
#include "store/copy.h"

#include "base/clock.h"

#define STEP_PAGES 64 /* between two looks at the clock */

struct db_copy {
	sqlite3 *to;
	sqlite3_backup *backup;
};

/* Nobody reads the copy before it is whole, and who has it writes it where it shall last. */
static const char SETTINGS[] = "PRAGMA journal_mode=OFF;"
			       "PRAGMA synchronous=OFF;";

static int copy_error(const struct db_copy *copy, int code, struct err *err)
{
	if (code == SQLITE_FULL)
		return err_set(err, ERR_IO, "the disk is full");
	return err_set(err, ERR_IO, "copying the database: %s", code ? sqlite3_errstr(code) : sqlite3_errmsg(copy->to));
}

int db_copy_begin(struct db *db, const char *path, struct db_copy **ret, struct err *err)
{
	struct db_copy *copy = calloc(1, sizeof *copy);
	int rc = 0;

	if (!copy)
		return err_nomem(err);
	int code = sqlite3_open_v2(path, &copy->to, SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE, NULL);
	if (!code)
		code = sqlite3_exec(copy->to, SETTINGS, NULL, NULL, NULL);
	if (!code)
		copy->backup = sqlite3_backup_init(copy->to, "main", db_handle(db), "main");
	if (!copy->backup)
		rc = copy->to ? copy_error(copy, code, err) : err_nomem(err);
	if (rc)
		db_copy_end(copy);
	else
		*ret = copy;
	return rc;
}

int db_copy_step(struct db_copy *copy, int64_t ms, int64_t *ret_left, struct err *err)
{
	int64_t end_ms = clock_mono_ms() + ms;
	int code;

	do
		code = sqlite3_backup_step(copy->backup, STEP_PAGES);
	while (code == SQLITE_OK && clock_mono_ms() < end_ms);
	*ret_left = sqlite3_backup_remaining(copy->backup);
	if (code == SQLITE_OK)
		return 0;
	if (code != SQLITE_DONE)
		return copy_error(copy, code, err);
	code = sqlite3_backup_finish(copy->backup); /* writes what is still in memory */
	copy->backup = NULL;
	*ret_left = 0;
	return code ? copy_error(copy, code, err) : 0;
}

void db_copy_end(struct db_copy *copy)
{
	if (!copy)
		return;
	(void)sqlite3_backup_finish(copy->backup); /* NULL is allowed */
	(void)sqlite3_close(copy->to);
	free(copy);
}
