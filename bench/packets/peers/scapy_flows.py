"""A flow table with scapy: packets and bytes of each direction of each five-tuple."""

import json
import sys
from collections import Counter, defaultdict

from scapy.layers.inet import IP
from scapy.layers.inet6 import IPv6
from scapy.utils import PcapReader

packets = total = 0
sent: Counter[str] = Counter()
table: dict[tuple[str, int, str, int, int], list[int]] = defaultdict(lambda: [0, 0])
with PcapReader(sys.argv[1]) as reader:
    for packet in reader:
        ip = packet.getlayer(IP) or packet.getlayer(IPv6)
        if ip is None:
            continue
        length, protocol = (ip.len, ip.proto) if ip.version == 4 else (40 + ip.plen, ip.nh)
        ports = (getattr(ip.payload, "sport", 0), getattr(ip.payload, "dport", 0))
        row = table[ip.src, ports[0], ip.dst, ports[1], protocol]
        row[0] += 1
        row[1] += length
        sent[ip.src] += 1
        packets += 1
        total += length
loud = next(each for each, _ in sent.most_common() if each.startswith("10."))
told = {"packets": packets, "bytes": total, "loud": loud}
print(json.dumps({**told, "one-way flows": len(table)}))
