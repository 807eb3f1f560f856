//! Names of fields in JSON, dotted where they are nested, and what they are here.
//!
//! Of the journal (systemd.journal-fields(7)), the Elastic Common Schema, Docker, Fluent Bit, GELF, NXLog, Serilog,
//! log4j, MongoDB, Suricata's EVE, Zeek, and the loggers bunyan, pino, logrus, structlog, zap and zerolog.

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
    Code,
    Action,
    Rule,
    Reason,
    Bytes,
}

/// So many there are.
pub const FIELDS: usize = Field::Bytes as usize + 1;

macro_rules! fields {
    ($($($name:literal)|+ => $field:ident $rank:literal,)+) => {
        /// What the field of a name is, and how well it is known: the lowest number counts.
        pub fn field(name: &[u8]) -> Option<(Field, u8)> {
            Some(match name {
                $($($name)|+ => (Field::$field, $rank),)+
                _ => return None,
            })
        }

        const NAMES: &[(&[u8], Field, u8)] = &[$($(($name, Field::$field, $rank),)+)+];
    };
}

fields! {
    b"_SOURCE_REALTIME_TIMESTAMP" => Time 0,
    b"@timestamp" => Time 1,
    b"timestamp" | b"Timestamp" => Time 2,
    b"time" | b"@t" => Time 3,
    b"ts" | b"t.$date" => Time 4,
    b"instant.epochSecond" | b"timeMillis" => Time 5,
    b"asctime" | b"datetime" | b"eventTime" | b"EventTime" | b"start_time" => Time 6,
    b"__REALTIME_TIMESTAMP" => Received 0,
    b"EventReceivedTime" => Received 1,

    b"_HOSTNAME" => Host 0,
    b"host.name" => Host 1,
    b"host.hostname" => Host 2,
    b"hostname" | b"HOSTNAME" | b"Hostname" => Host 3,
    b"host" => Host 4,
    b"kubernetes.host" | b"kubernetes.node.name" => Host 5,
    b"agent.hostname" | b"computer_name" => Host 6,

    b"SYSLOG_IDENTIFIER" => Program 0,
    b"_COMM" => Program 1,
    b"process.name" => Program 2,
    b"kubernetes.container_name" | b"kubernetes.container.name" => Program 3,
    b"container.name" | b"container_name" => Program 4,
    b"service.name" => Program 5,
    b"program" | b"appname" | b"app_name" | b"app" | b"service" => Program 6,
    b"_SYSTEMD_UNIT" => Program 7,
    b"winlog.provider_name" | b"SourceName" => Program 8,
    b"name" => Name 0,

    b"_PID" => Pid 0,
    b"SYSLOG_PID" => Pid 1,
    b"process.pid" => Pid 2,
    b"pid" => Pid 3,

    b"PRIORITY" => Severity 0,
    b"log.syslog.severity.code" => Severity 1,
    b"log.level" => Severity 2,
    b"level" | b"@l" | b"Level" => Severity 3,
    b"severity" => Severity 4,
    b"levelname" | b"lvl" => Severity 5,
    b"SYSLOG_FACILITY" => Facility 0,
    b"log.syslog.facility.code" => Facility 1,

    b"MESSAGE" => Message 0,
    b"log" => RawMessage 1,
    b"message" => RawMessage 2,
    b"event.original" => RawMessage 3,
    b"msg" => Message 4,
    b"@m" | b"short_message" | b"textPayload" | b"Message" => Message 5,
    b"@mt" | b"event" | b"body" => Message 6,

    b"source.ip" => Source 0,
    b"source.address" => Source 1,
    b"client.ip" => Source 2,
    b"client.address" => Source 3,
    b"src_ip" | b"srcip" | b"source_ip" | b"id.orig_h" | b"saddr" | b"sourceIPAddress" => Source 4,
    b"client_ip" | b"clientip" | b"client_addr" | b"ClientHost" => Source 5,
    b"remote_addr" | b"remote_ip" | b"remoteAddress" | b"remoteIp" => Source 6,
    b"httpRequest.remoteIp" | b"request.remote_ip" | b"req.remoteAddress" => Source 7,
    b"IpAddress" | b"winlog.event_data.IpAddress" => Source 7,
    b"SourceAddress" | b"winlog.event_data.SourceAddress" => Source 7,
    b"src" | b"client" | b"remote" | b"peer" => Source 8,
    b"source.port" => SourcePort 0,
    b"client.port" => SourcePort 2,
    b"src_port" | b"srcport" | b"source_port" | b"id.orig_p" | b"sport" => SourcePort 4,
    b"client_port" => SourcePort 5,
    b"remote_port" | b"remotePort" => SourcePort 6,
    b"request.remote_port" | b"req.remotePort" => SourcePort 7,
    b"IpPort" | b"winlog.event_data.IpPort" => SourcePort 7,
    b"SourcePort" | b"winlog.event_data.SourcePort" => SourcePort 7,
    b"source.nat.ip" => SourceNat 0,
    b"observer.ingress.interface.name" => SourceInterface 0,
    b"in_iface" => SourceInterface 1,

    b"destination.ip" => Destination 0,
    b"destination.address" => Destination 1,
    b"server.ip" => Destination 2,
    b"server.address" => Destination 3,
    b"dest_ip" | b"dst_ip" | b"dstip" | b"destination_ip" | b"id.resp_h" | b"daddr" => Destination 4,
    b"upstream_addr" => Destination 6,
    b"DestAddress" | b"winlog.event_data.DestAddress" => Destination 7,
    b"dst" => Destination 8,
    b"destination.port" => DestinationPort 0,
    b"server.port" => DestinationPort 2,
    b"dest_port" | b"dst_port" | b"dstport" | b"destination_port" | b"id.resp_p" | b"dport" => DestinationPort 4,
    b"DestPort" | b"winlog.event_data.DestPort" => DestinationPort 7,
    b"destination.nat.ip" => DestinationNat 0,
    b"observer.egress.interface.name" => DestinationInterface 0,

    b"network.transport" => Transport 0,
    b"proto" => Transport 1,
    b"winlog.event_data.Protocol" => Transport 2,
    b"user.name" => User 0,
    b"user" | b"username" => User 1,
    b"TargetUserName" | b"winlog.event_data.TargetUserName" => User 2,
    b"winlog.event_id" => Code 0,
    b"EventID" | b"EventId" => Code 1,
    b"event.code" => Code 4,
    b"event.action" => Action 0,
    b"action" => Action 1,
    b"rule.name" => Rule 0,
    b"event.reason" => Reason 0,
    b"network.bytes" => Bytes 0,
}

/// The names of fields that hold a message, those that are known best first.
pub fn message_names() -> Vec<&'static str> {
    let is_message = |field: Field| matches!(field, Field::Message | Field::RawMessage);
    let mut found: Vec<_> = NAMES.iter().filter(|(_, field, _)| is_message(*field)).collect();
    found.sort_by_key(|(_, _, rank)| *rank);
    found.into_iter().filter_map(|(name, _, _)| std::str::from_utf8(name).ok()).collect()
}
