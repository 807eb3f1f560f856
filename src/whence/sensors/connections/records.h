// SPDX-License-Identifier: (GPL-2.0 OR BSD-2-Clause)
/* What the programs keep, count, and tell user space. */
#pragma once

#include "../kernel_types.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define AF_INET 2
#define AF_INET6 10
#define SOCK_RAW 3
#define TCP 6
#define UDP 17
#define ICMP 1
#define ICMPV6 58
#define MPTCP 262
#define TCP_CLOSE_STATE 7
#define TCP_LISTEN_STATE 10
#define PF_KTHREAD 0x00200000
#define NO_NUMBER 0xffffffff

#define ANCESTORS 16
#define CGROUP_NAMES 6
#define CGROUP_NAME 96
#define HIERARCHIES 16
#define FILE_NAME 256
#define ARGUMENTS 1024
#define PATH_TEXT 512
#define LONGEST_NAME 256 /* NAME_MAX is 255 */
#define PATH_STEPS 40
#define PAST_EXECUTIONS 8

#define WAITING (1ULL << 32)
#define MOST_WAITING 64 /* datagrams */
#define ORDINARY 32	/* datagrams a tick; those beyond are counted MOST_WAITING at a time */

#define WINDOW 100000000ULL /* ns */
#define WINDOW_EVENTS 256   /* events of one flow in one window; beyond, only counters move */

enum record_type { EXECUTION = 1, PROCESS = 2, CONNECTION = 3 };
enum direction { OUTGOING = 0, INCOMING = 1, LISTENS = 2 };
enum owner_flags {
	ANNOUNCED = 1,
	REPORTED = 2,
	CALLED = 4,
	SEEDED = 8,
	RAW = 16,
	SHARED = 32, /* more than one process has used the socket, and may do so at the same time */
};
enum process_flags { KERNEL_THREAD = 1, INHERITED = 2 };

enum counter {
	EVENTS,
	EVENTS_DROPPED,     /* ring full, and no flow counted it instead */
	EVENTS_MERGED,      /* ring full: only the flow's counters tell of it */
	PROCESSES_DROPPED,  /* ring full; user space looks them up in procs and execs */
	EXECUTIONS_DROPPED, /* likewise */
	FLOWS_FULL,
	OWNERS_FULL,
	FLOODED, /* MOST_WAITING datagrams, of one socket and tick, more than are ordinary */
	COUNTERS,
};

/* A process: pids are reused, its start makes it unique. */
struct process_key {
	u64 started; /* ns since boot, of the thread group leader */
	u32 tgid;
	u32 unused;
};

/* An execution by the process that called execve, also while children still run it. */
struct execution_key {
	u64 at; /* ns since boot; 0: not known */
	u32 tgid;
	u32 unused;
};

struct process {
	struct process_key parent; /* at fork: stays when the parent dies */
	struct execution_key execution;
	u64 announced; /* 1 + at of the execution with which user space was told of the process */
	u32 flags;
	u32 unused;
};

struct execution {
	u32 type;
	u32 tgid;
	u64 at;
	u64 started; /* of the process */
	struct execution_key previous;
	u64 inode;
	u32 device;
	u32 links;
	u32 user;
	u32 login;
	u32 session;
	u32 arguments_bytes; /* the true length, even where arguments[] is too short */
	u16 path_begins;     /* in path[]; it ends at PATH_TEXT */
	u16 directory_begins;
	u32 announced;
	char comm[16];
	char file[FILE_NAME]; /* what execve was given: the script, for a #! file */
	char arguments[ARGUMENTS];
	char path[PATH_TEXT + LONGEST_NAME];
	char directory[PATH_TEXT + LONGEST_NAME];
};

struct ancestor {
	struct process_key process;
	struct execution_key execution;
	u32 user;
	u32 flags;
	char comm[16];
};

struct process_event {
	u32 type;
	u32 ancestors; /* how many are filled; [0] is the process itself */
	u64 at;
	u32 user;
	u32 login;
	u32 session;
	u32 network_namespace;
	u32 mount_namespace;
	u32 cgroup_names;
	struct ancestor ancestor[ANCESTORS];
	char cgroup[CGROUP_NAMES][CGROUP_NAME]; /* leaf first */
};

struct address {
	u32 words[4];
};

/* Who talks to whom. The port is the one that was called: theirs if OUTGOING, ours if INCOMING. */
struct flow_key {
	u64 started;
	u64 executed; /* execution_key.at: what the process ran */
	u32 tgid;     /* 0: nobody, that is the kernel itself */
	u32 network_namespace;
	struct address peer;
	u16 port;
	u8 protocol;
	u8 direction;
	u32 unused;
};

struct flow {
	u64 first; /* ns, CLOCK_MONOTONIC_COARSE */
	u64 last;
	u64 attempts; /* TCP: connects, or calls that came in; else: sends that no packet came of */
	u64 emitted;  /* of these, how many user space was told of one by one */
	u64 packets_sent;
	u64 bytes_sent;
	u64 packets_received;
	u64 bytes_received;
	u64 cookie; /* of the socket that was told of last */
	u32 window;
	u32 tick; /* of the kernel's timer, when last was set: reading a clock for each packet costs */
	u32 window_events;
	u32 interface;
	struct address local;
	u16 local_port;
	u16 unused[3];
};

/* What a socket knows of its owner. For TCP the key is complete, and is the key in flows. */
struct owner {
	struct flow_key key;
	u32 execution_count; /* task_struct.self_exec_id: changes when the owner executes anew;
				the file descriptor while SEEDED */
	u32 flags;
	u64 cookie; /* of the socket, once a packet of it was seen; not for TCP */
	u64 counted; /* sends that are in a flow's attempts already, and no packet came of yet */
	u64 waiting; /* datagrams that are not in the flow's counters yet: WAITING each, and bytes */
	u32 tick;    /* of the kernel's timer, in which ... */
	u32 sends;   /* ... so many were sent */
};

struct connection_event {
	u32 type;
	u32 interface;
	u64 at;
	u64 cookie;
	struct flow_key key;
	struct address local;
	u16 local_port;
	u16 peer_port;
	u32 unused;
};

struct listening_port {
	u32 network_namespace;
	u16 port;
	u16 unused;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 << 20); /* some 1,800 new processes, or 80,000 connections */
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 32768);
	__type(key, struct process_key);
	__type(value, struct process);
} procs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct execution_key);
	__type(value, struct execution);
} execs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_CLONE);
	__type(key, int);
	__type(value, struct owner);
} owners SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__type(key, struct flow_key);
	__type(value, struct flow);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct listening_port);
	__type(value, u32);
} listening SEC(".maps");

#include "../counters.h"

/* A map's value that is never written: what a new execution starts from. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct execution);
} blank_execution SEC(".maps");

/* Where the iterators, which run one at a time, put together what is too large for the stack. */
struct snapshot {
	struct execution execution;
	struct process_event process;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct snapshot);
} snapshots SEC(".maps");

/* What the verifier has learnt of a variable is of this very register: let no copy be used. */
#define keep(variable) asm volatile("" : "+r"(variable))

static __always_inline void add(u64 *counter, u64 amount)
{
	__sync_fetch_and_add(counter, amount);
}
