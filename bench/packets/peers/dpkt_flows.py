"""A flow table with dpkt: packets and bytes of each direction of each five-tuple."""

import json
import sys
from collections import Counter, defaultdict

import dpkt

packets = total = 0
sent: Counter[bytes] = Counter()
table: dict[tuple[bytes, int, bytes, int, int], list[int]] = defaultdict(lambda: [0, 0])
with open(sys.argv[1], "rb") as file:  # noqa: PTH123
    for _time, frame in dpkt.pcap.Reader(file):
        ip = dpkt.ethernet.Ethernet(frame).data
        if isinstance(ip, dpkt.ip.IP):
            length, protocol = ip.len, ip.p
        elif isinstance(ip, dpkt.ip6.IP6):
            length, protocol = 40 + ip.plen, ip.p
        else:
            continue
        ports = (getattr(ip.data, "sport", 0), getattr(ip.data, "dport", 0))
        row = table[ip.src, ports[0], ip.dst, ports[1], protocol]
        row[0] += 1
        row[1] += length
        sent[ip.src] += 1
        packets += 1
        total += length
loud = next(each for each, _ in sent.most_common() if each[0] == 10)
told = {"packets": packets, "bytes": total, "loud": ".".join(map(str, loud))}
print(json.dumps({**told, "one-way flows": len(table)}))
