//! Our own ClientHello: RFC 6101 section 5.6.1.2, RFC 5246 section 7.4.1.2, RFC 8446 section 4.1.2.

use super::names;
use super::offer::{CipherSuites, Offer, TlsVersion};

/// Says that renegotiation is secured, to servers that ask for it (RFC 5746 section 3.3).
const RENEGOTIATION_INFO: u16 = 0x00FF;

/// x25519, secp256r1, secp384r1, secp521r1 (RFC 8446 section 4.2.7).
const GROUPS: [u16; 4] = [0x001D, 0x0017, 0x0018, 0x0019];

/// What certificates may be signed with (RFC 8446 section 4.2.3), old ways last.
const SIGNATURES: [u16; 14] = [
    0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0603, 0x0806, 0x0601, 0x0807, 0x0402, 0x0303, 0x0301,
    0x0203,
];

/// One record with a ClientHello. `host` is named (RFC 6066 section 3) unless it is an address; `random` fills the
/// client's random, the session id and the key share, which nobody will ever use.
pub(super) fn client_hello(offer: &Offer, host: Option<&str>, random: &[u8; 96]) -> Vec<u8> {
    let newest = offer.versions.iter().copied().max().unwrap_or(TlsVersion::Tls12);
    let is_modern = newest == TlsVersion::Tls13;
    let (nonce, rest) = random.split_at(32);
    let (session, share) = rest.split_at(32);

    let mut body = newest.min(TlsVersion::Tls12).number().to_be_bytes().to_vec();
    body.extend_from_slice(nonce);
    // Some machines on the way want to see a resumed session (RFC 8446 appendix D.4).
    vector8(&mut body, if is_modern { session } else { &[] });
    vector16(&mut body, &numbers(suites(offer)));
    vector8(&mut body, &[0]);
    if newest > TlsVersion::Ssl30 {
        vector16(&mut body, &extensions(offer, newest, host, share));
    }

    let mut message = vec![1];
    message.extend_from_slice(&length(body.len()).to_be_bytes()[1..]);
    message.append(&mut body);
    let mut record = vec![22];
    record.extend_from_slice(&newest.min(TlsVersion::Tls10).number().to_be_bytes());
    vector16(&mut record, &message);
    record
}

fn suites(offer: &Offer) -> Vec<u16> {
    let old = offer.versions.iter().any(|version| *version < TlsVersion::Tls13);
    let modern = offer.versions.contains(&TlsVersion::Tls13);
    let mut wanted: Vec<u16> = Vec::new();
    let mut add = |list: &[(u16, &str)]| wanted.extend(list.iter().map(|(number, _)| number));
    match offer.cipher_suites {
        CipherSuites::Usual => {
            add(if modern { names::MODERN } else { &[] });
            add(match old {
                true if offer.finish => names::FINISHABLE,
                true => names::USUAL,
                false => &[],
            });
        }
        CipherSuites::Unencrypted => add(names::NULL),
        CipherSuites::Anonymous => add(names::ANONYMOUS),
        CipherSuites::Export => add(names::EXPORT),
        CipherSuites::Rc4 => add(names::RC4),
    }
    if old {
        wanted.push(RENEGOTIATION_INFO);
    }
    wanted
}

fn extensions(offer: &Offer, newest: TlsVersion, host: Option<&str>, share: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    if let Some(host) = host {
        let mut name = vec![0];
        vector16(&mut name, host.as_bytes());
        let mut list = Vec::new();
        vector16(&mut list, &name);
        extension(&mut all, 0, &list);
    }
    let mut groups = Vec::new();
    vector16(&mut groups, &numbers(GROUPS));
    extension(&mut all, 10, &groups);
    if offer.versions.iter().any(|version| *version < TlsVersion::Tls13) {
        extension(&mut all, 11, &[1, 0]); // points are not compressed
        extension(&mut all, 23, &[]); // extended master secret, which some servers insist on
    }
    if newest >= TlsVersion::Tls12 {
        let mut signatures = Vec::new();
        vector16(&mut signatures, &numbers(SIGNATURES));
        extension(&mut all, 13, &signatures);
    }
    if newest == TlsVersion::Tls13 {
        let mut versions = Vec::new();
        let mut named = offer.versions.clone();
        named.sort_by(|a, b| b.cmp(a));
        vector8(&mut versions, &numbers(named.into_iter().map(TlsVersion::number)));
        extension(&mut all, 43, &versions);
        let mut entry = GROUPS[0].to_be_bytes().to_vec();
        vector16(&mut entry, share);
        let mut shares = Vec::new();
        vector16(&mut shares, &entry);
        extension(&mut all, 51, &shares);
        extension(&mut all, 45, &[1, 1]); // resumption with a new exchange of keys
    }
    all
}

fn numbers(list: impl IntoIterator<Item = u16>) -> Vec<u8> {
    list.into_iter().flat_map(u16::to_be_bytes).collect()
}

fn extension(all: &mut Vec<u8>, number: u16, body: &[u8]) {
    all.extend_from_slice(&number.to_be_bytes());
    vector16(all, body);
}

fn vector8(out: &mut Vec<u8>, body: &[u8]) {
    out.push(u8::try_from(body.len()).unwrap_or(u8::MAX));
    out.extend_from_slice(body);
}

fn vector16(out: &mut Vec<u8>, body: &[u8]) {
    out.extend_from_slice(&u16::try_from(body.len()).unwrap_or(u16::MAX).to_be_bytes());
    out.extend_from_slice(body);
}

/// Nothing here comes near the limit of 24 bits: a host name has 253 characters at most.
fn length(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hello(versions: &[TlsVersion], cipher_suites: CipherSuites, host: Option<&str>) -> Vec<u8> {
        let (url, versions) = ("https://as.example/".to_owned(), versions.to_vec());
        client_hello(&Offer { url, versions, cipher_suites, finish: false }, host, &[7; 96])
    }

    /// What a stranger's implementation reads in it: its own checks are stricter than ours.
    fn read(record: &[u8]) -> tokio_rustls::rustls::server::Accepted {
        let mut acceptor = tokio_rustls::rustls::server::Acceptor::default();
        acceptor.read_tls(&mut &record[..]).unwrap();
        acceptor.accept().map_err(|(error, _)| error).unwrap().unwrap()
    }

    #[test]
    fn a_library_reads_what_was_offered() {
        use tokio_rustls::rustls::CipherSuite;
        let modern = hello(&[TlsVersion::Tls12, TlsVersion::Tls13], CipherSuites::Usual, Some("as.example"));
        let accepted = read(&modern);
        let seen = accepted.client_hello();
        assert_eq!(seen.server_name(), Some("as.example"));
        assert!(seen.cipher_suites().contains(&CipherSuite::TLS13_AES_128_GCM_SHA256));
        assert!(seen.cipher_suites().contains(&CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256));
        assert_eq!(seen.signature_schemes().len(), SIGNATURES.len());

        let weak = hello(&[TlsVersion::Tls12], CipherSuites::Unencrypted, None);
        let accepted = read(&weak);
        let seen = accepted.client_hello();
        assert_eq!(seen.server_name(), None);
        let suites: Vec<u16> = seen.cipher_suites().iter().map(|suite| u16::from(*suite)).collect();
        let null: Vec<u16> = names::NULL.iter().map(|(number, _)| *number).collect();
        assert_eq!(suites, [null, vec![RENEGOTIATION_INFO]].concat());
    }

    #[test]
    fn the_oldest_have_no_extensions_and_say_their_version() {
        let record = hello(&[TlsVersion::Ssl30], CipherSuites::Usual, Some("as.example"));
        assert_eq!(record[..3], [22, 3, 0]);
        assert_eq!(usize::from(u16::from_be_bytes([record[3], record[4]])), record.len() - 5);
        assert_eq!((record[5], &record[9..11]), (1, &[3, 0][..]));
        let suites = usize::from(u16::from_be_bytes([record[44], record[45]]));
        assert_eq!(record.len(), 46 + suites + 2, "nothing after the compression methods");
        assert!(!record.windows(10).any(|part| part == b"as.example"));
        for (version, number) in [(TlsVersion::Tls10, 1), (TlsVersion::Tls11, 2), (TlsVersion::Tls12, 3)] {
            let record = hello(&[version], CipherSuites::Usual, Some("as.example"));
            assert_eq!((&record[..3], &record[9..11]), (&[22, 3, 1][..], &[3, number][..]));
            assert!(record.windows(10).any(|part| part == b"as.example"));
        }
    }
}
