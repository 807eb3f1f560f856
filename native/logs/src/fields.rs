//! Names of fields in JSON, dotted where they are nested, and what they are here.
//!
//! Of the journal (systemd.journal-fields(7)), the Elastic Common Schema, Docker, Fluent Bit, GELF, Serilog, log4j,
//! MongoDB, Suricata's EVE, Zeek, and the loggers bunyan, pino, logrus, structlog, zap and zerolog.

/// What a field says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Time,
    Received,
    Host,
    Program,
    Name,
    Pid,
    Severity,
    Facility,
    Message,
    /// A message as a program wrote it, maybe with a header of its own.
    RawMessage,
    Source,
    SourcePort,
    SourceNat,
    SourceInterface,
    Destination,
    DestinationPort,
    DestinationNat,
    DestinationInterface,
    Transport,
    User,
    Action,
    Rule,
    Reason,
    Bytes,
}

/// So many there are.
pub const FIELDS: usize = Field::Bytes as usize + 1;

/// What the field of a name is, and how well it is known: the lowest number counts.
pub fn field(name: &[u8]) -> Option<(Field, u8)> {
    Some(match name {
        b"_SOURCE_REALTIME_TIMESTAMP" => (Field::Time, 0),
        b"@timestamp" => (Field::Time, 1),
        b"timestamp" | b"Timestamp" => (Field::Time, 2),
        b"time" | b"@t" => (Field::Time, 3),
        b"ts" | b"t.$date" => (Field::Time, 4),
        b"instant.epochSecond" | b"timeMillis" => (Field::Time, 5),
        b"asctime" | b"datetime" | b"eventTime" | b"start_time" => (Field::Time, 6),
        b"__REALTIME_TIMESTAMP" => (Field::Received, 0),

        b"_HOSTNAME" => (Field::Host, 0),
        b"host.name" => (Field::Host, 1),
        b"host.hostname" => (Field::Host, 2),
        b"hostname" | b"HOSTNAME" => (Field::Host, 3),
        b"host" => (Field::Host, 4),
        b"kubernetes.host" | b"kubernetes.node.name" => (Field::Host, 5),
        b"agent.hostname" | b"computer_name" => (Field::Host, 6),

        b"SYSLOG_IDENTIFIER" => (Field::Program, 0),
        b"_COMM" => (Field::Program, 1),
        b"process.name" => (Field::Program, 2),
        b"kubernetes.container_name" | b"kubernetes.container.name" => (Field::Program, 3),
        b"container.name" | b"container_name" => (Field::Program, 4),
        b"service.name" => (Field::Program, 5),
        b"program" | b"appname" | b"app_name" | b"app" | b"service" => (Field::Program, 6),
        b"_SYSTEMD_UNIT" => (Field::Program, 7),
        b"name" => (Field::Name, 0),

        b"_PID" => (Field::Pid, 0),
        b"SYSLOG_PID" => (Field::Pid, 1),
        b"process.pid" => (Field::Pid, 2),
        b"pid" => (Field::Pid, 3),

        b"PRIORITY" => (Field::Severity, 0),
        b"log.syslog.severity.code" => (Field::Severity, 1),
        b"log.level" => (Field::Severity, 2),
        b"level" | b"@l" | b"Level" => (Field::Severity, 3),
        b"severity" => (Field::Severity, 4),
        b"levelname" | b"lvl" => (Field::Severity, 5),
        b"SYSLOG_FACILITY" => (Field::Facility, 0),
        b"log.syslog.facility.code" => (Field::Facility, 1),

        b"MESSAGE" => (Field::Message, 0),
        b"log" => (Field::RawMessage, 1),
        b"message" => (Field::RawMessage, 2),
        b"event.original" => (Field::RawMessage, 3),
        b"msg" => (Field::Message, 4),
        b"@m" | b"short_message" | b"textPayload" | b"Message" => (Field::Message, 5),
        b"@mt" | b"event" | b"body" => (Field::Message, 6),

        b"source.ip" => (Field::Source, 0),
        b"source.address" => (Field::Source, 1),
        b"client.ip" => (Field::Source, 2),
        b"client.address" => (Field::Source, 3),
        b"src_ip" | b"srcip" | b"source_ip" | b"id.orig_h" | b"saddr" | b"sourceIPAddress" => (Field::Source, 4),
        b"client_ip" | b"clientip" | b"client_addr" | b"ClientHost" => (Field::Source, 5),
        b"remote_addr" | b"remote_ip" | b"remoteAddress" | b"remoteIp" => (Field::Source, 6),
        b"httpRequest.remoteIp" | b"request.remote_ip" | b"req.remoteAddress" => (Field::Source, 7),
        b"src" | b"client" | b"remote" | b"peer" => (Field::Source, 8),
        b"source.port" => (Field::SourcePort, 0),
        b"client.port" => (Field::SourcePort, 2),
        b"src_port" | b"srcport" | b"source_port" | b"id.orig_p" | b"sport" => (Field::SourcePort, 4),
        b"client_port" => (Field::SourcePort, 5),
        b"remote_port" | b"remotePort" => (Field::SourcePort, 6),
        b"request.remote_port" | b"req.remotePort" => (Field::SourcePort, 7),
        b"source.nat.ip" => (Field::SourceNat, 0),
        b"observer.ingress.interface.name" => (Field::SourceInterface, 0),
        b"in_iface" => (Field::SourceInterface, 1),

        b"destination.ip" => (Field::Destination, 0),
        b"destination.address" => (Field::Destination, 1),
        b"server.ip" => (Field::Destination, 2),
        b"server.address" => (Field::Destination, 3),
        b"dest_ip" | b"dst_ip" | b"dstip" | b"destination_ip" | b"id.resp_h" | b"daddr" => (Field::Destination, 4),
        b"upstream_addr" => (Field::Destination, 6),
        b"dst" => (Field::Destination, 8),
        b"destination.port" => (Field::DestinationPort, 0),
        b"server.port" => (Field::DestinationPort, 2),
        b"dest_port" | b"dst_port" | b"dstport" | b"destination_port" | b"id.resp_p" | b"dport" => {
            (Field::DestinationPort, 4)
        }
        b"destination.nat.ip" => (Field::DestinationNat, 0),
        b"observer.egress.interface.name" => (Field::DestinationInterface, 0),

        b"network.transport" => (Field::Transport, 0),
        b"proto" => (Field::Transport, 1),
        b"user.name" => (Field::User, 0),
        b"user" | b"username" => (Field::User, 1),
        b"event.action" => (Field::Action, 0),
        b"action" => (Field::Action, 1),
        b"rule.name" => (Field::Rule, 0),
        b"event.reason" => (Field::Reason, 0),
        b"network.bytes" => (Field::Bytes, 0),
        _ => return None,
    })
}
