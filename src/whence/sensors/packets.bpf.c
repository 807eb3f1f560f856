// SPDX-License-Identifier: (GPL-2.0 OR BSD-2-Clause)
/*
 * Counts packets and bytes of each flow on an interface, where they pass: nothing is copied out
 * packet by packet, so nothing can be missed, and what does not fit is counted as lost.
 *
 * The same function runs at two kinds of hooks.
 *   1. tcx (Linux 6.6): ingress and egress of an interface. Sees which socket sent a packet.
 *   2. A packet socket's filter, for older kernels. It lets no packet through, so that the
 *      socket's buffer stays empty. Packets come to it as copies that have no socket.
 * Both are gone when the process that attached them is: a classifier below a clsact queue would
 * stay behind, and change the interface for those who come later.
 *
 * There are two tables of flows. `current` names the one that is counted in. User space puts the
 * other one there, and the kernel answers only when no program uses the former any more; then
 * nobody writes what user space reads and empties.
 *
 * Addresses are 16 bytes; IPv4 is written as IPv6 writes it (::ffff:a.b.c.d, RFC 4291 2.5.5.2).
 * Ports are in host byte order. packet_records.py reads what is laid out here.
 */
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define ETHERNET 14 /* bytes of its header */
#define NO_HEADER 0
#define VLAN_TAG 4
#define LATER_FRAGMENT 0x1fff /* the offset, RFC 791 3.1 */
#define EXTENSIONS 6          /* IPv6 extension headers that are followed */

#define ETHERTYPE_IP 0x0800
#define ETHERTYPE_IPV6 0x86dd
#define ETHERTYPE_VLAN 0x8100
#define ETHERTYPE_QINQ 0x88a8

#define ICMP 1
#define TCP 6
#define UDP 17
#define DCCP 33
#define ICMPV6 58
#define SCTP 132
#define UDPLITE 136

#define FIN 1
#define SYN 2
#define RST 4
#define ACK 16

#define LOOPBACK 1 /* its number, in every network namespace: LOOPBACK_IFINDEX of net/flow.h */
#define SENT 4     /* PACKET_OUTGOING of linux/if_packet.h */

#ifndef FLOWS_TYPE /* bench/packets/tables.py tries others */
#define FLOWS_TYPE BPF_MAP_TYPE_HASH
#endif
#ifndef FLOWS_FLAGS
#define FLOWS_FLAGS BPF_F_NO_PREALLOC
#endif

enum hook { INCOMING, OUTGOING, TAP };
enum origin { FROM_SOCKET = 1, FROM_KERNEL = 2, FORWARDED = 4, ARRIVED = 8 };
enum counter { LOST, LOST_BYTES, NOT_IP, NOT_IP_BYTES, COUNTERS };

struct address {
	u32 words[4];
};

/* The end whose address and port are lower comes first, whoever sends. */
struct flow_key {
	struct address ends[2];
	u16 ports[2];
	u32 interface;
	u16 vlan; /* the outer one; 0: none */
	u16 inner_vlan;
	u8 protocol;
	u8 unused[3];
};

struct side {
	u64 packets; /* as they are on the wire: one that is segmented later counts as its segments */
	u64 bytes;   /* from the IP header on */
	u64 payload; /* of the transport */
	u64 wire_bytes;
	u32 syns; /* without ACK */
	u32 answers; /* SYN and ACK */
	u32 resets;
	u32 fins;
	u8 flags; /* of TCP, all that were seen */
	u8 ttl_min;
	u8 ttl_max;
	u8 unused[5];
};

struct flow {
	u64 first; /* ns, CLOCK_BOOTTIME */
	u64 last;
	u64 cookie; /* of the socket on this machine that sent; 0: none was seen */
	struct side sides[2]; /* what each of the ends sent */
	u8 source_mac[6]; /* of the first packet, likewise the rest */
	u8 destination_mac[6];
	u8 first_side;
	u8 first_flags;
	u8 first_hook;
	u8 origin; /* enum origin, all that were seen */
};

struct packet {
	struct flow_key key;
	u8 side;
	u8 flags;
	u8 ttl;
	u8 hook;
	u32 segments;
	u32 bytes;
	u32 headers; /* of IP and transport, which every segment has */
	u32 wire_bytes;
	u32 link_header;
};

struct flow_table {
	__uint(type, FLOWS_TYPE);
	__uint(map_flags, FLOWS_FLAGS);
	__uint(max_entries, 262144);
	__type(key, struct flow_key);
	__type(value, struct flow);
};

struct flow_table flows_even SEC(".maps");
struct flow_table flows_odd SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, u32);
	__array(values, struct flow_table);
} current SEC(".maps") = {.values = {&flows_even}};

#include "counters.h"

static __always_inline u16 half(const u8 *at)
{
	return at[0] << 8 | at[1];
}

/* The type that answers an ICMP message, or its code: what Zeek shows as the other end's port. */
static __always_inline u16 counterpart(u8 protocol, u8 type, u8 code)
{
	if (protocol == ICMP) {
		if (type == 8 || type == 0)
			return 8 - type; /* echo */
		if (type == 13 || type == 15 || type == 17)
			return type + 1; /* timestamp, information, mask */
		if (type == 14 || type == 16 || type == 18)
			return type - 1;
		if (type == 9 || type == 10)
			return 19 - type; /* router */
		return code;
	}
	if (type == 128 || type == 133 || type == 135 || type == 139)
		return type + 1; /* echo, router, neighbour, node information */
	if (type == 129 || type == 134 || type == 136 || type == 140)
		return type - 1;
	if (type == 130 || type == 131)
		return 261 - type; /* listener */
	return code;
}

/* Put the ends in order; say whether the second one sent. */
static __always_inline u8 order(struct flow_key *key)
{
	struct address swap;
	u16 port;
	int i;

#pragma unroll
	for (i = 0; i < 4; i++) {
		if (key->ends[0].words[i] < key->ends[1].words[i])
			return 0;
		if (key->ends[0].words[i] > key->ends[1].words[i])
			goto turn;
	}
	if (key->ports[0] <= key->ports[1])
		return 0;
turn:
	swap = key->ends[0];
	key->ends[0] = key->ends[1];
	key->ends[1] = swap;
	port = key->ports[0];
	key->ports[0] = key->ports[1];
	key->ports[1] = port;
	return 1;
}

/* Read the transport's header. */
static __always_inline void read_transport(struct __sk_buff *skb, u32 at, struct packet *packet)
{
	struct flow_key *key = &packet->key;
	u8 header[14] = {};

	if (key->protocol == TCP) {
		if (bpf_skb_load_bytes(skb, at, header, 14))
			return;
		packet->flags = header[13];
		packet->headers += header[12] >> 4 << 2;
	} else if (key->protocol == UDP || key->protocol == UDPLITE || key->protocol == SCTP ||
		   key->protocol == DCCP) {
		if (bpf_skb_load_bytes(skb, at, header, 4))
			return;
		packet->headers += key->protocol == SCTP || key->protocol == DCCP ? 12 : 8;
	} else if (key->protocol == ICMP || key->protocol == ICMPV6) {
		if (bpf_skb_load_bytes(skb, at, header, 2))
			return;
		packet->headers += 8;
		key->ports[0] = header[0];
		key->ports[1] = counterpart(key->protocol, header[0], header[1]);
		return;
	} else {
		return;
	}
	key->ports[0] = half(header);
	key->ports[1] = half(header + 2);
}

static __always_inline int read_ip(struct __sk_buff *skb, u32 at, struct packet *packet)
{
	u8 header[20];

	if (bpf_skb_load_bytes(skb, at, header, sizeof(header)) || header[0] >> 4 != 4)
		return -1;
	packet->key.ends[0].words[2] = bpf_htonl(0xffff);
	packet->key.ends[1].words[2] = bpf_htonl(0xffff);
	__builtin_memcpy(&packet->key.ends[0].words[3], header + 12, 4);
	__builtin_memcpy(&packet->key.ends[1].words[3], header + 16, 4);
	packet->key.protocol = header[9];
	packet->ttl = header[8];
	packet->bytes = half(header + 2);
	packet->headers = (header[0] & 15) << 2;
	if (!(half(header + 6) & LATER_FRAGMENT))
		read_transport(skb, at + packet->headers, packet);
	return 0;
}

static __always_inline int read_ipv6(struct __sk_buff *skb, u32 at, struct packet *packet)
{
	u8 header[40], extension[4];
	u32 next = at + sizeof(header);
	u8 protocol;
	int i;

	if (bpf_skb_load_bytes(skb, at, header, sizeof(header)) || header[0] >> 4 != 6)
		return -1;
	__builtin_memcpy(&packet->key.ends[0], header + 8, 16);
	__builtin_memcpy(&packet->key.ends[1], header + 24, 16);
	packet->ttl = header[7];
	packet->bytes = half(header + 4);
	if (packet->bytes)
		packet->bytes += sizeof(header); /* 0: larger than the field can say, RFC 2675 */
	protocol = header[6];
#pragma unroll
	for (i = 0; i < EXTENSIONS; i++) {
		/* hop-by-hop, routing, fragment, destination options, authentication */
		if (protocol != 0 && protocol != 43 && protocol != 44 && protocol != 60 && protocol != 51)
			break;
		if (bpf_skb_load_bytes(skb, next, extension, sizeof(extension)))
			break;
		if (protocol == 44 && half(extension + 2) & 0xfff8) {
			packet->key.protocol = extension[0];
			packet->headers = next + 8 - at;
			return 0;
		}
		next += protocol == 44 ? 8 : protocol == 51 ? (extension[1] + 2) << 2 : (extension[1] + 1) << 3;
		protocol = extension[0];
	}
	packet->key.protocol = protocol;
	packet->headers = next - at;
	read_transport(skb, next, packet);
	return 0;
}

/* Step over one VLAN tag, and give what follows it. */
static __always_inline u16 read_tag(struct __sk_buff *skb, u16 type, u32 *at, struct packet *packet)
{
	u8 tag[4];
	u16 vlan;

	if (type != ETHERTYPE_VLAN && type != ETHERTYPE_QINQ)
		return type;
	if (bpf_skb_load_bytes(skb, *at, tag, sizeof(tag)))
		return 0;
	*at += VLAN_TAG;
	vlan = half(tag) & 0xfff;
	if (!packet->key.vlan)
		packet->key.vlan = vlan;
	else if (!packet->key.inner_vlan)
		packet->key.inner_vlan = vlan;
	return half(tag + 2);
}

static __always_inline int read(struct __sk_buff *skb, struct packet *packet)
{
	u32 at = packet->link_header;
	u16 type = bpf_ntohs(skb->protocol);
	u8 link_type[2];

	packet->wire_bytes = skb->len;
	if (skb->vlan_present) { /* the card took the tag out, or is to put it in */
		packet->wire_bytes += VLAN_TAG;
		packet->key.vlan = skb->vlan_tci & 0xfff;
	}
	if (packet->link_header) {
		if (bpf_skb_load_bytes(skb, at - 2, link_type, 2))
			return -1;
		type = half(link_type);
	}
	type = read_tag(skb, type, &at, packet);
	type = read_tag(skb, type, &at, packet);
	if (type == ETHERTYPE_IP) {
		if (read_ip(skb, at, packet))
			return -1;
	} else if (type != ETHERTYPE_IPV6 || read_ipv6(skb, at, packet)) {
		return -1;
	}
	packet->segments = 1;
	if (skb->gso_size && packet->headers < skb->len - at) {
		packet->bytes = skb->len - at;
		packet->segments = skb->gso_segs;
		if (!packet->segments)
			packet->segments =
				(packet->bytes - packet->headers + skb->gso_size - 1) / skb->gso_size;
	}
	if (!packet->bytes)
		packet->bytes = skb->len - at;
	packet->wire_bytes += (packet->segments - 1) * (at + packet->headers +
							(packet->wire_bytes - skb->len));
	packet->key.interface = skb->ifindex;
	packet->side = order(&packet->key);
	return 0;
}

/* Who made it: a socket of this machine, its kernel, or somebody else. */
static __always_inline void learn_origin(struct __sk_buff *skb, struct flow *flow, u8 hook)
{
	u8 seen = ARRIVED;
	u64 cookie = 0;

	if (hook == OUTGOING && skb->ingress_ifindex) {
		seen = FORWARDED;
	} else if (hook == OUTGOING) {
		if (flow->origin & FROM_SOCKET)
			return;
		cookie = bpf_get_socket_cookie(skb);
		seen = cookie ? FROM_SOCKET : FROM_KERNEL;
	}
	if (cookie)
		flow->cookie = cookie;
	if (!(flow->origin & seen))
		flow->origin |= seen;
}

static __always_inline void count_flags(struct side *side, u8 flags)
{
	if ((side->flags & flags) != flags)
		side->flags |= flags;
	if (!(flags & (SYN | FIN | RST)))
		return;
	if (flags & SYN && flags & ACK)
		__sync_fetch_and_add(&side->answers, 1);
	else if (flags & SYN)
		__sync_fetch_and_add(&side->syns, 1);
	if (flags & FIN)
		__sync_fetch_and_add(&side->fins, 1);
	if (flags & RST)
		__sync_fetch_and_add(&side->resets, 1);
}

static __always_inline void count_in(struct flow *flow, struct packet *packet)
{
	struct side *side = &flow->sides[0];
	u32 headers = packet->segments * packet->headers;
	u32 bytes = packet->bytes + (packet->segments - 1) * packet->headers;

	if (packet->side) {
		side = &flow->sides[1];
		/* A branch, not a product: without CAP_PERFMON, pointers move by constants only. */
		asm volatile("" : "+r"(side));
	}
	flow->last = bpf_ktime_get_boot_ns();
	__sync_fetch_and_add(&side->packets, packet->segments);
	__sync_fetch_and_add(&side->bytes, bytes);
	__sync_fetch_and_add(&side->wire_bytes, packet->wire_bytes);
	if (bytes > headers)
		__sync_fetch_and_add(&side->payload, bytes - headers);
	if (packet->ttl < side->ttl_min || !side->ttl_max)
		side->ttl_min = packet->ttl;
	if (packet->ttl > side->ttl_max)
		side->ttl_max = packet->ttl;
	if (packet->flags)
		count_flags(side, packet->flags);
}

static __always_inline struct flow *begin(struct __sk_buff *skb, void *table, struct packet *packet)
{
	struct flow new = {
		.first = bpf_ktime_get_boot_ns(),
		.first_side = packet->side,
		.first_flags = packet->flags,
		.first_hook = packet->hook,
	};

	if (packet->link_header) {
		bpf_skb_load_bytes(skb, 0, new.destination_mac, 6);
		bpf_skb_load_bytes(skb, 6, new.source_mac, 6);
	}
	bpf_map_update_elem(table, &packet->key, &new, BPF_NOEXIST); /* another may be quicker */
	return bpf_map_lookup_elem(table, &packet->key);
}

static __always_inline void count_packet(struct __sk_buff *skb, u32 link_header, u8 hook)
{
	struct packet packet = {.hook = hook, .link_header = link_header};
	u32 first = 0;
	struct flow *flow;
	void *table;

	if (hook == TAP) {
		packet.hook = skb->pkt_type == SENT ? OUTGOING : INCOMING;
		if (skb->ifindex == LOOPBACK && packet.hook == INCOMING)
			return; /* it was seen when it was sent */
	}
	if (read(skb, &packet)) {
		count_more(NOT_IP, 1);
		count_more(NOT_IP_BYTES, packet.wire_bytes);
		return;
	}
	table = bpf_map_lookup_elem(&current, &first);
	if (!table)
		return;
	flow = bpf_map_lookup_elem(table, &packet.key);
	if (!flow)
		flow = begin(skb, table, &packet);
	if (!flow) {
		count_more(LOST, packet.segments);
		count_more(LOST_BYTES, packet.wire_bytes);
		return;
	}
	learn_origin(skb, flow, packet.hook);
	count_in(flow, &packet);
}

SEC("tc")
int ethernet_in(struct __sk_buff *skb)
{
	count_packet(skb, ETHERNET, INCOMING);
	return -1; /* TCX_NEXT: as if we had not been there */
}

SEC("tc")
int ethernet_out(struct __sk_buff *skb)
{
	count_packet(skb, ETHERNET, OUTGOING);
	return -1;
}

SEC("tc")
int plain_in(struct __sk_buff *skb)
{
	count_packet(skb, NO_HEADER, INCOMING);
	return -1;
}

SEC("tc")
int plain_out(struct __sk_buff *skb)
{
	count_packet(skb, NO_HEADER, OUTGOING);
	return -1;
}

SEC("socket")
int ethernet_tap(struct __sk_buff *skb)
{
	count_packet(skb, ETHERNET, TAP);
	return 0; /* keep nothing of it */
}

SEC("socket")
int plain_tap(struct __sk_buff *skb)
{
	count_packet(skb, NO_HEADER, TAP);
	return 0;
}
