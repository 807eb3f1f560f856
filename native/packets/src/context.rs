//! Numbers for what flows are held apart by, and the words for them.

use std::fmt::Write;

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use crate::packet::{Address, Vlans};

/// More tunnels and contexts than these share a number.
const MOST: usize = 1 << 20;
/// Contexts above interfaces; interfaces stay below.
const FIRST: u32 = 1 << 24;

/// An interface, the number and the tags of VLANs, and a tunnel.
pub type Place = (u32, (u8, Vlans), u32);
type Around = (u32, &'static str, Option<u32>, Address, Address);

#[derive(Default)]
pub struct Contexts {
    numbers: HashMap<Place, u32, RandomState>,
    tunnels: HashMap<Around, u32, RandomState>,
    names: Vec<String>,
    /// Of each tunnel, the one that the flows in it belong to: GTP numbers each way for itself.
    both_ways: Vec<u32>,
    cooked: HashMap<(u32, u32), u32, RandomState>,
    /// Interfaces that cooked captures name, in the order of their numbers: (interface, index).
    pub cooked_names: Vec<(u32, u32)>,
}

/// Interfaces of Linux cooked captures are numbered from here.
pub const COOKED: u32 = 1 << 20;

impl Contexts {
    /// A number for an interface, VLAN tags and a tunnel.
    pub fn number(&mut self, interface: u32, vlan: (u8, Vlans), tunnel: u32) -> u32 {
        let tunnel = self.both_ways(tunnel);
        let next = FIRST + self.numbers.len().min(MOST) as u32;
        if self.numbers.len() >= MOST {
            return self.numbers.get(&(interface, vlan, tunnel)).copied().unwrap_or(next);
        }
        *self.numbers.entry((interface, vlan, tunnel)).or_insert(next)
    }

    /// A number for a tunnel, whichever way its packets go.
    pub fn tunnel(
        &mut self,
        around: u32,
        kind: &'static str,
        number: Option<u32>,
        source: Address,
        destination: Address,
    ) -> u32 {
        let around_both = self.both_ways(around);
        let (one, other) = if source <= destination { (source, destination) } else { (destination, source) };
        let key = (around_both, kind, number, one, other);
        if let Some(known) = self.tunnels.get(&key) {
            return *known;
        }
        if self.names.len() >= MOST {
            return self.names.len() as u32;
        }
        let mut name = self.tunnel_name(around).to_string();
        if !name.is_empty() {
            name.push(' ');
        }
        name.push_str(kind);
        if let Some(number) = number {
            let _ = write!(name, ":{number}");
        }
        let _ = write!(name, " {}>{}", source.ip(), destination.ip());
        self.names.push(name);
        let tunnel = self.names.len() as u32;
        self.tunnels.insert(key, tunnel);
        let whole = match kind {
            "gtp" => *self.tunnels.entry((around_both, kind, None, one, other)).or_insert(tunnel),
            _ => tunnel,
        };
        self.both_ways.push(whole);
        tunnel
    }

    fn both_ways(&self, tunnel: u32) -> u32 {
        let at = (tunnel as usize).checked_sub(1);
        at.and_then(|at| self.both_ways.get(at)).copied().unwrap_or(tunnel)
    }

    /// The words for a tunnel, outermost first; nothing for 0.
    pub fn tunnel_name(&self, tunnel: u32) -> &str {
        let at = (tunnel as usize).checked_sub(1);
        at.and_then(|at| self.names.get(at)).map_or("", String::as_str)
    }

    /// The kind of a tunnel, which is the innermost one; nothing for 0.
    pub fn tunnel_kind(&self, tunnel: u32) -> &str {
        let innermost = self.tunnel_name(tunnel).rsplit(' ').nth(1);
        innermost.and_then(|kind| kind.split(':').next()).unwrap_or("")
    }

    /// The number of an interface that a cooked capture names by its index.
    pub fn cooked_interface(&mut self, interface: u32, index: u32) -> u32 {
        if let Some(known) = self.cooked.get(&(interface, index)) {
            return *known;
        }
        if self.cooked_names.len() >= 1 << 16 {
            return interface;
        }
        let number = COOKED + self.cooked_names.len() as u32;
        self.cooked_names.push((interface, index));
        self.cooked.insert((interface, index), number);
        number
    }
}
