// SPDX-License-Identifier: (GPL-2.0 OR BSD-2-Clause)
/*
 * What the runs of a program write to their standard output and standard error, as they write it:
 * nothing stands between the program and whoever reads it.
 *
 * User space names the process that is about to execute the program (awaited). When it does, a run
 * begins: which files its descriptors 1 and 2 are is noted, and who descends from it belongs to it.
 * At the end of each call that writes, in a process of a run, the file that was written to is
 * compared with those two, by what it is and not by the number of the descriptor. So a descriptor
 * that was duplicated is seen, and one that now leads elsewhere is not.
 *
 * The first bytes of each stream are copied, all are counted. What is copied has its offset in the
 * stream, so that user space sees where something is missing. outputs.py reads what is laid out
 * here. Numbers of system calls are in the lists of x86-64, i386, and arm64.
 */
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s64 s64;
typedef _Bool bool;

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define true 1
#define false 0
#define NULL ((void *)0)
#define STREAMS 2
#define PIECE 4096	 /* bytes that are copied at a time */
#define MOST_STEPS 320	 /* pieces and vectors of one call; the rest of it is counted */
#define MOST_VECTORS 1024 /* UIO_MAXIOV */
#define RING (8 << 20)
#define WAKE (RING / 4)	 /* bytes that wait, before the reader is woken up */
#define MEMORY 1	 /* the major number of /dev/null and its kind */
#define TS_COMPAT 2	 /* arch/x86/include/asm/thread_info.h */
#define TIF_32BIT 22	 /* arch/arm64/include/asm/thread_info.h */

enum stream { OUT, ERR, NEITHER };
enum call { OTHER, PLAIN, VECTOR, MESSAGE, PASSED_ON_1, PASSED_ON_2, PASSED_ON_3 };
enum counter { RUNS_FULL, PROCESSES_FULL, COUNTERS };

/* --- The few kernel structures that are read, with only the members that are ---------------- */

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct super_block {
	u32 s_dev;
};

struct inode {
	u16 i_mode;
	u32 i_rdev;
	struct super_block *i_sb;
	unsigned long i_ino;
};

struct file {
	struct inode *f_inode;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

typedef struct {
	int counter;
} atomic_t;

struct signal_struct {
	atomic_t live;
};

struct thread_info {
	unsigned long flags;
};

struct thread_info___x86 {
	u32 status;
};

struct task_struct {
	struct thread_info thread_info;
	int pid;
	int tgid;
	struct files_struct *files;
	struct signal_struct *signal;
};

struct linux_binprm;
struct pt_regs;

struct pt_regs___x86 {
	unsigned long di;
	unsigned long si;
	unsigned long dx;
	unsigned long bx;
	unsigned long cx;
	unsigned long orig_ax;
};

struct pt_regs___arm64 {
	u64 regs[31];
	u64 orig_x0;
	int syscallno;
};

#pragma clang attribute pop

/* --- What is kept -------------------------------------------------------------------------- */

struct open_file {
	u64 file; /* where the kernel has it: the same for all duplicates */
	u64 inode;
	u32 device; /* 0, with inode 0: the descriptor was not open */
	u32 special; /* the number of a character or block device */
	u32 mode;
	u32 unused;
};

struct stream_totals {
	u64 written;
	u64 passed_on; /* of these, by splice(2) and its kind: not seen */
	u64 unread;    /* of the first bytes, those whose memory could not be read */
	u64 dropped;   /* of the first bytes, those for which the ring had no room */
};

struct run {
	u64 ended; /* ns after boot; 0: not yet */
	u32 process;
	u32 unused;
	struct open_file files[STREAMS];
	struct stream_totals totals[STREAMS];
};

struct piece {
	u32 run;
	u32 stream;
	u64 offset;
	u8 data[PIECE];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} limit SEC(".maps"); /* bytes of each stream that are copied */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, u32);   /* process */
	__type(value, u32); /* the run that begins when it executes something */
} awaited SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 32768);
	__type(key, u32);   /* process */
	__type(value, u32); /* run */
} followed SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, u32);
	__type(value, struct run);
} runs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING);
} pieces SEC(".maps");

/* Memory that was written: what is left of one stretch, and then the vectors that follow. */
struct source {
	u64 at;
	u64 left;
	u64 vector;
	u32 vectors;
	u32 narrow; /* of a program with pointers of 32 bits */
};

struct copying {
	struct source source;
	u64 wanted; /* bytes */
	struct piece piece;
};

/* Where pieces are put together: tracepoints of system calls are not preempted by one another. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct copying);
} scratch SEC(".maps");

#include "counters.h"

/* --- Which file a descriptor is ------------------------------------------------------------ */

static __always_inline bool describe(struct task_struct *task, u32 number, struct open_file *found)
{
	struct fdtable *table = task->files->fdt;
	struct file *file = NULL;
	struct inode *inode;

	if (number >= table->max_fds) /* also where there is no table: such a read gives 0 */
		return false;
	bpf_probe_read_kernel(&file, sizeof(file), table->fd + number);
	if (!file)
		return false;
	inode = BPF_CORE_READ(file, f_inode);
	found->file = (u64)file;
	found->inode = BPF_CORE_READ(inode, i_ino);
	found->device = BPF_CORE_READ(inode, i_sb, s_dev);
	found->special = BPF_CORE_READ(inode, i_rdev);
	found->mode = BPF_CORE_READ(inode, i_mode);
	return true;
}

static __always_inline bool same(const struct open_file *one, const struct open_file *other)
{
	return one->inode == other->inode && one->device == other->device &&
	       one->mode == other->mode;
}

/*
 * Both may be one file. If it was opened twice, as with >log 2>>log, a duplicate leads to one of
 * the two; with 2>&1 only the number is left to go by. Others have /dev/null open, too, for their
 * own reasons: there, only duplicates count.
 */
static __always_inline u32 stream_of(struct run *run, u32 number, struct open_file *file)
{
	bool out = same(&run->files[OUT], file), err = same(&run->files[ERR], file);
	bool is_out = run->files[OUT].file == file->file, is_err = run->files[ERR].file == file->file;

	if (file->special >> 20 == MEMORY) {
		out = out && is_out;
		err = err && is_err;
	}
	if (!out || !err)
		return out ? OUT : err ? ERR : NEITHER;
	if (is_out != is_err)
		return is_err ? ERR : OUT;
	return number == 2 ? ERR : OUT;
}

/* --- Which process belongs to which run ---------------------------------------------------- */

static __always_inline void end_run(u32 process)
{
	u32 *number = bpf_map_lookup_elem(&followed, &process);
	struct run *run = number ? bpf_map_lookup_elem(&runs, number) : NULL;

	if (run && run->process == process)
		run->ended = bpf_ktime_get_boot_ns();
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(executed, struct task_struct *task, int old_pid, struct linux_binprm *binary)
{
	u32 process = task->tgid;
	u32 *awaits = bpf_map_lookup_elem(&awaited, &process);
	struct run new = { .process = process };
	u32 number;

	if (!awaits)
		return 0;
	number = *awaits;
	bpf_map_delete_elem(&awaited, &process);
	end_run(process); /* it was a run already, and executes the program once more */
	describe(task, 1, &new.files[OUT]);
	describe(task, 2, &new.files[ERR]);
	if (bpf_map_update_elem(&runs, &number, &new, BPF_ANY)) {
		count(RUNS_FULL);
		bpf_map_delete_elem(&followed, &process);
	} else if (bpf_map_update_elem(&followed, &process, &number, BPF_ANY)) {
		count(RUNS_FULL);
		bpf_map_delete_elem(&runs, &number);
	}
	return 0;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(forked, struct task_struct *parent, struct task_struct *child)
{
	u32 process = parent->tgid;
	u32 *found, number;

	if (child->tgid != child->pid) /* a thread */
		return 0;
	found = bpf_map_lookup_elem(&followed, &process);
	if (!found)
		return 0;
	number = *found;
	if (!bpf_map_lookup_elem(&runs, &number)) /* it has been told of, and who is left goes on */
		return 0;
	process = child->tgid;
	if (bpf_map_update_elem(&followed, &process, &number, BPF_ANY))
		count(PROCESSES_FULL);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(exited, struct task_struct *task)
{
	u32 process = task->tgid;

	if (BPF_CORE_READ(task, signal, live.counter)) /* another thread lives */
		return 0;
	if (bpf_map_lookup_elem(&awaited, &process))
		bpf_map_delete_elem(&awaited, &process);
	if (!bpf_map_lookup_elem(&followed, &process))
		return 0;
	end_run(process);
	bpf_map_delete_elem(&followed, &process);
	return 0;
}

/* --- What is written ----------------------------------------------------------------------- */

struct written {
	u32 call;
	u32 narrow;
	u64 first;
	u64 second;
	u64 third;
};

static __always_inline u32 x86_64(u64 number)
{
	switch (number) {
	case 1:	 /* write */
	case 18: /* pwrite64 */
	case 44: /* sendto */
		return PLAIN;
	case 20:  /* writev */
	case 296: /* pwritev */
	case 328: /* pwritev2 */
		return VECTOR;
	case 46: /* sendmsg */
		return MESSAGE;
	case 40:  /* sendfile */
	case 278: /* vmsplice */
		return PASSED_ON_1;
	case 276: /* tee */
		return PASSED_ON_2;
	case 275: /* splice */
	case 326: /* copy_file_range */
		return PASSED_ON_3;
	}
	return OTHER;
}

static __always_inline u32 i386(u64 number)
{
	switch (number) {
	case 4:	  /* write */
	case 181: /* pwrite64 */
	case 369: /* sendto */
		return PLAIN;
	case 146: /* writev */
	case 334: /* pwritev */
		return VECTOR;
	case 187: /* sendfile */
	case 239: /* sendfile64 */
		return PASSED_ON_1;
	}
	return OTHER;
}

static __always_inline u32 arm64(u64 number)
{
	switch (number) {
	case 64:  /* write */
	case 68:  /* pwrite64 */
	case 206: /* sendto */
		return PLAIN;
	case 66:  /* writev */
	case 70:  /* pwritev */
	case 287: /* pwritev2 */
		return VECTOR;
	case 211: /* sendmsg */
		return MESSAGE;
	case 71: /* sendfile */
	case 75: /* vmsplice */
		return PASSED_ON_1;
	case 77: /* tee */
		return PASSED_ON_2;
	case 76:  /* splice */
	case 285: /* copy_file_range */
		return PASSED_ON_3;
	}
	return OTHER;
}

/* Which call it was, and what it was given; most calls are others, and end here. */
static __always_inline bool read_call(struct task_struct *task, void *registers,
				      struct written *call)
{
	struct pt_regs___x86 *x86 = registers;
	struct pt_regs___arm64 *arm = registers;

	if (bpf_core_field_exists(x86->orig_ax)) {
		struct thread_info___x86 *info = (void *)&task->thread_info;

		call->narrow = info->status & TS_COMPAT;
		call->call = call->narrow ? i386(x86->orig_ax) : x86_64(x86->orig_ax);
		if (call->call == OTHER)
			return false;
		call->first = call->narrow ? x86->bx : x86->di;
		call->second = call->narrow ? x86->cx : x86->si;
		call->third = x86->dx;
		return true;
	}
	if (bpf_core_field_exists(arm->syscallno)) {
		if (task->thread_info.flags >> TIF_32BIT & 1)
			return false;
		call->call = arm64(arm->syscallno);
		if (call->call == OTHER)
			return false;
		call->first = arm->orig_x0; /* regs[0] is the result by now */
		call->second = arm->regs[1];
		call->third = arm->regs[2];
		return true;
	}
	return false;
}

static __always_inline u32 descriptor(struct written *call)
{
	if (call->call == PASSED_ON_2)
		return call->second;
	return call->call == PASSED_ON_3 ? call->third : call->first;
}

static __always_inline void next_vector(struct source *source)
{
	u64 wide[2] = {};
	u32 narrow[2] = {};

	if (source->narrow) {
		bpf_probe_read_user(narrow, sizeof(narrow), (void *)source->vector);
		source->at = narrow[0];
		source->left = narrow[1];
		source->vector += sizeof(narrow);
	} else {
		bpf_probe_read_user(wide, sizeof(wide), (void *)source->vector);
		source->at = wide[0];
		source->left = wide[1];
		source->vector += sizeof(wide);
	}
	source->vectors--;
}

struct user_message { /* struct user_msghdr of linux/socket.h, 64 bits */
	u64 name;
	u64 name_length;
	u64 vector;
	u64 vectors;
};

static __always_inline void find_source(struct written *call, struct source *source)
{
	struct user_message message = {};

	source->narrow = call->narrow;
	if (call->call == PLAIN) {
		source->at = call->second;
		source->left = call->third;
		return;
	}
	message.vector = call->second;
	message.vectors = call->third;
	if (call->call == MESSAGE)
		bpf_probe_read_user(&message, sizeof(message), (void *)call->second);
	source->vector = message.vector;
	source->vectors = message.vectors < MOST_VECTORS ? message.vectors : MOST_VECTORS;
}

/* Copy a piece, or go to the next vector; say whether that was not the last. */
static __noinline bool step(struct copying *copying, struct stream_totals *totals)
{
	struct source *source = &copying->source;
	u64 size = source->left, flags;

	if (!copying->wanted)
		return false;
	if (!size) {
		if (!source->vectors)
			return false;
		next_vector(source);
		return true;
	}
	if (size > copying->wanted)
		size = copying->wanted;
	if (size > PIECE)
		size = PIECE;
	asm volatile("" : "+r"(size)); /* what is compared is to be what is used */
	if (size > PIECE)
		return false;
	if (bpf_probe_read_user(copying->piece.data, size, (void *)source->at)) {
		__sync_fetch_and_add(&totals->unread, size);
	} else {
		flags = bpf_ringbuf_query(&pieces, BPF_RB_AVAIL_DATA) > WAKE
				? BPF_RB_FORCE_WAKEUP
				: BPF_RB_NO_WAKEUP;
		if (bpf_ringbuf_output(&pieces, &copying->piece,
				       __builtin_offsetof(struct piece, data) + size, flags))
			__sync_fetch_and_add(&totals->dropped, size);
	}
	copying->piece.offset += size;
	source->at += size;
	source->left -= size;
	copying->wanted -= size;
	return true;
}

static __always_inline void take(struct run *run, u32 number, u32 stream, struct written *call,
				 u64 size)
{
	struct stream_totals *totals = &run->totals[stream == ERR ? ERR : OUT];
	struct source source = {};
	u32 zero = 0;
	u64 *most = bpf_map_lookup_elem(&limit, &zero);
	struct copying *copying = bpf_map_lookup_elem(&scratch, &zero);
	u64 before = __sync_fetch_and_add(&totals->written, size);

	if (call->call >= PASSED_ON_1) {
		__sync_fetch_and_add(&totals->passed_on, size);
		return;
	}
	if (!most || !copying || before >= *most)
		return;
	if (size > *most - before)
		size = *most - before;
	find_source(call, &source);
	copying->source = source;
	copying->wanted = size;
	copying->piece.run = number;
	copying->piece.stream = stream;
	copying->piece.offset = before;
	for (int i = 0; i < MOST_STEPS; i++)
		if (!step(copying, totals))
			break;
	if (copying->wanted)
		__sync_fetch_and_add(&totals->unread, copying->wanted);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(returned, struct pt_regs *registers, long result)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct written call = {};
	struct open_file file = {};
	struct run *run;
	u32 process, *found, number, stream;

	if (result <= 0)
		return 0;
	if (!read_call(task, registers, &call))
		return 0;
	process = bpf_get_current_pid_tgid() >> 32;
	found = bpf_map_lookup_elem(&followed, &process);
	if (!found)
		return 0;
	number = *found;
	run = bpf_map_lookup_elem(&runs, &number);
	if (!run || !describe(task, descriptor(&call), &file))
		return 0;
	stream = stream_of(run, descriptor(&call), &file);
	if (stream != NEITHER)
		take(run, number, stream, &call, result);
	return 0;
}
