//! A flow as a document of the Elastic Common Schema 8, one line of JSON. What is not known is left out;
//! what ECS has no name for stands under `whence`, by the names of the flow table.

use crate::cells::Cell;
use crate::known::{Known, Names};
use crate::refusals;
use crate::row::Row;
use crate::text;

/// A name as it stands before its value.
macro_rules! name {
    ($name:literal) => {
        concat!("\"", $name, "\":")
    };
}

macro_rules! columns {
    ($($name:literal),+ $(,)?) => { [$(($name, name!($name))),+] };
}

/// What ECS has no name for. The last four only flow exporters tell.
const OWN: [(&str, &str); 24] = columns![
    "flow",
    "file",
    "tunnel",
    "state",
    "history",
    "source_payload",
    "destination_payload",
    "source_wire_bytes",
    "destination_wire_bytes",
    "syns",
    "answers",
    "resets",
    "fins",
    "source_retransmissions",
    "destination_retransmissions",
    "source_ttl_min",
    "source_ttl_max",
    "destination_ttl_min",
    "destination_ttl_max",
    "direction_in",
    "exporter",
    "next_hop",
    "sampling",
    "records",
];

/// Where the columns are.
pub struct Places {
    first: usize,
    last: usize,
    source: End,
    destination: End,
    transport: usize,
    protocol: usize,
    community: usize,
    vlan: usize,
    interface: usize,
    direction: usize,
    ja4: usize,
    server_name: usize,
    own: [(&'static str, usize); OWN.len()],
    refused: refusals::Places,
}

struct End {
    ip: usize,
    port: usize,
    mac: usize,
    packets: usize,
    bytes: usize,
}

impl Places {
    /// `at` says where a column is, also where there is none.
    pub fn new(at: impl Fn(&str) -> usize) -> Places {
        let end = |end: &str| End {
            ip: at(&format!("{end}_ip")),
            port: at(&format!("{end}_port")),
            mac: at(&format!("{end}_mac")),
            packets: at(&format!("{end}_packets")),
            bytes: at(&format!("{end}_bytes")),
        };
        Places {
            first: at("first"),
            last: at("last"),
            source: end("source"),
            destination: end("destination"),
            transport: at("transport"),
            protocol: at("protocol"),
            community: at("community_id"),
            vlan: at("vlan"),
            interface: at("interface"),
            direction: at("direction_in"),
            ja4: at("ja4"),
            server_name: at("server_name"),
            own: OWN.map(|(column, name)| (name, at(column))),
            refused: refusals::Places::new(at),
        }
    }

    pub fn write(&self, row: &Row<'_>, known: &Known, to: &mut Vec<u8>) {
        let names = &known.names;
        let (first, last) = (row.time(self.first), row.time(self.last));
        let mut document = Object::new(to);
        document.time(name!("@timestamp"), first);
        document.within(name!("event"), |event| {
            event.words(r#""kind":"event","category":["network"],"type":["connection"]"#);
            event.time(name!("start"), first);
            event.time(name!("end"), last);
            // In double precision, as all who read JSON have it.
            let seconds = last.saturating_sub(first) as f64 / 1e6;
            event.number(name!("duration"), (seconds * 1e9).round_ties_even() as i64);
        });
        document.within(name!("source"), |end| self.source.write(row, names, end));
        document.within(name!("destination"), |end| self.destination.write(row, names, end));
        document.within(name!("network"), |network| self.network(row, network));
        document.within(name!("whence"), |own| {
            self.own.iter().for_each(|(name, at)| own.cell(name, row.cell(*at)));
            if let Some(refused) = known.refusals.of(row, &self.refused, (first, last)) {
                own.text(name!("refused"), &refused);
            }
        });
        if let Some(interface) = row.text(self.interface) {
            let outgoing = row.text(self.direction) == Some("outgoing");
            let side = if outgoing { name!("egress") } else { name!("ingress") };
            document.within(name!("observer"), |observer| {
                observer
                    .within(side, |side| side.within(name!("interface"), |named| named.text(name!("name"), interface)));
            });
        }
        let (ja4, server_name) = (row.cell(self.ja4), row.cell(self.server_name));
        if ja4.text().is_some() || server_name.text().is_some() {
            document.within(name!("tls"), |tls| {
                tls.within(name!("client"), |client| {
                    client.cell(name!("ja4"), ja4);
                    client.cell(name!("server_name"), server_name);
                });
            });
        }
        document.end();
    }

    fn network(&self, row: &Row<'_>, network: &mut Object<'_>) {
        let sum = |one, other| u128::from(row.number(one)) + u128::from(row.number(other));
        network.cell(name!("transport"), row.cell(self.transport));
        if let Some(protocol) = row.cell(self.protocol).number() {
            network.text(name!("iana_number"), itoa::Buffer::new().format(protocol));
        }
        if let Some(address) = row.text(self.source.ip) {
            network.text(name!("type"), if address.contains(':') { "ipv6" } else { "ipv4" });
        }
        network.number(name!("packets"), sum(self.source.packets, self.destination.packets));
        network.number(name!("bytes"), sum(self.source.bytes, self.destination.bytes));
        network.cell(name!("community_id"), row.cell(self.community));
        let vlan = row.text(self.vlan).unwrap_or_default();
        // ECS has no place for those between the outermost and the innermost.
        let outer = vlan.split('.').next().unwrap_or_default();
        let inner = vlan.rsplit_once('.').map_or("", |(_, inner)| inner);
        if !outer.is_empty() {
            network.within(name!("vlan"), |vlan| vlan.text(name!("id"), outer));
        }
        if !inner.is_empty() {
            network.within(name!("inner"), |layer| layer.within(name!("vlan"), |vlan| vlan.text(name!("id"), inner)));
        }
    }
}

impl End {
    fn write(&self, row: &Row<'_>, names: &Names, end: &mut Object<'_>) {
        let ip = row.text(self.ip);
        if let Some(ip) = ip {
            end.text(name!("address"), ip);
            end.text(name!("ip"), ip);
        }
        end.cell(name!("port"), row.cell(self.port));
        if let Some(mac) = row.text(self.mac) {
            // As ECS wants it (RFC 7042): 00-00-5E-00-53-23.
            end.text(name!("mac"), &mac.to_uppercase().replace(':', "-"));
        }
        if let Some(name) = ip.and_then(|ip| names.get(ip)).filter(|name| !name.is_empty()) {
            end.text(name!("domain"), name);
        }
        end.cell(name!("packets"), row.cell(self.packets));
        end.cell(name!("bytes"), row.cell(self.bytes));
    }
}

/// A JSON object that is being written.
struct Object<'a> {
    to: &'a mut Vec<u8>,
    empty: bool,
}

impl<'a> Object<'a> {
    fn new(to: &'a mut Vec<u8>) -> Object<'a> {
        to.push(b'{');
        Object { to, empty: true }
    }

    fn end(self) {
        self.to.push(b'}');
    }

    fn name(&mut self, name: &'static str) {
        self.comma();
        self.to.extend_from_slice(name.as_bytes());
    }

    fn comma(&mut self) {
        if !self.empty {
            self.to.push(b',');
        }
        self.empty = false;
    }

    /// Fields that are always the same.
    fn words(&mut self, fields: &str) {
        self.comma();
        self.to.extend_from_slice(fields.as_bytes());
    }

    fn within(&mut self, name: &'static str, write: impl FnOnce(&mut Object<'_>)) {
        self.name(name);
        let mut inner = Object::new(self.to);
        write(&mut inner);
        inner.end();
    }

    fn text(&mut self, name: &'static str, text: &str) {
        self.name(name);
        text::json(text, self.to);
    }

    fn number(&mut self, name: &'static str, number: impl itoa::Integer) {
        self.name(name);
        text::number(number, self.to);
    }

    fn time(&mut self, name: &'static str, time: i64) {
        self.name(name);
        self.to.push(b'"');
        text::time(time, self.to);
        self.to.push(b'"');
    }

    /// A cell, where it is known.
    fn cell(&mut self, name: &'static str, cell: Cell<'_>) {
        match cell {
            Cell::Null | Cell::Text("") => {}
            Cell::Text(text) => self.text(name, text),
            Cell::Number(number) => self.number(name, number),
            Cell::Time(time) => self.time(name, time),
        }
    }
}
