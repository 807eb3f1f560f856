/* Real processes that live for some milliseconds, send something, and write down the truth of it.
 *
 * Every role is this one program: `workload ROLE ...`; hard links give the roles leaf and hop file
 * names of their own, so that naming the parent's executable is not right by chance. A process that takes part appends one line
 * of JSON about itself to the file descriptor named by BENCH_TRUTH; lines are shorter than
 * PIPE_BUF and written by one write(2) on an O_APPEND file, so they never mix.
 * BENCH_PARENT carries "pid start" of whoever started the process, because a parent that is dead
 * cannot be asked.
 *
 * Two roles only measure (storm, flood); they print what they did on standard output.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static int argument_count;
static char **arguments;
static char self_path[512], leaf_path[520], hop_path[520];

/* ---- who am I ------------------------------------------------------------------------------ */

struct identity {
	int pid;
	unsigned long long start; /* clock ticks since boot: /proc/PID/stat, field 22 */
};

static void fail(const char *what)
{
	fprintf(stderr, "workload: %s: %s\n", what, strerror(errno));
	_exit(1);
}

/* /proc/self names the pid of the namespace that /proc was mounted in, so a process in a pid
 * namespace of its own learns its number on the host. */
static struct identity identity(void)
{
	char text[1024], *field;
	struct identity me = {0};
	ssize_t length = readlink("/proc/self", text, sizeof text - 1);
	if (length <= 0)
		fail("/proc/self");
	text[length] = 0;
	me.pid = atoi(text);
	int stat = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	length = read(stat, text, sizeof text - 1);
	close(stat);
	if (length <= 0)
		fail("/proc/self/stat");
	text[length] = 0;
	field = strrchr(text, ')') + 2; /* field 3 */
	for (int number = 3; number < 22; number++)
		field = strchr(field, ' ') + 1;
	me.start = strtoull(field, NULL, 10);
	return me;
}

static void become_parent(void)
{
	char text[64];
	struct identity me = identity();
	snprintf(text, sizeof text, "%d %llu", me.pid, me.start);
	setenv("BENCH_PARENT", text, 1);
}

/* ---- the truth ----------------------------------------------------------------------------- */

struct target {
	const char *kind; /* tcp, syn, udp, udp-connected */
	struct sockaddr_storage address;
	socklen_t length;
};

static struct target target(const char *kind, const char *address, const char *port)
{
	struct target to = {.kind = kind};
	struct sockaddr_in *four = (void *)&to.address;
	struct sockaddr_in6 *six = (void *)&to.address;
	if (inet_pton(AF_INET, address, &four->sin_addr) == 1) {
		four->sin_family = AF_INET;
		four->sin_port = htons(atoi(port));
		to.length = sizeof *four;
	} else if (inet_pton(AF_INET6, address, &six->sin6_addr) == 1) {
		six->sin6_family = AF_INET6;
		six->sin6_port = htons(atoi(port));
		to.length = sizeof *six;
	} else {
		fail(address);
	}
	return to;
}

static int endpoint(char *text, size_t room, const char *name, const struct sockaddr_storage *of)
{
	char address[INET6_ADDRSTRLEN];
	const struct sockaddr_in *four = (const void *)of;
	const struct sockaddr_in6 *six = (const void *)of;
	int v4 = of->ss_family == AF_INET;
	inet_ntop(of->ss_family, v4 ? (void *)&four->sin_addr : (void *)&six->sin6_addr, address,
		  sizeof address);
	return snprintf(text, room, ",\"%s\":\"%s\",\"%s_port\":%d", name, address, name,
			ntohs(v4 ? four->sin_port : six->sin6_port));
}

/* Append what is true of this process and, if a socket is given, of what it sent. */
static void tell(const char *id, int sock, const struct target *to)
{
	char line[3800], exe[512];
	size_t room = sizeof line;
	struct timespec now;
	struct stat net;
	struct identity me = identity();
	int parent = 0, at = 0;
	unsigned long long parent_start = 0;
	ssize_t length = readlink("/proc/self/exe", exe, sizeof exe - 1);
	exe[length > 0 ? length : 0] = 0;
	sscanf(getenv("BENCH_PARENT") ?: "0 0", "%d %llu", &parent, &parent_start);
	clock_gettime(CLOCK_REALTIME, &now);
	stat("/proc/self/ns/net", &net);
	at += snprintf(line + at, room - at,
		       "{\"id\":\"%s\",\"pid\":%d,\"start\":%llu,\"parent\":[%d,%llu],"
		       "\"exe\":\"%s\",\"netns\":%lu,\"at\":%lld.%06ld,\"args\":[",
		       id, me.pid, me.start, parent, parent_start, exe, (unsigned long)net.st_ino,
		       (long long)now.tv_sec, now.tv_nsec / 1000);
	for (int i = 0; i < argument_count; i++)
		at += snprintf(line + at, room - at, "%s\"%s\"", i ? "," : "", arguments[i]);
	at += snprintf(line + at, room - at, "]");
	if (to) {
		struct sockaddr_storage own = {0};
		socklen_t size = sizeof own;
		getsockname(sock, (void *)&own, &size);
		at += snprintf(line + at, room - at, ",\"kind\":\"%s\"", to->kind);
		at += endpoint(line + at, room - at, "source", &own);
		at += endpoint(line + at, room - at, "destination", &to->address);
	}
	at += snprintf(line + at, room - at, "}\n");
	if (write(atoi(getenv("BENCH_TRUTH")), line, at) != at)
		fail("truth");
}

/* ---- what a short-lived process does ------------------------------------------------------- */

static int is(const char *text, const char *word)
{
	return !strcmp(text, word);
}

static void pause_us(long us)
{
	struct timespec t = {us / 1000000, us % 1000000 * 1000};
	while (nanosleep(&t, &t) && errno == EINTR)
		;
}

static int send_to(const struct target *to)
{
	int stream = is(to->kind, "tcp") || is(to->kind, "syn");
	int waits = is(to->kind, "syn") ? SOCK_NONBLOCK : 0;
	int sock = socket(to->address.ss_family, (stream ? SOCK_STREAM : SOCK_DGRAM) | waits, 0);
	if (sock < 0)
		fail("socket");
	if (is(to->kind, "udp")) {
		if (sendto(sock, "?", 1, 0, (void *)&to->address, to->length) != 1)
			fail("sendto");
		return sock;
	}
	if (connect(sock, (void *)&to->address, to->length) && errno != EINPROGRESS)
		fail("connect");
	if (is(to->kind, "udp-connected") && send(sock, "?", 1, 0) != 1)
		fail("send");
	return sock;
}

static int sends(const char *id, const struct target *to, long life_us)
{
	int sock = send_to(to);
	tell(id, sock, to);
	pause_us(life_us);
	close(sock);
	return 0;
}

/* leaf ID KIND ADDRESS PORT LIFE_US */
static int leaf(char **a)
{
	struct target to = target(a[1], a[2], a[3]);
	return sends(a[0], &to, atol(a[4]));
}

static pid_t spawn(const char *path, char *const argv[])
{
	pid_t child = vfork();
	if (child == 0) {
		execv(path, argv);
		_exit(127);
	}
	if (child < 0)
		fail("vfork");
	return child;
}

static int wait_for(pid_t child)
{
	int status = 0;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return status ? 1 : 0;
}

/* hop N ID KIND ...: one more process in between, N more after it, then the leaf */
static int hop(char **a)
{
	int more = atoi(a[0]);
	char count[12];
	char *next[] = {"whence-hop", "hop", count, a[1], a[2], a[3], a[4], a[5], NULL};
	char *last[] = {"whence-leaf", "leaf", a[1], a[2], a[3], a[4], a[5], NULL};
	snprintf(count, sizeof count, "%d", more - 1);
	tell(a[1], -1, NULL);
	become_parent();
	return wait_for(more > 1 ? spawn(hop_path, next) : spawn(leaf_path, last));
}

static void until(const struct timespec *began, long us)
{
	struct timespec due = *began;
	due.tv_sec += us / 1000000;
	due.tv_nsec += us % 1000000 * 1000;
	if (due.tv_nsec >= 1000000000) {
		due.tv_sec++;
		due.tv_nsec -= 1000000000;
	}
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL) == EINTR)
		;
}

/* gen: reads lines "AT_US HOPS ID KIND ADDRESS PORT LIFE_US" and starts each when it is due */
static int gen(char **a)
{
	struct timespec began;
	char id[64], kind[32], address[64], port[8], life[16], count[12];
	long at;
	int hops, bad = 0, status;
	(void)a;
	tell("gen", -1, NULL);
	become_parent();
	clock_gettime(CLOCK_MONOTONIC, &began);
	while (scanf("%ld %d %63s %31s %63s %7s %15s", &at, &hops, id, kind, address, port, life) == 7) {
		char *direct[] = {"whence-leaf", "leaf", id, kind, address, port, life, NULL};
		char *through[] = {"whence-hop", "hop", count, id, kind, address, port, life, NULL};
		snprintf(count, sizeof count, "%d", hops);
		until(&began, at);
		hops ? spawn(hop_path, through) : spawn(leaf_path, direct);
		while (waitpid(-1, &status, WNOHANG) > 0)
			bad += status != 0;
	}
	while (waitpid(-1, &status, 0) > 0)
		bad += status != 0;
	printf("{\"failed\":%d}\n", bad);
	return 0;
}

/* ---- hard cases: `hard CASE ID KIND ADDRESS PORT LIFE_US [NETNS CGROUP]` --------------------- */

static int forks_only(char **a)
{
	become_parent();
	pid_t child = fork();
	if (child == 0)
		_exit(leaf(a));
	return wait_for(child);
}

static int orphaned(char **a)
{
	char *argv[] = {"whence-leaf", "leaf", a[0], a[1], a[2], a[3], a[4], NULL};
	become_parent();
	if (fork())
		return 0;
	tell(a[0], -1, NULL);
	become_parent();
	pid_t dying = getpid();
	if (fork())
		_exit(0);
	while (getppid() == dying)
		pause_us(200);
	pause_us(3000);
	execv(leaf_path, argv);
	return 1;
}

static int copy_of_self(int copy)
{
	struct stat size;
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	fstat(from, &size);
	if (from < 0 || sendfile(copy, from, NULL, size.st_size) != size.st_size)
		fail("copy");
	close(from);
	return copy;
}

static int from_memory(char **a)
{
	char *argv[] = {"whence-leaf", "leaf", a[0], a[1], a[2], a[3], a[4], NULL};
	int copy = copy_of_self(memfd_create("sneaky", MFD_CLOEXEC));
	become_parent();
	pid_t child = fork();
	if (child == 0) {
		fexecve(copy, argv, environ);
		fail("fexecve");
	}
	return wait_for(child);
}

/* gone PATH ID ...: the leaf whose own file is removed before it sends */
static int gone(char **a)
{
	unlink(a[0]);
	return leaf(a + 1);
}

static int deleted(char **a)
{
	char path[600];
	snprintf(path, sizeof path, "%s-%s", self_path, a[0]);
	char *argv[] = {"whence-leaf", "gone", path, a[0], a[1], a[2], a[3], a[4], NULL};
	close(copy_of_self(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0700)));
	become_parent();
	return wait_for(spawn(path, argv));
}

/* The script stands beside this program; its truth is its own to tell. */
static int scripted(char **a)
{
	char path[600];
	snprintf(path, sizeof path, "%s.pl", self_path);
	char *argv[] = {path, a[0], a[1], a[2], a[3], a[4], NULL};
	become_parent();
	return wait_for(spawn(path, argv));
}

static int contained(char **a)
{
	char *argv[] = {"whence-leaf", "leaf", a[0], a[1], a[2], a[3], a[4], NULL};
	char procs[600];
	int network = open(a[5], O_RDONLY | O_CLOEXEC);
	snprintf(procs, sizeof procs, "%s/cgroup.procs", a[6]);
	int cgroup = open(procs, O_WRONLY | O_CLOEXEC);
	if (network < 0 || cgroup < 0 || write(cgroup, "0", 1) != 1)
		fail("container");
	if (setns(network, CLONE_NEWNET) || unshare(CLONE_NEWPID | CLONE_NEWNS))
		fail("unshare");
	become_parent();
	pid_t child = fork();
	if (child == 0) {
		execv(leaf_path, argv);
		_exit(127);
	}
	return wait_for(child);
}

static int masquerades(char **a)
{
	char *argv[] = {"[kworker/0:0]", "masked", a[0], a[1], a[2], a[3], a[4], NULL};
	become_parent();
	return wait_for(spawn(self_path, argv));
}

static int masked(char **a)
{
	prctl(PR_SET_NAME, "kworker/0:0");
	return leaf(a);
}

static void *leaf_thread(void *a)
{
	leaf(a);
	return NULL;
}

static int threaded(char **a)
{
	pthread_t thread;
	if (pthread_create(&thread, NULL, leaf_thread, a))
		fail("thread");
	return pthread_join(thread, NULL);
}

static int hard(char **a)
{
	static const struct {
		const char *name;
		int (*run)(char **);
	} cases[] = {
		{"forkonly", forks_only}, {"orphan", orphaned},	    {"memfd", from_memory},
		{"deleted", deleted},	  {"script", scripted},	    {"container", contained},
		{"kworker", masquerades}, {"thread", threaded},	    {"mapped", leaf},
	};
	if (!is(a[0], "thread") && !is(a[0], "mapped")) /* those two send themselves */
		tell(a[1], -1, NULL);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (is(a[0], cases[i].name))
			return cases[i].run(a + 1);
	return 2;
}

/* each: reads lines of arguments for `hard`, one process each, one after the other */
static int each(char **a)
{
	char line[2048];
	int bad = 0;
	(void)a;
	tell("gen", -1, NULL);
	become_parent();
	while (fgets(line, sizeof line, stdin)) {
		char *argv[16] = {"whence-hard", "hard"};
		int n = 2;
		for (char *word = strtok(line, " \n"); word && n < 15; word = strtok(NULL, " \n"))
			argv[n++] = word;
		argv[n] = NULL;
		bad += wait_for(spawn(self_path, argv));
		pause_us(20000);
	}
	pause_us(200000); /* the orphans have nobody who waits for them */
	printf("{\"failed\":%d}\n", bad);
	return 0;
}

/* ---- as much as possible ------------------------------------------------------------------- */

static double seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* What this process did, on standard output; with the CPU time of it and of its children. */
static int report(unsigned long long attempted, unsigned long long failed, double took)
{
	struct identity me = identity();
	struct rusage own, children;
	getrusage(RUSAGE_SELF, &own);
	getrusage(RUSAGE_CHILDREN, &children);
	double cpu = 0;
	for (struct rusage *each = &own; each; each = each == &own ? &children : NULL)
		cpu += each->ru_utime.tv_sec + each->ru_stime.tv_sec +
		       (each->ru_utime.tv_usec + each->ru_stime.tv_usec) / 1e6;
	printf("{\"pid\":%d,\"start\":%llu,\"attempted\":%llu,\"failed\":%llu,"
	       "\"seconds\":%.6f,\"cpu_seconds\":%.6f}\n",
	       me.pid, me.start, attempted, failed, took, cpu);
	return 0;
}

struct storm {
	struct target to;
	double for_seconds, rate; /* rate 0: as fast as it goes */
	unsigned long long attempted, failed;
};

static void *storm_thread(void *given)
{
	struct storm *s = given;
	double began = seconds(), now = began;
	unsigned step = s->rate && s->rate < 1000 ? 1 : 64;
	while (now - began < s->for_seconds) {
		int sock = socket(s->to.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
		if (!connect(sock, (void *)&s->to.address, s->to.length) || errno == EINPROGRESS)
			s->attempted++;
		else
			s->failed++;
		close(sock);
		if (s->rate && s->attempted % step == 0) {
			double ahead = s->attempted / s->rate - (seconds() - began);
			if (ahead > 0.0002)
				pause_us(ahead * 1e6);
		}
		if (s->attempted % 16 == 0 || step == 1 || s->failed)
			now = seconds();
	}
	return NULL;
}

/* storm ADDRESS PORT SECONDS RATE THREADS: connect and close again, all from this one process */
static int storm(char **a)
{
	int count = atoi(a[4]);
	pthread_t threads[16];
	struct storm part[16] = {0};
	unsigned long long attempted = 0, failed = 0;
	double began = seconds();
	for (int i = 0; i < count && i < 16; i++) {
		part[i].to = target("syn", a[0], a[1]);
		part[i].for_seconds = atof(a[2]);
		part[i].rate = atof(a[3]) / count;
		pthread_create(&threads[i], NULL, storm_thread, &part[i]);
	}
	for (int i = 0; i < count && i < 16; i++) {
		pthread_join(threads[i], NULL);
		attempted += part[i].attempted;
		failed += part[i].failed;
	}
	return report(attempted, failed, seconds() - began);
}

/* flood ADDRESS PORT SECONDS: sendto(2) on one socket that is not connected */
static int flood(char **a)
{
	struct target to = target("udp", a[0], a[1]);
	int sock = socket(to.address.ss_family, SOCK_DGRAM, 0);
	unsigned long long attempted = 0, failed = 0;
	double began = seconds(), now = began, limit = atof(a[2]);
	while (now - began < limit) {
		for (int i = 0; i < 64; i++)
			if (sendto(sock, "?", 1, 0, (void *)&to.address, to.length) == 1)
				attempted++;
			else
				failed++;
		now = seconds();
	}
	return report(attempted, failed, now - began);
}

/* processes ADDRESS PORT SECONDS: fork, exec, connect, exit, one after the other */
static int processes(char **a)
{
	char *argv[] = {"whence-leaf", "quiet", a[0], a[1], NULL};
	unsigned long long attempted = 0, failed = 0;
	double began = seconds();
	while (seconds() - began < atof(a[2]))
		if (wait_for(spawn(leaf_path, argv)))
			failed++;
		else
			attempted++;
	return report(attempted, failed, seconds() - began);
}

static int quiet(char **a)
{
	struct target to = target("syn", a[0], a[1]);
	return close(send_to(&to));
}

/* hold ADDRESS PORT SECONDS: a connection that stays, for whoever wants to look at it */
static int hold(char **a)
{
	struct target to = target("tcp", a[0], a[1]);
	int sock = send_to(&to);
	printf("{\"pid\":%d}\n", getpid());
	fflush(stdout);
	pause_us(atof(a[2]) * 1e6);
	return close(sock);
}

/* sink PORT: accepts, reads to the end, closes; IPv4 and IPv6 */
static void *served(void *given)
{
	char byte[64];
	int sock = (int)(long)given;
	while (read(sock, byte, sizeof byte) > 0)
		;
	close(sock);
	return NULL;
}

static _Noreturn int sink(char **a)
{
	struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons(atoi(a[0]))};
	int on = 1, sock = socket(AF_INET6, SOCK_STREAM, 0);
	setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(sock, (void *)&any, sizeof any) || listen(sock, 4096))
		fail("listen");
	printf("{\"listening\":true}\n");
	fflush(stdout);
	for (;;) {
		int peer = accept(sock, NULL, NULL);
		pthread_t thread;
		if (peer >= 0 && !pthread_create(&thread, NULL, served, (void *)(long)peer))
			pthread_detach(thread);
	}
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(char **);
		int wants;
	} roles[] = {
		{"leaf", leaf, 5},	  {"hop", hop, 6},     {"gen", gen, 0},
		{"each", each, 0},	  {"hard", hard, 6},   {"gone", gone, 6},
		{"masked", masked, 5},	  {"storm", storm, 5}, {"flood", flood, 3},
		{"quiet", quiet, 2},	  {"hold", hold, 3},   {"processes", processes, 3},
		{"sink", sink, 1},
	};
	argument_count = argc;
	arguments = argv;
	snprintf(self_path, sizeof self_path, "%s", getenv("BENCH_WORKLOAD") ?: "/proc/self/exe");
	snprintf(leaf_path, sizeof leaf_path, "%s-leaf", self_path);
	snprintf(hop_path, sizeof hop_path, "%s-hop", self_path);
	for (size_t i = 0; argc > 1 && i < sizeof roles / sizeof *roles; i++)
		if (is(argv[1], roles[i].name) && argc - 2 >= roles[i].wants)
			return roles[i].run(argv + 2);
	fprintf(stderr, "workload: unknown role or too few arguments\n");
	return 2;
}
