// SPDX-License-Identifier: Apache-2.0
// Stands in a program's place, tells whence that somebody runs it, and becomes the program.
//
// Whatever goes wrong, the program runs. Nothing is changed that the program could notice: neither
// pid, arguments, environment, signals nor files; so there is no C library here, and no state but
// what whence fills in when it puts a copy of this in place. `make shim` builds it.

typedef unsigned long u64;
typedef long s64;

enum { READ = 0, OPEN = 2, CLOSE = 3, STAT = 4, PPOLL = 271, SOCKET = 41, CONNECT = 42,
       EXECVE = 59, EXIT = 60, CLOCK_GETTIME = 228 };
enum { AF_UNIX = 1, STREAM_CLOEXEC_NONBLOCK = 1 | 02000000 | 04000, RDONLY_CLOEXEC = 02000000 };
enum { POLLIN = 1, PATIENCE = 200000000 };  // nanoseconds

// Filled in by world/trap_shim.py, which looks for the marks.
struct settings {
	char mark[16];
	s64 until;           // seconds since 1970: after that it reports no more
	char listener[112];  // a socket, as sun_path of unix(7)
	char original[4096]; // where the program is
	char place[4096];    // where this is
};
__attribute__((section(".data"))) volatile struct settings settings = { "whence trap shim", 1, "", "", "" };

static s64 call(s64 number, const volatile void *a, s64 b, s64 c, s64 d, s64 e)
{
	s64 result;
	register s64 r10 __asm__("r10") = d;
	register s64 r8 __asm__("r8") = e;
	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory");
	return result;
}

// A sandbox may kill who uses a socket: seccomp(2). What it does not allow is then not tried.
static int is_sandboxed(void)
{
	char text[4096];
	const char *label = "\nSeccomp:\t";
	s64 file = call(OPEN, "/proc/self/status", RDONLY_CLOEXEC, 0, 0, 0);
	if (file < 0)
		return 1;
	s64 size = call(READ, (void *)file, (s64)text, sizeof(text), 0, 0);
	call(CLOSE, (void *)file, 0, 0, 0, 0);
	for (s64 at = 0; at + 10 < size; at++) {
		int same = 0;
		while (same < 10 && text[at + same] == label[same])
			same++;
		if (same == 10)
			return text[at + 10] != '0';
	}
	return size == sizeof(text); // a kernel without seccomp has no such line, unless it is cut off
}

// Call whence, and wait until it has seen who we are: it then hangs up.
static void report(void)
{
	struct { unsigned short family; char path[108]; } address = { AF_UNIX, { 0 } };
	struct { int file; short events, happened; } wait = { 0, POLLIN, 0 };
	s64 patience[2] = { 0, PATIENCE };
	s64 now[2];

	if (call(CLOCK_GETTIME, 0, (s64)now, 0, 0, 0) || now[0] >= settings.until || is_sandboxed())
		return;
	for (int i = 0; i < 107; i++)
		address.path[i] = settings.listener[i];
	s64 file = call(SOCKET, (void *)AF_UNIX, STREAM_CLOEXEC_NONBLOCK, 0, 0, 0);
	if (file < 0)
		return;
	if (!call(CONNECT, (void *)file, (s64)&address, sizeof(address), 0, 0)) {
		wait.file = file;
		call(PPOLL, &wait, 1, (s64)patience, 0, 8);
	}
	call(CLOSE, (void *)file, 0, 0, 0, 0);
}

// Whether the program has been put back meanwhile: then it is not this file that is in its place.
static int is_back(void)
{
	u64 ours[18], there[18]; // struct stat: device and inode come first
	return !call(STAT, "/proc/self/exe", (s64)ours, 0, 0, 0) &&
	       !call(STAT, settings.place, (s64)there, 0, 0, 0) &&
	       (ours[0] != there[0] || ours[1] != there[1]);
}

__attribute__((used)) static void run(u64 *stack)
{
	char **arguments = (char **)(stack + 1);
	char **environment = arguments + stack[0] + 1;

	report();
	s64 failed = call(EXECVE, settings.original, (s64)arguments, (s64)environment, 0, 0);
	if (is_back())
		failed = call(EXECVE, settings.place, (s64)arguments, (s64)environment, 0, 0);
	call(EXIT, (void *)(s64)(failed == -2 ? 127 : 126), 0, 0, 0, 0);
}

__asm__(".globl _start\n_start: xor %ebp, %ebp\n mov %rsp, %rdi\n and $-16, %rsp\n call run\n");
