/* SPDX-License-Identifier: Apache-2.0 */
/* reason.c: see reason.h. */
#include "model/reason.h"

#include "base/numbers.h"
#include "model/line_members.h"

#include <string.h>
#include <strings.h>

#define KEY(text) (text), sizeof(text) - 1

enum version_member { VERSION_NUM, VERSION_YANKED, VERSION_TEXT, VERSION_ACTIONS, VERSION_MEMBERS };
static const struct member_rule version_rules[VERSION_MEMBERS] = {
	[VERSION_NUM] = {KEY("num"), MEMBER_STRING, true, false},
	[VERSION_YANKED] = {KEY("yanked"), MEMBER_BOOL, true, false},
	[VERSION_TEXT] = {KEY("yank_message"), MEMBER_STRING, false, true},
	[VERSION_ACTIONS] = {KEY("audit_actions"), MEMBER_LIST, false, true},
};

enum action_member { ACTION_ACT, ACTION_TIME, ACTION_USER, ACTION_MEMBERS };
static const struct member_rule action_rules[ACTION_MEMBERS] = {
	[ACTION_ACT] = {KEY("action"), MEMBER_STRING, true, false},
	[ACTION_TIME] = {KEY("time"), MEMBER_STRING, true, false},
	[ACTION_USER] = {KEY("user"), MEMBER_OBJECT, false, true},
};

enum user_member { USER_LOGIN, USER_KIND, USER_MEMBERS };
static const struct member_rule user_rules[USER_MEMBERS] = {
	[USER_LOGIN] = {KEY("login"), MEMBER_STRING, false, true},
	[USER_KIND] = {KEY("kind"), MEMBER_STRING, false, true},
};

static const char *const acts[] = {[REASON_PUBLISH] = "publish", [REASON_YANK] = "yank", [REASON_UNYANK] = "unyank"};

static bool is_text(const struct json_node *string, const char *text)
{
	return text_span_same(json_text_of(string), (struct text_span){text, strlen(text)});
}

/* The members of an object that is as its rules say. */
static bool read_object(const struct json_node *object, const struct member_rule *rules, size_t n,
			const struct json_node **ret)
{
	struct err why;

	members_find(object, rules, n, ret);
	return members_check(ret, rules, n, &why) == 0;
}

static size_t count_items(const struct json_node *list)
{
	size_t n = 0;

	json_for_each (item, list)
		n++;
	return n;
}

/* Scans a reply: an object with a list of that name. */
static int scan_list(struct json_scan *scan, const char *json, size_t len, const struct member_rule *rule,
		     const struct json_node **ret, struct err *err)
{
	scan->limit = REASON_VALUES_MAX;
	int rc = json_scan(scan, json, len, err);
	if (rc)
		return rc;
	members_find(scan->nodes, rule, 1, ret);
	rc = members_check(ret, rule, 1, err);
	if (rc)
		return rc;
	size_t n = count_items(*ret);
	return n > REASON_ROWS_MAX
		       ? err_set(err, ERR_LIMIT, "%zu %s, allowed: at most %d", n, rule->key, REASON_ROWS_MAX)
		       : 0;
}

/* NULL: none, or it is too long to be one. *ret_failed is set when out of memory. */
static char *copy_login(const struct json_node *login, bool *ret_failed)
{
	if (login->type != JSON_STRING || login->len == 0 || login->len > REASON_LOGIN_MAX)
		return NULL;
	char *copy = strndup(login->at, login->len);
	*ret_failed |= !copy;
	return copy;
}

/* ---- actions ---- */

struct action_row {
	int64_t at_ms;
	enum reason_act act;
	const struct json_node *at;    /* where it stands */
	const struct json_node *login; /* member_absent = none */
};

/* By time; of one time as they stand in the reply. */
static int compare_actions(const void *a, const void *b)
{
	const struct action_row *x = a;
	const struct action_row *y = b;

	if (x->at_ms != y->at_ms)
		return x->at_ms < y->at_ms ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

static bool read_time(const struct json_node *text, int64_t *ret_ms)
{
	char buf[TIME_TEXT_MAX];

	if (text->len >= sizeof buf)
		return false;
	memcpy(buf, text->at, text->len);
	buf[text->len] = '\0';
	return time_parse_rfc3339(buf, ret_ms);
}

static bool read_act(const struct json_node *text, enum reason_act *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(acts); i++) {
		*ret = (enum reason_act)i;
		if (is_text(text, acts[i]))
			return true;
	}
	return false;
}

static bool read_action(const struct json_node *item, struct action_row *ret)
{
	const struct json_node *members[ACTION_MEMBERS];
	const struct json_node *user[USER_MEMBERS];

	if (!read_object(item, action_rules, ACTION_MEMBERS, members) ||
	    !read_object(members[ACTION_USER], user_rules, USER_MEMBERS, user) ||
	    !read_act(members[ACTION_ACT], &ret->act) || !read_time(members[ACTION_TIME], &ret->at_ms))
		return false;
	ret->at = item;
	ret->login = user[USER_LOGIN];
	return true;
}

/* The last ones, oldest first. */
static int take_actions(const struct action_row *rows, size_t n, struct reason_version *version, struct err *err)
{
	size_t first = n > REASON_ACTIONS_MAX ? n - REASON_ACTIONS_MAX : 0;
	bool failed = false;

	if (n == 0)
		return 0;
	version->actions = calloc(n - first, sizeof *version->actions);
	if (!version->actions)
		return err_nomem(err);
	for (size_t i = first; i < n; i++)
		version->actions[version->n_actions++] = (struct reason_action){
			.act = rows[i].act, .at_ms = rows[i].at_ms, .by = copy_login(rows[i].login, &failed)};
	return failed ? err_nomem(err) : 0;
}

static int read_actions(const struct json_node *list, struct reason_version *version, struct err *err)
{
	size_t n = 0;
	OWNED_MEM struct action_row *rows = calloc(count_items(list) + 1, sizeof *rows);

	if (!rows)
		return err_nomem(err);
	json_for_each (item, list)
		n += read_action(item, &rows[n]);
	qsort(rows, n, sizeof *rows, compare_actions);
	return take_actions(rows, n, version, err);
}

/* ---- versions ---- */

struct version_row {
	const struct json_node *members[VERSION_MEMBERS];
};

/* By version; of one version as they stand in the reply. */
static int compare_versions(const void *a, const void *b)
{
	const struct json_node *x = ((const struct version_row *)a)->members[VERSION_NUM];
	const struct json_node *y = ((const struct version_row *)b)->members[VERSION_NUM];
	int order = text_span_compare(json_text_of(x), json_text_of(y));

	return order ? order : (x > y) - (x < y);
}

static int read_text(const struct json_node *text, struct reason_version *version, struct err *err)
{
	return text->type == JSON_STRING ? reason_text_keep(text->at, text->len, &version->said, err) : 0;
}

static int read_version(const struct version_row *row, struct reason_version *version, struct err *err)
{
	const struct json_node *num = row->members[VERSION_NUM];

	version->version = strndup(num->at, num->len);
	version->yanked = member_is_true(row->members[VERSION_YANKED], false);
	if (!version->version)
		return err_nomem(err);
	int rc = read_text(row->members[VERSION_TEXT], version, err);
	return rc ? rc : read_actions(row->members[VERSION_ACTIONS], version, err);
}

static bool is_same_version(const struct version_row *a, const struct version_row *b)
{
	return text_span_same(json_text_of(a->members[VERSION_NUM]), json_text_of(b->members[VERSION_NUM]));
}

static int read_versions(const struct version_row *rows, size_t n, struct reason_answer *answer, struct err *err)
{
	int rc = 0;

	answer->versions = calloc(n + 1, sizeof *answer->versions);
	if (!answer->versions)
		return err_nomem(err);
	for (size_t i = 0; i < n && !rc; i++)
		if (i == 0 || !is_same_version(&rows[i - 1], &rows[i]))
			rc = read_version(&rows[i], &answer->versions[answer->n++], err);
	return rc;
}

static int read_answer(const struct json_node *list, struct reason_answer *answer, struct err *err)
{
	size_t n = 0;
	OWNED_MEM struct version_row *rows = calloc(count_items(list) + 1, sizeof *rows);

	if (!rows)
		return err_nomem(err);
	json_for_each (item, list)
		n += read_object(item, version_rules, VERSION_MEMBERS, rows[n].members) &&
		     rows[n].members[VERSION_NUM]->len > 0;
	qsort(rows, n, sizeof *rows, compare_versions);
	return read_versions(rows, n, answer, err);
}

int reason_answer_read(const char *json, size_t len, struct reason_answer *ret, struct err *err)
{
	static const struct member_rule rule = {KEY("versions"), MEMBER_LIST, true, false};
	OWNED(json_scan_release) struct json_scan scan = {0};
	struct reason_answer answer = {0};
	const struct json_node *list;

	int rc = scan_list(&scan, json, len, &rule, &list, err);
	if (!rc)
		rc = read_answer(list, &answer, err);
	if (rc)
		reason_answer_release(&answer);
	else
		*ret = answer;
	return rc;
}

static void version_release(struct reason_version *version)
{
	for (size_t i = 0; i < version->n_actions; i++)
		free(version->actions[i].by);
	free(version->actions);
	reason_text_release(&version->said);
	free(version->version);
}

void reason_answer_release(struct reason_answer *answer)
{
	for (size_t i = 0; i < answer->n; i++)
		version_release(&answer->versions[i]);
	free(answer->versions);
	*answer = (struct reason_answer){0};
}

static int compare_with_version(const void *text, const void *version)
{
	return strcmp(text, ((const struct reason_version *)version)->version);
}

const struct reason_version *reason_answer_find(const struct reason_answer *answer, const char *version)
{
	return answer->n ? bsearch(version, answer->versions, answer->n, sizeof *answer->versions, compare_with_version)
			 : NULL;
}

/* ---- owners ---- */

/* What is neither an account nor a team may own the crate, too. */
static int read_owner(const struct json_node *item, struct reason_owners *owners, struct err *err)
{
	const struct json_node *members[USER_MEMBERS];
	bool failed = false;

	bool good = read_object(item, user_rules, USER_MEMBERS, members);
	const struct json_node *kind = members[USER_KIND];
	bool is_account = good && (kind == &member_absent || is_text(kind, "user"));
	char *login = is_account ? copy_login(members[USER_LOGIN], &failed) : NULL;
	if (failed)
		return err_nomem(err);
	owners->has_teams |= !login;
	if (login)
		owners->logins[owners->n++] = login;
	return 0;
}

static int read_owners(const struct json_node *list, struct reason_owners *owners, struct err *err)
{
	int rc = 0;

	owners->logins = calloc(count_items(list) + 1, sizeof *owners->logins);
	if (!owners->logins)
		return err_nomem(err);
	json_for_each (item, list)
		if (!rc)
			rc = read_owner(item, owners, err);
	return rc;
}

int reason_owners_read(const char *json, size_t len, struct reason_owners *ret, struct err *err)
{
	static const struct member_rule rule = {KEY("users"), MEMBER_LIST, true, false};
	OWNED(json_scan_release) struct json_scan scan = {0};
	struct reason_owners owners = {0};
	const struct json_node *list;

	int rc = scan_list(&scan, json, len, &rule, &list, err);
	if (!rc)
		rc = read_owners(list, &owners, err);
	if (rc)
		reason_owners_release(&owners);
	else
		*ret = owners;
	return rc;
}

void reason_owners_release(struct reason_owners *owners)
{
	for (size_t i = 0; i < owners->n; i++)
		free(owners->logins[i]);
	free(owners->logins);
	*owners = (struct reason_owners){0};
}

bool reason_owners_have(const struct reason_owners *owners, const char *login)
{
	for (size_t i = 0; i < owners->n; i++)
		if (strcasecmp(owners->logins[i], login) == 0)
			return true;
	return false;
}
