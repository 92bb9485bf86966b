//! The first message of a handshake, as far as a server that is not sound has to know it, and an answer that no
//! library would give (RFC 5246 sections 7.4.1.2 and 7.4.1.3).

pub(crate) const TLS10: u16 = 0x0301;
pub(crate) const TLS11: u16 = 0x0302;
pub(crate) const TLS12: u16 = 0x0303;

/// The extension that tells that a client knows TLS 1.3 (RFC 8446 section 4.2.1).
const SUPPORTED_VERSIONS: u16 = 43;

/// What a client offers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ClientHello {
    /// The newest version before TLS 1.3.
    pub(crate) version: u16,
    pub(crate) cipher_suites: Vec<u16>,
    pub(crate) knows_tls13: bool,
    /// TLS 1.2 or older.
    pub(crate) knows_older: bool,
}

impl ClientHello {
    /// Of one whole record.
    pub(crate) fn read(record: &[u8]) -> Option<Self> {
        let body = record.get(9..).filter(|_| record.first() == Some(&22) && record.get(5) == Some(&1))?;
        let (version, rest) = number(body)?;
        let (_session, rest) = vector8(rest.get(32..)?)?;
        let (suites, rest) = vector16(rest)?;
        let (_compressions, rest) = vector8(rest)?;
        let cipher_suites =
            suites.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
        let mut extensions = vector16(rest).map_or(&[][..], |(extensions, _)| extensions);
        let (mut knows_tls13, mut knows_older) = (false, true);
        while let Some((kind, rest)) = number(extensions) {
            let (body, rest) = vector16(rest)?;
            if kind == SUPPORTED_VERSIONS {
                let mut versions = body.get(1..)?.chunks_exact(2);
                knows_tls13 = versions.clone().any(|version| version == [3, 4]);
                knows_older = versions.any(|version| version[0] == 3 && version[1] < 4);
            }
            extensions = rest;
        }
        Some(Self { version, cipher_suites, knows_tls13, knows_older })
    }
}

/// Whether the client offers one of these suites and none that a library speaks.
pub(crate) fn alone(hello: &ClientHello, suites: &[u16]) -> bool {
    !hello.cipher_suites.iter().any(is_good) && hello.cipher_suites.iter().any(|s| suites.contains(s))
}

/// Whether a library speaks the suite.
pub(crate) fn is_good(suite: &u16) -> bool {
    suite >> 8 == 0x13 || matches!(suite, 0xC02B | 0xC02C | 0xC02F | 0xC030 | 0xCCA8 | 0xCCA9)
}

/// A ServerHello in a record.
pub(crate) fn server_hello(version: u16, cipher_suite: u16) -> Vec<u8> {
    let mut body = version.to_be_bytes().to_vec();
    body.extend_from_slice(&[0x5A; 32]); // nobody will make a key of it
    body.push(0);
    body.extend_from_slice(&cipher_suite.to_be_bytes());
    body.push(0);
    let message = [&[2, 0, 0, 38][..], &body].concat();
    let mut record = vec![22];
    record.extend_from_slice(&version.to_be_bytes());
    record.extend_from_slice(&[0, 42]);
    [record, message].concat()
}

fn number(bytes: &[u8]) -> Option<(u16, &[u8])> {
    let (head, rest) = bytes.split_at_checked(2)?;
    Some((u16::from_be_bytes([head[0], head[1]]), rest))
}

fn vector8(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first()?;
    rest.split_at_checked(usize::from(*length))
}

fn vector16(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = number(bytes)?;
    rest.split_at_checked(usize::from(length))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ClientHello of TLS 1.2 with two suites, and one extension of that number and body.
    fn record(extension: u8, body: &[u8]) -> Vec<u8> {
        let mut hello = vec![3, 3];
        hello.extend_from_slice(&[1; 32]);
        hello.extend_from_slice(&[0, 0, 4, 0xC0, 0x2F, 0x13, 1, 1, 0, 0]);
        let length = u8::try_from(body.len()).unwrap();
        hello.extend_from_slice(&[length + 4, 0, extension, 0, length]);
        hello.extend_from_slice(body);
        let length = u8::try_from(hello.len()).unwrap();
        [&[22, 3, 1, 0, length + 4, 1, 0, 0, length][..], &hello].concat()
    }

    #[test]
    fn what_is_offered_is_read() {
        let modern = ClientHello::read(&record(43, &[4, 3, 4, 3, 3])).unwrap();
        let suites = vec![0xC02F, 0x1301];
        assert_eq!((modern.version, &modern.cipher_suites), (TLS12, &suites));
        assert!(modern.knows_tls13 && modern.knows_older);
        assert!(!ClientHello::read(&record(43, &[2, 3, 4])).unwrap().knows_older);
        assert!(!ClientHello::read(&record(23, &[])).unwrap().knows_tls13);
        assert!(!alone(&modern, &[0xC02F]));
        let whole = record(43, &[2, 3, 4]);
        for end in 0..whole.len() {
            let _ = ClientHello::read(&whole[..end]);
        }
        assert_eq!(ClientHello::read(b"GET / HTTP/1.1\r\n\r\n"), None);
    }
}
