/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An address is in numbers: a name would have to be looked up, and would mean
 * something else tomorrow.
 */
#include "console_options.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const char console_options_text[] =
	"usage: quietscan-console [--socket PATH] [--state-dir DIR] [--listen ADDRESS:PORT]\n"
	"                         [--plain-http | [--tls-cert FILE --tls-key FILE] [--client-ca "
	"FILE]]\n"
	"                         [--host NAME]... [--user NAME] [--page-dir DIR]\n"
	"                         [--rate-limit PER_MINUTE,PER_HOUR]\n"
	"                         [--log-level error|warn|info|debug]\n"
	"       quietscan-console client add NAME --role ROLE... [--state-dir DIR]\n"
	"       quietscan-console client list | revoke ID [--state-dir DIR]\n"
	"\n"
	"Serves the remote API and the page. It is a client of quietscand's local socket.\n"
	"\n"
	"  --socket PATH        of quietscand, default /run/quietscan/quietscan.sock\n"
	"  --state-dir DIR      clients, keys, certificate; default /var/lib/quietscan-console\n"
	"  --listen ADDR:PORT   address in numbers, [ADDR]:PORT for IPv6; port 0 is any free one;\n"
	"                       default 127.0.0.1:8443\n"
	"  --plain-http         no TLS; on a loopback address only\n"
	"  --tls-cert FILE      PEM with the chain; without it a self-signed certificate is made\n"
	"  --tls-key FILE       PEM\n"
	"  --client-ca FILE     PEM: only clients with a certificate of this authority may "
	"connect\n"
	"  --host NAME          another name the console is reached by, with :PORT if it is not "
	"the\n"
	"                       one it listens on (behind a proxy); may be given 32 times\n"
	"  --user NAME          to become when started as root, default quietscan-console\n"
	"  --page-dir DIR       the page's files\n"
	"  --rate-limit M,H     calls of one client in a minute and an hour, default 100,1500; 0 "
	"is\n"
	"                       no limit\n"
	"  --log-level LEVEL    default info\n"
	"\n"
	"Runs in the foreground. SIGTERM stops (twice: at once).\n";

enum console_options_key {
	KEY_SOCKET = 256,
	KEY_STATE,
	KEY_LISTEN,
	KEY_PLAIN,
	KEY_CERTIFICATE,
	KEY_KEY,
	KEY_CLIENT_CA,
	KEY_USER,
	KEY_PAGE,
	KEY_HOST,
	KEY_RATE,
	KEY_LEVEL,
};

static const struct option console_options_table[] = {
	{"socket", required_argument, NULL, KEY_SOCKET},
	{"state-dir", required_argument, NULL, KEY_STATE},
	{"listen", required_argument, NULL, KEY_LISTEN},
	{"plain-http", no_argument, NULL, KEY_PLAIN},
	{"tls-cert", required_argument, NULL, KEY_CERTIFICATE},
	{"tls-key", required_argument, NULL, KEY_KEY},
	{"client-ca", required_argument, NULL, KEY_CLIENT_CA},
	{"user", required_argument, NULL, KEY_USER},
	{"page-dir", required_argument, NULL, KEY_PAGE},
	{"host", required_argument, NULL, KEY_HOST},
	{"rate-limit", required_argument, NULL, KEY_RATE},
	{"log-level", required_argument, NULL, KEY_LEVEL},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{NULL, 0, NULL, 0},
};

const char *console_options_help(void)
{
	return console_options_text;
}

/* A whole number and what follows it. */
static int console_options_number(
	const char *text, unsigned long max, unsigned long *valuep, const char **endp)
{
	char *end = NULL;

	if (text[0] < '0' || text[0] > '9')
		return -EINVAL;
	errno = 0;
	*valuep = strtoul(text, &end, 10);
	*endp = end;
	return errno != 0 || *valuep > max ? -EINVAL : 0;
}

static int console_options_listen(
	const char *value, struct console_options *options, struct errmsg *msg)
{
	const char *colon = strrchr(value, ':');
	const char *begin = value;
	const char *end = colon;
	const char *rest = "";
	struct in6_addr address;
	unsigned long port = 0;
	int family = AF_INET;

	if (colon && value[0] == '[' && colon > value + 1 && colon[-1] == ']') {
		begin++;
		end--;
		family = AF_INET6;
	}
	if (!colon || (size_t)(end - begin) >= sizeof(options->address) ||
		console_options_number(colon + 1, UINT16_MAX, &port, &rest) < 0 || *rest) {
		errmsg_set(msg, "--listen %s: ADDRESS:PORT is expected", value);
		return err_origin(-EINVAL);
	}
	memcpy(options->address, begin, (size_t)(end - begin));
	options->address[end - begin] = '\0';
	options->port = (uint16_t)port;
	if (inet_pton(family, options->address, &address) != 1) {
		errmsg_set(msg, "--listen %s: an address in numbers is expected, IPv6 in brackets",
			value);
		return err_origin(-EINVAL);
	}
	return 0;
}

static int console_options_rate(
	const char *value, struct console_options *options, struct errmsg *msg)
{
	unsigned long minute = 0;
	unsigned long hour = 0;
	const char *rest = "";

	if (console_options_number(value, 1000000, &minute, &rest) < 0 || *rest != ',' ||
		console_options_number(rest + 1, 60000000, &hour, &rest) < 0 || *rest) {
		errmsg_set(msg, "--rate-limit %s: two numbers, PER_MINUTE,PER_HOUR, are expected",
			value);
		return err_origin(-EINVAL);
	}
	options->rate_per_minute = (unsigned)minute;
	options->rate_per_hour = (unsigned)hour;
	return 0;
}

static int console_options_host(
	const char *value, struct console_options *options, struct errmsg *msg)
{
	if (options->n_hosts >= CONSOLE_OPTIONS_HOSTS_MAX) {
		errmsg_set(msg, "--host: at most %d names", CONSOLE_OPTIONS_HOSTS_MAX);
		return err_origin(-EINVAL);
	}
	options->hosts[options->n_hosts++] = value;
	return 0;
}

/* Options whose value is kept as it is. */
static const char **console_options_text_of(int key, struct console_options *options)
{
	switch (key) {
	case KEY_SOCKET:
		return &options->socket;
	case KEY_STATE:
		return &options->state_dir;
	case KEY_CERTIFICATE:
		return &options->certificate;
	case KEY_KEY:
		return &options->key;
	case KEY_CLIENT_CA:
		return &options->client_ca;
	case KEY_USER:
		return &options->user;
	case KEY_PAGE:
		options->is_page_dir_given = true;
		return &options->page_dir;
	default:
		return NULL;
	}
}

static int console_options_take(
	int key, const char *value, struct console_options *options, struct errmsg *msg)
{
	const char **text = console_options_text_of(key, options);

	if (value && value[0] == '\0') {
		errmsg_set(msg, "an empty value");
		return err_origin(-EINVAL);
	}
	if (!value)
		value = "";
	if (text) {
		*text = value;
		return 0;
	}
	switch (key) {
	case KEY_LISTEN:
		return console_options_listen(value, options, msg);
	case KEY_HOST:
		return console_options_host(value, options, msg);
	case KEY_RATE:
		return console_options_rate(value, options, msg);
	case KEY_LEVEL:
		if (log_level_parse(value, &options->log_level) == 0)
			return 0;
		errmsg_set(msg, "--log-level %s: error, warn, info or debug is expected", value);
		return err_origin(-EINVAL);
	case KEY_PLAIN:
		options->is_plain = true;
		return 0;
	case 'h':
		options->is_help = true;
		return 0;
	case 'V':
		options->is_version = true;
		return 0;
	default:
		errmsg_set(msg, "unknown option, or its value is missing");
		return err_origin(-EINVAL);
	}
}

/* What does not go together. */
static int console_options_check(const struct console_options *options, struct errmsg *msg)
{
	struct in6_addr v6;
	struct in_addr v4;
	bool is_loopback = inet_pton(AF_INET, options->address, &v4) == 1
				   ? (ntohl(v4.s_addr) >> 24) == 127
				   : inet_pton(AF_INET6, options->address, &v6) == 1 &&
					     IN6_IS_ADDR_LOOPBACK(&v6);

	if (!options->certificate != !options->key)
		errmsg_set(msg, "--tls-cert and --tls-key go together");
	else if (options->is_plain && (options->certificate || options->client_ca))
		errmsg_set(msg, "--plain-http has neither certificate nor client CA");
	else if (options->is_plain && !is_loopback)
		errmsg_set(msg, "--plain-http is for loopback addresses only, not for %s",
			options->address);
	else
		return 0;
	return err_origin(-EINVAL);
}

int console_options_parse(
	int argc, char *argv[], struct console_options *optionsp, struct errmsg *msg)
{
	struct console_options options = {
		.socket = "/run/quietscan/quietscan.sock",
		.state_dir = "/var/lib/quietscan-console",
		.address = "127.0.0.1",
		.port = 8443,
		.page_dir = QUIETSCAN_PAGE_DIR,
		.rate_per_minute = 100,
		.rate_per_hour = 1500,
		.log_level = LOG_LEVEL_INFO,
	};
	int key;

	opterr = 0;
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): before there is a second thread */
	while ((key = getopt_long(argc, argv, "", console_options_table, NULL)) != -1) {
		int r = console_options_take(key, optarg, &options, msg);

		if (r < 0) {
			if (key == '?' || (optarg && optarg[0] == '\0'))
				errmsg_prefix(msg, "%s", argv[optind - 1]);
			return r;
		}
	}
	if (optind < argc) {
		errmsg_set(msg, "%s: nothing is expected there", argv[optind]);
		return err_origin(-EINVAL);
	}
	*optionsp = options;
	return options.is_help || options.is_version ? 0 : console_options_check(&options, msg);
}
