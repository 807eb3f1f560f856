// SPDX-License-Identifier: (GPL-2.0 OR BSD-2-Clause)
/* Telling user space of a process, with what it executed and those it came from. */
#pragma once

#include "processes.h"

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
