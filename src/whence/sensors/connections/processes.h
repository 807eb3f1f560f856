// SPDX-License-Identifier: (GPL-2.0 OR BSD-2-Clause)
/* Processes, and what they execute. */
#pragma once

#include "names.h"

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
