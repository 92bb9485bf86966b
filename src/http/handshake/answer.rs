//! The first records of an answer: a ServerHello (RFC 5246 section 7.4.1.3, RFC 8446 section 4.1.3) or an alert.

use super::names;
use super::offer::{Handshake, Negotiated};

/// The longest record that any version allows (RFC 5246 section 6.2.3).
const LONGEST_RECORD: usize = (1 << 14) + 2048;

/// The longest ServerHello that is read; it is never near it.
const LONGEST_HELLO: usize = 1 << 14;

/// Records before the decisive one: warnings, and pieces of it.
const MOST_RECORDS: usize = 64;

const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const SERVER_HELLO: u8 = 2;
const SUPPORTED_VERSIONS: u16 = 43;

/// How far one has come with what has been received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// It goes on.
    More,
    /// The server has answered.
    Done(Handshake),
    /// It is not TLS, and why.
    Nonsense(&'static str),
}

/// Reads an answer from its first byte on; to be called again with more bytes while it says [`Progress::More`].
pub(super) fn read(bytes: &[u8]) -> Progress {
    match records(bytes) {
        Ok(progress) => progress,
        Err(why) => Progress::Nonsense(why),
    }
}

fn records(bytes: &[u8]) -> Result<Progress, &'static str> {
    let mut rest = bytes;
    let mut message: Vec<u8> = Vec::new();
    for _ in 0..MOST_RECORDS {
        let Some((&kind, after)) = rest.split_first() else { return Ok(Progress::More) };
        if !matches!(kind, ALERT | HANDSHAKE) {
            return Err("what comes back is neither an alert nor a handshake");
        }
        match after {
            [] => return Ok(Progress::More),
            [3, ..] => {}
            _ => return Err("the record is of no version of TLS"),
        }
        let [_, _, high, low, after @ ..] = after else { return Ok(Progress::More) };
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        if length == 0 || length > LONGEST_RECORD {
            return Err("the record has a length that none may have");
        }
        let Some((payload, after)) = after.split_at_checked(length) else { return Ok(Progress::More) };
        rest = after;
        if kind == ALERT {
            if let Some(refusal) = alert(payload)? {
                return Ok(Progress::Done(Handshake::Refused(refusal)));
            }
            continue;
        }
        message.extend_from_slice(payload);
        if message.len() > LONGEST_HELLO {
            // Everything after the ServerHello may stand in the same record.
            message.truncate(LONGEST_HELLO);
        }
        if let Some(chosen) = server_hello(&message)? {
            return Ok(Progress::Done(Handshake::Negotiated(chosen)));
        }
    }
    Err("record after record, and no answer")
}

/// A fatal alert in words. Warnings (RFC 5246 section 7.2) end nothing, but for the one that says good-bye.
fn alert(payload: &[u8]) -> Result<Option<String>, &'static str> {
    let &[level, description] = payload else { return Err("the alert is not two bytes") };
    match (level, description) {
        (1, 0) | (2, _) => Ok(Some(format!("alert {}", names::alert(description)))),
        (1, _) => Ok(None),
        _ => Err("the alert has a level that there is not"),
    }
}

/// The ServerHello, once it is there.
fn server_hello(message: &[u8]) -> Result<Option<Negotiated>, &'static str> {
    let Some(&kind) = message.first() else { return Ok(None) };
    if kind != SERVER_HELLO {
        return Err("the handshake does not go on with a ServerHello");
    }
    let Some(length) = message.get(1..4) else { return Ok(None) };
    let length = usize::from(length[0]) << 16 | usize::from(length[1]) << 8 | usize::from(length[2]);
    if length > LONGEST_HELLO - 4 {
        return Err("the ServerHello is too long");
    }
    let Some(body) = message.get(4..4 + length) else { return Ok(None) };
    const SHORT: &str = "the ServerHello is too short";
    let (version, body) = number(body).ok_or(SHORT)?;
    let body = body.get(32..).ok_or(SHORT)?;
    let (&session, body) = body.split_first().ok_or(SHORT)?;
    if session > 32 {
        return Err("the session id is too long");
    }
    let body = body.get(usize::from(session)..).ok_or(SHORT)?;
    let (suite, body) = number(body).ok_or(SHORT)?;
    let (_compression, body) = body.split_first().ok_or(SHORT)?;
    let version = chosen_version(body)?.unwrap_or(version);
    Ok(Some(Negotiated::of_numbers(version, suite)))
}

/// The version that an extension names: TLS 1.3 looks like TLS 1.2 without it (RFC 8446 section 4.2.1).
fn chosen_version(extensions: &[u8]) -> Result<Option<u16>, &'static str> {
    const ODD: &str = "the extensions of the ServerHello cannot be read";
    if extensions.is_empty() {
        return Ok(None);
    }
    let (length, mut rest) = number(extensions).ok_or(ODD)?;
    if usize::from(length) != rest.len() {
        return Err(ODD);
    }
    let mut version = None;
    while !rest.is_empty() {
        let (kind, after) = number(rest).ok_or(ODD)?;
        let (length, after) = number(after).ok_or(ODD)?;
        let (body, after) = after.split_at_checked(usize::from(length)).ok_or(ODD)?;
        if kind == SUPPORTED_VERSIONS {
            let &[high, low] = body else { return Err(ODD) };
            version = Some(u16::from_be_bytes([high, low]));
        }
        rest = after;
    }
    Ok(version)
}

fn number(bytes: &[u8]) -> Option<(u16, &[u8])> {
    let (head, rest) = bytes.split_at_checked(2)?;
    Some((u16::from_be_bytes([head[0], head[1]]), rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A ServerHello in one record.
    fn hello(version: [u8; 2], suite: [u8; 2], extensions: &[u8]) -> Vec<u8> {
        let mut body = version.to_vec();
        body.extend_from_slice(&[9; 32]);
        body.push(2);
        body.extend_from_slice(&[1, 2]);
        body.extend_from_slice(&suite);
        body.push(0);
        if !extensions.is_empty() {
            body.extend_from_slice(&u16::try_from(extensions.len()).unwrap().to_be_bytes());
            body.extend_from_slice(extensions);
        }
        let mut message = vec![2, 0, 0, u8::try_from(body.len()).unwrap()];
        message.append(&mut body);
        message
    }

    fn record(kind: u8, payload: &[u8]) -> Vec<u8> {
        let mut record = vec![kind, 3, 3];
        record.extend_from_slice(&u16::try_from(payload.len()).unwrap().to_be_bytes());
        record.extend_from_slice(payload);
        record
    }

    fn done(bytes: &[u8]) -> String {
        match read(bytes) {
            Progress::Done(handshake) => handshake.to_string(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn versions_and_suites_are_told() {
        let old = record(22, &hello([3, 1], [0, 0x2F], &[]));
        assert_eq!(done(&old), "TLSv1.0 with TLS_RSA_WITH_AES_128_CBC_SHA");
        let modern = hello([3, 3], [0x13, 2], &[0, 51, 0, 1, 7, 0, 43, 0, 2, 3, 4]);
        assert_eq!(done(&record(22, &modern)), "TLSv1.3 with TLS_AES_256_GCM_SHA384");
        let draft = hello([3, 3], [0x13, 2], &[0, 43, 0, 2, 0x7F, 0x1C]);
        assert_eq!(done(&record(22, &draft)), "version 0x7F1C with TLS_AES_256_GCM_SHA384");
        let twelve = hello([3, 3], [0xC0, 0x2F], &[0, 23, 0, 0]);
        assert_eq!(done(&record(22, &twelve)), "TLSv1.2 with TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
    }

    #[test]
    fn alerts_refuse_and_warnings_do_not() {
        assert_eq!(done(&record(21, &[2, 70])), "handshake refused: alert protocol_version");
        assert_eq!(done(&record(21, &[1, 0])), "handshake refused: alert close_notify");
        let warning = record(21, &[1, 112]);
        assert_eq!(read(&warning), Progress::More);
        let then = [warning, record(22, &hello([3, 3], [0, 0x2F], &[]))].concat();
        assert_eq!(done(&then), "TLSv1.2 with TLS_RSA_WITH_AES_128_CBC_SHA");
    }

    #[test]
    fn pieces_are_put_together_wherever_they_are_cut() {
        let message = hello([3, 3], [0x13, 1], &[0, 43, 0, 2, 3, 4]);
        for cut in 1..message.len() - 1 {
            let (head, tail) = message.split_at(cut);
            let bytes = [record(22, head), record(22, tail)].concat();
            assert_eq!(done(&bytes), "TLSv1.3 with TLS_AES_128_GCM_SHA256");
            for end in 0..bytes.len() {
                assert_eq!(read(&bytes[..end]), Progress::More, "{cut} {end}");
            }
        }
    }

    #[test]
    fn what_is_not_tls_is_not_taken_for_a_refusal() {
        for bytes in [
            b"HTTP/1.1 400 Bad Request\r\n".to_vec(),
            b"SSH-2.0".to_vec(),
            record(23, &[0; 9]),
            record(21, &[2]),
            record(21, &[9, 40]),
            record(22, &[11, 0, 0, 0]),
            record(22, &[2, 1, 0, 0]),
            record(22, &hello([3, 3], [0, 1], &[0, 43, 0, 9, 3, 4])),
            vec![22, 3, 3, 0xFF, 0xFF],
            vec![21, 3, 1, 0, 0],
            vec![22, 2, 0],
            record(21, &[1, 90]).repeat(100),
        ] {
            assert!(matches!(read(&bytes), Progress::Nonsense(_)), "{:?} {bytes:?}", read(&bytes));
        }
    }

    proptest! {
        /// Whatever comes, and however it is cut, it is read without a panic; more bytes never change an answer.
        #[test]
        fn any_bytes_are_read(
            bytes in prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..200),
                (proptest::collection::vec(any::<u8>(), 0..120), any::<bool>()).prop_map(|(payload, is_alert)| {
                    record(if is_alert { 21 } else { 22 }, &payload)
                }),
                proptest::collection::vec(any::<u8>(), 0..90).prop_map(|tail| {
                    let mut message = hello([3, 3], [0x13, 1], &tail);
                    let length = message.len() - 4;
                    message[3] = u8::try_from(length).unwrap();
                    record(22, &message)
                }),
            ],
            cut in any::<prop::sample::Index>(),
            more in proptest::collection::vec(any::<u8>(), 0..20),
        ) {
            let whole = read(&bytes);
            let part = read(&bytes[..cut.index(bytes.len() + 1)]);
            prop_assert!(part == Progress::More || part == whole);
            if whole != Progress::More {
                prop_assert_eq!(read(&[bytes, more].concat()), whole);
            }
        }
    }
}
