// SPDX-License-Identifier: (GPL-2.0 OR BSD-2-Clause)
/* Whose socket it is. */
#pragma once

#include "flows.h"

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
