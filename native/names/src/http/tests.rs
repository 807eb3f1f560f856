use super::*;
use crate::ntlm::tests::{challenge, login, negotiation};
use crate::testing::*;

#[test]
fn a_request_names_the_server_and_the_client_its_program() {
    let (progress, found) =
        names_to(8080, b"GET /a?token=1 HTTP/1.1\r\nHost: Intra.Example.com:8080\r\nUser-Agent: curl/8.5.0\r\n\r\n");
    assert_eq!(progress, Progress::Done);
    assert_eq!(
        said(&found),
        [(ip(SERVER), "served-as", "intra.example.com"), (ip(CLIENT), "runs-software", "curl/8.5.0")]
    );
    assert_eq!(found[0].detail, "Host, port 8080, asked by 192.0.2.10");
}

#[test]
fn a_server_says_what_it_runs() {
    let answer = b"HTTP/1.1 302 Found\r\nServer: nginx/1.22.1\r\nContent-Length: 3\r\n\r\nabc";
    for size in 0..answer.len() - 4 {
        assert_eq!(names_from(80, &answer[..size]), (Progress::MoreBytes, vec![]));
    }
    let (progress, found) = names_from(80, answer);
    assert_eq!(progress, Progress::Done);
    assert_eq!(said(&found), [(ip(SERVER), "runs-software", "nginx/1.22.1")]);
}

#[test]
fn a_proxy_is_not_what_it_is_asked_for() {
    let (_, found) = names_to(3128, b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n");
    assert_eq!(said(&found), [(ip(CLIENT), "asks-for", "example.com")]);
}

#[test]
fn an_address_is_no_name() {
    for host in ["192.0.2.1", "192.0.2.1:80", "[2001:db8::1]:80"] {
        assert!(names_to(80, format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes()).1.is_empty());
    }
}

#[test]
fn ntlm_is_waited_for_and_read() {
    let offer = "HTTP/1.1 401 No\r\nWWW-Authenticate: NTLM\r\nContent-Length: 2\r\n\r\nno".to_owned();
    assert_eq!(names_from(80, offer.as_bytes()), (Progress::MoreBytes, vec![]));
    let token = BASE64.encode(&challenge());
    let answers = format!("{offer}HTTP/1.1 401 No\r\nWWW-Authenticate: NTLM {token}\r\nServer: IIS\r\n\r\n");
    let (progress, found) = names_from(80, answers.as_bytes());
    assert_eq!(progress, Progress::Done);
    assert!(found.iter().any(|name| name.value == "files.example.com"));

    let first = format!("GET / HTTP/1.1\r\nAuthorization: Negotiate {}\r\n\r\n", BASE64.encode(&negotiation()));
    assert_eq!(names_to(80, first.as_bytes()).0, Progress::MoreBytes);
    let wrapped = BASE64.encode(&[b"\xa1\x81\x90spnego".as_slice(), &login()].concat());
    let second = format!("{first}GET / HTTP/1.1\r\nAuthorization: Negotiate {wrapped}\r\n\r\n");
    let (progress, found) = names_to(80, second.as_bytes());
    assert_eq!(progress, Progress::Done);
    assert_eq!(said(&found)[0], (ip(CLIENT), "is-called", "DESK-7"));
}
