//! How a machine begins a connection: what its first segment has says something of the system that wrote it.

/// Options that are looked at; no system sends as many.
const MOST: usize = 32;

/// What a SYN has in it besides addresses, ports and numbers that change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Syn {
    pub hops: u8,
    pub window: u16,
    segment: Option<u16>,
    scale: Option<u8>,
    kinds: [u8; MOST],
    count: u8,
    /// The options end in the middle of one.
    broken: bool,
}

impl Syn {
    /// Read the options of a segment, RFC 9293 section 3.1.
    pub fn of(hops: u8, window: u16, options: &[u8]) -> Syn {
        let mut syn = Syn { hops, window, ..Syn::default() };
        let mut rest = options;
        while let [kind, after @ ..] = rest {
            let Some(room) = syn.kinds.get_mut(usize::from(syn.count)) else { break };
            *room = *kind;
            syn.count += 1;
            rest = match kind {
                0 => break,
                1 => after,
                _ => {
                    let length = after.first().map_or(0, |length| usize::from(*length));
                    let (Some(value), Some(next)) = (rest.get(2..length), rest.get(length..)) else {
                        syn.broken = true;
                        break;
                    };
                    match (kind, value) {
                        (2, [high, low]) => syn.segment = Some(u16::from_be_bytes([*high, *low])),
                        (3, [shift]) => syn.scale = Some(*shift),
                        _ => {}
                    }
                    next
                }
            };
        }
        syn
    }
}

impl std::fmt::Display for Syn {
    /// `64:64240:1460:7:mss,sack,ts,nop,ws`: time to live, window, maximum segment size, scale of the window, options.
    fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Syn { hops, window, segment, scale, .. } = self;
        write!(form, "{hops}:{window}:")?;
        segment.map_or(Ok(()), |segment| write!(form, "{segment}"))?;
        form.write_str(":")?;
        scale.map_or(Ok(()), |scale| write!(form, "{scale}"))?;
        let mut before = ':';
        for kind in self.kinds.iter().take(usize::from(self.count)) {
            write!(form, "{before}")?;
            before = ',';
            // The kinds that IANA registers and systems send in a SYN.
            match kind {
                0 => form.write_str("eol")?,
                1 => form.write_str("nop")?,
                2 => form.write_str("mss")?,
                3 => form.write_str("ws")?,
                4 => form.write_str("sack")?,
                8 => form.write_str("ts")?,
                34 => form.write_str("tfo")?,
                other => write!(form, "{other}")?,
            }
        }
        if self.count == 0 {
            form.write_str(":")?;
        }
        form.write_str(if self.broken { "!" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::Syn;

    fn text(options: &[u8]) -> String {
        Syn::of(64, 64240, options).to_string()
    }

    #[test]
    fn options_are_named_in_their_order() {
        let linux = [2, 4, 5, 180, 4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0, 1, 3, 3, 7];
        assert_eq!(text(&linux), "64:64240:1460:7:mss,sack,ts,nop,ws");
        assert_eq!(text(&[]), "64:64240:::");
        assert_eq!(text(&[2, 4, 5, 180, 0, 0, 0, 0]), "64:64240:1460::mss,eol");
        assert_eq!(text(&[1, 254, 4, 0, 0]), "64:64240:::nop,254");
    }

    #[test]
    fn times_do_not_tell_one_from_another() {
        let at = |time| Syn::of(64, 1024, &[8, 10, time, time, time, time, 0, 0, 0, 0]);
        assert_eq!(at(1), at(2));
    }

    #[test]
    fn damaged_options_are_read_as_far_as_they_go() {
        assert_eq!(text(&[2, 4, 5]), "64:64240:::mss!");
        assert_eq!(text(&[2, 0, 5, 180]), "64:64240:::mss!");
        assert_eq!(text(&[1, 2]), "64:64240:::nop,mss!");
        for length in 0..=60 {
            for octet in 0..=255 {
                assert!(text(&vec![octet; length]).len() < 255);
            }
        }
    }
}
