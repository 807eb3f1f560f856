use super::*;

#[test]
fn damage_gives_no_names() {
    let der = include_bytes!("../../tests/data/files.example.com.der");
    for size in 0..der.len() {
        let mut found = Vec::new();
        let server = "192.0.2.1".parse().unwrap();
        said(server, 443, &der[..size], &mut Findings::new(&mut found, "tls"));
        assert!(found.is_empty());
    }
}

#[test]
fn addresses_have_four_bytes_or_sixteen() {
    assert_eq!(address_text(&[192, 0, 2, 1]).as_deref(), Some("192.0.2.1"));
    assert_eq!(address_text(&[0; 16]).as_deref(), Some("::"));
    assert_eq!(address_text(&[0; 8]), None);
}
