use crate::testing::*;

#[test]
fn a_device_says_what_it_runs_and_where_it_is_described() {
    let notify = b"NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nCACHE-CONTROL: max-age=1800\r\n\
        LOCATION: http://198.51.100.5:5000/d.xml\r\nNT: upnp:rootdevice\r\nNTS: ssdp:alive\r\n\
        SERVER: Linux/5.10 UPnP/1.0 ExampleNAS/2.1\r\nUSN: uuid:0a1b::upnp:rootdevice\r\n\r\n";
    let found = names_of((SERVER, 1900), ("239.255.255.250", 1900), notify);
    assert_eq!(said(&found), [(ip(SERVER), "runs-software", "Linux/5.10 UPnP/1.0 ExampleNAS/2.1")]);
    assert_eq!(found[0].detail, "http://198.51.100.5:5000/d.xml uuid:0a1b::upnp:rootdevice");
}

#[test]
fn an_answer_and_a_search_are_read_too() {
    let answer = b"HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\nUSN: uuid:0a1b\r\nServer: Example/1\r\n\r\n";
    let found = names_of((SERVER, 1900), (CLIENT, 50000), answer);
    assert_eq!(said(&found), [(ip(SERVER), "runs-software", "Example/1")]);
    let search = b"M-SEARCH * HTTP/1.1\r\nMAN: \"ssdp:discover\"\r\nST: ssdp:all\r\nUSER-AGENT: Browser/9\r\n\r\n";
    let found = names_of((CLIENT, 50000), ("239.255.255.250", 1900), search);
    assert_eq!(said(&found), [(ip(CLIENT), "runs-software", "Browser/9")]);
}
