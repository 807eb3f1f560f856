// SPDX-License-Identifier: (GPL-2.0 OR BSD-2-Clause)
/* Calling: connect(2), sendto(2), sendmsg(2). */
#pragma once

#include "telling_flows.h"

static __always_inline struct address user_v6(struct bpf_sock_addr *call)
{
	return (struct address){ { call->user_ip6[0], call->user_ip6[1], call->user_ip6[2],
				   call->user_ip6[3] } };
}

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
	return connecting(call, user_v6(call));
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
	return sending(call, user_v6(call));
}
