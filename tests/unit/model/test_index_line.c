/* SPDX-License-Identifier: Apache-2.0 */
/* One index line: what it means, which lines mean the same, and which cargo refuses. */
#include "fixture.h"

#define DEPS 1u << FACET_DEPS
#define FEATURES 1u << FACET_FEATURES
#define LINKS 1u << FACET_LINKS
#define RUST_VERSION 1u << FACET_RUST_VERSION

/* Parses and lets go of the text; what must outlive it is owned by *ret. */
static int parse(const char *text, struct index_version *ret, struct err *err)
{
	const struct index_keys keys = test_keys();
	size_t len;
	OWNED_MEM char *line = quoted(text, &len);

	OWNED(line_reader_release) struct line_reader reader = {.keys = &keys, .crate = "demo"};
	int rc = index_line_parse(&reader, line, len, ret, err);
	if (!rc) {
		assert_ptr_equal(ret->line, line);
		assert_int_equal(ret->line_len, len);
		ret->line = NULL;
	}
	return rc;
}

static struct index_version parse_good(const char *text)
{
	struct index_version version = {0};
	struct err err = {0};

	int rc = parse(text, &version, &err);
	if (rc)
		fail_msg("%s: %s", text, err.text);
	return version;
}

static void a_line_gives_version_checksum_and_flag(void **state)
{
	(void)state;
	static const struct {
		const char *line, *vers;
		unsigned char sum;
		bool yanked;
	} rows[] = {
		{LINE("1.2.3"), "1.2.3", 0xaa, false},
		{LINE_YANKED("1.2.3-alpha.1+build"), "1.2.3-alpha.1+build", 0xaa, true},
		{LINE_OF("110.0.0+1.1.0f", SUM_B, ""), "110.0.0+1.1.0f", 0xbb, false},
		{LINE_OF("1", SUM_B, ",'yanked':null"), "1", 0xbb, false},
		{LINE_OF("01.x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", ""), "01.x", 0xaa,
		 false},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(index_version_release) struct index_version version = parse_good(rows[i].line);
		assert_string_equal(version.vers, rows[i].vers);
		assert_int_equal(version.checksum[0], rows[i].sum);
		assert_int_equal(version.checksum[CHECKSUM_SIZE - 1], rows[i].sum);
		assert_int_equal(version.yanked, rows[i].yanked);
		assert_false(version.deleted);
		assert_int_equal(version.changed_ms, 0);
	}
}

static void a_line_may_say_why_it_was_yanked(void **state)
{
	(void)state;
	static const struct {
		const char *line, *text; /* NULL = none */
	} rows[] = {
		{LINE_OF("1", SUM_A, ",'yanked':true,'yank_message':'broken \\u2028 build'"), "broken \u2028 build"},
		{LINE_OF("1", SUM_A, ",'yanked':true,'yank_reason':'leaks'"), "leaks"},
		{LINE_OF("1", SUM_A, ",'yanked':true,'yank_message':'','yank_reason':'leaks'"), "leaks"},
		{LINE_OF("1", SUM_A, ",'yanked':true,'yank_message':null"), NULL},
		{LINE_OF("1", SUM_A, ",'yanked':true,'yank_message':{'a':[1]},'yank_reason':7"), NULL},
		{LINE_OF("1", SUM_A, ",'yanked':false,'yank_message':'of before'"), NULL},
		{LINE_OF("1", SUM_A, ",'yanked':true,'v':9,'yank_message':'later'"), "later"},
		{LINE_YANKED("1"), NULL},
	};
	OWNED(index_version_release) struct index_version bare = parse_good(LINE_YANKED("1"));

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(index_version_release) struct index_version version = parse_good(rows[i].line);
		assert_int_equal(version.reason != NULL, rows[i].text != NULL);
		if (version.reason)
			assert_string_equal(version.reason->text, rows[i].text);
		if (i < 2) /* it is no metadata */
			assert_memory_equal(version.facets, bare.facets, sizeof bare.facets);
	}
}

static void the_name_is_compared_without_its_case(void **state)
{
	(void)state;
	OWNED(index_version_release)
	struct index_version version =
		parse_good("{'name':'DeMo','vers':'1.0.0','deps':[],'cksum':'" SUM_A "','features':{}}");
	assert_string_equal(version.vers, "1.0.0");
}

#define WITH(more) LINE_OF("1.0.0", SUM_A, more)
#define DEP(members) "{'name':'demo','vers':'1.0.0','deps':[{'name':'a','req':'^1'" members "}],'cksum':'" SUM_A "'}"
#define TWO_DEPS(first, second) "{'name':'demo','vers':'1.0.0','deps':[" first "," second "],'cksum':'" SUM_A "'}"
#define A_DEP "{'name':'a','req':'^1','features':['x','y'],'optional':false,'default_features':true}"
#define B_DEP "{'name':'b','req':'^2','kind':'dev'}"
#define FEATURE_TABLES(tables) "{'name':'demo','vers':'1.0.0','deps':[],'cksum':'" SUM_A "'" tables "}"

/* Lines are held against each other; only the facets of `differing` may differ. */
struct pair {
	const char *first, *second;
	unsigned differing;
};

static void check_pair(const struct pair *pair)
{
	OWNED(index_version_release) struct index_version first = parse_good(pair->first);
	OWNED(index_version_release) struct index_version second = parse_good(pair->second);
	unsigned differing = 0;

	for (unsigned f = 0; f < FACETS; f++)
		if (first.facets[f] != second.facets[f])
			differing |= 1u << f;
	if (differing != pair->differing)
		fail_msg("facets %x, not %x:\n%s\n%s", differing, pair->differing, pair->first, pair->second);
}

static void lines_that_mean_the_same_have_the_same_facets(void **state)
{
	(void)state;
	static const struct pair rows[] = {
		{WITH(""), WITH(""), 0},
		/* text without meaning */
		{WITH(""), WITH(",'pubtime':'2026-11-21T09:30:00Z'"), 0},
		{WITH(""), WITH(",'unknown':{'to':['us']}"), 0},
		{WITH(""),
		 "{ 'cksum' : '" SUM_A "', 'features' : { }, 'deps' : [ ], 'vers' : '1.0.0', 'name' : 'demo' }", 0},
		{WITH(",'yanked':false"), WITH(",'yanked':true"), 0}, /* the flag is no facet */
		/* explicit nulls */
		{WITH(""), WITH(",'features2':null"), 0},
		{WITH(""), WITH(",'links':null"), 0},
		{WITH(""), WITH(",'rust_version':null"), 0},
		{WITH(""), WITH(",'v':null"), 0},
		{WITH(",'v':1"), WITH(",'v':2"), 0},
		{DEP(""), DEP(",'target':null,'kind':null,'registry':null,'package':null"), 0},
		/* defaults */
		{DEP(""), DEP(",'features':[],'optional':false,'default_features':true,'kind':'normal'"), 0},
		{FEATURE_TABLES(""), FEATURE_TABLES(",'features':{}"), 0},
		{FEATURE_TABLES(""), FEATURE_TABLES(",'features':{},'features2':{}"), 0},
		/* order */
		{TWO_DEPS(A_DEP, B_DEP), TWO_DEPS(B_DEP, A_DEP), 0},
		{DEP(",'features':['x','y']"), DEP(",'features':['y','x']"), 0},
		{DEP(",'kind':'dev','target':'cfg(unix)'"), DEP(",'target':'cfg(unix)','kind':'dev'"), 0},
		{FEATURE_TABLES(",'features':{'a':['x','y'],'b':[]}"),
		 FEATURE_TABLES(",'features':{'b':[],'a':['y','x']}"), 0},
		/* the two tables of features */
		{FEATURE_TABLES(",'features':{'a':['x'],'b':['dep:y']}"),
		 FEATURE_TABLES(",'features':{'a':['x']},'features2':{'b':['dep:y']},'v':2"), 0},
		{FEATURE_TABLES(",'features':{'a':['x','dep:y']}"),
		 FEATURE_TABLES(",'features':{'a':['x']},'features2':{'a':['dep:y']},'v':2"), 0},
		{FEATURE_TABLES(",'features':{'a':['x','dep:y']}"), FEATURE_TABLES(",'features2':{'a':['dep:y','x']}"),
		 0},
		/* repeated */
		{FEATURE_TABLES(",'features':{'a':['x']}"), FEATURE_TABLES(",'features':{'a':['x','x']}"), 0},
		{FEATURE_TABLES(",'features':{'a':['x']}"),
		 FEATURE_TABLES(",'features':{'a':['x']},'features2':{'a':['x']}"), 0},
		/* spelling */
		{DEP(",'target':'\\u0061'"), DEP(",'target':'a'"), 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_pair(&rows[i]);
}

static void a_real_change_shows_in_its_facet_alone(void **state)
{
	(void)state;
	static const struct pair rows[] = {
		{WITH(""), WITH(",'links':'z'"), LINKS},
		{WITH(",'links':'z'"), WITH(",'links':'Z'"), LINKS},
		{WITH(""), WITH(",'links':''"), LINKS},
		{WITH(""), WITH(",'rust_version':'1.60'"), RUST_VERSION},
		{WITH(",'rust_version':'1.60'"), WITH(",'rust_version':'1.61'"), RUST_VERSION},
		{WITH(",'links':'z'"), WITH(",'rust_version':'z'"), LINKS | RUST_VERSION},
		{WITH(""), DEP(""), DEPS},
		{DEP(""), TWO_DEPS("{'name':'a','req':'^1'}", B_DEP), DEPS},
		{DEP(""), "{'name':'demo','vers':'1.0.0','deps':[{'name':'b','req':'^1'}],'cksum':'" SUM_A "'}", DEPS},
		{DEP(""), "{'name':'demo','vers':'1.0.0','deps':[{'name':'a','req':'^1.0'}],'cksum':'" SUM_A "'}",
		 DEPS},
		{DEP(""), DEP(",'optional':true"), DEPS},
		{DEP(""), DEP(",'default_features':false"), DEPS},
		{DEP(",'optional':true"), DEP(",'default_features':false"), DEPS},
		{DEP(""), DEP(",'kind':'dev'"), DEPS},
		{DEP(",'kind':'build'"), DEP(",'kind':'dev'"), DEPS},
		{DEP(""), DEP(",'target':'cfg(unix)'"), DEPS},
		{DEP(""), DEP(",'registry':'https://example.com/'"), DEPS},
		{DEP(""), DEP(",'package':'a'"), DEPS},
		{DEP(",'target':'t'"), DEP(",'registry':'t'"), DEPS},
		{DEP(",'registry':'t'"), DEP(",'package':'t'"), DEPS},
		{DEP(""), DEP(",'features':['x']"), DEPS},
		{DEP(",'features':['xy']"), DEP(",'features':['x','y']"), DEPS},
		{DEP(",'features':['x']"), DEP(",'target':'x'"), DEPS},
		{TWO_DEPS("{'name':'a','req':'^1','features':['x']}", "{'name':'a','req':'^1','kind':'dev'}"),
		 TWO_DEPS("{'name':'a','req':'^1'}", "{'name':'a','req':'^1','kind':'dev','features':['x']}"), DEPS},
		{FEATURE_TABLES(""), FEATURE_TABLES(",'features':{'a':[]}"), FEATURES},
		{FEATURE_TABLES(",'features':{'a':[]}"), FEATURE_TABLES(",'features':{'b':[]}"), FEATURES},
		{FEATURE_TABLES(",'features':{'a':[]}"), FEATURE_TABLES(",'features':{'a':['x']}"), FEATURES},
		{FEATURE_TABLES(",'features':{'a':['x'],'b':[]}"), FEATURE_TABLES(",'features':{'a':[],'b':['x']}"),
		 FEATURES},
		{FEATURE_TABLES(",'features':{'a':['b'],'c':[]}"), FEATURE_TABLES(",'features':{'a':[],'b':[],'c':[]}"),
		 FEATURES},
		{FEATURE_TABLES(",'features':{'ab':[]}"), FEATURE_TABLES(",'features':{'a':['b']}"), FEATURES},
		{FEATURE_TABLES(",'features':{'a':['x']}"),
		 FEATURE_TABLES(",'features':{'a':['x']},'features2':{'b':[]}"), FEATURES},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_pair(&rows[i]);
}

static void no_text_can_pose_as_two(void **state)
{
	(void)state;
	/* Texts that hold what separates texts in the canonical bytes. */
	static const struct pair rows[] = {
		{FEATURE_TABLES(",'features':{'a':['1:x;','y']}"), FEATURE_TABLES(",'features':{'a':['1:x','y;']}"),
		 FEATURES},
		{DEP(",'target':'a;1:b'"), DEP(",'target':'a','registry':'b'"), DEPS},
		{DEP(",'features':['1:a','1:b']"), DEP(",'features':['1:a1:b']"), DEPS},
		{DEP(",'features':['x'],'target':''"), DEP(",'features':['x']"), DEPS},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_pair(&rows[i]);
}

/* Databases hold these digests: another one for the same line would be a false metadata_changed. */
static void digests_of_earlier_releases_stay_valid(void **state)
{
	(void)state;
	static const struct {
		const char *line;
		uint64_t facets[FACETS];
	} rows[] = {
		{WITH(""), {0x906b4470df152049, 0x906b4470df152049, 0x51fee8b54f7ebcc3, 0x51fee8b54f7ebcc3}},
		{WITH(",'links':'z','rust_version':'1.60'"),
		 {0x906b4470df152049, 0x906b4470df152049, 0x880546e02b0e084d, 0xe76872411660c6a9}},
		{TWO_DEPS(B_DEP, A_DEP),
		 {0x25b66fbe8b93a250, 0x906b4470df152049, 0x51fee8b54f7ebcc3, 0x51fee8b54f7ebcc3}},
		{TWO_DEPS(A_DEP, A_DEP),
		 {0x0d1a3e59b866684d, 0x906b4470df152049, 0x51fee8b54f7ebcc3, 0x51fee8b54f7ebcc3}},
		{DEP(",'features':['y','x','x'],'optional':true,'default_features':false,'target':'cfg(a=\\'b\\')'"),
		 {0x745d9938595c5d72, 0x906b4470df152049, 0x51fee8b54f7ebcc3, 0x51fee8b54f7ebcc3}},
		{DEP(",'kind':'build','registry':'https://r/','package':'gr\\u00fc\\u00df'"),
		 {0x317832a9427212d4, 0x906b4470df152049, 0x51fee8b54f7ebcc3, 0x51fee8b54f7ebcc3}},
		{FEATURE_TABLES(",'features':{'default':['std','a'],'a':[],'bb':['z','a']}"),
		 {0x906b4470df152049, 0xbe749f9fdd2d06d7, 0x51fee8b54f7ebcc3, 0x51fee8b54f7ebcc3}},
		{FEATURE_TABLES(",'features':{'a':['x'],'c':[]},'features2':{'a':['dep:y','x'],'b':['dep:z']},'v':2"),
		 {0x906b4470df152049, 0xfdeec40d3b618531, 0x51fee8b54f7ebcc3, 0x51fee8b54f7ebcc3}},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(index_version_release) struct index_version version = parse_good(rows[i].line);
		for (unsigned f = 0; f < FACETS; f++)
			assert_true(version.facets[f] == rows[i].facets[f]);
	}
}

/* Permutes the members of a long list by a seed: the digest must not move. */
static void shuffled_dependencies_keep_their_digest(void **state)
{
	(void)state;
	unsigned seed = 11;
	unsigned order[20];
	uint64_t digest = 0;

	for (unsigned i = 0; i < ARRAY_LEN(order); i++)
		order[i] = i;
	for (unsigned round = 0; round < 200; round++) {
		char text[4096];
		int len = snprintf(text, sizeof text, "{'name':'demo','vers':'1.0.0','cksum':'" SUM_A "','deps':[");
		for (unsigned i = 0; i < ARRAY_LEN(order); i++)
			len += snprintf(text + len, sizeof text - (size_t)len, "%s{'name':'d%u','req':'^%u'}",
					i ? "," : "", order[i] / 2, order[i]);
		(void)snprintf(text + len, sizeof text - (size_t)len, "]}");
		OWNED(index_version_release) struct index_version version = parse_good(text);
		if (round > 0)
			assert_true(version.facets[FACET_DEPS] == digest);
		digest = version.facets[FACET_DEPS];
		for (unsigned i = ARRAY_LEN(order) - 1; i > 0; i--) {
			unsigned j = (unsigned)rand_r(&seed) % (i + 1);
			unsigned swap = order[i];
			order[i] = order[j];
			order[j] = swap;
		}
	}
}

#define WITHOUT_DEPS(more) "{'name':'demo','vers':'1.0.0','cksum':'" SUM_A "'" more "}"

static void lines_that_cargo_refuses_are_bad(void **state)
{
	(void)state;
	static const struct {
		const char *line, *said;
	} rows[] = {
		/* not an object */
		{LINE_OF("1", SUM_A, ",'v':-1"), "\"v\" is no format's number"},
		{LINE_OF("1", SUM_A, ",'v':2.5"), "\"v\" is no format's number"},
		{LINE_OF("1", SUM_A, ",'v':1e17"), "\"v\" is no format's number"},
		{"<html>", "not JSON at byte 0"},
		{"[]", "not an object"},
		{"'demo'", "not an object"},
		{"null", "not an object"},
		{"{}{}", "something follows the value at byte 2"},
		{"{'name':'demo'", NULL},
		{"{'name':'d\xe9mo'}", "not valid UTF-8"},
		/* duplicate keys */
		{WITH(",'vers':'1.0.1'"), "duplicate key \"vers\""},
		{WITH(",'yanked':true,'yanked':false"), "duplicate key \"yanked\""},
		{DEP(",'req':'^2'"), "duplicate key \"req\""},
		{FEATURE_TABLES(",'features':{'a':[],'a':['x']}"), "duplicate key \"a\""},
		/* missing */
		{"{}", "no \"name\""},
		{"{'vers':'1.0.0','deps':[],'cksum':'" SUM_A "'}", "no \"name\""},
		{"{'name':'demo','deps':[],'cksum':'" SUM_A "'}", "no \"vers\""},
		{"{'name':'demo','vers':'1.0.0','deps':[]}", "no \"cksum\""},
		{WITHOUT_DEPS(""), "no \"deps\""},
		/* null where cargo takes none */
		{"{'name':null,'vers':'1.0.0','deps':[],'cksum':'" SUM_A "'}", "\"name\" has the wrong type"},
		{"{'name':'demo','vers':null,'deps':[],'cksum':'" SUM_A "'}", "\"vers\" has the wrong type"},
		{"{'name':'demo','vers':'1.0.0','deps':[],'cksum':null}", "\"cksum\" has the wrong type"},
		{WITHOUT_DEPS(",'deps':null"), "\"deps\" has the wrong type"},
		{FEATURE_TABLES(",'features':null"), "\"features\" has the wrong type"},
		/* other types */
		{"{'name':1,'vers':'1.0.0','deps':[],'cksum':'" SUM_A "'}", "\"name\" has the wrong type"},
		{"{'name':'demo','vers':1.0,'deps':[],'cksum':'" SUM_A "'}", "\"vers\" has the wrong type"},
		{"{'name':'demo','vers':'1.0.0','deps':[],'cksum':[]}", "\"cksum\" has the wrong type"},
		{WITHOUT_DEPS(",'deps':{}"), "\"deps\" has the wrong type"},
		{WITHOUT_DEPS(",'deps':''"), "\"deps\" has the wrong type"},
		{WITH(",'yanked':'true'"), "\"yanked\" has the wrong type"},
		{WITH(",'yanked':1"), "\"yanked\" has the wrong type"},
		{FEATURE_TABLES(",'features':[]"), "\"features\" has the wrong type"},
		{WITH(",'features2':[]"), "\"features2\" has the wrong type"},
		{WITH(",'links':1"), "\"links\" has the wrong type"},
		{WITH(",'rust_version':1.6"), "\"rust_version\" has the wrong type"},
		{WITH(",'v':'2'"), "\"v\" has the wrong type"},
		{WITH(",'v':true"), "\"v\" has the wrong type"},
		/* features */
		{FEATURE_TABLES(",'features':{'a':null}"), "feature \"a\" is no list"},
		{FEATURE_TABLES(",'features':{'a':'x'}"), "feature \"a\" is no list"},
		{FEATURE_TABLES(",'features':{'a':[1]}"), "features: not a list of strings"},
		{FEATURE_TABLES(",'features':{'a':['x',null]}"), "features: not a list of strings"},
		{FEATURE_TABLES(",'features':{'a':[]},'features2':{'a':{}}"), "feature \"a\" is no list"},
		{FEATURE_TABLES(",'features2':{'b':'x'}"), "feature \"b\" is no list"},
		{FEATURE_TABLES(",'features':{'a':[]},'features2':{'a':[[]]}"), "features2: not a list of strings"},
		/* dependencies */
		{WITHOUT_DEPS(",'deps':['a']"), "\"deps\" holds something that is no object"},
		{WITHOUT_DEPS(",'deps':[null]"), "\"deps\" holds something that is no object"},
		{WITHOUT_DEPS(",'deps':[[]]"), "\"deps\" holds something that is no object"},
		{WITHOUT_DEPS(",'deps':[{'req':'^1'}]"), "no \"name\""},
		{WITHOUT_DEPS(",'deps':[{'name':'a'}]"), "no \"req\""},
		{WITHOUT_DEPS(",'deps':[{'name':null,'req':'^1'}]"), "\"name\" has the wrong type"},
		{DEP(",'features':'x'"), "\"features\" has the wrong type"},
		{DEP(",'features':[1]"), "deps.features: not a list of strings"},
		{DEP(",'optional':'no'"), "\"optional\" has the wrong type"},
		{DEP(",'default_features':0"), "\"default_features\" has the wrong type"},
		{DEP(",'kind':1"), "\"kind\" has the wrong type"},
		{DEP(",'target':[]"), "\"target\" has the wrong type"},
		{DEP(",'registry':{}"), "\"registry\" has the wrong type"},
		{DEP(",'package':true"), "\"package\" has the wrong type"},
		/* what cargo lets pass and we do not */
		{"{'name':'other','vers':'1.0.0','deps':[],'cksum':'" SUM_A "'}", "about another crate, \"other\""},
		{"{'name':'','vers':'1.0.0','deps':[],'cksum':'" SUM_A "'}", "about another crate, \"\""},
		{"{'name':'demo2','vers':'1.0.0','deps':[],'cksum':'" SUM_A "'}", "about another crate, \"demo2\""},
		{LINE_OF("1.0.0", "", ""), "\"cksum\" is no SHA-256 in hex"},
		{LINE_OF("1.0.0", "aa", ""), "\"cksum\" is no SHA-256 in hex"},
		{LINE_OF("1.0.0", SUM_A "a", ""), "\"cksum\" is no SHA-256 in hex"},
		{LINE_OF("1.0.0", SUM_A SUM_A, ""), "\"cksum\" is no SHA-256 in hex"},
		{LINE_OF("1.0.0", "gaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", ""),
		 "\"cksum\" is no SHA-256 in hex"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct index_version version = {0};
		struct err err = {0};
		assert_int_equal(parse(rows[i].line, &version, &err), ERR_BAD);
		assert_null(version.vers);
		if (rows[i].said)
			assert_string_equal(err.text, rows[i].said);
	}
}

static void a_nul_byte_in_a_line_is_bad(void **state)
{
	(void)state;
	const struct index_keys keys = test_keys();
	struct index_version version;
	struct err err;
	size_t len;
	OWNED_MEM char *line = quoted(LINE("1.0.0"), &len);
	OWNED(line_reader_release) struct line_reader reader = {.keys = &keys, .crate = "demo"};

	for (size_t i = 0; i < len; i++) {
		char kept = line[i];
		line[i] = '\0';
		assert_int_equal(index_line_parse(&reader, line, len, &version, &err), ERR_BAD);
		line[i] = kept;
	}
}

static void the_version_text_is_limited(void **state)
{
	(void)state;
	char text[VERSION_TEXT_MAX + 1];
	char line[1024];

	for (size_t len = 0; len <= VERSION_TEXT_MAX; len++) {
		OWNED(index_version_release) struct index_version version = {0};
		struct err err = {0};
		memset(text, '1', len);
		text[len] = '\0';
		(void)snprintf(line, sizeof line, "{'name':'demo','vers':'%s','deps':[],'cksum':'" SUM_A "'}", text);
		int rc = parse(line, &version, &err);
		assert_int_equal(rc, len > 0 && len < VERSION_TEXT_MAX ? 0 : ERR_LIMIT);
		if (!rc)
			assert_string_equal(version.vers, text);
	}
}

static void a_line_of_a_later_format_is_read_by_four_members_only(void **state)
{
	(void)state;
	static const char *const rows[] = {
		LINE_OF("1.0.0", SUM_A, ",'yanked':true,'v':3"),
		"{'name':'demo','vers':'1.0.0','cksum':'" SUM_A "','yanked':true,'v':3}",
		"{'name':'demo','vers':'1.0.0','cksum':'" SUM_A
		"','yanked':true,'v':4000000000,'deps':'?','features':7}",
		"{'name':'demo','vers':'1.0.0','cksum':'" SUM_A "','yanked':true,'v':3,'deps':[null],'links':[]}",
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(index_version_release) struct index_version version = parse_good(rows[i]);
		assert_string_equal(version.vers, "1.0.0");
		assert_int_equal(version.checksum[0], 0xaa);
		assert_true(version.yanked);
		for (unsigned f = 0; f < FACETS; f++)
			assert_true(version.facets[f] == 0);
	}
}

static void a_line_of_a_later_format_needs_those_four(void **state)
{
	(void)state;
	static const struct {
		const char *line, *said;
	} rows[] = {
		{"{'vers':'1.0.0','cksum':'" SUM_A "','v':3}", "no \"name\""},
		{"{'name':'demo','cksum':'" SUM_A "','v':3}", "no \"vers\""},
		{"{'name':'demo','vers':'1.0.0','v':3}", "no \"cksum\""},
		{"{'name':'demo','vers':'1.0.0','cksum':'" SUM_A "','yanked':0,'v':3}",
		 "\"yanked\" has the wrong type"},
		{"{'name':'other','vers':'1.0.0','cksum':'" SUM_A "','v':3}", "about another crate, \"other\""},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct index_version version = {0};
		struct err err = {0};
		assert_int_equal(parse(rows[i].line, &version, &err), ERR_BAD);
		assert_string_equal(err.text, rows[i].said);
	}
}

static void facets_have_the_names_of_their_members(void **state)
{
	(void)state;
	assert_string_equal(facet_name(FACET_DEPS), "deps");
	assert_string_equal(facet_name(FACET_FEATURES), "features");
	assert_string_equal(facet_name(FACET_LINKS), "links");
	assert_string_equal(facet_name(FACET_RUST_VERSION), "rust_version");
}

/* Reads a line after another one, and alone: what is told of it must be the same. */
static void read_after(const char *before, size_t before_len, const char *line, size_t len)
{
	const struct index_keys keys = test_keys();
	OWNED(line_reader_release) struct line_reader reader = {.keys = &keys, .crate = "demo"};
	OWNED(line_reader_release) struct line_reader fresh = {.keys = &keys, .crate = "demo"};
	OWNED(index_version_release) struct index_version first = {0};
	OWNED(index_version_release) struct index_version again = {0};
	OWNED(index_version_release) struct index_version alone = {0};
	struct err err = {0};
	struct err alone_err = {0};

	int rc = index_line_parse(&reader, before, before_len, &first, &err);
	assert_int_equal(rc == 0, first.vers != NULL);
	err = (struct err){0};
	rc = index_line_parse(&reader, line, len, &again, &err);
	assert_int_equal(index_line_parse(&fresh, line, len, &alone, &alone_err), rc);
	assert_int_equal(rc == 0, again.vers != NULL);
	if (rc) {
		assert_string_equal(err.text, alone_err.text);
		return;
	}
	assert_string_equal(again.vers, alone.vers);
	assert_memory_equal(again.facets, alone.facets, sizeof again.facets);
	assert_memory_equal(again.checksum, alone.checksum, sizeof again.checksum);
	assert_int_equal(again.yanked, alone.yanked);
}

/* Each of the rows after each: with members that are the same, that came or went, that moved. */
static void what_a_line_has_in_common_with_the_last_changes_nothing(void **state)
{
	(void)state;
#define TABLES(more) "{'name':'demo','vers':'1.0.0','deps':[],'cksum':'" SUM_A "'" more "}"
	static const char *const rows[] = {
		TABLES(""),
		TABLES(",'features':{}"),
		TABLES(",'features':{},'features2':null"),
		TABLES(",'features':{'a':['b']}"),
		TABLES(",'features':{'a':['b']},'features2':{'a':['dep:c']}"),
		TABLES(",'features':{'a':['b']},'features2':{'a':['dep:d']}"),
		TABLES(",'features':{'a':['c']},'features2':{'a':['dep:c']}"),
		TABLES(",'features':{},'features2':{'a':['b']}"),
		TABLES(",'features2':{'a':['b']}"),
		TABLES(",'features2':{'a':['b']},'features':{'a':['b']}"),
		TABLES(",'features':{'a':['b']},'features':{'a':['b']}"),
		TABLES(",'features':null"),
		TABLES(",'features':{'a':['b']},'links':'x','rust_version':'1.60'"),
		TABLES(",'links':'x','rust_version':'1.60'"),
		TABLES(",'links':'x','rust_version':'1.61'"),
		TABLES(",'links':'1.60','rust_version':'x'"),
		TABLES(",'links':'','rust_version':null"),
		TABLES(",'links':'\\u0078','rust_version':'1.60'"),
		TABLES(",'links':'\\u0079','rust_version':''"),
		TABLES(",'links':'y'"),
		TABLES(",'features':{'a':['b']},'v':3"),
		TABLES(",'features':{'a':7}"),
		TABLES(",'features':{'a':['b']},'v':3,'features2':[1]"),
		TWO_DEPS(A_DEP, B_DEP),
		TWO_DEPS(B_DEP, A_DEP),
		TWO_DEPS(A_DEP, A_DEP),
		"{'name':'demo','vers':'1.0.0','cksum':'" SUM_A "'}",
		"{'name':'other','vers':'1.0.0','deps':[],'cksum':'" SUM_A "'}",
		"{'name':'demo','vers':'1.0.0','deps':[7],'cksum':'" SUM_A "'}",
		"{'name':'demo','vers':'1.0.0','deps':[],'deps':[],'cksum':'" SUM_A "'}",
		"{'name':'demo','vers':'1.0.0','deps':[]",
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (size_t j = 0; j < ARRAY_LEN(rows); j++) {
			size_t before_len;
			size_t len;
			OWNED_MEM char *before = quoted(rows[i], &before_len);
			OWNED_MEM char *line = quoted(rows[j], &len);
			read_after(before, before_len, line, len);
		}
	}
}

#define HISTORY_LINES 3000

/* Numbers that stand for a line's members. */
struct numbers {
	unsigned items[25];
	size_t count;
};

/* As they were, with a few that came, went, or became others. */
static void edit(struct numbers *numbers, unsigned *seed)
{
	unsigned *items = numbers->items;

	for (int edits = rand_r(seed) % 4; edits > 0; edits--) {
		size_t at = (size_t)rand_r(seed) % (numbers->count + 1);
		if (numbers->count < ARRAY_LEN(numbers->items) - 1 && rand_r(seed) % 2) {
			memmove(&items[at + 1], &items[at], (numbers->count - at) * sizeof *items);
			numbers->count++;
			items[at] = (unsigned)rand_r(seed) % 40;
		} else if (at < numbers->count && rand_r(seed) % 2) {
			items[at] = (unsigned)rand_r(seed) % 40;
		} else if (at < numbers->count) {
			memmove(&items[at], &items[at + 1], (--numbers->count - at) * sizeof *items);
		}
	}
}

/* Some lines are bad. */
static char *next_line(struct numbers *deps, unsigned *seed, size_t *ret_len)
{
	OWNED_STRBUF struct strbuf line = {0};

	edit(deps, seed);
	strbuf_adds(&line, "{'name':'demo','vers':'1.0.0','deps':[");
	for (size_t i = 0; i < deps->count; i++)
		strbuf_addf(&line, "%s{'name':'d%u','req':'^%u','features':['f%u','e']}", i ? "," : "",
			    deps->items[i] % 8, deps->items[i], deps->items[i] % 3);
	strbuf_addf(&line, "%s],'cksum':'" SUM_A "'}", rand_r(seed) % 20 ? "" : ",7");
	return quoted(strbuf_str(&line), ret_len);
}

/* Their names are apart, but for one in a hundred; some are written with an escape. */
static void add_features(struct strbuf *line, const char *table, const struct numbers *features, unsigned *seed)
{
	strbuf_addf(line, ",'%s':{", table);
	for (size_t i = 0; i < features->count; i++) {
		unsigned item = features->items[i];
		unsigned name = rand_r(seed) % 100 ? item + 40 * (unsigned)i : item;
		strbuf_adds(line, i ? "," : "");
		if (item % 7)
			strbuf_addf(line, "'f%u':['a%u','b']", name, item % 3);
		else
			strbuf_addf(line, "'\\u0066%u':['a%u','b\\t']", name, item % 3);
	}
	strbuf_addc(line, '}');
}

/* In `features`, in `features2`, or in both: then some have one name. */
static char *next_features(struct numbers *features, unsigned *seed, size_t *ret_len)
{
	static const char *const tables[] = {"features", "features2"};
	OWNED_STRBUF struct strbuf line = {0};
	int where = rand_r(seed) % 12;

	edit(features, seed);
	strbuf_adds(&line, "{'name':'demo','vers':'1.0.0','deps':[]");
	for (int i = 0; i < 2; i++)
		if (where > 10 || (where > 5) == i)
			add_features(&line, tables[i], features, seed);
	strbuf_addf(&line, ",'cksum':'" SUM_A "'%s}", rand_r(seed) % 20 ? "" : ",'v':x");
	return quoted(strbuf_str(&line), ret_len);
}

static void check_history(char *(*next)(struct numbers *numbers, unsigned *seed, size_t *ret_len))
{
	const struct index_keys keys = test_keys();
	OWNED(line_reader_release) struct line_reader reader = {.keys = &keys, .crate = "demo"};
	char *lines[HISTORY_LINES];
	struct numbers numbers = {0};
	unsigned seed = 3;
	size_t good = 0;

	for (size_t i = 0; i < HISTORY_LINES; i++) {
		OWNED(line_reader_release) struct line_reader fresh = {.keys = &keys, .crate = "demo"};
		OWNED(index_version_release) struct index_version version = {0};
		OWNED(index_version_release) struct index_version alone = {0};
		struct err err;
		size_t len;
		lines[i] = next(&numbers, &seed, &len);
		int rc = index_line_parse(&fresh, lines[i], len, &alone, &err);
		assert_int_equal(index_line_parse(&reader, lines[i], len, &version, &err), rc);
		assert_memory_equal(version.facets, alone.facets, sizeof version.facets);
		good += rc == 0;
	}
	assert_true(good > HISTORY_LINES / 2 && good < HISTORY_LINES);
	for (size_t i = 0; i < HISTORY_LINES; i++)
		free(lines[i]);
}

static void dependencies_are_read_the_same_whatever_the_lines_before_held(void **state)
{
	(void)state;
	check_history(next_line);
}

static void features_are_read_the_same_whatever_the_lines_before_held(void **state)
{
	(void)state;
	check_history(next_features);
}

/* Whatever happens to its bytes, a line is read or refused, and nothing is lost on the way. */
static void mangled_lines_do_no_harm(void **state)
{
	(void)state;
	static const char text[] = TWO_DEPS(A_DEP, B_DEP);
	unsigned seed = 5;

	for (unsigned round = 0; round < 20000; round++) {
		size_t len;
		OWNED_MEM char *before = quoted(text, &len);
		OWNED_MEM char *line = quoted(text, &len);
		for (int edits = 1 + rand_r(&seed) % 3; edits > 0; edits--)
			line[(size_t)rand_r(&seed) % len] = (char)rand_r(&seed);
		read_after(before, len, line, len - (size_t)rand_r(&seed) % 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_gives_version_checksum_and_flag),
		cmocka_unit_test(a_line_may_say_why_it_was_yanked),
		cmocka_unit_test(the_name_is_compared_without_its_case),
		cmocka_unit_test(lines_that_mean_the_same_have_the_same_facets),
		cmocka_unit_test(a_real_change_shows_in_its_facet_alone),
		cmocka_unit_test(no_text_can_pose_as_two),
		cmocka_unit_test(digests_of_earlier_releases_stay_valid),
		cmocka_unit_test(shuffled_dependencies_keep_their_digest),
		cmocka_unit_test(lines_that_cargo_refuses_are_bad),
		cmocka_unit_test(a_nul_byte_in_a_line_is_bad),
		cmocka_unit_test(the_version_text_is_limited),
		cmocka_unit_test(a_line_of_a_later_format_is_read_by_four_members_only),
		cmocka_unit_test(a_line_of_a_later_format_needs_those_four),
		cmocka_unit_test(facets_have_the_names_of_their_members),
		cmocka_unit_test(what_a_line_has_in_common_with_the_last_changes_nothing),
		cmocka_unit_test(dependencies_are_read_the_same_whatever_the_lines_before_held),
		cmocka_unit_test(features_are_read_the_same_whatever_the_lines_before_held),
		cmocka_unit_test(mangled_lines_do_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
