//! One offer, and what the server makes of it.

use std::io::{Error, ErrorKind};
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::rustls::client::danger::ServerCertVerifier;
use url::{Host, Url};

use super::answer::{Progress, read};
use super::certificate;
use super::client_hello::client_hello;
use super::offer::{CipherSuites, Handshake, Offer, TlsVersion};
use crate::http::{Fault, FaultKind};

/// How much of an answer is read, in bytes: the first records of any sane one.
const MOST: usize = 1 << 17;

/// Connects, offers, and reads until the server has chosen or refused. Only a fatal alert or a closed connection
/// refuse; everything else that is no choice is a fault.
pub(in crate::http) async fn probe(
    offer: &Offer,
    url: &Url,
    verifier: impl FnOnce() -> Result<Arc<dyn ServerCertVerifier>, String>,
) -> Result<Handshake, Fault> {
    let host = url.host_str().unwrap_or_default();
    let name = match url.host() {
        Some(Host::Domain(name)) => Some(name),
        _ => None,
    };
    let mut random = [0; 96];
    aws_lc_rs::rand::fill(&mut random).map_err(|_| tls("the system has no random numbers"))?;
    let hello = client_hello(offer, name, &random);
    let mut handshake = converse(connect(url).await?, &hello).await?;
    if let Handshake::Negotiated(chosen) = &mut handshake
        && offer.finish
        && offer.cipher_suites == CipherSuites::Usual
        && let Some(version) = TlsVersion::of_name(&chosen.version).filter(|v| *v >= TlsVersion::Tls12)
    {
        let stream = connect(url).await?;
        let verifier = verifier().map_err(tls)?;
        let finished = certificate::finish(stream, host, version, verifier).await.map_err(tls)?;
        (chosen.certificate, chosen.alpn) = (Some(finished.certificate), finished.alpn);
    }
    Ok(handshake)
}

async fn connect(url: &Url) -> Result<TcpStream, Fault> {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let port = url.port_or_known_default().unwrap_or(443);
    let addresses = tokio::net::lookup_host((host, port)).await;
    let addresses: Vec<_> =
        addresses.map_err(|e| Fault { kind: FaultKind::Dns, detail: e.to_string() })?.collect();
    let stream = TcpStream::connect(addresses.as_slice()).await.map_err(|e| match e.kind() {
        ErrorKind::TimedOut => Fault { kind: FaultKind::Timeout, detail: e.to_string() },
        _ => Fault { kind: FaultKind::Refused, detail: e.to_string() },
    })?;
    // A hello that waits for company would only be late.
    let _ = stream.set_nodelay(true);
    Ok(stream)
}

async fn converse(mut stream: TcpStream, hello: &[u8]) -> Result<Handshake, Fault> {
    if let Err(error) = stream.write_all(hello).await {
        return ended(&error, &[]);
    }
    let mut received = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer).await {
            Ok(0) => return ended(&ErrorKind::UnexpectedEof.into(), &received),
            Ok(count) => received.extend_from_slice(&buffer[..count]),
            Err(error) => return ended(&error, &received),
        }
        match read(&received) {
            Progress::Done(handshake) => return Ok(handshake),
            Progress::Nonsense(why) => {
                return Err(Fault { kind: FaultKind::Malformed, detail: why.to_owned() });
            }
            Progress::More if received.len() > MOST => {
                return Err(Fault {
                    kind: FaultKind::Malformed,
                    detail: "no end of records, and no answer".to_owned(),
                });
            }
            Progress::More => {}
        }
    }
}

/// A server that closes the connection without a word refuses as well; one that has begun to answer has broken off.
fn ended(error: &Error, received: &[u8]) -> Result<Handshake, Fault> {
    let is_closed = matches!(
        error.kind(),
        ErrorKind::UnexpectedEof
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
    );
    match (is_closed, received) {
        (true, []) => Ok(Handshake::Refused("the connection was closed".to_owned())),
        _ => Err(Fault { kind: FaultKind::Broken, detail: error.to_string() }),
    }
}

fn tls(detail: impl Into<String>) -> Fault {
    Fault { kind: FaultKind::Tls, detail: detail.into() }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::net::TcpListener;
    use tokio_util::task::AbortOnDropHandle;

    use super::super::offer::Negotiated;
    use super::*;
    use crate::http::{Transport, TransportOptions};

    /// What a server does once it has read the hello.
    #[derive(Clone, Copy)]
    enum Behaviour {
        Say(&'static [u8]),
        /// Says that, and neither goes on nor closes.
        Stall(&'static [u8]),
    }

    struct Server {
        origin: String,
        _task: AbortOnDropHandle<()>,
    }

    async fn serve(behaviour: Behaviour) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("https://{}", listener.local_addr().unwrap());
        let task = tokio::spawn(async move {
            let mut open = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = [0; 5];
                stream.read_exact(&mut head).await.unwrap();
                let mut rest = vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))];
                stream.read_exact(&mut rest).await.unwrap();
                let (Behaviour::Say(bytes) | Behaviour::Stall(bytes)) = behaviour;
                stream.write_all(bytes).await.unwrap();
                if matches!(behaviour, Behaviour::Stall(_)) {
                    open.push(stream);
                }
            }
        });
        Server { origin, _task: AbortOnDropHandle::new(task) }
    }

    fn transport(origin: &str) -> Transport {
        Transport::new(TransportOptions {
            concurrency: 4,
            requests_per_second: None,
            timeout: Duration::from_millis(500),
            body_limit: 1000,
            certificate_authorities: Vec::new(),
            origins: vec![origin.to_owned()],
        })
        .unwrap()
    }

    fn offer(url: String, finish: bool) -> Offer {
        let versions = vec![TlsVersion::Tls12, TlsVersion::Tls13];
        Offer { url, versions, cipher_suites: CipherSuites::Usual, finish }
    }

    async fn ask(behaviour: Behaviour) -> Result<Handshake, FaultKind> {
        let server = serve(behaviour).await;
        let url = format!("{}/token?code=secret", server.origin);
        transport(&server.origin).handshake(&offer(url, false)).await.map_err(|fault| fault.kind)
    }

    #[tokio::test]
    async fn only_what_is_definite_refuses() {
        let refused = |how: &str| Ok(Handshake::Refused(how.to_owned()));
        assert_eq!(ask(Behaviour::Say(&[21, 3, 3, 0, 2, 2, 40])).await, refused("alert handshake_failure"));
        assert_eq!(ask(Behaviour::Say(b"")).await, refused("the connection was closed"));
        assert_eq!(ask(Behaviour::Stall(b"")).await, Err(FaultKind::Timeout));
        assert_eq!(ask(Behaviour::Stall(&[21, 3, 3, 0, 2, 1, 112])).await, Err(FaultKind::Timeout));
        assert_eq!(ask(Behaviour::Say(&[22, 3, 3, 0, 40, 2])).await, Err(FaultKind::Broken));
        assert_eq!(ask(Behaviour::Say(b"HTTP/1.1 400 Bad Request\r\n\r\n")).await, Err(FaultKind::Malformed));
    }

    #[tokio::test]
    async fn what_the_server_chooses_is_told_and_need_not_be_finished() {
        const HELLO: &[u8] = &[
            22, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2,
            3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 0, 0, 47, 0,
        ];
        let chosen = Negotiated::of_numbers(0x0301, 0x002F);
        assert_eq!(ask(Behaviour::Say(HELLO)).await, Ok(Handshake::Negotiated(chosen)));
        let server = serve(Behaviour::Say(HELLO)).await;
        let told = transport(&server.origin).handshake(&offer(server.origin.clone(), true)).await;
        assert_eq!(told.map(|t| t.to_string()).unwrap(), "TLSv1.0 with TLS_RSA_WITH_AES_128_CBC_SHA");
    }

    #[tokio::test]
    async fn nobody_strange_and_nothing_in_the_clear_is_offered_anything() {
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let origin = format!("https://{free}");
        let transport = transport(&origin);
        let kind =
            async |url: &str| transport.handshake(&offer(url.to_owned(), false)).await.unwrap_err().kind;
        assert_eq!(kind("https://stranger.example/").await, FaultKind::Unsendable);
        assert_eq!(kind(&origin.replace("https", "http")).await, FaultKind::Unsendable);
        assert_eq!(kind("no url").await, FaultKind::Unsendable);
        assert_eq!(transport.sent(), 0);
        assert_eq!(kind(&origin).await, FaultKind::Refused);
        assert_eq!(transport.sent(), 1);
    }
}
