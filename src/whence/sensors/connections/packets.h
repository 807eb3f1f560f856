// SPDX-License-Identifier: (GPL-2.0 OR BSD-2-Clause)
/* Packets that leave and come. */
#pragma once

#include "telling_flows.h"

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
