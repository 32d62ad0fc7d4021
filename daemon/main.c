/* SPDX-License-Identifier: Apache-2.0 */
/* main.c: the command line of yankwatchd; the rest is app.c. */
#include "app.h"
#include "command_line.h"

#include "base/memory.h"
#include "store/db.h"

#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <event2/event.h>
#include <getopt.h>
#include <microhttpd.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <yaml.h>

enum exit_code { EXIT_CLEAN = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct options {
	const char *config;
	bool check, once;
};

static int print_version(void)
{
	(void)printf("yankwatchd %s\n", YANKWATCH_VERSION);
	(void)printf("  libcurl       %s\n", curl_version());
	(void)printf("  libevent      %s\n", event_get_version());
	(void)printf("  SQLite        %s\n", sqlite3_libversion());
	(void)printf("  libmicrohttpd %s\n", MHD_get_version());
	(void)printf("  libyaml       %s\n", yaml_get_version_string());
	(void)printf("  cJSON         %s\n", cJSON_Version());
	(void)printf("  libsodium     %s\n", sodium_version_string());
	return EXIT_CLEAN;
}

static void print_option(const struct daemon_option *option)
{
	char names[32];

	(void)snprintf(names, sizeof names, "--%s %s", option->name, option->value ? option->value : "");
	if (option->short_name)
		(void)printf("  -%c, %-17s %s\n", option->short_name, names, option->help);
	else
		(void)printf("      %-17s %s\n", names, option->help);
}

static int print_help(void)
{
	(void)puts("usage: yankwatchd [--config FILE] [--check-config] [--once] [--version] [--help]\n"
		   "\n"
		   "Watches Cargo registries for yanked, un-yanked, deleted and altered crate versions,\n"
		   "records what happened and alerts. Runs in the foreground.\n");
	for (size_t i = 0; i < DAEMON_OPTIONS; i++)
		print_option(&daemon_options[i]);
	(void)puts("\n"
		   "SIGHUP reads the configuration again; SIGTERM ends after what is being delivered.\n"
		   "Exit: 0 clean, 1 failure, 2 usage or configuration error.");
	return EXIT_CLEAN;
}

static void print_errors(const struct config_errors *errors)
{
	for (size_t i = 0; i < errors->count; i++)
		(void)fprintf(stderr, "%s\n", errors->lines[i]);
	if (errors->more)
		(void)fprintf(stderr, "yankwatchd: more faults than these %zu; mend them first\n", errors->count);
}

static void print_remarks(const struct config_errors *remarks)
{
	for (size_t i = 0; i < remarks->count; i++)
		(void)fprintf(stderr, "warning: %s\n", remarks->lines[i]);
	if (remarks->more)
		(void)fprintf(stderr, "yankwatchd: more warnings than these %zu\n", remarks->count);
}

static void print_good(const char *path, const struct config *config)
{
	struct config_errors lockfiles = {0};

	lockfiles_check(path, config, &lockfiles);
	print_remarks(&config->remarks);
	print_remarks(&lockfiles);
	config_errors_release(&lockfiles);
	(void)printf("%s: good\n", path);
}

static int run_with_config(const struct options *options, const struct config_paths *paths)
{
	struct config_errors errors = {0};
	const struct config *config = NULL;

	if (config_load(options->config, paths, &config, &errors)) {
		print_errors(&errors);
		config_errors_release(&errors);
		return EXIT_USAGE;
	}
	if (!options->check)
		return app_run(options->config, paths, config, options->once);
	print_good(options->config, config);
	config_unref(config);
	return EXIT_CLEAN;
}

static int run(const struct options *options)
{
	struct config_paths paths = {0};
	struct err err;

	(void)umask(0077);
	memory_configure();
	db_configure_library();
	if (config_paths_find(&paths, &err)) {
		(void)fprintf(stderr, "yankwatchd: %s\n", err.text);
		return EXIT_FAILED;
	}
	int code = run_with_config(options, &paths);
	config_paths_release(&paths);
	return code;
}

int main(int argc, char **argv)
{
	struct option long_options[DAEMON_OPTIONS + 1] = {0};
	struct options options = {.config = CONFIG_DEFAULT_PATH};
	int c;

	for (size_t i = 0; i < DAEMON_OPTIONS; i++)
		long_options[i] = (struct option){.name = daemon_options[i].name,
						  .has_arg = daemon_options[i].value ? required_argument : no_argument,
						  .val = daemon_options[i].letter};
	while ((c = getopt_long(argc, argv, "c:h", long_options, NULL)) != -1) {
		switch (c) {
		case 'c':
			options.config = optarg;
			break;
		case 'k':
			options.check = true;
			break;
		case 'o':
			options.once = true;
			break;
		case 'V':
			return print_version();
		case 'h':
			return print_help();
		default:
			(void)fputs("yankwatchd: see --help\n", stderr);
			return EXIT_USAGE;
		}
	}
	if (optind < argc) {
		(void)fprintf(stderr, "yankwatchd: \"%s\": not an option, see --help\n", argv[optind]);
		return EXIT_USAGE;
	}
	return run(&options);
}
