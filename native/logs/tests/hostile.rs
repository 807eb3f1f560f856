//! Lines changed by chance: nothing may panic, and no line may be lost.
//!
//! `make fuzz` does it ten million times; by itself it takes a few seconds.

use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{TimestampMicrosecondType, UInt64Type};
use arrow_array::Array;
use whence_logs::{Around, Counts, Envelope, Parser};

const LINES: [&str; 26] = [
    "<164>Mar  3 2026 03:17:00 fw-dc1 : %ASA-4-419002: Received duplicate TCP SYN from in:10.20.5.17/50000 to out:192.0.2.1/80 with different initial sequence number",
    "<164>Mar  3 03:17:00 fw-dc1 : %ASA-6-302013: Built outbound TCP connection 7 for outside:192.0.2.1/443 (192.0.2.1/443)(LOCAL\\a) to inside:10.0.0.1/50000 (198.51.100.1/50001)",
    "%ASA-6-302014: Teardown TCP connection 7 for outside:192.0.2.1/443 to inside:10.0.0.1/50000 duration 1:02:03 bytes 4567 TCP FINs (alice)",
    "%ASA-6-302020: Built outbound ICMP connection for faddr 192.0.2.1/0 gaddr 198.51.100.1/5 laddr 10.0.0.1/5",
    "%ASA-6-106100: access-list acl_in permitted tcp inside/10.0.0.1(1024)(LOCAL\\a) -> outside/2001:db8::1(80) hit-cnt 7 first hit [0xa, 0x0]",
    "%ASA-2-106006: message repeated 2 times: [ Deny inbound UDP from 192.0.2.1/1 to 10.0.0.1/2 on interface outside]",
    "%ASA-6-113005: AAA user authentication Rejected : reason = AAA failure : server = 10.9.9.9 : user = bob : user IP = 192.0.2.7",
    "%FTD-1-430003: EventPriority: Low, SrcIP: 10.0.0.1, SrcPort: 1024, User: \"a, b\", InitiatorBytes: 10, ResponderBytes: 20",
    "<189>45: *Mar  1 18:46:11.123: %SEC-6-IPACCESSLOGP: list 101 denied tcp 192.0.2.7(1024) -> 10.1.2.3(80), 3 packets",
    "<189>66: RP/0/RP0/CPU0:Mar  3 03:17:00.345 UTC: ifmgr[211]: %PKT_INFRA-LINK-3-UPDOWN : Interface Te0/0/0/1",
    "<189>: 2026 Mar  3 03:17:00 UTC: %ETHPORT-5-IF_UP: Interface Ethernet1/1 is up",
    "LOCAL4.WARNING: fw-1 %ASA-4-733100: [ Scanning] drop rate-1 exceeded.",
    "<13>1 2026-03-03T03:17:00.003Z host app 12 ID47 [a@32473 iut=\"3\" e=\"10\\\"11]\"][b@1 c=\"d\"] \u{feff}text",
    "<189>date=2026-03-03 time=03:17:00 devname=\"fg-1\" tz=\"+0100\" logid=\"0000000013\" type=\"traffic\" srcip=10.0.0.1 proto=6 sentbyte=10 policyname=\"a \\\" b\"",
    "<14>Mar  3 03:17:00 pa-1 1,2026/03/03 03:17:00,001801,TRAFFIC,drop,2560,2026/03/03 03:17:00,10.0.0.1,192.0.2.1,0.0.0.0,0.0.0.0,\"a, b\",,,web,vsys1,t,u,e1,e2,f,,55,4,1024,443",
    "<14>1 2026-03-03T03:17:00.1Z srx-1 RT_FLOW - RT_FLOW_SESSION_DENY [junos@2636.1.1.1.2.26 source-address=\"10.0.0.1\" source-port=\"1024\"]",
    "<14>Mar  3 03:17:00 srx-1 RT_FLOW: RT_FLOW_SESSION_DENY: session denied 10.0.0.1/1024->192.0.2.1/22 junos-ssh 6(0) deny trust untrust",
    "firewall,info forward: in:ether1 out:ether2, proto TCP (SYN), 10.0.0.1:1024->192.0.2.1:80, len 60",
    "<134>Mar  3 03:17:00 pf-1 filterlog[123]: 5,,,1000000103,em0,match,block,in,4,0x0,,64,1,0,DF,6,tcp,60,192.0.2.1,10.0.0.1,1024,22,0,S",
    "Mar  3 03:17:00 app07 kernel: [12345.678901] [UFW BLOCK] IN=eth0 OUT= SRC=192.0.2.1 DST=10.0.0.1 LEN=60 PROTO=TCP SPT=1024 DPT=22",
    "Mar  3 03:17:00 pf pf: rule 5/0(match): block in on em0: 192.0.2.1.1024 > 198.51.100.1.80: Flags [S]",
    "<14>Mar  3 03:17:00 win-1 MSWinEventLog\t1\tSecurity\t12\tTue Mar 03 03:17:00 2026\t4625\tSource\tacme\\bob\tN/A\tFailure\twin\tLogon\t\tSource Network Address: 192.0.2.1",
    "Mar  3 03:17:00 app07 sshd[123]: Failed password for invalid user admin from [2001:db8::1]:22 port 50022 ssh2",
    "Mar  3 03:17:00 web last message repeated 3 times",
    "<134>Mar  3 03:17:00 ids-1 CEF:0|Acme|Wall \\| Two|1.0|100|a scan|8|src=192.0.2.1 spt=1024 dst=10.0.0.1 dpt=22 cs1Label=Rule cs1=no \\= way cnt=7 rt=1772507820000 msg=a b=c",
    "<134>Mar  3 03:17:00 scan-1 LEEF:2.0|Acme|Scanner|4.1|block|x5e|src=192.0.2.1^srcPort=1024^dst=10.0.0.1^usrName=alice^sev=9^srcBytes=10^dstBytes=20",
];

/// Lines inside of others.
const WRAPPED: [&str; 5] = [
    r#"{"__REALTIME_TIMESTAMP":"1772507820123456","_HOSTNAME":"web1","SYSLOG_IDENTIFIER":"sshd","PRIORITY":"6","MESSAGE":"Failed password for root from 192.0.2.7 port 50312 ssh2","_PID":"812"}"#,
    r#"{"__REALTIME_TIMESTAMP":"1772507820123456","_HOSTNAME":"w-1","MESSAGE":[27,91,51,49,109,195,164],"_PID":"9"}"#,
    r#"{"log":"Mar  3 03:16:00 fw-1 %ASA-4-419002: Received duplicate TCP SYN from in:192.0.2.1/5 to out:198.51.100.1/1 with\n","stream":"stdout","time":"2026-03-03T03:17:00.123456789Z"}"#,
    r#"2026-03-03T03:17:00.123456789Z stdout F {"level":"error","ts":1772507820.25,"msg":"dial é \u00e9\ud83d\ude00","src_ip":"192.0.2.1","dest_ip":"2001:db8::1","dest_port":443}"#,
    r#"{"@timestamp":"2026-03-03T03:17:00.000Z","host":{"name":"s-2"},"process":{"name":"nginx"},"message":"last message repeated 3 times","source":{"ip":"192.0.2.1","port":99999}}"#,
];

/// Objects behind headers.
const BEHIND: [&str; 5] = [
    r#"<134>Mar  3 03:17:00 app07 app[12]: @cee: {"msg":"dial é failed","level":"error","src_ip":"192.0.2.1","pid":9}"#,
    r#"Mar  3 03:17:00 app07 app: {"time":"2026-03-03T02:16:59.5Z","msg":"last message repeated 3 times","host":"www"}"#,
    r#"<134>1 2026-03-03T03:17:00.003Z host app 12 - - @cee:{"log":"Mar  3 03:16:00 fw-1 %ASA-4-419002: Received"}"#,
    r#"<13>Mar  3 03:17:00 web {"src_ip":"192.0.2.1","src_port":1024,"dst_ip":"2001:db8::1","action":"deny"}"#,
    r#"Mar  3 03:17:00 app07 relay: {"message":"{\"ts\":1772507820.25,\"msg\":\"inside\"}","service":"shop"}"#,
];

/// Marsaglia's xorshift: the same lines each time.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    fn change(&mut self, line: &mut Vec<u8>) {
        const PIECES: [&[u8]; 16] = [
            b":",
            b"/",
            b" ",
            b"(",
            b")",
            b"\"",
            b"[",
            b"=",
            b"-> ",
            b", ",
            b"%ASA-4-",
            b"99999999999999999999",
            b"::",
            b"from ",
            b"<",
            b"\\\"",
        ];
        for _ in 0..=self.below(5) {
            let at = self.below(line.len() + 1);
            match self.below(8) {
                0 => line.truncate(at),
                1 => line.extend(line[at..].to_vec()),
                2 if at < line.len() => drop(line.remove(at)),
                3 if at < line.len() => line[at] = self.next() as u8,
                4 => {
                    let end = (at + self.below(20)).min(line.len());
                    line.drain(at..end);
                }
                5 => line.insert(at, self.next() as u8),
                _ => {
                    let piece = PIECES[self.below(PIECES.len())];
                    line.splice(at..at, piece.iter().copied());
                }
            }
            line.truncate(4096);
        }
    }
}

#[test]
fn changed_lines_are_rows_all_the_same() {
    let times = std::env::var("WHENCE_MUTATIONS").ok().and_then(|text| text.parse().ok()).unwrap_or(8_000u64);
    for (seed, line) in (1..).zip(LINES.into_iter().chain(WRAPPED).chain(BEHIND)) {
        let mut chance = Chance(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed));
        let (mut parser, mut counter) = (Parser::new(1_772_600_000_000_000, 0), Parser::new(1_772_600_000_000_000, 0));
        for _ in 0..times {
            let mut bytes = line.as_bytes().to_vec();
            chance.change(&mut bytes);
            let text = String::from_utf8_lossy(&bytes);
            let (mut envelope, mut other) = (Envelope::default(), Envelope::default());
            let around = Around { size: text.len() as u32, ..Around::default() };
            let row = parser.line(text.as_bytes(), around, &mut envelope);
            assert!(row.weight >= 1);
            assert_eq!(row.original, text.as_bytes());
            for part in [row.host, row.program, row.code, row.source.address, row.destination.address, row.user] {
                assert!(std::str::from_utf8(part).is_ok(), "a piece of a letter in {text:?}");
            }
            // What is only counted is counted as what is read.
            let brief = counter.brief(text.as_bytes(), around, &mut other);
            let ids = (parser.templates.id(row.template), counter.templates.id(brief.template));
            assert_eq!(
                (ids.0, row.host, row.weight, row.time),
                (ids.1, brief.host, brief.weight, brief.time),
                "{text:?}"
            );
        }
        assert!(parser.templates.all().len() < 40_000);
    }
}

/// What is counted by the heads of lines is what is counted by reading them, wherever in its head a line was changed.
#[test]
fn lines_are_counted_by_their_heads_as_they_are_read() {
    let headed: Vec<&str> = LINES.into_iter().chain(BEHIND).collect();
    const HOUR: i64 = 3_600_000_000;
    const NOW: i64 = 1_772_600_000_000_000;
    let mut chance = Chance(7);
    let (mut counting, mut reading) = (Parser::new(NOW, 3600), Parser::new(NOW, 3600));
    let mut counts = Counts::default();
    let mut known: BTreeMap<(Option<i64>, String, String), [u64; 3]> = BTreeMap::new();
    let mut latest = (None, None);
    for _ in 0..60_000 {
        let mut bytes = headed[chance.below(headed.len())].as_bytes().to_vec();
        if chance.below(3) == 0 {
            let end = bytes.len().min(60);
            let mut head = bytes[..end].to_vec();
            chance.change(&mut head);
            bytes.splice(..end, head);
        }
        let text = String::from_utf8_lossy(&bytes);
        let line = text.as_bytes();
        let (mut envelope, mut other) = (Envelope::default(), Envelope::default());
        let around = Around { size: line.len() as u32, ..Around::default() };
        let time = counts.line(&mut counting, line, around, &mut envelope, latest.0);
        let row = reading.brief(line, around, &mut other);
        let came = row.came(reading.today, latest.1);
        assert_eq!(time, row.time.and(came), "{text:?}");
        let hour = came.map(|time| time.div_euclid(HOUR) * HOUR);
        let template = reading.templates.id(row.template).to_string();
        let sums = known.entry((hour, String::from_utf8_lossy(row.host).into_owned(), template)).or_default();
        for (sum, more) in sums.iter_mut().zip([1, u64::from(row.weight), line.len() as u64]) {
            *sum += more;
        }
        latest = (time.or(latest.0), row.time.and(came).or(latest.1));
    }
    let table = counts.table(|template| counting.templates.id(template).to_string()).unwrap();
    let hours = table.column(0).as_primitive::<TimestampMicrosecondType>();
    let text = |column: usize, row: usize| {
        let texts = table.column(column).as_string::<i32>();
        if texts.is_valid(row) {
            texts.value(row).to_string()
        } else {
            String::new()
        }
    };
    let number = |column: usize, row: usize| table.column(column).as_primitive::<UInt64Type>().value(row);
    let mut counted = BTreeMap::new();
    for row in 0..table.num_rows() {
        let hour = hours.is_valid(row).then(|| hours.value(row));
        // `app: text` of a program, and of none, have the same id.
        let sums: &mut [u64; 3] = counted.entry((hour, text(1, row), text(2, row))).or_default();
        for (sum, column) in sums.iter_mut().zip([3, 4, 5]) {
            *sum += number(column, row);
        }
    }
    assert_eq!(counted, known);
    assert!(counts.by_heads() > 5_000, "{}", counts.by_heads());
}

/// A line whose head was met before is read as one whose head was not, wherever in its head it was changed, and on
/// whichever day it was received.
#[test]
fn lines_are_read_behind_known_heads_as_they_are_read_from_the_beginning() {
    let headed: Vec<&str> = LINES.into_iter().chain(BEHIND).collect();
    const NOW: i64 = 1_772_600_000_000_000;
    const DAY: i64 = 86_400_000_000;
    let mut chance = Chance(11);
    let (mut quick, mut slow) = (Parser::new(NOW, 3600), Parser::new(NOW, 3600));
    // What makes a parser look at each host.
    slow.zones.insert(Box::from(&b"nobody"[..]), 0.into());
    for _ in 0..60_000 {
        let mut bytes = headed[chance.below(headed.len())].as_bytes().to_vec();
        if chance.below(3) == 0 {
            let end = bytes.len().min(60);
            let mut head = bytes[..end].to_vec();
            chance.change(&mut head);
            bytes.splice(..end, head);
        }
        let text = String::from_utf8_lossy(&bytes);
        let line = text.as_bytes();
        let received = (chance.below(2) == 0).then(|| NOW + chance.below(400) as i64 * DAY);
        let (mut envelope, mut other) = (Envelope::default(), Envelope::default());
        let around = Around { received, size: line.len() as u32, ..Around::default() };
        let read = format!("{:?}", quick.line(line, around, &mut envelope));
        assert_eq!(read, format!("{:?}", slow.line(line, around, &mut other)), "{text:?}");
    }
    let told = |parser: &Parser| format!("{:?}", parser.templates.all());
    assert_eq!(told(&quick), told(&slow));
    assert!(quick.by_heads() > 5_000, "{}", quick.by_heads());
}

/// What looks like the sign of an ASA and is none: the parser takes the one in the message, which is not the same in
/// each line with such a head.
#[test]
fn what_is_no_sign_of_an_asa_is_no_head() {
    const NOW: i64 = 1_772_600_000_000_000;
    for sign in ["%ASA-9-302013:", "%ASA-&-302013:", "%ASA-4-30:013:", "%ASA-4-30 013:"] {
        let line = |second: u8, message: &str| format!("<164>Mar  3 2026 03:17:0{second} fw-1 : {sign} {message}");
        let lines = [line(0, "%ASA-4-106023: Deny tcp"), line(1, "%ASA-6-302014: Teardown"), line(2, "nothing")];
        let mut parser = Parser::new(NOW, 0);
        for line in &lines {
            let (mut envelope, mut other) = (Envelope::default(), Envelope::default());
            let row = parser.line(line.as_bytes(), Around::default(), &mut envelope);
            let mut fresh = Parser::new(NOW, 0);
            let alone = fresh.line(line.as_bytes(), Around::default(), &mut other);
            assert_eq!((row.code, row.severity), (alone.code, alone.severity), "{line}");
            assert_eq!(parser.templates.id(row.template), fresh.templates.id(alone.template), "{line}");
        }
    }
}
