//! The names in an X.509 certificate (RFC 5280).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;
use x509_parser::x509::X509Name;

use crate::found::{relation, Findings, Subject};

const MOST_ALTERNATIVES: usize = 48;

/// Say of a server which names the certificate that it showed is for, and who says so.
pub(crate) fn said(server: IpAddr, port: u16, der: &[u8], findings: &mut Findings<'_>) {
    let Ok((_, certificate)) = X509Certificate::from_der(der) else {
        return;
    };
    let server = Subject::Ip(server);
    let validity = certificate.validity();
    let until = validity.not_after.to_datetime();
    let detail = format!("port {port}, valid until {}", until.date());
    findings.say(server, relation::CERTIFICATE_ISSUER, known_as(certificate.issuer()), &detail);
    findings.say(server, relation::CERTIFICATE_SUBJECT, known_as(certificate.subject()), &detail);
    let Ok(Some(alternatives)) = certificate.subject_alternative_name() else {
        return;
    };
    for alternative in alternatives.value.general_names.iter().take(MOST_ALTERNATIVES) {
        match alternative {
            GeneralName::DNSName(name) => findings.say(server, relation::CERTIFICATE_SUBJECT, name, &detail),
            GeneralName::IPAddress(address) => {
                let text = address_text(address).unwrap_or_default();
                findings.say(server, relation::CERTIFICATE_SUBJECT, text, &detail);
            }
            _ => {}
        }
    }
}

/// The common name, else the unit, else the organisation.
fn known_as<'a>(name: &'a X509Name<'_>) -> &'a str {
    let text = |attribute: Option<&'a x509_parser::x509::AttributeTypeAndValue<'_>>| attribute?.as_str().ok();
    text(name.iter_common_name().next())
        .or_else(|| text(name.iter_organizational_unit().next()))
        .or_else(|| text(name.iter_organization().next()))
        .unwrap_or_default()
}

fn address_text(address: &[u8]) -> Option<String> {
    if let Ok(bytes) = <[u8; 4]>::try_from(address) {
        return Some(Ipv4Addr::from(bytes).to_string());
    }
    Some(Ipv6Addr::from(<[u8; 16]>::try_from(address).ok()?).to_string())
}

#[cfg(test)]
mod tests;
