use crate::reference::defect::{Defect, DefectSet};
use crate::reference::tls::hello::{ClientHello, TLS10, TLS11, TLS12, alone, is_good, server_hello};

/// Suites that no library speaks any more: without encryption, with short keys, with RC4, without a certificate.
const NULL: [u16; 2] = [0x003B, 0x0002];
const EXPORT: [u16; 2] = [0x0003, 0x0008];
const RC4: [u16; 2] = [0x0005, 0x0004];
const ANONYMOUS: [u16; 2] = [0x00A6, 0x0034];

/// What a server does with a client that opens a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Greeting {
    /// Goes on in one of its ways.
    GoOn(Manner),
    /// Answers with these bytes and says no more: no library would go on from there.
    Say(Vec<u8>),
}

/// Ways to go on with a handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// TLS 1.2 and 1.3, as the client likes it (RFC 9325 section 3.1.1).
    Sound,
    /// TLS 1.2 alone.
    Tls12Alone,
    /// TLS 1.2 with a certificate of another name.
    OtherName,
    /// TLS 1.2 with a certificate that has expired.
    Expired,
}

/// Reads the ClientHello as far as it can be read. What is none is the library's to refuse.
pub(crate) fn greet(defects: &DefectSet, hello: Option<&ClientHello>) -> Greeting {
    let Some(hello) = hello else { return Greeting::GoOn(Manner::Sound) };
    let has = |defect| defects.contains(defect);
    let first = |suites: &[u16]| hello.cipher_suites.iter().copied().find(|suite| suites.contains(suite));
    let agreed = |suites: &[u16]| {
        first(suites).map(|suite| Greeting::Say(server_hello(hello.version.min(TLS12), suite)))
    };
    let usual = hello.cipher_suites.first().copied().unwrap_or_default();

    let spoken = match hello.version {
        ..TLS10 if has(Defect::SpeaksSsl3) => Some(Greeting::Say(server_hello(hello.version, usual))),
        TLS10 | TLS11 if has(Defect::SpeaksTls10) => Some(Greeting::Say(server_hello(hello.version, usual))),
        TLS12 if !hello.knows_tls13 && is_good(&usual) && has(Defect::StopsAtTls11) => {
            Some(Greeting::Say(server_hello(TLS11, usual)))
        }
        _ => None,
    };
    let agreed = match hello {
        _ if alone(hello, &NULL) && has(Defect::AgreesToNoEncryption) => agreed(&NULL),
        _ if alone(hello, &EXPORT) && has(Defect::AgreesToExportKeys) => agreed(&EXPORT),
        _ if alone(hello, &RC4) && has(Defect::AgreesToRc4) => agreed(&RC4),
        _ if alone(hello, &ANONYMOUS) && has(Defect::AgreesToNoCertificate) => agreed(&ANONYMOUS),
        _ => None,
    };
    let manner = match hello.knows_tls13 {
        _ if has(Defect::StopsAtTls12) => Manner::Tls12Alone,
        true if hello.knows_older && has(Defect::PrefersTls12) => Manner::Tls12Alone,
        false if has(Defect::ShowsCertificateOfAnotherName) => Manner::OtherName,
        false if has(Defect::ShowsExpiredCertificate) => Manner::Expired,
        _ => Manner::Sound,
    };
    spoken.or(agreed).unwrap_or(Greeting::GoOn(manner))
}
