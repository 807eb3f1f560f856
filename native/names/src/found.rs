//! What was found, and the one way to write it down.

use std::net::{IpAddr, SocketAddr};

use crate::text::{clean, LONGEST_DETAIL, LONGEST_NAME};

/// What a name is said of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    Ip(IpAddr),
    Mac([u8; 6]),
}

/// One thing that a packet says about a machine.
///
/// `value` and `detail` are printable and bounded, whatever the packet held: invalid UTF-8 becomes U+FFFD, control and
/// direction-turning characters are written as escapes (`\u{1b}`), names are cut after 255 characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name {
    pub subject: Subject,
    /// One of the words in [`relation`].
    pub relation: &'static str,
    pub value: String,
    /// The protocol that said it, such as `dns` or `lldp`.
    pub source: &'static str,
    /// What else the packet says of it: for people.
    pub detail: String,
}

/// What a value is to its subject.
pub mod relation {
    /// A host name, and the address it stands for.
    pub const RESOLVES_TO: &str = "resolves-to";
    /// A host says its own name.
    pub const IS_CALLED: &str = "is-called";
    /// A client asked for this name.
    pub const ASKS_FOR: &str = "asks-for";
    /// A server was asked for under this name.
    pub const SERVED_AS: &str = "served-as";
    pub const CERTIFICATE_SUBJECT: &str = "certificate-subject";
    pub const CERTIFICATE_ISSUER: &str = "certificate-issuer";
    pub const RUNS_SOFTWARE: &str = "runs-software";
    pub const VENDOR_CLASS: &str = "vendor-class";
    pub const DHCP_FINGERPRINT: &str = "dhcp-fingerprint";
    /// Whoever wrote the capture file noted this name in it: no packet needs to have said it.
    pub const NOTED_AS: &str = "noted-as";
    /// A DHCP server gave this address to the subject.
    pub const LEASED: &str = "leased";
    /// Windows workgroup or domain.
    pub const WORKGROUP: &str = "workgroup";
    /// The subject sent an announcement that says which switch and port the listener hangs on.
    pub const PLUGGED_INTO: &str = "plugged-into";
    pub const IS_MODEL: &str = "is-model";
}

/// At most this many names come from one call.
pub const MOST_NAMES: usize = 64;

/// Writes down what one packet says: no empty names, nothing twice, and never more than [`MOST_NAMES`].
pub(crate) struct Findings<'a> {
    found: &'a mut Vec<Name>,
    begin: usize,
    source: &'static str,
}

impl<'a> Findings<'a> {
    pub(crate) fn new(found: &'a mut Vec<Name>, source: &'static str) -> Self {
        let begin = found.len();
        Self { found, begin, source }
    }

    pub(crate) fn say(&mut self, subject: Subject, relation: &'static str, value: impl AsRef<[u8]>, detail: &str) {
        if self.is_full() {
            return;
        }
        let value = clean(value.as_ref(), LONGEST_NAME);
        let known = self.found.get(self.begin..).unwrap_or_default();
        let same = |name: &Name| name.value == value && name.relation == relation && name.subject == subject;
        if value.is_empty() || known.iter().any(same) {
            return;
        }
        let detail = clean(detail.as_bytes(), LONGEST_DETAIL);
        self.found.push(Name { subject, relation, value, source: self.source, detail });
    }

    pub(crate) fn is_full(&self) -> bool {
        self.found.len().saturating_sub(self.begin) >= MOST_NAMES
    }
}

/// One UDP datagram and where it was seen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Datagram<'a> {
    pub(crate) source: SocketAddr,
    pub(crate) destination: SocketAddr,
    pub(crate) source_mac: Option<[u8; 6]>,
    pub(crate) payload: &'a [u8],
}

impl Datagram<'_> {
    /// Who speaks: the address, or the hardware address of one that has none yet.
    pub(crate) fn speaker(&self) -> Subject {
        match self.source_mac {
            Some(mac) if self.source.ip().is_unspecified() => Subject::Mac(mac),
            _ => Subject::Ip(self.source.ip()),
        }
    }
}
