// SPDX-License-Identifier: (GPL-2.0 OR BSD-2-Clause)
/* What was there before. */
#pragma once

#include "telling_flows.h"

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
