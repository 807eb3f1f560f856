"""The columns of the table that log lines become, and that analysis reads.

A row is a line as it was received; nothing is left out because it could not be understood. The
names of ECS that a column stands for are in ``ECS``; what is not known is NULL, and empty text is
never used instead. Addresses are in their canonical text form; where a device writes a name for
an address, that is what stands there.
"""

PIECE = 16  # bits of a position: lines of so many bytes are added up, or looked at, as one

LOGS = {
    "position": "UBIGINT",  # where it came from: the segment's number × 2³² + offset of the record
    "received": "TIMESTAMP",  # UTC; of a file: what the line says, else the line before
    "time": "TIMESTAMP",  # UTC, as the device's clock has it; may be wrong by years
    "peer": "VARCHAR",  # who sent it, as the receiver saw it; of a file: the file
    "host": "VARCHAR",  # who logged it, as the line says; never a month or a word of the message
    "vendor": "VARCHAR",  # cisco_asa, cisco_ftd, cisco_ios, fortigate, … ; NULL: no known dialect
    "facility": "UTINYINT",  # RFC 5424, section 6.2.1
    "severity": "UTINYINT",
    "program": "VARCHAR",
    "pid": "UINTEGER",
    "code": "VARCHAR",  # the vendor's id of the message: 419002, SYS-5-CONFIG_I, …
    "template": "VARCHAR",  # the wording: vendor:code, else an id mined from the text
    "action": "VARCHAR",  # built, teardown, deny, duplicate-syn, … where it is known
    "direction": "VARCHAR",  # inbound, outbound
    "transport": "VARCHAR",  # tcp, udp, icmp, or the protocol's number
    "source_interface": "VARCHAR",
    "source": "VARCHAR",
    "source_port": "UINTEGER",  # as written; above 65535 it is no port, and ``unsure`` says so
    "source_nat": "VARCHAR",
    "destination_interface": "VARCHAR",
    "destination": "VARCHAR",
    "destination_port": "UINTEGER",
    "destination_nat": "VARCHAR",
    "user": "VARCHAR",
    "rule": "VARCHAR",
    "bytes": "UBIGINT",
    "duration": "UINTEGER",  # seconds
    "reason": "VARCHAR",
    "initiator": "VARCHAR",  # source or destination: which end of it began, where that is known
    "weight": "UINTEGER",  # how many events the line stands for: "repeated n times", hit-cnt n
    "size": "UINTEGER",  # bytes of the line, as received
    "unsure": "VARCHAR",  # why a part of it is doubtful; NULL: nothing is
    "original": "VARCHAR",  # the line; NULL where raw lines are not kept any more
}

ECS = {
    "time": "@timestamp",
    "received": "event.created",
    "peer": "log.source.address",
    "host": "host.name",
    "vendor": "event.module",
    "facility": "log.syslog.facility.code",
    "severity": "log.syslog.severity.code",
    "program": "process.name",
    "pid": "process.pid",
    "code": "event.code",
    "template": "whence.template.id",
    "action": "event.action",
    "direction": "network.direction",
    "transport": "network.transport",
    "source_interface": "observer.ingress.interface.name",
    "source": "source.address",
    "source_port": "source.port",
    "source_nat": "source.nat.ip",
    "destination_interface": "observer.egress.interface.name",
    "destination": "destination.address",
    "destination_port": "destination.port",
    "destination_nat": "destination.nat.ip",
    "user": "user.name",
    "rule": "rule.name",
    "bytes": "network.bytes",
    "duration": "event.duration",  # there in nanoseconds
    "reason": "event.reason",
    "initiator": "whence.initiator",
    "weight": "whence.weight",
    "size": "whence.size",
    "unsure": "whence.unsure",
    "original": "event.original",
}
