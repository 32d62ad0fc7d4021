/* SPDX-License-Identifier: Apache-2.0 */
/* What an operator is told: each faulty configuration with its exact lines. */
#include "fixture.h"

#define REGISTRY "registries: {r: {index: \"sparse+http://localhost/\"}}\n"
#define CRATES_IO "registries:\n  crates-io:\n    index: sparse+https://index.crates.io/\n"
#define USED(name) "routes: [{notify: [" name "]}]\n"
#define HOOK REGISTRY USED("hook") "notifiers:\n  hook:\n    plugin: hook\n"
#define MAIL REGISTRY USED("mail") "notifiers:\n  mail:\n    plugin: mail\n"
/* The routes begin with line 9. */
#define ROUTES                                                                                                    \
	REGISTRY "notifiers:\n  hook:\n    plugin: hook\n    url: http://localhost/\n  mail:\n    plugin: mail\n" \
		 "    to: [a]\nroutes:\n"
#define ALL "  - {notify: [hook, mail]}\n"

static const struct {
	const char *text;
	const char *expected;
} faults[] = {
	/* The file. */
	{"", " is empty, at least `registries` is needed\n"},
	{"# nothing but a comment\n", " is empty, at least `registries` is needed\n"},
	{"- a\n- b\n", "1: is a list, allowed: a mapping\n"},
	{"just a text\n", "1: is a text, allowed: a mapping\n"},
	{"registries: [\n", "2: not YAML: did not find expected node content\n"},
	{"registries:\n\tr: {}\n", "2: not YAML: found character that cannot start any token\n"},
	{"registries:\n  r:\n    contact: \"\xff\"\n", "3: not YAML: invalid leading UTF-8 octet\n"},
	{REGISTRY "---\nwatch: []\n", "2: a second document (---) is not allowed\n"},
	{"%YAML 1.1\n---\n" REGISTRY, "1: a directive (%) is not allowed\n"},
	{REGISTRY "watch: &all []\n", "2: watch: an anchor (&) is not allowed, write the value where it is needed\n"},
	{REGISTRY "watch: *all\n", "2: watch: an alias (*) is not allowed, write the value itself\n"},
	{REGISTRY "state_dir: !!str /var/lib/x\n", "2: state_dir: a tag (!) is not allowed, write the plain value\n"},
	{REGISTRY "? [a, b]\n: c\n", "2: a key must be a text\n"},
	{REGISTRY "state_dir: \"/a\\0b\"\n", "2: state_dir: a NUL byte is not allowed\n"},
	{REGISTRY "log: {level: info,\n  level: debug}\nlog: {}\n",
	 "3: log.level: stands here a second time, first in line 2\n"
	 "4: log: stands here a second time, first in line 2\n"},
	{"a: [[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]\n",
	 "1: a[0][0][0][0][0][0][0][0][0][0][0][0][0][0]: nested too deep, allowed: 16 levels\n"},
	/* The top. */
	{"state_dir: /var/lib/yankwatch\n", "1: registries: is missing, it is required\n"},
	{"registries:\n", "1: registries: is empty, allowed: at least one entry\n"},
	{REGISTRY "registeries: {}\n", "2: registeries: unknown key, did you mean \"registries\"?\n"},
	{REGISTRY "colour: red\n", "2: colour: unknown key, allowed: state_dir, socket, log, registries, "
				   "from_cargo_config, watch, projects, remind, notifiers, "
				   "routes, retry, heartbeat, retention\n"},
	{REGISTRY "state_dir: var/lib\n", "2: state_dir: \"var/lib\" is not an absolute path\n"},
	{REGISTRY "state_dir: {a: b}\n", "2: state_dir: is a mapping, allowed: an absolute path\n"},
	{REGISTRY "socket: /run/x.sock\n", "2: socket: is a text, allowed: a mapping\n"},
	{REGISTRY "socket: {path: run.sock, mode: rw, group: no-such-group, admin_group: \"\"}\n",
	 "2: socket.path: \"run.sock\" is not an absolute path\n"
	 "2: socket.mode: \"rw\" is not an octal file mode, allowed: 0600 to 0777\n"
	 "2: socket.group: \"no-such-group\" is not a group of this system, allowed: what getent group lists\n"
	 "2: socket.admin_group: \"\" is not a group of this system, allowed: what getent group lists\n"},
	{REGISTRY "socket: {mode: \"0400\"}\n", "2: socket.mode: \"0400\" is too narrow, allowed: 0600 to 0777\n"},
	{REGISTRY "socket: {mode: 01777}\n", "2: socket.mode: \"01777\" is too wide, allowed: 0600 to 0777\n"},
	{REGISTRY "socket: {path: "
		  "/run/"
		  "a-very-long-name-that-does-not-fit-into-the-address-of-a-socket-because-that-has-room-for-no-more-"
		  "than-107-bytes-with-the-end}\n",
	 "2: socket.path: \"/run/a-very-long-name-that-does-not-fit-into-the-address-of-a-socket-because...\" is "
	 "too long for a socket, allowed: at most 107 bytes\n"},
	{REGISTRY "log: {level: warn, target: file}\n",
	 "2: log.target: \"file\" is not known, allowed: auto, stderr, syslog, journal\n"
	 "2: log.level: \"warn\" is not known, allowed: error, warning, info, debug\n"},
	{REGISTRY "retry: {first: 5s, max: 1s, give_up: 72h}\n",
	 "2: retry.max: 1s is too short, allowed: at least 5s (first)\n"},
	{REGISTRY "retry:\n  give_up: 30m\n", "3: retry.give_up: 30m is too short, allowed: at least 1h (max)\n"},
	{REGISTRY "retry: {first: 50ms, max: 8d, give_up: forever}\n",
	 "2: retry.first: \"50ms\" is too short, allowed: 100ms to 1h\n"
	 "2: retry.max: \"8d\" is too long, allowed: 100ms to 7d\n"
	 "2: retry.give_up: \"forever\" is not a duration, allowed: 100ms to 365d\n"},
	/* Registries. */
	{"registries: [a]\n", "1: registries: is a list, allowed: a mapping\n"},
	{"registries:\n  \"a b\": {index: \"sparse+http://localhost/\"}\n",
	 "2: registries.a b: is not a name, allowed: 1 to 64 letters, digits, - and _\n"},
	{"registries:\n  r: text\n", "2: registries.r: is a text, allowed: a mapping\n"},
	{"registries:\n  r: {}\n", "2: registries.r.index: is missing, it is required\n"},
	{"registries:\n  r:\n    index: https://crates.example/index/\n",
	 "3: registries.r.index: \"https://crates.example/index/\" must begin with sparse+https://HOST/ or "
	 "sparse+http://HOST/\n"},
	{"registries:\n  r:\n    index: sparse+http://crates.example/index\n",
	 "3: registries.r.index: \"sparse+http://crates.example/index\" must end in /\n"},
	{"registries:\n  r:\n    index: sparse+http://user@crates.example/\n",
	 "3: registries.r.index: \"sparse+http://user@crates.example/\" must hold no blanks, control bytes, ?, # or "
	 "@\n"},
	{"registries:\n  r:\n    index: sparse+http:///index/\n",
	 "3: registries.r.index: \"sparse+http:///index/\" must begin with sparse+https://HOST/ or "
	 "sparse+http://HOST/\n"},
	{"registries:\n  r:\n    index: sparse+http://crates.example\n",
	 "3: registries.r.index: \"sparse+http://crates.example\" must end in /\n"},
	{CRATES_IO, "2: registries.crates-io.contact: is missing, index.crates.io requires one: an address of yours\n"},
	{CRATES_IO "    contact: a@b.example\n    poll_interval: 5s\n",
	 "5: registries.crates-io.poll_interval: \"5s\" is too short, allowed: 30s to 7d for crates.io\n"},
	{CRATES_IO "    contact: a@b.example\n    poll_interval: 50ms\n",
	 "5: registries.crates-io.poll_interval: \"50ms\" is too short, allowed: 100ms to 7d\n"},
	{CRATES_IO "    contact: \"a\\r\\nx: y\"\n",
	 "4: registries.crates-io.contact: \"a\\u{d}\\u{a}x: y\" is not printable ASCII\n"},
	{CRATES_IO "    contact: a@b.example\n    poll_intervall: 60s\n",
	 "5: registries.crates-io.poll_intervall: unknown key, did you mean \"poll_interval\"?\n"},
	{CRATES_IO "    contact: a@b.example\n    poll_interval: 60\n",
	 "5: registries.crates-io.poll_interval: \"60\" is not a duration, allowed: 100ms to 7d\n"},
	{CRATES_IO "    contact: a@b.example\n    poll_interval: [60s]\n",
	 "5: registries.crates-io.poll_interval: is a list, allowed: a duration\n"},
	{CRATES_IO "    contact: a@b.example\n    token_file: s3cret\n",
	 "5: registries.crates-io.token_file: is not a file, allowed: an absolute path or credential:NAME\n"},
	{CRATES_IO "    contact: a@b.example\n    token_file: /etc/passwd\n",
	 "5: registries.crates-io.token_file: \"/etc/passwd\" is readable by everybody: chmod o-rwx\n"},
	{CRATES_IO "    contact: a@b.example\n    requests_per_second: 0\n",
	 "5: registries.crates-io.requests_per_second: \"0\" is too small, allowed: 1 to 100000\n"},
	{CRATES_IO "    contact: a@b.example\n    confirm: {unyanked: 2d}\n",
	 "5: registries.crates-io.confirm.unyanked: \"2d\" is too long, allowed: 0s to 1d\n"},
	{CRATES_IO "    contact: a@b.example\n    confirm: {yanked: 1m}\n",
	 "5: registries.crates-io.confirm.yanked: unknown key, did you mean \"unyanked\"?\n"},
	{CRATES_IO "    contact: a@b.example\n    ca_file: corp.pem\n",
	 "5: registries.crates-io.ca_file: \"corp.pem\" is not an absolute path\n"},
	{CRATES_IO "    contact: a@b.example\n    ca_file: /nowhere/corp.pem\n",
	 "5: registries.crates-io.ca_file: \"/nowhere/corp.pem\" cannot be opened: No such file or directory\n"},
	{CRATES_IO "    contact: a@b.example\n    ca_file: /dev/null\n",
	 "5: registries.crates-io.ca_file: \"/dev/null\" is not a regular file\n"},
	{CRATES_IO "    contact: a@b.example\n    ca_file: /etc/passwd\n",
	 "5: registries.crates-io.ca_file: \"/etc/passwd\" holds no certificate, allowed: PEM (-----BEGIN "
	 "CERTIFICATE-----)\n"},
	{"registries: {r: {index: \"sparse+http://localhost/\", ca_file: /etc/passwd}}\n",
	 "1: registries.r.ca_file: has no meaning, the index is plain http\n"},
	/* Watches. */
	{REGISTRY "watch: {r: [serde]}\n", "2: watch: is a mapping, allowed: a list\n"},
	{REGISTRY "watch:\n  - serde\n", "3: watch[0]: is a text, allowed: a mapping\n"},
	{REGISTRY "watch:\n  - {registry: r}\n", "3: watch[0]: lists nothing, allowed: crates or crates_file\n"},
	{REGISTRY "watch:\n  - {registry: r, crates_file: /nowhere/names}\n",
	 "3: watch[0].crates_file: \"/nowhere/names\" cannot be opened: No such file or directory\n"},
	{REGISTRY "watch:\n  - {crates: [serde]}\n", "3: watch[0].registry: is missing, it is required\n"},
	{REGISTRY "watch:\n  - {registry: r, crates: []}\n",
	 "3: watch[0].crates: is empty, allowed: at least one entry\n"},
	{REGISTRY "watch:\n  - {registry: internal, crates: [serde]}\n",
	 "3: watch[0].registry: \"internal\" is not one of the registries, allowed: r\n"},
	{REGISTRY "watch:\n  - registry: r\n    crates:\n      - serde\n      - tokio/full\n      - [x]\n",
	 "6: watch[0].crates[1]: \"tokio/full\" is not a crate's name, allowed: 1 to 64 letters, digits, - and _\n"
	 "7: watch[0].crates[2]: is a list, allowed: a text\n"},
	/* Projects. */
	{REGISTRY "projects: {edge: /srv/edge/Cargo.lock}\n", "2: projects: is a mapping, allowed: a list\n"},
	{REGISTRY "projects:\n  - {name: edge}\n  - {lockfile: /srv/a}\n",
	 "3: projects[0].lockfile: is missing, it is required\n4: projects[1].name: is missing, it is required\n"},
	{REGISTRY "projects:\n  - {name: a/b, team: \"\", lockfile: Cargo.lock}\n",
	 "3: projects[0].name: \"a/b\" is not a name, allowed: 1 to 64 letters, digits, - and _\n"
	 "3: projects[0].team: \"\" is not a name, allowed: 1 to 64 letters, digits, - and _\n"
	 "3: projects[0].lockfile: \"Cargo.lock\" is not an absolute path\n"},
	{REGISTRY "projects:\n  - {name: a, lockfile: /a}\n  - {name: b, lockfile: /a}\n  - {name: a, lockfile: /a}\n",
	 "5: projects[2].lockfile: stands in line 3 already, for the same project\n"},
	{REGISTRY "projects:\n  - {name: a, lockfile: /a}\n  - {name: a, lockfile: /b, team: x}\n",
	 "4: projects[1].team: is another than in line 3, allowed: one team for all entries of a project\n"},
	{REGISTRY "retention: {attempts: 1h}\n", "2: retention.attempts: \"1h\" is too short, allowed: 1d to 3650d\n"},
	{REGISTRY "retention: {published: 1h}\n",
	 "2: retention.published: \"1h\" is too short, allowed: 1d to 3650d\n"},
	{REGISTRY "remind: 30m\n", "2: remind: \"30m\" is too short, allowed: 1h to 365d, or 0s for never\n"},
	{REGISTRY "remind: 366d\n", "2: remind: \"366d\" is too long, allowed: 0s to 365d\n"},
	/* What registries mirror. */
	{"registries:\n  r:\n    index: sparse+http://localhost/\n    mirror_of: []\n",
	 "4: registries.r.mirror_of: is empty, allowed: at least one entry\n"},
	{"registries:\n  r:\n    index: sparse+http://localhost/\n    mirror_of: [crates.oi, \"https://h.example/\"]\n",
	 "4: registries.r.mirror_of[0]: \"crates.oi\" is no source, allowed: crates.io, registry+https://HOST/ or "
	 "sparse+https://HOST/, as lockfiles spell it\n"
	 "4: registries.r.mirror_of[1]: \"https://h.example/\" is no source, allowed: crates.io, "
	 "registry+https://HOST/ "
	 "or sparse+https://HOST/, as lockfiles spell it\n"},
	{"registries:\n  r: {index: \"sparse+http://h/\", mirror_of: [crates.io]}\n"
	 "  s: {index: \"sparse+http://i/\", mirror_of: [\"registry+https://github.com/rust-lang/crates.io-index\"]}\n",
	 "3: registries.s.mirror_of[0]: \"registry+https://github.com/rust-lang/crates.io-index\" is mirrored by "
	 "registry r "
	 "already, allowed: one of them\n"},
	/* Notifiers. */
	{REGISTRY USED("hook") "notifiers: {hook: {url: \"http://localhost/\"}}\n",
	 "3: notifiers.hook.plugin: is missing, it is required\n"},
	{REGISTRY USED("hook") "notifiers: {hook: {plugin: Hook.so}}\n",
	 "3: notifiers.hook.plugin: \"Hook.so\" is not a plugin, allowed: a name of lower case letters, digits, _ "
	 "and -, or an absolute path to a .so\n"},
	{REGISTRY USED("hook") "notifiers: {hook: {plugin: plugins/hook.so}}\n",
	 "3: notifiers.hook.plugin: \"plugins/hook.so\" is not a plugin, allowed: a name of lower case letters, "
	 "digits, _ and -, or an absolute path to a .so\n"},
	{REGISTRY USED("hook") "notifiers: {hook: {plugin: /nowhere/hook.so}}\n",
	 "3: notifiers.hook.plugin: \"/nowhere/hook.so\" cannot be used: /nowhere/hook.so: No such file or "
	 "directory\n"},
	{REGISTRY USED("hook") "notifiers: {hook: {plugin: hook, url: \"http://localhost/\", timeout: 11m}}\n",
	 "3: notifiers.hook.timeout: \"11m\" is too long, allowed: 1s to 10m\n"},
	{HOOK, "4: notifiers.hook.url: is missing, it or url_file is required\n"},
	{HOOK "    url: localhost\n",
	 "6: notifiers.hook.url: \"localhost\" is not a URL, allowed: http:// or https:// and a host, no blanks\n"},
	{HOOK "    url: http://localhost/\n    url_file: /nowhere\n",
	 "7: notifiers.hook.url_file: stands beside url, allowed: one of the two\n"},
	{HOOK "    url: http://localhost/\n    secret: x\n",
	 "7: notifiers.hook.secret: is a secret and never inline, use secret_file\n"},
	{HOOK "    url: http://localhost/\n    secret_file: relative\n",
	 "7: notifiers.hook.secret_file: is not a file, allowed: an absolute path or credential:NAME\n"},
	{HOOK "    url: http://localhost/\n    secret_file: credential:hook\n",
	 "7: notifiers.hook.secret_file: is not given to this process, allowed: what "
	 "LoadCredential= of its unit names\n"},
	{HOOK "    url: http://localhost/\n    secret_file: credential:../hook\n",
	 "7: notifiers.hook.secret_file: is not a credential, allowed: credential:NAME, "
	 "without /\n"},
	{HOOK "    url: http://localhost/\n    secret_file: /nowhere/secret\n",
	 "7: notifiers.hook.secret_file: \"/nowhere/secret\" cannot be opened: No such file or directory\n"},
	{HOOK "    url: http://localhost/\n    secret_file: /tmp\n",
	 "7: notifiers.hook.secret_file: \"/tmp\" is not a regular file\n"},
	{HOOK "    url_file: /etc/passwd\n",
	 "6: notifiers.hook.url_file: \"/etc/passwd\" is readable by everybody: chmod o-rwx\n"},
	{HOOK "    url: http://localhost/\n    urll: x\n",
	 "7: notifiers.hook.urll: unknown key, did you mean \"url\"?\n"},
	{MAIL "    to: a@b.example\n    port: smtp\n    tls: yes\n    spool: mail\n",
	 "6: notifiers.mail.to: is a text, allowed: a list\n"
	 "7: notifiers.mail.port: \"smtp\" is not a whole number\n"
	 "8: notifiers.mail.tls: \"yes\" is not a boolean, allowed: true or false\n"
	 "9: notifiers.mail.spool: \"mail\" is not an absolute path\n"},
	{MAIL "    to: []\n", "6: notifiers.mail.to: is empty, allowed: at least one entry\n"},
	{MAIL "    from: me\n",
	 "4: notifiers.mail.to: is missing, it is required\n"
	 "6: notifiers.mail.from: unknown key, allowed: plugin, timeout, messages_per_minute, to, port, tls, spool\n"},
	/* Routes. */
	{ROUTES "  - {notify: []}\n  - {events: [yanked]}\n",
	 "10: routes[0].notify: is empty, allowed: at least one entry\n"
	 "11: routes[1].notify: is missing, it is required\n"},
	{ROUTES "  - {notify: [hok], events: [yankd, deleted], min_severity: worst}\n",
	 "10: routes[0].events[0]: \"yankd\" is not known, did you mean \"yanked\"?\n"
	 "10: routes[0].events[1]: \"deleted\" is not known, allowed: published, yanked, unyanked, version_deleted, "
	 "crate_deleted, crate_created, checksum_changed, metadata_changed, "
	 "registry_blind, registry_back, registry_incident, finding_opened, finding_resolved, "
	 "replacement_available, reason_changed\n"
	 "10: routes[0].min_severity: \"worst\" is not known, allowed: info, low, medium, high, critical\n"
	 "10: routes[0].notify[0]: \"hok\" is not one of the notifiers, did you mean \"hook\"?\n"},
	{ROUTES "  - {notify: [hook], registries: [], crates: [\"serde[a]\"], stop: "
		"maybe}\n",
	 "10: routes[0].registries: is empty, allowed: at least one entry\n"
	 "10: routes[0].crates[0]: \"serde[a]\" is not a pattern, allowed: letters, digits, - and _, with * and ? "
	 "for any\n"
	 "10: routes[0].stop: \"maybe\" is not a boolean, allowed: true or false\n"},
	{ROUTES "  - {notify: [hook], registries: [R2D2]}\n",
	 "10: routes[0].registries[0]: \"R2D2\" is not one of the registries, allowed: r\n"},
	{ROUTES ALL "  - {notify: [hook], group_by: team, group_wait: 2h, digest: weekly}\n",
	 "11: routes[1].group_by: \"team\" is not known, allowed: none, crate, project, registry\n"
	 "11: routes[1].group_wait: \"2h\" is too long, allowed: 0s to 1h\n"
	 "11: routes[1].digest: \"weekly\" is not a digest, allowed: hourly, daily, daily at HH:MM (00:00 to 23:59)\n"},
	{ROUTES ALL "  - {notify: [hook], digest: daily at 24:00}\n",
	 "11: routes[1].digest: \"daily at 24:00\" is not a digest, allowed: hourly, daily, daily at HH:MM (00:00 to "
	 "23:59)\n"},
	{ROUTES ALL "  - {notify: [hook], digest: daily at 8:30}\n",
	 "11: routes[1].digest: \"daily at 8:30\" is not a digest, allowed: hourly, daily, daily at HH:MM (00:00 to "
	 "23:59)\n"},
	{ROUTES ALL "  - {notify: [hook], group_wait: 30s, digest: hourly}\n",
	 "11: routes[1].group_wait: stands beside digest, allowed: one of the two\n"},
	{ROUTES ALL "  - notify: [hook]\n    digest: daily at 08:30\n    group_by: none\n",
	 "13: routes[1].group_by: none makes no digest, allowed: crate, project, registry\n"},
	/* Routes that nothing can reach. */
	{ROUTES ALL "  - notify: [hook]\n    events: [unyanked, metadata_changed]\n    min_severity: high\n",
	 "13: routes[1].min_severity: \"high\" is above what these events can have, allowed: at most medium\n"},
	{ROUTES ALL "  - notify: [hook]\n    events: [registry_blind]\n    crates: [serde]\n",
	 "13: routes[1].crates: can never match: the events of a registry have no crate, allowed: none or *\n"},
	{ROUTES ALL "  - {notify: [hook], events: [registry_blind], projects: [edge]}\n",
	 "11: routes[1]: can never match: the events of a registry hit no project\n"},
	{ROUTES "  - {notify: [mail], events: [yanked, unyanked], stop: true}\n"
		"  - {notify: [hook], crates: [serde], events: [yanked]}\n  - {notify: [hook]}\n",
	 "11: routes[1]: can never match: routes[0] (line 10) takes all of it and says stop\n"},
	{ROUTES "  - {notify: [mail], stop: true}\n  - {notify: [hook]}\n  - {notify: [hook], min_severity: high}\n",
	 "11: routes[1]: can never match: routes[0] (line 10) takes all of it and says stop\n"
	 "12: routes[2]: can never match: routes[0] (line 10) takes all of it and says stop\n"},
	/* Notifiers that nothing uses. */
	{ROUTES "  - {notify: [mail]}\n",
	 "3: notifiers.hook: is used by no route, no fallback and no heartbeat: nothing is ever sent to it\n"},
	{ROUTES "  - {notify: [mail]}\nretry: {fallback: hok}\n",
	 "11: retry.fallback: \"hok\" is not one of the notifiers, did you mean \"hook\"?\n"},
	/* What goes without a route. */
	{ROUTES ALL "heartbeat: {notify: hook}\n", "11: heartbeat.every: is missing, it is required\n"},
	{ROUTES ALL "heartbeat: {every: 7d}\n", "11: heartbeat.notify: is missing, it is required\n"},
	{ROUTES ALL "heartbeat: {notify: hock, every: 30m}\n",
	 "11: heartbeat.every: \"30m\" is too short, allowed: 1h to 90d\n"
	 "11: heartbeat.notify: \"hock\" is not one of the notifiers, did you mean \"hook\"?\n"},
};

static void every_fault_is_told_with_its_line_key_and_what_is_allowed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(faults); i++)
		load_bad(faults[i].text, faults[i].expected);
}

static void a_line_of_a_crates_file_is_quoted_harmlessly(void **state)
{
	(void)state;
	char text[512];
	char expected[512];

	write_file("names", "# good ones, and one that is none\nserde\r\n\n\33[1m tokio\n", 0644);
	(void)snprintf(text, sizeof text, REGISTRY "watch:\n  - {registry: r, crates_file: %s/names}\n",
		       fixture_folder);
	(void)snprintf(expected, sizeof expected,
		       "3: watch[0].crates_file: \"%s/names\" line 4: \"\\u{1b}[1m tokio\" is not a crate's name, "
		       "allowed: 1 to 64 letters, digits, - and _\n",
		       fixture_folder);
	load_bad(text, expected);
}

static void all_faults_of_a_file_are_told_in_the_order_of_lines(void **state)
{
	(void)state;
	load_bad("stat_dir: /x\n"
		 "log: {level: loud}\n"
		 "routes:\n"
		 "  - {notify: [pager]}\n"
		 "registries:\n"
		 "  r:\n"
		 "    poll_interval: 1\n"
		 "notifiers:\n"
		 "  hook:\n"
		 "    plugin: none\n"
		 "watch:\n"
		 "  - {registry: q, crates: [a b]}\n"
		 "log: {}\n",
		 "1: stat_dir: unknown key, did you mean \"state_dir\"?\n"
		 "2: log.level: \"loud\" is not known, allowed: error, warning, info, debug\n"
		 "4: routes[0].notify[0]: \"pager\" is not one of the notifiers, allowed: hook\n"
		 "6: registries.r.index: is missing, it is required\n"
		 "7: registries.r.poll_interval: \"1\" is not a duration, allowed: 100ms to 7d\n"
		 "10: notifiers.hook.plugin: \"none\" cannot be used: plugins/none.so: No such file or directory\n"
		 "12: watch[0].crates[0]: \"a b\" is not a crate's name, allowed: 1 to 64 letters, digits, - and _\n"
		 "12: watch[0].registry: \"q\" is not one of the registries, allowed: r\n"
		 "13: log: stands here a second time, first in line 2\n");
}

static void no_more_than_the_limit_of_faults_is_kept(void **state)
{
	const struct config *config = NULL;
	struct config_errors errors;
	char text[CONFIG_ERRORS_MAX * 16 + 256] = REGISTRY;
	size_t len = strlen(text);

	(void)state;
	for (int i = 0; i <= CONFIG_ERRORS_MAX; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "k%d: x\n", i);
	assert_int_equal(load_text(text, &config, &errors), ERR_BAD);
	assert_int_equal(errors.count, CONFIG_ERRORS_MAX);
	assert_true(errors.more);
	config_errors_release(&errors);
}

static void a_text_of_the_file_cannot_start_a_line_of_the_log(void **state)
{
	(void)state;
	load_bad(REGISTRY "\"a\\nb\": \"x\"\n",
		 "2: a\\u{a}b: unknown key, allowed: state_dir, socket, log, registries, from_cargo_config, "
		 "watch, projects, remind, notifiers, routes, retry, heartbeat, retention\n");
}

static int setup(void **state)
{
	if (setup_folder(state))
		return -1;
	write_plugin("hook", "echo '{\"abi\":1,\"name\":\"hook\",\"version\":\"1\",\"summary\":\"\",\"options\":["
			     "{\"name\":\"url\",\"type\":\"url\",\"required\":true,\"or_file\":true},"
			     "{\"name\":\"secret\",\"type\":\"string\",\"secret\":true}]}'\n");
	write_plugin("mail", "echo '{\"abi\":1,\"name\":\"mail\",\"version\":\"1\",\"summary\":\"\",\"options\":["
			     "{\"name\":\"to\",\"type\":\"list\",\"required\":true},"
			     "{\"name\":\"port\",\"type\":\"integer\"},{\"name\":\"tls\",\"type\":\"boolean\"},"
			     "{\"name\":\"spool\",\"type\":\"path\"}]}'\n");
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_fault_is_told_with_its_line_key_and_what_is_allowed),
		cmocka_unit_test(a_line_of_a_crates_file_is_quoted_harmlessly),
		cmocka_unit_test(all_faults_of_a_file_are_told_in_the_order_of_lines),
		cmocka_unit_test(no_more_than_the_limit_of_faults_is_kept),
		cmocka_unit_test(a_text_of_the_file_cannot_start_a_line_of_the_log),
	};
	return cmocka_run_group_tests(tests, setup, remove_folder);
}
