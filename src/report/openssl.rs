use super::shell::word;
use crate::model::OfferRecord;

/// A command for OpenSSL that offers a server what a handshake offered it, and shows what it chose and its certificate.
///
/// Suites that no client should offer are only in builds of OpenSSL that still have them; the security level that
/// these builds begin with would leave them out.
pub(super) fn s_client(offer: &OfferRecord) -> String {
    let mut words = vec!["openssl".to_owned(), "s_client".to_owned(), "-connect".to_owned(), word(&offer.to)];
    match offer.to.rsplit_once(':').map_or(offer.to.as_str(), |(host, _)| host) {
        host if host.starts_with('[') || host.parse::<std::net::Ipv4Addr>().is_ok() => {
            words.push("-noservername".to_owned());
        }
        host => words.extend(["-servername".to_owned(), word(host)]),
    }
    match (offer.versions.first(), offer.versions.last()) {
        (Some(oldest), Some(newest)) if oldest != newest => {
            for (end, version) in [("-min_protocol", oldest), ("-max_protocol", newest)] {
                words.extend([end.to_owned(), word(protocol(version))]);
            }
        }
        (Some(only), _) => words.push(format!("-{}", flag(only))),
        _ => {}
    }
    let is_old = offer.versions.iter().any(|version| !matches!(version.as_str(), "TLSv1.2" | "TLSv1.3"));
    let ciphers = match offer.cipher_suites.as_str() {
        "unencrypted" => "eNULL",
        "anonymous" => "aNULL",
        "export" => "EXPORT",
        "rc4" => "RC4",
        _ if is_old => "ALL",
        _ => "",
    };
    if !ciphers.is_empty() {
        words.extend(["-cipher".to_owned(), format!("{ciphers}:@SECLEVEL=0")]);
    }
    format!("{} </dev/null", words.join(" "))
}

/// OpenSSL's own name.
fn protocol(version: &str) -> &str {
    if version == "TLSv1.0" { "TLSv1" } else { version }
}

/// The option that allows that version alone.
fn flag(version: &str) -> &'static str {
    match version {
        "SSLv3" => "ssl3",
        "TLSv1.0" => "tls1",
        "TLSv1.1" => "tls1_1",
        "TLSv1.2" => "tls1_2",
        _ => "tls1_3",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(to: &str, versions: &[&str], cipher_suites: &str) -> String {
        let versions = versions.iter().map(|version| (*version).to_owned()).collect();
        s_client(&OfferRecord { to: to.to_owned(), versions, cipher_suites: cipher_suites.to_owned() })
    }

    #[test]
    fn the_offer_is_made_again() {
        assert_eq!(
            command("as.example:443", &["TLSv1.2", "TLSv1.3"], "usual"),
            "openssl s_client -connect as.example:443 -servername as.example -min_protocol TLSv1.2 -max_protocol TLSv1.3 </dev/null"
        );
        assert_eq!(
            command("[::1]:8443", &["TLSv1.0"], "usual"),
            "openssl s_client -connect '[::1]:8443' -noservername -tls1 -cipher ALL:@SECLEVEL=0 </dev/null"
        );
        assert_eq!(
            command("127.0.0.1:1", &["TLSv1.2"], "anonymous"),
            "openssl s_client -connect 127.0.0.1:1 -noservername -tls1_2 -cipher aNULL:@SECLEVEL=0 </dev/null"
        );
        let hostile = command("$(id):1", &["$(id)", "TLSv1.3"], "$(id)");
        assert!(!hostile.contains(" $(") && hostile.contains("'$(id):1'"), "{hostile}");
    }
}
