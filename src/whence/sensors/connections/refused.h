// SPDX-License-Identifier: (GPL-2.0 OR BSD-2-Clause)
/* Sends that were refused: no route, or a filter. */
#pragma once

#include "calls.h"

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
