// SPDX-License-Identifier: (GPL-2.0 OR BSD-2-Clause)
/* TCP: the addresses, just before the SYN leaves, or after the third packet came. */
#pragma once

#include "telling_flows.h"

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
