// SPDX-License-Identifier: (GPL-2.0 OR BSD-2-Clause)
/*
 * The connection sensor: which process calls whom, whom it listens for, and where it came from.
 *
 * Four kinds of hooks work together.
 *   1. Scheduler tracepoints keep, for each process, its parent at fork and what it executed
 *      (procs, execs), so that nothing has to be looked up when everybody is dead.
 *   2. Socket hooks of the root cgroup run in the process that makes the call and write its
 *      name into the socket's own storage (owners). The storage lives as long as the socket and
 *      is inherited by accepted sockets, so there is nothing to evict and nothing to race for.
 *   3. sockops and the packet hooks know the addresses as they are on the wire. They find the
 *      process in the socket's storage, count in flows, and tell user space of each new thing.
 *   4. Iterators do the same for what existed before.
 *
 * An address is always 16 bytes; an IPv4 address is written as IPv6 writes it (::ffff:a.b.c.d,
 * RFC 4291 2.5.5.2), and so IPv4 through an IPv6 socket needs no case of its own.
 * Ports are in host byte order. connection_records.py reads what is laid out here.
 */
#include "kernel_types.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

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

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, COUNTERS);
	__type(key, u32);
	__type(value, u64);
} counters SEC(".maps");

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

static __always_inline void count(u32 which)
{
	u64 *value = bpf_map_lookup_elem(&counters, &which);

	if (value)
		(*value)++;
}

static __always_inline void add(u64 *counter, u64 amount)
{
	__sync_fetch_and_add(counter, amount);
}

/* --- Addresses ------------------------------------------------------------------------- */

static __always_inline struct address from_v4(u32 address)
{
	struct address mapped = { { 0, 0, bpf_htonl(0xffff), address } };

	return mapped;
}

static __always_inline bool same_address(const struct address *a, const struct address *b)
{
	return a->words[3] == b->words[3] && a->words[2] == b->words[2] &&
	       a->words[1] == b->words[1] && a->words[0] == b->words[0];
}

/* --- Paths, names ---------------------------------------------------------------------- */

/*
 * Write the path of a file into the first PATH_TEXT bytes of text, from their end backwards;
 * as prepend_path() of fs/d_path.c, but up to the root of the mount tree, so that a process in
 * a chroot or container is named by the host's path where there is one. Gives where it begins.
 */
static __noinline u32 write_path(struct path *path, char *text)
{
	struct dentry *dentry = BPF_CORE_READ(path, dentry);
	struct vfsmount *vfsmount = BPF_CORE_READ(path, mnt);
	struct mount *mount = (void *)vfsmount - bpf_core_field_offset(struct mount, mnt);
	u32 begins = PATH_TEXT - 1;

	for (int step = 0; step < PATH_STEPS; step++) {
		struct dentry *parent = BPF_CORE_READ(dentry, d_parent);

		if (dentry == BPF_CORE_READ(mount, mnt.mnt_root)) {
			struct mount *below = BPF_CORE_READ(mount, mnt_parent);

			if (below == mount)
				break;
			dentry = BPF_CORE_READ(mount, mnt_mountpoint);
			mount = below;
			continue;
		}
		if (dentry == parent)
			break;
		u32 length = BPF_CORE_READ(dentry, d_name.len) & (LONGEST_NAME - 1);

		if (begins < length + 1)
			break;
		begins = (begins - length) & (PATH_TEXT - 1);
		bpf_probe_read_kernel(&text[begins], length, BPF_CORE_READ(dentry, d_name.name));
		begins = (begins - 1) & (PATH_TEXT - 1);
		text[begins] = '/';
		dentry = parent;
	}
	if (begins == PATH_TEXT - 1) { /* the root, or a file that never had a directory: memfd */
		u32 length = BPF_CORE_READ(dentry, d_name.len) & (LONGEST_NAME - 1);

		begins = (begins - length) & (PATH_TEXT - 1);
		bpf_probe_read_kernel(&text[begins], length, BPF_CORE_READ(dentry, d_name.name));
	}
	return begins;
}

static __always_inline struct kernfs_node *above(struct kernfs_node *node)
{
	struct kernfs_node___before_6_15 *older = (void *)node;

	if (bpf_core_field_exists(older->parent))
		return BPF_CORE_READ(older, parent);
	return BPF_CORE_READ(node, __parent);
}

/*
 * On a hybrid host everybody is in the root of the unified hierarchy; units are in the one that
 * is named "systemd": cgroups(7). The links of a css_set lead to its cgroup in each hierarchy.
 */
static __always_inline struct kernfs_node *named_systemd(struct css_set *set)
{
	void *end = (void *)set + bpf_core_field_offset(struct css_set, cgrp_links);
	struct list_head *at = BPF_CORE_READ(set, cgrp_links.next);

	for (int i = 0; i < HIERARCHIES; i++) {
		char name[8] = {};

		if (!at || at == end)
			return NULL;
		struct cgrp_cset_link *link =
			(void *)at - bpf_core_field_offset(struct cgrp_cset_link, cgrp_link);

		bpf_probe_read_kernel(name, sizeof(name), &BPF_CORE_READ(link, cgrp, root)->name);
		if (!__builtin_memcmp(name, "systemd", sizeof(name)))
			return BPF_CORE_READ(link, cgrp, kn);
		at = BPF_CORE_READ(at, next);
	}
	return NULL;
}

static __always_inline void name_cgroups(struct process_event *event, struct task_struct *task)
{
	struct css_set *set = BPF_CORE_READ(task, cgroups);
	struct kernfs_node *node = BPF_CORE_READ(set, dfl_cgrp, kn);
	u32 names = 0;

	if (node && !above(node)) {
		struct kernfs_node *older = named_systemd(set);

		node = older ?: node;
	}

	for (int i = 0; i < CGROUP_NAMES; i++) {
		struct kernfs_node *parent = node ? above(node) : NULL;

		event->cgroup[i][0] = 0;
		if (!parent) /* the root has no name */
			continue;
		bpf_probe_read_kernel_str(event->cgroup[i], CGROUP_NAME, BPF_CORE_READ(node, name));
		node = parent;
		names = i + 1;
	}
	if (node && above(node))
		names = NO_NUMBER; /* it goes on above: user space has to ask */
	event->cgroup_names = names;
}

static __always_inline u32 login_of(struct task_struct *task)
{
	if (!bpf_core_field_exists(task->loginuid)) /* a kernel without CONFIG_AUDIT */
		return NO_NUMBER;
	return BPF_CORE_READ(task, loginuid.val);
}

static __always_inline u32 session_of(struct task_struct *task)
{
	if (!bpf_core_field_exists(task->sessionid))
		return NO_NUMBER;
	return BPF_CORE_READ(task, sessionid);
}

/* --- Processes and what they execute --------------------------------------------------- */

static __always_inline struct process_key key_of(struct task_struct *task)
{
	struct process_key key = {
		.started = BPF_CORE_READ(task, group_leader, start_boottime),
		.tgid = BPF_CORE_READ(task, tgid),
	};

	return key;
}

/* Note a process that was there before the sensor, with the parent it has now. */
static __always_inline struct process *remember(struct task_struct *task, struct process_key *key)
{
	struct process *known = bpf_map_lookup_elem(&procs, key);
	struct process new = {};

	if (known)
		return known;
	new.parent = key_of(BPF_CORE_READ(task, real_parent));
	bpf_map_update_elem(&procs, key, &new, BPF_NOEXIST);
	return bpf_map_lookup_elem(&procs, key);
}

/* The child runs what its parent ran until it executes something itself. kernel/fork.c */
SEC("tp_btf/sched_process_fork")
int BPF_PROG(forked, struct task_struct *parent, struct task_struct *child)
{
	struct process new = {};

	if (child->tgid != child->pid) /* a thread */
		return 0;
	struct process_key key = { .started = child->start_boottime, .tgid = child->tgid };

	new.parent = key_of(parent);
	struct process *forker = bpf_map_lookup_elem(&procs, &new.parent);

	if (forker)
		new.execution = forker->execution;
	new.flags = INHERITED;
	bpf_map_update_elem(&procs, &key, &new, BPF_ANY);
	return 0;
}

static __always_inline void describe_file(struct execution *execution, struct task_struct *task)
{
	struct file *file = BPF_CORE_READ(task, mm, exe_file);
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	struct fs_struct *fs = BPF_CORE_READ(task, fs);
	struct path path;

	execution->inode = BPF_CORE_READ(inode, i_ino);
	execution->device = BPF_CORE_READ(inode, i_sb, s_dev);
	execution->links = BPF_CORE_READ(inode, i_nlink);
	BPF_CORE_READ_INTO(&path, file, f_path);
	execution->path_begins = write_path(&path, execution->path);
	BPF_CORE_READ_INTO(&path, fs, pwd);
	execution->directory_begins = write_path(&path, execution->directory);
}

static __always_inline void describe_user(struct execution *execution, struct task_struct *task)
{
	execution->user = BPF_CORE_READ(task, cred, euid.val);
	execution->login = login_of(task);
	execution->session = session_of(task);
	BPF_CORE_READ_STR_INTO(&execution->comm, task, comm);
}

/* The stack of the new program is where execve has just put the arguments. fs/exec.c */
static __always_inline void copy_arguments(struct execution *execution, struct task_struct *task)
{
	u64 begin = BPF_CORE_READ(task, mm, arg_start);
	u64 length = BPF_CORE_READ(task, mm, arg_end) - begin;

	execution->arguments_bytes = length;
	if (length >= ARGUMENTS)
		length = ARGUMENTS - 1;
	keep(length);
	bpf_probe_read_user(execution->arguments, length & (ARGUMENTS - 1), (void *)begin);
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(executed, struct task_struct *task, int old_pid, struct linux_binprm *program)
{
	u32 zero = 0;
	struct process_key key = key_of(task);
	struct execution_key this = { .at = bpf_ktime_get_boot_ns(), .tgid = key.tgid };
	struct execution *blank = bpf_map_lookup_elem(&blank_execution, &zero);
	struct process *process = remember(task, &key);

	if (!blank || !process || bpf_map_update_elem(&execs, &this, blank, BPF_ANY))
		return 0;
	struct execution *execution = bpf_map_lookup_elem(&execs, &this);

	if (!execution)
		return 0;
	execution->type = EXECUTION;
	execution->tgid = key.tgid;
	execution->at = this.at;
	execution->started = key.started;
	if (!(process->flags & INHERITED))
		execution->previous = process->execution;
	describe_file(execution, task);
	describe_user(execution, task);
	copy_arguments(execution, task);
	bpf_probe_read_kernel_str(execution->file, FILE_NAME, program->filename);
	process->execution = this;
	process->flags &= ~INHERITED;
	return 0;
}

/* --- Telling user space of a process --------------------------------------------------- */

/* Hand over an execution and those before it in the same process, each once. */
__noinline int announce_executions(u64 at, u32 tgid)
{
	struct execution_key key = { .at = at, .tgid = tgid };

	for (int i = 0; i < PAST_EXECUTIONS; i++) {
		struct execution *execution = bpf_map_lookup_elem(&execs, &key);

		if (!execution || execution->announced)
			return 0;
		execution->announced = 1;
		if (bpf_ringbuf_output(&events, execution, sizeof(*execution), 0)) {
			execution->announced = 0;
			count(EXECUTIONS_DROPPED);
			return 0;
		}
		key = execution->previous;
	}
	return 0;
}

static __always_inline void describe_ancestor(struct ancestor *ancestor, struct task_struct *alive)
{
	ancestor->user = NO_NUMBER;
	ancestor->comm[0] = 0;
	ancestor->flags = 0;
	if (!alive)
		return;
	ancestor->user = BPF_CORE_READ(alive, cred, euid.val);
	BPF_CORE_READ_STR_INTO(&ancestor->comm, alive, comm);
	if (BPF_CORE_READ(alive, flags) & PF_KTHREAD)
		ancestor->flags = KERNEL_THREAD;
}

static __always_inline struct task_struct *if_it_is(struct task_struct *task,
						    struct process_key *key)
{
	struct process_key found = key_of(task);

	return found.tgid == key->tgid && found.started == key->started ? task : NULL;
}

/*
 * Fill in the ancestors: each one's parent as it was at fork. real_parent is only asked for
 * processes that were there before the sensor; a daemon's says 1 once its parents are gone.
 */
static __always_inline void describe_ancestors(struct process_event *event,
					       struct task_struct *task)
{
	struct task_struct *alive = BPF_CORE_READ(task, group_leader);
	struct process_key key = key_of(alive);
	u32 found = 0;

	for (int i = 0; i < ANCESTORS; i++) {
		struct ancestor *ancestor = &event->ancestor[i];
		struct process *process = bpf_map_lookup_elem(&procs, &key);
		struct task_struct *parent = NULL;
		struct process_key next = {};
		struct execution_key none = {};

		ancestor->process = key;
		ancestor->execution = none;
		describe_ancestor(ancestor, alive);
		found = i + 1;
		if (alive)
			parent = BPF_CORE_READ(alive, real_parent, group_leader);
		if (process) {
			ancestor->execution = process->execution;
			ancestor->flags |= process->flags;
			next = process->parent;
		} else if (parent) {
			next = key_of(parent);
		}
		if (!next.tgid || next.tgid == key.tgid)
			break;
		alive = parent ? if_it_is(parent, &next) : NULL;
		key = next;
	}
	event->ancestors = found;
}

static __noinline int describe_process(struct process_event *event, struct task_struct *task)
{
	if (!event)
		return 0;
	event->type = PROCESS;
	event->at = bpf_ktime_get_boot_ns();
	event->user = BPF_CORE_READ(task, cred, euid.val);
	event->login = login_of(task);
	event->session = session_of(task);
	event->network_namespace = BPF_CORE_READ(task, nsproxy, net_ns, ns.inum);
	event->mount_namespace = BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum);
	name_cgroups(event, task);
	describe_ancestors(event, task);
	return 0;
}

static __noinline int announce_ancestry(struct process_key *key)
{
	struct process_key next = *key;

	for (int i = 0; i < ANCESTORS; i++) {
		struct process *process = bpf_map_lookup_elem(&procs, &next);

		if (!process)
			return 0;
		announce_executions(process->execution.at, process->execution.tgid);
		next = process->parent;
	}
	return 0;
}

/* Tell user space of the current process, unless it knows it as it is now. */
static __noinline int announce(struct process_key *key, struct process *process)
{
	if (!key || !process || process->announced == process->execution.at + 1)
		return 0;
	struct process_event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (!event) {
		count(PROCESSES_DROPPED);
		return 0;
	}
	describe_process(event, (struct task_struct *)bpf_get_current_task());
	bpf_ringbuf_submit(event, 0);
	announce_ancestry(key);
	process->announced = process->execution.at + 1;
	return 0;
}

/* --- Flows ----------------------------------------------------------------------------- */

static __noinline struct flow *begin(struct flow_key *key, u64 now)
{
	struct flow new = {};

	if (!key)
		return NULL;
	new.first = new.last = now;
	bpf_map_update_elem(&flows, key, &new, BPF_NOEXIST);
	return bpf_map_lookup_elem(&flows, key);
}

static __always_inline struct flow *flow_of(struct flow_key *key)
{
	struct flow *flow = bpf_map_lookup_elem(&flows, key);

	return flow ?: begin(key, bpf_ktime_get_coarse_ns());
}

/*
 * Count the datagrams that wait. This comes before whatever changes the key of an owner, and before
 * its socket goes; so what is late is in the right flow, and is never lost.
 */
static __noinline int settle(struct owner *owner)
{
	if (!owner || !owner->waiting)
		return 0;
	u64 waiting = __sync_lock_test_and_set(&owner->waiting, 0);
	u64 now = bpf_ktime_get_ns(); /* the coarse clock is not for tracing */
	struct flow *flow = bpf_map_lookup_elem(&flows, &owner->key) ?: begin(&owner->key, now);

	if (!flow) {
		count(FLOWS_FULL);
		return 0;
	}
	flow->last = now;
	add(&flow->packets_sent, waiting / WAITING);
	add(&flow->bytes_sent, waiting % WAITING);
	return 0;
}

/* --- Whose socket it is ---------------------------------------------------------------- */

static __noinline int take(struct owner *owner)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct process_key key = key_of(task);

	if (!owner)
		return 0;
	settle(owner);
	struct process *process = remember(task, &key);

	if (owner->flags & ANNOUNCED && owner->key.tgid != key.tgid)
		owner->flags |= SHARED;
	owner->key.started = key.started;
	owner->key.tgid = key.tgid;
	owner->key.executed = process ? process->execution.at : 0;
	if (!owner->key.network_namespace) /* that of the socket stays, whoever uses it */
		owner->key.network_namespace = BPF_CORE_READ(task, nsproxy, net_ns, ns.inum);
	owner->execution_count = BPF_CORE_READ(task, self_exec_id);
	owner->flags &= ~(ANNOUNCED | SEEDED);
	return 0;
}

static __noinline int introduce(struct owner *owner)
{
	if (!owner)
		return 0;
	struct process_key key = { .started = owner->key.started, .tgid = owner->key.tgid };

	announce(&key, bpf_map_lookup_elem(&procs, &key));
	owner->flags |= ANNOUNCED;
	return 0;
}

/* Whether the process that uses the socket now is the one that it is known by. */
static __always_inline bool is_used_by(struct owner *owner, struct task_struct *task)
{
	return owner->key.tgid == (u32)task->tgid &&
	       owner->execution_count == (u32)task->self_exec_id &&
	       owner->key.started == task->group_leader->start_boottime;
}

/* The current process uses the socket: from now on it is the one that owns it. */
static __always_inline void use_by(struct owner *owner, struct task_struct *task)
{
	if (owner->flags & ANNOUNCED && is_used_by(owner, task))
		return;
	take(owner);
	introduce(owner);
}

static __always_inline void use(struct owner *owner)
{
	use_by(owner, bpf_get_current_task_btf());
}

/* kernel/bpf/cgroup.c runs this for every socket(2) of IPv4 and IPv6, of whatever type. */
SEC("cgroup/sock_create")
int created(struct bpf_sock *socket)
{
	struct owner *owner = bpf_sk_storage_get(&owners, socket, 0, BPF_SK_STORAGE_GET_F_CREATE);

	if (!owner) {
		count(OWNERS_FULL);
		return 1;
	}
	take(owner);
	owner->key.protocol = socket->protocol == MPTCP ? TCP : socket->protocol;
	if (socket->type == SOCK_RAW)
		owner->flags |= RAW; /* it may carry TCP that is not the kernel's */
	if (socket->type == SOCK_RAW || socket->protocol == ICMP || socket->protocol == ICMPV6)
		introduce(owner); /* no later hook of theirs runs in the process */
	return 1;
}

/* close(2), and the end of the last process that has it: net/ipv4/af_inet.c */
SEC("cgroup/sock_release")
int released(struct bpf_sock *socket)
{
	if (socket->protocol == UDP) /* with others, nothing waits */
		settle(bpf_sk_storage_get(&owners, socket, 0, 0));
	return 1;
}

/* bind(2): a server, which may be called before it calls anybody. */
static __always_inline int bound(struct bpf_sock *socket)
{
	struct owner *owner = bpf_sk_storage_get(&owners, socket, 0, 0);

	if (owner)
		use(owner);
	return 1;
}

SEC("cgroup/post_bind4")
int bound4(struct bpf_sock *socket)
{
	return bound(socket);
}

SEC("cgroup/post_bind6")
int bound6(struct bpf_sock *socket)
{
	return bound(socket);
}

/* --- Counting and telling ---------------------------------------------------------------- */

static __always_inline void attempt_at(struct flow_key *key, u64 now)
{
	struct flow *flow = bpf_map_lookup_elem(&flows, key);

	if (!flow)
		flow = begin(key, now);
	if (!flow)
		return count(FLOWS_FULL); /* every event will be told of, but none is counted */
	flow->last = now;
	add(&flow->attempts, 1);
}

static __always_inline void attempt(struct flow_key *key)
{
	attempt_at(key, bpf_ktime_get_coarse_ns());
}

/* Say whether one more event of this flow may go to user space in this moment. */
static __always_inline bool allowed(struct flow *flow)
{
	u32 window = bpf_ktime_get_coarse_ns() / WINDOW;

	if (flow->window != window) {
		flow->window = window;
		flow->window_events = 0;
	}
	return flow->window_events++ < WINDOW_EVENTS;
}

struct ends {
	struct address local;
	u16 local_port;
	u16 peer_port;
	u32 interface;
	u64 cookie;
};

/*
 * Tell user space of one connection, the first packet to a peer, or a listener. If the ring is
 * full, or the flow is too busy, its counters will tell: user space looks at them every second.
 */
static __noinline int tell(struct flow_key *key, struct flow *flow, struct ends *ends)
{
	if (!key || !ends || (flow && !allowed(flow)))
		return 0;
	struct connection_event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (!event) {
		count(flow ? EVENTS_MERGED : EVENTS_DROPPED);
		return 0;
	}
	event->type = CONNECTION;
	event->at = bpf_ktime_get_boot_ns();
	event->key = *key;
	event->local = ends->local;
	event->local_port = ends->local_port;
	event->peer_port = ends->peer_port;
	event->interface = ends->interface;
	event->cookie = ends->cookie;
	event->unused = 0;
	bpf_ringbuf_submit(event, 0);
	count(EVENTS);
	if (!flow)
		return 1;
	add(&flow->emitted, 1);
	flow->cookie = ends->cookie;
	flow->local = ends->local;
	flow->local_port = ends->local_port;
	return 1;
}

/* --- Calling: connect(2), sendto(2), sendmsg(2) ---------------------------------------- */

static __always_inline int connecting(struct bpf_sock_addr *call, struct address peer)
{
	struct owner *owner;

	if (!call->sk)
		return 1;
	owner = bpf_sk_storage_get(&owners, call->sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (!owner) {
		count(OWNERS_FULL);
		return 1;
	}
	use(owner);
	settle(owner);
	owner->key.peer = peer;
	owner->key.port = bpf_ntohs(call->user_port);
	owner->key.direction = OUTGOING;
	owner->flags &= ~REPORTED;
	owner->counted = 0;
	if (call->type != 1 /* SOCK_STREAM */) /* nothing is sent: getaddrinfo(3) sorts so */
		return 1;
	owner->key.protocol = TCP;
	attempt(&owner->key);
	return 1;
}

SEC("cgroup/connect4")
int connecting4(struct bpf_sock_addr *call)
{
	return connecting(call, from_v4(call->user_ip4));
}

SEC("cgroup/connect6")
int connecting6(struct bpf_sock_addr *call)
{
	struct address peer = { { call->user_ip6[0], call->user_ip6[1], call->user_ip6[2],
				  call->user_ip6[3] } };

	return connecting(call, peer);
}

/* Say whether this peer has called us on this socket: then we answer, and do not call. */
static __always_inline struct flow *call_from(struct owner *owner, struct flow_key *key,
					      u16 local_port)
{
	struct flow_key called = *key;

	if (!(owner->flags & CALLED))
		return NULL;
	called.port = local_port;
	called.direction = INCOMING;
	return bpf_map_lookup_elem(&flows, &called);
}

/*
 * Only for UDP, and only where the call names the peer; net/ipv4/udp.c, net/ipv6/udp.c. With these
 * hooks the kernel locks the socket for each send, which costs a tenth of the speed of a flood:
 * they are loaded only where the kernel does not have the tracepoint below.
 */
static __always_inline int sending(struct bpf_sock_addr *call, struct address peer)
{
	struct owner *owner;
	struct flow_key key;

	if (!call->sk)
		return 1;
	owner = bpf_sk_storage_get(&owners, call->sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (!owner) {
		count(OWNERS_FULL);
		return 1;
	}
	use(owner);
	owner->key.protocol = UDP;
	key = owner->key;
	key.peer = peer;
	key.port = bpf_ntohs(call->user_port);
	key.direction = OUTGOING;
	if (call_from(owner, &key, call->sk->src_port))
		return 1;
	attempt(&key);
	add(&owner->counted, 1);
	return 1;
}

SEC("cgroup/sendmsg4")
int sending4(struct bpf_sock_addr *call)
{
	return sending(call, from_v4(call->user_ip4));
}

SEC("cgroup/sendmsg6")
int sending6(struct bpf_sock_addr *call)
{
	struct address peer = { { call->user_ip6[0], call->user_ip6[1], call->user_ip6[2],
				  call->user_ip6[3] } };

	return sending(call, peer);
}

/* --- Sends that were refused: no route, or a filter ------------------------------------- */

#define SENDTO_X86 44 /* arch/x86/entry/syscalls/syscall_64.tbl */
#define SENDMSG_X86 46
#define SENDTO_GENERIC 206 /* scripts/syscall.tbl: arm64, riscv, loongarch */
#define SENDMSG_GENERIC 211

struct call_arguments {
	u64 number;
	u64 second;
	u64 fifth;
};

static __always_inline bool read_arguments(struct call_arguments *call)
{
	void *registers = (void *)bpf_task_pt_regs(bpf_get_current_task_btf());
	struct pt_regs___x86 *x86 = registers;
	struct pt_regs___arm64 *arm64 = registers;

	if (bpf_core_field_exists(x86->orig_ax)) {
		call->number = BPF_CORE_READ(x86, orig_ax);
		call->second = BPF_CORE_READ(x86, si);
		call->fifth = BPF_CORE_READ(x86, r8);
		return true;
	}
	if (bpf_core_field_exists(arm64->syscallno)) {
		call->number = BPF_CORE_READ(arm64, syscallno);
		call->second = BPF_CORE_READ(arm64, regs[1]);
		call->fifth = BPF_CORE_READ(arm64, regs[4]);
		return true;
	}
	return false;
}

/* The address that sendto(2) or sendmsg(2) was given; 0: none, or it was another call. */
static __always_inline u64 named_address(void)
{
	struct call_arguments call = {};
	u64 name = 0;

	if (!read_arguments(&call))
		return 0;
	if (call.number == SENDTO_X86 || call.number == SENDTO_GENERIC)
		return call.fifth;
	if (call.number == SENDMSG_X86 || call.number == SENDMSG_GENERIC) /* msghdr.msg_name */
		bpf_probe_read_user(&name, sizeof(name), (void *)call.second);
	return name;
}

struct socket_address { /* sockaddr_in and sockaddr_in6 */
	u16 family;
	u16 port;
	u32 v4; /* or sin6_flowinfo */
	struct address v6;
};

static __always_inline struct address address_of(struct sock *socket, bool local)
{
	struct address address = {};

	if (BPF_CORE_READ(socket, __sk_common.skc_family) == AF_INET)
		return from_v4(local ? BPF_CORE_READ(socket, __sk_common.skc_rcv_saddr) :
				       BPF_CORE_READ(socket, __sk_common.skc_daddr));
	if (local)
		BPF_CORE_READ_INTO(&address, socket, __sk_common.skc_v6_rcv_saddr);
	else
		BPF_CORE_READ_INTO(&address, socket, __sk_common.skc_v6_daddr);
	return address;
}

static __always_inline bool name_peer(struct flow_key *key, struct sock *socket)
{
	struct socket_address named = {};
	u64 name = named_address();

	if (!name) {
		key->peer = address_of(socket, false);
		key->port = bpf_ntohs(BPF_CORE_READ(socket, __sk_common.skc_dport));
		return key->port;
	}
	bpf_probe_read_user(&named, offsetof(struct socket_address, v6), (void *)name);
	key->port = bpf_ntohs(named.port);
	if (named.family == AF_INET) {
		key->peer = from_v4(named.v4);
		return true;
	}
	return named.family == AF_INET6 &&
	       !bpf_probe_read_user(&key->peer, sizeof(key->peer),
				    (void *)name + offsetof(struct socket_address, v6));
}

static __always_inline bool was_refused(int result)
{
	switch (-result) { /* what no packet came of; include/uapi/asm-generic/errno.h */
	case 1: /* EPERM: a filter */
	case 13: /* EACCES */
	case 100: /* ENETDOWN */
	case 101: /* ENETUNREACH */
	case 111: /* ECONNREFUSED: the answer to the datagram before */
	case 113: /* EHOSTUNREACH */
		return true;
	}
	return false;
}

/* net/socket.c, since Linux 6.3 */
SEC("tp_btf/sock_send_length")
int BPF_PROG(refused, struct sock *socket, int result, int flags)
{
	struct owner *owner;
	struct flow_key key;

	if (result >= 0 || !was_refused(result) || !socket || socket->sk_protocol != UDP)
		return 0;
	owner = bpf_sk_storage_get(&owners, socket, 0, 0);
	if (!owner || !owner->key.tgid)
		return 0;
	use(owner);
	key = owner->key;
	key.protocol = UDP;
	key.direction = OUTGOING;
	if (name_peer(&key, socket))
		attempt_at(&key, bpf_ktime_get_ns()); /* the coarse clock is not for tracing */
	return 0;
}

/* --- TCP: the addresses, just before the SYN leaves, or after the third packet came ------ */

/*
 * The verifier wants each member of the context read at a fixed place; keep() stops the compiler
 * from folding the reads of the two families into one with a computed place.
 */
static __always_inline struct address remote_of(struct bpf_sock_ops *tcp)
{
	u32 v4 = tcp->remote_ip4, a = tcp->remote_ip6[0], b = tcp->remote_ip6[1],
	    c = tcp->remote_ip6[2], d = tcp->remote_ip6[3];

	keep(v4);
	keep(d);
	struct address v6 = { { a, b, c, d } };

	return tcp->family == AF_INET6 ? v6 : from_v4(v4);
}

static __always_inline struct address local_of(struct bpf_sock_ops *tcp)
{
	u32 v4 = tcp->local_ip4, a = tcp->local_ip6[0], b = tcp->local_ip6[1],
	    c = tcp->local_ip6[2], d = tcp->local_ip6[3];

	keep(v4);
	keep(d);
	struct address v6 = { { a, b, c, d } };

	return tcp->family == AF_INET6 ? v6 : from_v4(v4);
}

static __always_inline void tell_tcp(struct bpf_sock_ops *tcp, struct owner *owner)
{
	struct ends ends = {
		.local = local_of(tcp),
		.local_port = tcp->local_port,
		.peer_port = bpf_ntohl(tcp->remote_port),
		.cookie = bpf_get_socket_cookie(tcp),
	};

	tell(&owner->key, bpf_map_lookup_elem(&flows, &owner->key), &ends);
}

/* A socket without owner is the kernel's own, or a subflow of MPTCP: connect(2) goes on here. */
static __always_inline struct owner *adopt(struct bpf_sock_ops *tcp, struct bpf_sock *socket)
{
	struct owner *owner = bpf_sk_storage_get(&owners, socket, 0, BPF_SK_STORAGE_GET_F_CREATE);

	if (!owner)
		return NULL;
	use(owner);
	owner->key.peer = remote_of(tcp);
	owner->key.port = bpf_ntohl(tcp->remote_port);
	owner->key.protocol = TCP;
	attempt(&owner->key);
	return owner;
}

static __always_inline void called_out(struct bpf_sock_ops *tcp)
{
	struct bpf_sock *socket = tcp->sk;
	struct owner *owner;

	if (!socket)
		return;
	owner = bpf_sk_storage_get(&owners, socket, 0, 0);
	if (!owner)
		owner = adopt(tcp, socket);
	if (!owner)
		return count(OWNERS_FULL);
	tell_tcp(tcp, owner);
}

/* The storage is a copy of the listening socket's: bpf_sk_storage_clone() */
static __always_inline void was_called(struct bpf_sock_ops *tcp)
{
	struct bpf_sock *socket = tcp->sk;
	struct owner *owner;

	if (!socket)
		return;
	owner = bpf_sk_storage_get(&owners, socket, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (!owner)
		return count(OWNERS_FULL);
	owner->key.peer = remote_of(tcp);
	owner->key.port = tcp->local_port;
	owner->key.protocol = TCP;
	owner->key.direction = INCOMING;
	attempt(&owner->key);
	tell_tcp(tcp, owner);
}

SEC("sockops")
int tcp_progress(struct bpf_sock_ops *tcp)
{
	if (tcp->op == BPF_SOCK_OPS_TCP_CONNECT_CB)
		called_out(tcp);
	else if (tcp->op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
		was_called(tcp);
	return 1;
}

/* listen(2) runs in the process that listens: inet_csk_listen_start() */
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(state_changed, struct sock *socket, int before, int after)
{
	struct owner *owner;

	if (after != TCP_LISTEN_STATE)
		return 0;
	owner = bpf_sk_storage_get(&owners, socket, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (!owner) {
		count(OWNERS_FULL);
		return 0;
	}
	use(owner);
	struct ends ends = {
		.local = address_of(socket, true),
		.local_port = BPF_CORE_READ(socket, __sk_common.skc_num),
		.cookie = BPF_CORE_READ(socket, __sk_common.skc_cookie.counter),
	};
	struct flow_key key = owner->key;

	__builtin_memset(&key.peer, 0, sizeof(key.peer));
	key.port = ends.local_port;
	key.protocol = TCP;
	key.direction = LISTENS;
	owner->key.port = 0; /* its own packets answer calls that are not accepted yet */
	tell(&key, NULL, &ends);
	return 0;
}

/* --- Packets --------------------------------------------------------------------------- */

/*
 * What a packet says of itself. Data begins at the network header in both packet hooks, and the
 * headers that are read are in its linear part: those who built or received it have pulled them.
 */
struct packet {
	struct address source;
	struct address destination;
	u16 source_port;
	u16 destination_port;
	u8 protocol;
	u8 unused[3];
};

struct v4_header {
	u8 version_and_length;
	u8 service;
	u16 length;
	u16 identifier;
	u16 fragment;
	u8 hops;
	u8 protocol;
	u16 checksum;
	u32 source;
	u32 destination;
};

struct v6_header {
	u32 version_and_flow;
	u16 length;
	u8 next;
	u8 hops;
	struct address source;
	struct address destination;
};

/* Hop-by-hop (RFC 8200; MLD has it), routing and destination options: next header, length. */
static __always_inline u32 skip_options(struct __sk_buff *skb, u32 offset, u8 *next)
{
	u8 option[2];

	for (int i = 0; i < 3; i++) {
		if (*next != 0 && *next != 43 && *next != 60)
			break;
		if (bpf_skb_load_bytes(skb, offset, option, sizeof(option)))
			break;
		*next = option[0];
		offset += (option[1] + 1) * 8;
	}
	return offset;
}

static __always_inline bool read_packet(struct __sk_buff *skb, struct packet *packet)
{
	void *begin = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	u32 offset;

	if (skb->protocol == bpf_htons(0x0800)) {
		struct v4_header *ip = begin;

		if ((void *)(ip + 1) > end)
			return false;
		packet->source = from_v4(ip->source);
		packet->destination = from_v4(ip->destination);
		packet->protocol = ip->protocol;
		offset = (ip->version_and_length & 15) * 4;
	} else {
		struct v6_header *ip = begin;

		if ((void *)(ip + 1) > end)
			return false;
		packet->source = ip->source;
		packet->destination = ip->destination;
		packet->protocol = ip->next;
		offset = skip_options(skb, sizeof(*ip), &packet->protocol);
	}
	if (packet->protocol == UDP || packet->protocol == TCP) {
		u16 *ports = begin + offset;

		if ((void *)(ports + 2) > end)
			return false;
		packet->source_port = bpf_ntohs(ports[0]);
		packet->destination_port = bpf_ntohs(ports[1]);
	}
	return true;
}

/* The coarse clock moves once a tick. */
static __always_inline void used(struct flow *flow)
{
	u32 tick = bpf_jiffies64();

	if (flow->tick == tick)
		return;
	flow->tick = tick;
	flow->last = bpf_ktime_get_coarse_ns();
}

static __always_inline void sent(struct flow *flow, struct __sk_buff *skb)
{
	used(flow);
	flow->interface = skb->ifindex;
	add(&flow->packets_sent, 1);
	add(&flow->bytes_sent, skb->len);
}

static __always_inline void received(struct flow *flow, struct __sk_buff *skb)
{
	used(flow);
	add(&flow->packets_received, 1);
	add(&flow->bytes_received, skb->len);
}

/* Say whether user space has not yet heard that this socket and this peer talk. */
static __always_inline bool is_news(struct owner *owner, struct flow_key *key, struct flow *flow,
				    u64 cookie)
{
	if (flow && flow->cookie == cookie)
		return false;
	if (flow && !flow->cookie)
		return true;
	return !(owner->flags & REPORTED && owner->key.port == key->port &&
		 same_address(&owner->key.peer, &key->peer));
}

static __always_inline void tell_packet(struct owner *owner, struct flow_key *key,
					struct flow *flow, struct ends *ends)
{
	if (!is_news(owner, key, flow, ends->cookie) || !tell(key, flow, ends))
		return;
	if (key->direction != OUTGOING)
		return;
	settle(owner);
	owner->key.peer = key->peer;
	owner->key.port = key->port;
	owner->flags |= REPORTED;
}

/*
 * A datagram leaves in the process that sends it, also where that has the socket from another.
 * Not so with SCTP, which has timers; and what a kernel thread sends was put off: encrypted, say.
 */
static __always_inline bool leaves_at_once(struct owner *owner, struct packet *packet)
{
	u8 protocol = packet->protocol;

	if (owner->flags & RAW)
		return true;
	return protocol == owner->key.protocol &&
	       (protocol == UDP || protocol == ICMP || protocol == ICMPV6);
}

static __always_inline void name_sender(struct flow_key *key, struct task_struct *task)
{
	struct process_key sender = key_of(task);
	struct process *process = bpf_map_lookup_elem(&procs, &sender);

	key->started = sender.started;
	key->tgid = sender.tgid;
	key->executed = process ? process->execution.at : 0;
}

static __always_inline struct flow_key sent_by(struct owner *owner, struct packet *packet)
{
	struct task_struct *task = bpf_get_current_task_btf();
	bool known = owner->key.tgid && leaves_at_once(owner, packet) && !(task->flags & PF_KTHREAD);

	if (known)
		use_by(owner, task);
	struct flow_key key = owner->key;

	if (known && owner->flags & SHARED)
		name_sender(&key, task);
	key.peer = packet->destination;
	key.port = packet->destination_port;
	key.protocol = packet->protocol;
	key.direction = OUTGOING;
	return key;
}

/* A packet came of this send: its attempt, if it was noted when it began, is one no longer. */
static __always_inline void sent_datagram(struct owner *owner, struct flow *flow, u8 protocol)
{
	if (protocol == TCP) /* by hand, through a raw socket */
		add(&flow->attempts, 1);
	if (!owner->counted)
		return;
	add(&owner->counted, -1);
	if (flow->attempts)
		add(&flow->attempts, -1);
}

struct udp_in_v4 {
	struct v4_header ip;
	u16 source_port;
	u16 destination_port;
};

struct udp_in_v6 {
	struct v6_header ip;
	u16 source_port;
	u16 destination_port;
};

static __always_inline bool is_udp_to(struct __sk_buff *skb, struct flow_key *key)
{
	struct udp_in_v4 *v4 = (void *)(long)skb->data;
	struct udp_in_v6 *v6 = (void *)v4;
	void *end = (void *)(long)skb->data_end;

	if ((void *)(v4 + 1) > end)
		return false;
	if (v4->ip.version_and_length == 0x45) {
		struct address peer = from_v4(v4->ip.destination);

		return v4->ip.protocol == UDP && v4->destination_port == bpf_htons(key->port) &&
		       same_address(&peer, &key->peer);
	}
	return (void *)(v6 + 1) <= end && v4->ip.version_and_length >> 4 == 6 &&
	       v6->ip.next == UDP && v6->destination_port == bpf_htons(key->port) &&
	       same_address(&v6->ip.destination, &key->peer);
}

/*
 * What a flood consists of: one more datagram, by the same process, to the peer that user space was
 * told of last. There is nothing to do but to count it, and of many together that is done at once:
 * looking up the flow takes longer than all else here.
 */
static __always_inline bool goes_on(struct __sk_buff *skb, struct owner *owner)
{
	u32 tick = bpf_jiffies64();

	if ((owner->flags & (ANNOUNCED | REPORTED | CALLED | SHARED)) != (ANNOUNCED | REPORTED) ||
	    owner->key.protocol != UDP || owner->counted || !is_udp_to(skb, &owner->key) ||
	    !is_used_by(owner, bpf_get_current_task_btf()))
		return false;
	u64 waiting = __sync_fetch_and_add(&owner->waiting, WAITING + skb->len) / WAITING + 1;

	if (owner->tick != tick) {
		owner->tick = tick;
		owner->sends = 0;
	}
	if (owner->sends++ < ORDINARY) {
		settle(owner);
	} else if (waiting >= MOST_WAITING) {
		settle(owner);
		count(FLOODED);
	}
	return true;
}

static __noinline int datagram_out(struct __sk_buff *skb, struct owner *owner)
{
	struct packet packet = {};
	struct flow_key key;
	struct flow *flow;

	if (!owner || !read_packet(skb, &packet))
		return 0;
	key = sent_by(owner, &packet);
	if (!owner->cookie)
		owner->cookie = bpf_get_socket_cookie(skb);
	flow = call_from(owner, &key, packet.source_port);
	if (flow) {
		sent(flow, skb);
		return 0;
	}
	flow = flow_of(&key);
	if (flow) {
		sent(flow, skb);
		sent_datagram(owner, flow, key.protocol);
	}
	struct ends ends = {
		.local = packet.source,
		.local_port = packet.source_port,
		.peer_port = packet.destination_port,
		.interface = skb->ifindex,
		.cookie = owner->cookie,
	};

	tell_packet(owner, &key, flow, &ends);
	return 0;
}

/*
 * The kernel's own sockets are no process's. Of what they send, TCP resets and ICMP are answers
 * or housekeeping; the rest (NFS over UDP, IGMP, ...) is told of without a process.
 */
static __always_inline struct owner *kernel_owner(struct bpf_sock *socket)
{
	if (!socket || socket->protocol == TCP || socket->protocol == ICMP || socket->protocol == ICMPV6 ||
	    (socket->type == SOCK_RAW && !socket->protocol))
		return NULL;
	return bpf_sk_storage_get(&owners, socket, 0, BPF_SK_STORAGE_GET_F_CREATE);
}

SEC("cgroup_skb/egress")
int packet_out(struct __sk_buff *skb)
{
	struct bpf_sock *socket = skb->sk;
	struct owner *owner;
	struct flow *flow;

	if (!socket)
		return 1;
	owner = bpf_sk_storage_get(&owners, socket, 0, 0);
	if (!owner)
		owner = kernel_owner(bpf_sk_fullsock(socket));
	if (!owner)
		return 1;
	if (owner->key.protocol != TCP || owner->flags & RAW) {
		if (!goes_on(skb, owner))
			datagram_out(skb, owner);
		return 1;
	}
	if (!owner->key.port)
		return 1;
	flow = flow_of(&owner->key);
	if (flow)
		sent(flow, skb);
	return 1;
}

static __noinline int datagram_in(struct __sk_buff *skb, struct owner *owner)
{
	struct packet packet = {};
	struct flow_key key;
	struct flow *flow;

	if (!owner || !read_packet(skb, &packet))
		return 0;
	if (!owner->cookie)
		owner->cookie = bpf_get_socket_cookie(skb);
	key = owner->key;
	key.peer = packet.source;
	key.port = packet.source_port;
	key.protocol = packet.protocol;
	key.direction = OUTGOING;
	flow = bpf_map_lookup_elem(&flows, &key);
	if (!flow && packet.source_port == owner->key.port &&
	    same_address(&packet.source, &owner->key.peer))
		flow = begin(&key, bpf_ktime_get_coarse_ns()); /* quiet for so long that its flow was put away */
	if (flow || packet.protocol != UDP) { /* a raw socket hears everything: no calls */
		if (flow)
			received(flow, skb);
		return 0;
	}
	owner->flags |= CALLED;
	key.port = packet.destination_port;
	key.direction = INCOMING;
	flow = flow_of(&key);
	if (flow)
		received(flow, skb);
	struct ends ends = {
		.local = packet.destination,
		.local_port = packet.destination_port,
		.peer_port = packet.source_port,
		.interface = skb->ifindex,
		.cookie = owner->cookie,
	};

	tell_packet(owner, &key, flow, &ends);
	return 0;
}

SEC("cgroup_skb/ingress")
int packet_in(struct __sk_buff *skb)
{
	struct bpf_sock *socket = skb->sk;
	struct owner *owner;
	struct flow *flow;

	if (!socket)
		return 1;
	owner = bpf_sk_storage_get(&owners, socket, 0, 0);
	if (!owner)
		return 1;
	if (owner->key.protocol != TCP || owner->flags & RAW) {
		datagram_in(skb, owner);
		return 1;
	}
	if (!owner->key.port)
		return 1;
	flow = flow_of(&owner->key);
	if (flow)
		received(flow, skb);
	return 1;
}

/* --- What was there before ------------------------------------------------------------- */
/*
 * An iterator shows a thing again if its buffer had no room for it: bpf_seq_read(). So each of
 * these must write the same when it is called twice.
 */

/* Give every process with what it runs now; its arguments are user space's to read in /proc. */
SEC("iter/task")
int each_process(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;
	u32 zero = 0;
	struct snapshot *snapshot = bpf_map_lookup_elem(&snapshots, &zero);

	if (!task || !snapshot || task->pid != task->tgid)
		return 0;
	struct process_key key = key_of(task);
	struct process *process = remember(task, &key);
	struct execution *execution = &snapshot->execution;

	if (!process)
		return 0;
	bool seeded = process->execution.at == key.started;

	if ((!process->execution.at || seeded) && BPF_CORE_READ(task, mm)) {
		process->execution.at = key.started;
		process->execution.tgid = key.tgid;
		execution->type = EXECUTION;
		execution->tgid = key.tgid;
		execution->at = execution->started = key.started;
		describe_file(execution, task);
		describe_user(execution, task);
		bpf_seq_write(context->meta->seq, execution, sizeof(*execution));
	}
	describe_process(&snapshot->process, task);
	bpf_seq_write(context->meta->seq, &snapshot->process, sizeof(snapshot->process));
	return 0;
}

static __always_inline struct sock *inet_socket(struct file *file)
{
	struct socket *socket = file ? bpf_sock_from_file(file) : NULL;
	struct sock *inet = socket ? socket->sk : NULL;

	if (!inet)
		return NULL;
	u16 family = inet->__sk_common.skc_family;

	return family == AF_INET || family == AF_INET6 ? inet : NULL;
}

static __always_inline struct listening_port port_of(struct sock *socket)
{
	struct listening_port port = {
		.network_namespace = BPF_CORE_READ(socket, __sk_common.skc_net.net, ns.inum),
		.port = BPF_CORE_READ(socket, __sk_common.skc_num),
	};

	return port;
}

/* Run before each_socket: which ports are listened on says who called whom. */
SEC("iter/task_file")
int each_listener(struct bpf_iter__task_file *context)
{
	struct sock *socket = inet_socket(context->file);
	u32 yes = 1;

	if (!socket || socket->__sk_common.skc_state != TCP_LISTEN_STATE)
		return 0;
	struct listening_port port = port_of(socket);

	bpf_map_update_elem(&listening, &port, &yes, BPF_ANY);
	return 0;
}

static __always_inline u8 direction_of(struct sock *socket, struct listening_port *port)
{
	if (BPF_CORE_READ(socket, __sk_common.skc_state) == TCP_LISTEN_STATE)
		return LISTENS;
	return bpf_map_lookup_elem(&listening, port) ? INCOMING : OUTGOING;
}

static __always_inline bool was_seeded(struct owner *owner, struct task_struct *task, u32 fd)
{
	return owner->flags & SEEDED && owner->execution_count == fd &&
	       owner->key.tgid == (u32)task->tgid;
}

/* Give every socket its owner, the first process that has it open. */
SEC("iter/task_file")
int each_socket(struct bpf_iter__task_file *context)
{
	struct task_struct *task = context->task;
	struct sock *socket = inet_socket(context->file);
	struct connection_event event = {};

	if (!task || !socket)
		return 0;
	struct owner *owner = bpf_sk_storage_get(&owners, socket, 0, BPF_SK_STORAGE_GET_F_CREATE);

	if (!owner || (owner->key.tgid && !was_seeded(owner, task, context->fd)))
		return 0;
	struct process_key key = key_of(task);
	struct process *process = bpf_map_lookup_elem(&procs, &key);
	struct listening_port port = port_of(socket);
	u16 peer_port = bpf_ntohs(BPF_CORE_READ(socket, __sk_common.skc_dport));
	u16 protocol = BPF_CORE_READ(socket, sk_protocol);

	owner->flags = SEEDED;
	owner->execution_count = context->fd;
	owner->key.started = key.started;
	owner->key.executed = process ? process->execution.at : 0;
	owner->key.tgid = key.tgid;
	owner->key.network_namespace = port.network_namespace;
	owner->key.peer = address_of(socket, false);
	owner->key.protocol = protocol == MPTCP ? TCP : protocol;
	owner->key.direction = owner->key.protocol == TCP ? direction_of(socket, &port) : OUTGOING;
	owner->key.port = owner->key.direction == OUTGOING ? peer_port : port.port;
	event.type = CONNECTION;
	event.at = bpf_ktime_get_boot_ns();
	event.cookie = BPF_CORE_READ(socket, __sk_common.skc_cookie.counter);
	event.key = owner->key;
	event.local = address_of(socket, true);
	event.local_port = port.port;
	event.peer_port = peer_port;
	if (owner->key.direction == LISTENS)
		owner->key.port = 0;
	if (BPF_CORE_READ(socket, __sk_common.skc_state) != TCP_CLOSE_STATE)
		bpf_seq_write(context->meta->seq, &event, sizeof(event));
	return 0;
}
