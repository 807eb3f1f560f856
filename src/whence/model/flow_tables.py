"""The columns of the tables that packets and flow exports become, and that analysis reads.

``flows`` has a row for each bidirectional flow, in one interface, VLAN and tunnel. The source is
who began. States and history are those of Zeek's conn.log. ``arp`` has a row for each question
or answer that was alike, ``refused`` one for each ICMP error and the packet that it was about,
``names`` one for each thing that said what something is called, and ``exported`` one for each
flow that was not captured, but told by an exporter.
"""

FLOWS = {
    "flow": "UBIGINT",  # in order of the first packet, see FIRST_PACKET
    "file": "VARCHAR",
    "interface": "VARCHAR",  # empty: not known
    "first": "TIMESTAMP",  # UTC
    "last": "TIMESTAMP",
    "source_mac": "VARCHAR",
    "destination_mac": "VARCHAR",
    "vlan": "VARCHAR",  # "100", "100.20", "100.20.3": the outer one first
    "tunnel": "VARCHAR",  # empty: none
    "source_ip": "VARCHAR",
    "destination_ip": "VARCHAR",
    "source_port": "USMALLINT",  # ICMP: the type
    "destination_port": "USMALLINT",  # ICMP: the type that answers it, or the code
    "protocol": "UTINYINT",
    "transport": "VARCHAR",
    "state": "VARCHAR",
    "history": "VARCHAR",
    "source_packets": "UBIGINT",
    "source_bytes": "UBIGINT",  # from the IP header on
    "source_payload": "UBIGINT",  # of the transport
    "destination_packets": "UBIGINT",
    "destination_bytes": "UBIGINT",
    "destination_payload": "UBIGINT",
    "source_wire_bytes": "UBIGINT",
    "destination_wire_bytes": "UBIGINT",
    "syns": "UINTEGER",  # without ACK, by the source
    "answers": "UINTEGER",  # SYN and ACK, by the destination
    "resets": "UINTEGER",  # both ways
    "fins": "UINTEGER",  # both ways
    "source_retransmissions": "UINTEGER",
    "destination_retransmissions": "UINTEGER",
    "source_ttl_min": "UTINYINT",
    "source_ttl_max": "UTINYINT",
    "destination_ttl_min": "UTINYINT",
    "destination_ttl_max": "UTINYINT",
    "ja4": "VARCHAR",
    "server_name": "VARCHAR",
    "community_id": "VARCHAR",
    "direction_in": "VARCHAR",  # of what the source sends: incoming, outgoing, forwarded?, or empty
}

# What tells whether two places saw the same packets, or different ones of the same flow: known of
# captures only, and of no interest to who reads flows.
SKETCHES = {
    "sketch": "UINTEGER[]",  # least hashes of packets, by what no router changes
    "source_carried": "UBIGINT",  # payload of the transport, also what came again
    "destination_carried": "UBIGINT",
}

# Of captures a flow is numbered by the file (20 bits), the first packet's number in it (40) and how
# deep in tunnels it is (4), as in Flow::identity of native/packets.
FIRST_PACKET = "((flow >> 4) & ((1::UBIGINT << 40) - 1))"

# Does who began a flow wait for an answer? ICMP errors and what is said unasked do not (RFC 792,
# 950, 1256, 4443, 4861, 2710, 4620, 6275).
ASKS = """(CASE transport WHEN 'icmp' THEN source_port IN (8, 10, 13, 15, 17)
    WHEN 'ipv6-icmp' THEN source_port IN (128, 130, 133, 135, 139, 144) ELSE TRUE END)"""

# Of packets that say the same: when, how often, and where the first of them is.
_ALIKE = {
    "first": "TIMESTAMP",
    "last": "TIMESTAMP",
    "count": "UBIGINT",
    "file": "VARCHAR",
    "packet": "UBIGINT",  # number of the first, from 1
    "interface": "VARCHAR",
    "vlan": "VARCHAR",
}

ARP = _ALIKE | {
    "operation": "VARCHAR",  # request, reply, gratuitous
    "sender_mac": "VARCHAR",
    "sender_ip": "VARCHAR",
    "target_mac": "VARCHAR",
    "target_ip": "VARCHAR",
}

# ICMP errors: who said what to whom, and the packet that it quotes.
REFUSED = _ALIKE | {
    "sender_ip": "VARCHAR",
    "receiver_ip": "VARCHAR",
    "icmp": "VARCHAR",  # icmp, ipv6-icmp
    "type": "UTINYINT",
    "code": "UTINYINT",
    "fits": "UINTEGER",  # bytes that the way takes; 0: not told
    "transport": "VARCHAR",  # of the packet quoted, as all that follows
    "source_ip": "VARCHAR",
    "source_port": "USMALLINT",  # as in flows; NULL: not quoted
    "destination_ip": "VARCHAR",
    "destination_port": "USMALLINT",
}

NAMES = {
    "time": "TIMESTAMP",
    "file": "VARCHAR",
    "packet": "UBIGINT",
    "interface": "VARCHAR",
    "subject_ip": "VARCHAR",
    "subject_mac": "VARCHAR",
    "relation": "VARCHAR",
    "value": "VARCHAR",
    "source": "VARCHAR",
    "detail": "VARCHAR",
}

# Of the flows that an exporter told of: who it was, and by which of its interfaces (ifIndex of
# SNMP; 0: none, or not known) the packets of the source came in and went out.
EXPORTED = {
    "flow": "UBIGINT",
    "exporter": "VARCHAR",
    "input_interface": "UINTEGER",
    "output_interface": "UINTEGER",
}

TABLES = {
    "flows": FLOWS | SKETCHES,
    "arp": ARP,
    "refused": REFUSED,
    "names": NAMES,
    "exported": EXPORTED,
}
