use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use std::time::{Duration, Instant};

use reqwest::{Certificate, Client, Url};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio_rustls::rustls::client::danger::ServerCertVerifier;

use super::fault::fault;
use super::handshake::{probe, verifier};
use super::nearby::{Nearby, ask};
use super::pace::Pace;
use super::sendable::sendable;
use super::{Endpoint, Exchange, Fault, FaultKind, Handshake, Headers, Offer, Request, Response};

/// What requests name as their sender unless they say otherwise.
pub(super) const USER_AGENT: &str = concat!("oauthspec/", env!("CARGO_PKG_VERSION"));

/// Shorter than any server keeps an idle connection, so that none is used in the moment of its end: such a
/// request would be lost, and it is never sent again.
const IDLE: Duration = Duration::from_secs(1);

/// How to speak to a target.
#[derive(Clone, Debug, PartialEq)]
pub struct TransportOptions {
    /// Requests in flight at once, at least 1.
    pub concurrency: usize,
    /// Requests begun in a second, on average; no limit if unsaid.
    pub requests_per_second: Option<f64>,
    /// How long an exchange may take, from connecting to the last byte of the body.
    pub timeout: Duration,
    /// How many bytes of a body are read.
    pub body_limit: usize,
    /// Further certificate authorities to trust, PEM; may be empty.
    pub certificate_authorities: Vec<u8>,
    /// The only origins to talk to, `https://as.example:8443`; of a longer URL only the origin counts.
    pub origins: Vec<String>,
}

/// What sends requests: once each, to the target's hosts only, and not too many at a time.
///
/// Clones are the same transport.
#[derive(Clone, Debug)]
pub struct Transport {
    shared: Arc<Shared>,
}

/// Why there is no transport.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The PEM text cannot be read.
    #[error("the certificate authorities cannot be read as PEM")]
    Certificates(#[source] reqwest::Error),
    /// The PEM text holds something else, or nothing.
    #[error("there is no certificate among the certificate authorities")]
    NoCertificate,
    /// TLS cannot be set up, with the system's certificates or with the bundled ones.
    #[error("the HTTP client cannot be set up")]
    Client(#[source] reqwest::Error),
    /// Zero, negative or not a number.
    #[error("{0} requests per second cannot be kept")]
    Rate(f64),
    /// Not an `http` or `https` URL.
    #[error("{0:?} is not an origin")]
    Origin(String),
}

impl Transport {
    /// Sets up the client; the run's clock starts here. Without certificates of the system, the bundled roots
    /// serve.
    pub fn new(options: TransportOptions) -> Result<Self, TransportError> {
        let concurrency = options.concurrency.clamp(1, Semaphore::MAX_PERMITS);
        let client = client(&options.certificate_authorities, concurrency)?;
        Self::over(Wire::Network(client), options)
    }

    /// As [`Transport::new`], to a server in this process.
    pub fn nearby(options: TransportOptions, server: Arc<dyn Nearby>) -> Result<Self, TransportError> {
        Self::over(Wire::Nearby(server), options)
    }

    fn over(wire: Wire, options: TransportOptions) -> Result<Self, TransportError> {
        if let Some(rate) = options.requests_per_second.filter(|rate| !(rate.is_finite() && *rate > 0.0)) {
            return Err(TransportError::Rate(rate));
        }
        let origins = options
            .origins
            .iter()
            .map(|text| origin(text).ok_or_else(|| TransportError::Origin(text.clone())))
            .collect::<Result<_, _>>()?;
        let concurrency = options.concurrency.clamp(1, Semaphore::MAX_PERMITS);
        let shared = Shared {
            wire,
            authorities: options.certificate_authorities,
            verifier: OnceLock::new(),
            timeout: options.timeout,
            body_limit: options.body_limit,
            origins: RwLock::new(origins),
            slots: Semaphore::new(concurrency),
            pace: Mutex::new(Pace::new(options.requests_per_second)),
            started: Instant::now(),
            ids: AtomicU64::new(0),
            sent: AtomicU64::new(0),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Sends a request once and waits for the end of the answer. Whatever goes wrong is in the exchange.
    pub async fn send(&self, endpoint: Endpoint, mut request: Request) -> Exchange {
        let shared = &*self.shared;
        let prepared = sendable(&mut request).and_then(|prepared| {
            let origin = prepared.url().origin().ascii_serialization();
            if shared.knows(&origin) {
                return Ok((prepared, origin));
            }
            Err(Fault::unsendable(format!("{} is not one of the target's hosts", host(prepared.url()))))
        });
        let (prepared, origin) = match prepared {
            Ok(prepared) => prepared,
            Err(fault) => return shared.record(endpoint, request, Instant::now(), Err(fault)),
        };

        let _slot = shared.turn(&origin).await;
        let started = Instant::now();
        shared.sent.fetch_add(1, Ordering::Relaxed);
        let answer = tokio::time::timeout(shared.timeout, shared.exchange(prepared)).await;
        let result = answer.unwrap_or_else(|_| Err(shared.late()));
        if let Ok(response) = &result {
            shared.pace().observe(&origin, response, tokio::time::Instant::now());
        }
        shared.record(endpoint, request, started, result)
    }

    /// Opens a connection with an offer of our own and tells what the server makes of it; the connection is closed
    /// before any request. Counts as a request, and goes where requests go.
    ///
    /// # Errors
    ///
    /// No connection, no answer in time, or none of TLS.
    pub async fn handshake(&self, offer: &Offer) -> Result<Handshake, Fault> {
        let shared = &*self.shared;
        let url = Url::parse(&offer.url).map_err(|e| Fault::unsendable(e.to_string()))?;
        if url.scheme() != "https" {
            return Err(Fault::unsendable(format!("{} is not reached by TLS", host(&url))));
        }
        let origin = origin(&offer.url).filter(|origin| shared.knows(origin));
        let origin = origin
            .ok_or_else(|| Fault::unsendable(format!("{} is not one of the target's hosts", host(&url))))?;
        let _slot = shared.turn(&origin).await;
        shared.sent.fetch_add(1, Ordering::Relaxed);
        let trust = || shared.verifier.get_or_init(|| verifier(&shared.authorities)).clone();
        let probed = probe(offer, &url, trust);
        tokio::time::timeout(shared.timeout, probed).await.unwrap_or_else(|_| Err(shared.late()))
    }

    /// Adds the origin of a URL to those that may be talked to; anything else adds nothing.
    pub fn allow(&self, url: &str) {
        if let Some(origin) = origin(url) {
            self.shared.origins.write().unwrap_or_else(PoisonError::into_inner).insert(origin);
        }
    }

    /// Whether requests may go to that URL.
    pub fn allows(&self, url: &str) -> bool {
        origin(url).is_some_and(|origin| self.shared.knows(&origin))
    }

    /// How many requests have gone out.
    pub fn sent(&self) -> u64 {
        self.shared.sent.load(Ordering::Relaxed)
    }
}

/// What requests go over.
#[derive(Debug)]
enum Wire {
    Network(Client),
    Nearby(Arc<dyn Nearby>),
}

#[derive(Debug)]
struct Shared {
    wire: Wire,
    authorities: Vec<u8>,
    /// Made when it is first asked for: it reads the system's roots.
    verifier: OnceLock<Result<Arc<dyn ServerCertVerifier>, String>>,
    timeout: Duration,
    body_limit: usize,
    origins: RwLock<HashSet<String>>,
    slots: Semaphore,
    pace: Mutex<Pace>,
    started: Instant,
    ids: AtomicU64,
    sent: AtomicU64,
}

impl Shared {
    fn knows(&self, origin: &str) -> bool {
        self.origins.read().unwrap_or_else(PoisonError::into_inner).contains(origin)
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn sit_out(&self, origin: &str) {
        let until = self.pace().paused_until(origin, tokio::time::Instant::now());
        if let Some(until) = until {
            tokio::time::sleep_until(until).await;
        }
    }

    /// Waits until something may be sent there. A pause is sat out before a slot is taken, so that a paused origin
    /// holds up no other.
    async fn turn(&self, origin: &str) -> Option<SemaphorePermit<'_>> {
        self.sit_out(origin).await;
        let slot = self.slots.acquire().await.ok();
        let now = tokio::time::Instant::now();
        let due = self.pace().reserve(now);
        if due > now {
            tokio::time::sleep_until(due).await;
        }
        self.sit_out(origin).await;
        slot
    }

    fn late(&self) -> Fault {
        let seconds = self.timeout.as_secs_f64();
        Fault { kind: FaultKind::Timeout, detail: format!("nothing complete after {seconds} s") }
    }

    async fn exchange(&self, request: reqwest::Request) -> Result<Response, Fault> {
        let client = match &self.wire {
            Wire::Network(client) => client,
            Wire::Nearby(server) => return ask(&**server, request, self.body_limit).await,
        };
        let https = request.url().scheme() == "https";
        let mut response = client.execute(request).await.map_err(|e| fault(e, https))?;
        let mut body = Vec::new();
        let mut truncated = false;
        while let Some(chunk) = response.chunk().await.map_err(|e| fault(e, https))? {
            let room = self.body_limit.saturating_sub(body.len());
            body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
            if chunk.len() > room {
                truncated = true;
                break;
            }
        }
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect();
        Ok(Response { status: response.status().as_u16(), headers: Headers(headers), body, truncated })
    }

    fn record(
        &self,
        endpoint: Endpoint,
        request: Request,
        started: Instant,
        result: Result<Response, Fault>,
    ) -> Exchange {
        Exchange {
            id: self.ids.fetch_add(1, Ordering::Relaxed),
            endpoint,
            started_ms: milliseconds(started.saturating_duration_since(self.started)),
            duration_ms: milliseconds(started.elapsed()),
            request,
            result,
        }
    }
}

fn client(authorities: &[u8], concurrency: usize) -> Result<Client, TransportError> {
    let mut extra = Vec::new();
    if !authorities.is_empty() {
        extra = Certificate::from_pem_bundle(authorities).map_err(TransportError::Certificates)?;
        if extra.is_empty() {
            return Err(TransportError::NoCertificate);
        }
    }
    let builder = || {
        Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .http1_only()
            .tcp_nodelay(true)
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(concurrency)
    };
    builder()
        .tls_certs_merge(extra.clone())
        .build()
        .or_else(|_| {
            let bundled = webpki_root_certs::TLS_SERVER_ROOT_CERTS;
            let roots = bundled.iter().filter_map(|der| Certificate::from_der(der).ok());
            builder().tls_certs_only(roots.chain(extra)).build()
        })
        .map_err(TransportError::Client)
}

/// The origin of an `http` or `https` URL (RFC 6454), with the port only where it is not the usual one.
fn origin(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.origin().ascii_serialization())
}

fn host(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}{port}", url.host_str().unwrap_or_default())
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::super::loopback::{Answer, Loopback, redirect, response};
    use super::*;

    fn options(origins: &[&str]) -> TransportOptions {
        TransportOptions {
            concurrency: 4,
            requests_per_second: None,
            timeout: Duration::from_secs(10),
            body_limit: 1000,
            certificate_authorities: Vec::new(),
            origins: origins.iter().map(|&o| o.to_owned()).collect(),
        }
    }

    fn get(url: String) -> Request {
        Request { method: "GET".into(), url, ..Request::default() }
    }

    async fn ask(answer: impl Fn() -> Answer + Send + Sync + 'static) -> Exchange {
        let server = Loopback::serve(move |_| answer()).await;
        let transport = Transport::new(options(&[&server.origin])).unwrap();
        transport.send(Endpoint::Token, get(server.url("/secret-path?code=secret"))).await
    }

    fn kind(exchange: &Exchange) -> FaultKind {
        let fault = exchange.result.as_ref().unwrap_err();
        assert!(!fault.detail.contains("secret"), "{fault}");
        assert!(!fault.detail.is_empty());
        fault.kind
    }

    #[tokio::test]
    async fn what_goes_and_comes_is_written_down() {
        let server =
            Loopback::serve(|_| response(201, "X-A: 1\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n", b"\xffbody"))
                .await;
        let transport = Transport::new(options(&[&server.origin])).unwrap();
        let mut request = get(server.url("/token?a=b%20c&a=2"));
        request.method = "PATCH".into();
        request.body = b"grant_type=x".to_vec();
        request.headers.push("X-Two", "1");
        request.headers.push("X-Two", "2");
        let exchange = transport.send(Endpoint::Token, request).await;
        let seen = &server.seen()[0];
        assert_eq!((seen.method.as_str(), seen.target.as_str()), ("PATCH", "/token?a=b%20c&a=2"));
        assert_eq!((seen.body.as_str(), seen.header("user-agent")), ("grant_type=x", Some(USER_AGENT)));
        assert_eq!(seen.head.matches("x-two").count(), 2);
        let response = exchange.response().unwrap();
        assert_eq!((response.status, response.body.as_slice()), (201, &b"\xffbody"[..]));
        assert_eq!(response.headers.all("set-cookie").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!((exchange.id, transport.sent(), response.truncated), (0, 1, false));
    }

    #[tokio::test]
    async fn redirects_are_not_followed() {
        let exchange = ask(|| redirect("/elsewhere")).await;
        assert_eq!(exchange.response().unwrap().headers.first("Location"), Some("/elsewhere"));
    }

    #[tokio::test]
    async fn strangers_are_not_spoken_to() {
        let server = Loopback::serve(|_| response(200, "", b"")).await;
        let transport = Transport::new(options(&["http://other.example"])).unwrap();
        let exchange = transport.send(Endpoint::Other, get(server.url("/x?code=secret"))).await;
        assert_eq!(kind(&exchange), FaultKind::Unsendable);
        assert!(exchange.result.unwrap_err().detail.ends_with("is not one of the target's hosts"));
        assert!(server.seen().is_empty());
        assert_eq!(transport.sent(), 0);
        assert!(!transport.allows(&server.url("/")));
        transport.allow(&server.url("/any/page"));
        assert!(transport.allows(&server.url("/x")) && !transport.allows("http://127.0.0.1:1/"));
        assert!(transport.send(Endpoint::Other, get(server.url("/x"))).await.result.is_ok());
    }

    #[tokio::test]
    async fn a_busy_server_gets_its_pause() {
        let server = Loopback::serve(|_| response(429, "Retry-After: 20\r\n", b"")).await;
        let transport = Transport::new(options(&[&server.origin])).unwrap();
        let exchange = transport.send(Endpoint::Token, get(server.url("/"))).await;
        assert_eq!(exchange.response().unwrap().status, 429);
        assert_eq!(server.seen().len(), 1, "never sent again");
        let now = tokio::time::Instant::now();
        let until = transport.shared.pace().paused_until(&server.origin, now).unwrap();
        assert!(until - now > Duration::from_secs(10));
    }

    #[tokio::test]
    async fn an_endless_body_is_cut() {
        let head = b"HTTP/1.1 200 OK\r\n\r\n";
        let exchange = ask(|| Answer::Endless(head.to_vec(), vec![b'x'; 4000])).await;
        let response = exchange.response().unwrap();
        assert_eq!((response.body.len(), response.truncated), (1000, true));
    }

    #[tokio::test]
    async fn a_body_of_just_the_limit_is_whole() {
        let exchange = ask(|| response(200, "", &[b'x'; 1000])).await;
        let response = exchange.response().unwrap();
        assert_eq!((response.body.len(), response.truncated), (1000, false));
    }

    #[tokio::test]
    async fn what_is_not_http_is_malformed() {
        for garbage in [
            "\0\0\0\0\r\n\r\n",
            "SSH-2.0-OpenSSH\r\n",
            "HTTP/1.1 2x0\r\n\r\n",
            "HTTP/1.1 200 OK\r\n bad : x\r\n\r\n",
        ] {
            assert_eq!(
                kind(&ask(|| Answer::Bytes(garbage.into())).await),
                FaultKind::Malformed,
                "{garbage:?}"
            );
        }
        let endless = || Answer::Endless(b"HTTP/1.1 200 OK\r\n".to_vec(), b"x-more: header\r\n".repeat(100));
        assert_eq!(kind(&ask(endless).await), FaultKind::Malformed);
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n";
        assert_eq!(kind(&ask(|| Answer::Bytes(chunked.into())).await), FaultKind::Malformed);
    }

    #[tokio::test]
    async fn an_early_end_is_a_broken_connection() {
        for part in ["", "HTTP/1.1 200 OK\r\nContent-", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"] {
            assert_eq!(kind(&ask(|| Answer::Bytes(part.into())).await), FaultKind::Broken, "{part:?}");
        }
    }

    #[tokio::test]
    async fn nobody_there_is_refused() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let transport = Transport::new(options(&[&origin])).unwrap();
        let exchange = transport.send(Endpoint::Token, get(format!("{origin}/secret"))).await;
        assert_eq!(kind(&exchange), FaultKind::Refused);
    }

    #[tokio::test]
    async fn plain_http_is_no_tls() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}/secret", listener.local_addr().unwrap());
        let transport = Transport::new(options(&[&url])).unwrap();
        let server = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n")
                .await
                .unwrap();
            stream
        };
        let (exchange, _stream) = futures_util::join!(transport.send(Endpoint::Token, get(url)), server);
        assert_eq!(kind(&exchange), FaultKind::Tls);
    }

    #[tokio::test]
    async fn one_at_a_time_is_one_at_a_time() {
        let quick = |seen: &super::super::loopback::Seen| match seen.path() {
            "/slow" => Answer::Silence,
            _ => response(200, "", b""),
        };
        let server = Loopback::serve(quick).await;
        let timeout = Duration::from_millis(50);
        let options = TransportOptions { concurrency: 0, timeout, ..options(&[&server.origin]) };
        let transport = Transport::new(options).unwrap();
        let slow = transport.send(Endpoint::Other, get(server.url("/slow")));
        let quick = transport.send(Endpoint::Other, get(server.url("/quick")));
        let (slow, quick) = futures_util::join!(slow, quick);
        assert_eq!(kind(&slow), FaultKind::Timeout);
        assert!(quick.result.is_ok());
        assert!(quick.started_ms >= slow.started_ms + 50.0, "{} {}", slow.started_ms, quick.started_ms);
    }

    #[test]
    fn further_authorities_are_taken() {
        use base64::Engine as _;
        let pem: String = webpki_root_certs::TLS_SERVER_ROOT_CERTS[..2]
            .iter()
            .map(|der| base64::engine::general_purpose::STANDARD.encode(der))
            .map(|text| format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n"))
            .collect();
        let options = TransportOptions { certificate_authorities: pem.into(), ..options(&[]) };
        assert!(Transport::new(options).is_ok());
    }

    #[test]
    fn options_that_make_no_sense_are_refused() {
        let new = |options| Transport::new(options).unwrap_err().to_string();
        assert!(new(options(&["as.example"])).contains("not an origin"));
        assert!(new(options(&["file:///"])).contains("not an origin"));
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let rate = TransportOptions { requests_per_second: Some(rate), ..options(&[]) };
            assert!(new(rate).contains("requests per second"));
        }
        let pem = |text: &str| TransportOptions { certificate_authorities: text.into(), ..options(&[]) };
        assert!(new(pem("nothing")).contains("certificate"));
        assert!(new(pem("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")).len() > 5);
    }
}
