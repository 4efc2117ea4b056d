/* SPDX-License-Identifier: MIT
 * bench/load/options.c - the command line. */
#include "load.h"

#include <getopt.h>
#include <stdarg.h>

static const char usage[] =
	"usage: load echo|http|udp|handshakes PORT [--OPTION VALUE ...]\n"
	"  --connections N   1\n"
	"  --size BYTES      of a message (echo, udp): 1024\n"
	"  --in-flight N     requests at a time on each connection: 1\n"
	"  --rate N          requests a second on all connections, at fixed\n"
	"                    times, instead of --in-flight\n"
	"  --warm-up S       seconds before anything counts: 0.2\n"
	"  --seconds S       that count: 1\n"
	"  --requests N      count these instead\n"
	"  --spin            poll instead of sleeping\n"
	"  --server PID      leader of the server's process group: count what "
	"it uses\n"
	"  --idle S          only weigh connections of the server that have "
	"had\n"
	"                    nothing to do for so long\n"
	"  --tls             speak TLS, with the owner of the certificate "
	"that\n"
	"                    SIMUL_BENCH_PEM names\n"
	"  --resume          sessions, where they can be (handshakes)\n"
	"  --path PATH       to get (http): /\n"
	"  --body TEXT       that each answer must have (http)\n";

static const struct option names[] = {
	{ "connections", required_argument, NULL, 'c' },
	{ "size", required_argument, NULL, 's' },
	{ "in-flight", required_argument, NULL, 'i' },
	{ "rate", required_argument, NULL, 'r' },
	{ "warm-up", required_argument, NULL, 'w' },
	{ "seconds", required_argument, NULL, 't' },
	{ "requests", required_argument, NULL, 'n' },
	{ "spin", no_argument, NULL, 'p' },
	{ "server", required_argument, NULL, 'g' },
	{ "path", required_argument, NULL, 'u' },
	{ "body", required_argument, NULL, 'b' },
	{ "idle", required_argument, NULL, 'd' },
	{ "tls", no_argument, NULL, 'e' },
	{ "resume", no_argument, NULL, 'a' },
	{ NULL, 0, NULL, 0 },
};

void load_fail(const char *format, ...)
{
	va_list args;

	fputs("load: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

static void refuse(void)
{
	fputs(usage, stderr);
	exit(2);
}

static long whole(const char *text, long most)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (*end || end == text || n < 1 || n > most)
		refuse();
	return n;
}

static double real(const char *text)
{
	char *end;
	double x = strtod(text, &end);

	if (*end || end == text || !(x >= 0 && x <= 1e9))
		refuse();
	return x;
}

static void set(struct options *options, int name)
{
	switch (name) {
	case 'c':
		options->connections = whole(optarg, 1000000);
		break;
	case 's':
		options->size = (size_t)whole(optarg, LONGEST);
		break;
	case 'i':
		options->in_flight = whole(optarg, WAITING);
		break;
	case 'r':
		options->rate = real(optarg);
		break;
	case 'w':
		options->warm_up = real(optarg);
		break;
	case 't':
		options->seconds = real(optarg);
		break;
	case 'n':
		options->requests = whole(optarg, 1000000000);
		break;
	case 'p':
		options->spin = true;
		break;
	case 'g':
		options->server = (pid_t)whole(optarg, 1 << 30);
		break;
	case 'u':
		options->path = optarg;
		break;
	case 'b':
		options->body = optarg;
		break;
	case 'd':
		options->idle = real(optarg);
		break;
	case 'e':
		options->pem = getenv("SIMUL_BENCH_PEM");
		if (!options->pem)
			load_fail("SIMUL_BENCH_PEM is not set");
		break;
	case 'a':
		options->resume = true;
		break;
	default:
		refuse();
	}
}

static const struct protocol *protocol_called(const char *name)
{
	static const struct protocol *const all[] = { &protocol_echo,
						      &protocol_http,
						      &protocol_udp,
						      &protocol_handshakes };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (!strcmp(all[i]->name, name))
			return all[i];
	refuse();
	return NULL;
}

void options_read(int argc, char **argv, struct options *ret_options)
{
	struct options options = {
		.connections = 1,
		.size = 1024,
		.in_flight = 1,
		.warm_up = 0.2,
		.seconds = 1,
		.path = "/",
	};
	int name;

	while ((name = getopt_long(argc, argv, "", names, NULL)) != -1)
		set(&options, name);
	if (argc - optind != 2)
		refuse();
	options.protocol = protocol_called(argv[optind]);
	options.port = (int)whole(argv[optind + 1], 65535);
	*ret_options = options;
}
