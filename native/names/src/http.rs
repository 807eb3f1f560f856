//! HTTP/1 (RFC 9112): who is asked for, what both ends run, and NTLM names in the headers (MS-NTHT).

use std::net::IpAddr;

use data_encoding::BASE64;
use httparse::{Header, Status};

use crate::beginning::{Progress, Stream};
use crate::found::{relation, Findings, Name, Subject};
use crate::ntlm;
use crate::text::{clean, LONGEST_NAME};

const MOST_HEADERS: usize = 96;
/// How many requests or answers of one connection are read while NTLM is being negotiated.
const MOST_MESSAGES: usize = 4;
const LONGEST_TOKEN: usize = 8192;

/// Methods of RFC 9110, WebDAV and UPnP eventing that a connection begins with.
const METHODS: [&[u8]; 16] = [
    b"GET ",
    b"POST ",
    b"HEAD ",
    b"PUT ",
    b"DELETE ",
    b"OPTIONS ",
    b"CONNECT ",
    b"PATCH ",
    b"TRACE ",
    b"PROPFIND ",
    b"SUBSCRIBE ",
    b"REPORT ",
    b"RPC_IN_DATA ",
    b"RPC_OUT_DATA ",
    b"CCM_POST ",
    b"NOTIFY ",
];

/// Whether these bytes begin a request or an answer; None while there are too few to say.
pub(crate) fn begins(begin: &[u8]) -> Option<bool> {
    let starts: [&[u8]; 1] = [b"HTTP/1."];
    let mut undecided = false;
    for start in METHODS.into_iter().chain(starts) {
        if begin.starts_with(start) {
            return Some(true);
        }
        undecided |= start.starts_with(begin);
    }
    if undecided {
        None
    } else {
        Some(false)
    }
}

/// What one request or answer says of the next: whether NTLM still owes us a name.
#[derive(PartialEq, Eq)]
enum Negotiation {
    Settled,
    Open,
}

pub(crate) fn from_stream(stream: &Stream<'_>, found: &mut Vec<Name>) -> Progress {
    let mut findings = Findings::new(found, "http");
    let mut rest = stream.begin;
    for _ in 0..MOST_MESSAGES {
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let parsed = if rest.starts_with(b"HTTP/") {
            answer(stream, rest, &mut headers, &mut findings)
        } else {
            request(stream, rest, &mut headers, &mut findings)
        };
        match parsed {
            Some(Status::Partial) => return Progress::MoreBytes,
            Some(Status::Complete((size, Negotiation::Open))) => rest = rest.get(size..).unwrap_or_default(),
            Some(Status::Complete((_, Negotiation::Settled))) | None => return Progress::Done,
        }
    }
    Progress::Done
}

type Parsed = Option<Status<(usize, Negotiation)>>;

fn request<'a>(
    stream: &Stream<'_>,
    bytes: &'a [u8],
    headers: &mut [Header<'a>],
    findings: &mut Findings<'_>,
) -> Parsed {
    let mut request = httparse::Request::new(headers);
    let Status::Complete(size) = request.parse(bytes).ok()? else {
        return Some(Status::Partial);
    };
    let client = stream.sender.ip();
    let through_proxy = request.method == Some("CONNECT") || request.path.is_some_and(|path| path.contains("://"));
    for header in request.headers.iter().filter(|header| header.name.eq_ignore_ascii_case("Host")) {
        asked_host(stream, header.value, through_proxy, findings);
    }
    say_all(request.headers, "User-Agent", client, findings);
    let negotiation = negotiated(request.headers, ["Authorization", "Proxy-Authorization"], client, findings);
    after_body(size, request.headers, negotiation)
}

fn answer<'a>(stream: &Stream<'_>, bytes: &'a [u8], headers: &mut [Header<'a>], findings: &mut Findings<'_>) -> Parsed {
    let mut response = httparse::Response::new(headers);
    let Status::Complete(size) = response.parse(bytes).ok()? else {
        return Some(Status::Partial);
    };
    let server = stream.sender.ip();
    say_all(response.headers, "Server", server, findings);
    let negotiation = negotiated(response.headers, ["WWW-Authenticate", "Proxy-Authenticate"], server, findings);
    after_body(size, response.headers, negotiation)
}

/// A request's Host: what the receiver is asked for, or, when that is a proxy, what the client wants from it.
fn asked_host(stream: &Stream<'_>, value: &[u8], through_proxy: bool, findings: &mut Findings<'_>) {
    let mut host = clean(value, LONGEST_NAME);
    host.make_ascii_lowercase();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host.as_str(),
    };
    if name.starts_with('[') || name.parse::<IpAddr>().is_ok() {
        return;
    }
    let (server, client) = (stream.receiver.ip(), stream.sender.ip());
    if through_proxy {
        findings.say(Subject::Ip(client), relation::ASKS_FOR, name, &format!("of the proxy {server}"));
    } else {
        let detail = format!("Host, port {}, asked by {client}", stream.receiver.port());
        findings.say(Subject::Ip(server), relation::SERVED_AS, name, &detail);
    }
}

fn say_all(headers: &[Header<'_>], name: &str, owner: IpAddr, findings: &mut Findings<'_>) {
    for header in headers.iter().filter(|header| header.name.eq_ignore_ascii_case(name)) {
        findings.say(Subject::Ip(owner), relation::RUNS_SOFTWARE, header.value, name);
    }
}

/// Look for NTLM, bare or inside of Negotiate. Open while only the first of its three messages was there.
fn negotiated(headers: &[Header<'_>], names: [&str; 2], owner: IpAddr, findings: &mut Findings<'_>) -> Negotiation {
    let mut negotiation = Negotiation::Settled;
    for header in headers.iter().filter(|header| names.iter().any(|name| header.name.eq_ignore_ascii_case(name))) {
        let mut words = header.value.split(|&byte| byte == b' ').filter(|word| !word.is_empty());
        let scheme = words.next().unwrap_or_default();
        if !scheme.eq_ignore_ascii_case(b"NTLM") && !scheme.eq_ignore_ascii_case(b"Negotiate") {
            continue;
        }
        let token = words.next().filter(|token| token.len() <= LONGEST_TOKEN);
        let decoded = token.and_then(|token| BASE64.decode(token).ok()).unwrap_or_default();
        match ntlm::find(&decoded).and_then(|message| ntlm::said(owner, message, findings)) {
            Some(ntlm::Step::Challenge | ntlm::Step::Authenticate) => return Negotiation::Settled,
            Some(ntlm::Step::Negotiate) | None => negotiation = Negotiation::Open,
        }
    }
    negotiation
}

/// Where the next message begins; a body whose size is not plainly said ends the reading.
fn after_body(size: usize, headers: &[Header<'_>], negotiation: Negotiation) -> Parsed {
    let sized = |name: &str| headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
    let body = match (sized("Transfer-Encoding"), sized("Content-Length")) {
        (Some(_), _) => return Some(Status::Complete((size, Negotiation::Settled))),
        (None, None) => 0,
        (None, Some(header)) => std::str::from_utf8(header.value).ok()?.trim().parse::<usize>().ok()?,
    };
    Some(Status::Complete((size.checked_add(body)?, negotiation)))
}

#[cfg(test)]
mod tests;
