use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use reqwest::{Certificate, Client, Url};
use tokio::sync::Semaphore;

use super::fault::fault;
use super::pace::Pace;
use super::sendable::sendable;
use super::{Endpoint, Exchange, Fault, FaultKind, Headers, Request, Response};

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
            client: client(&options.certificate_authorities, concurrency)?,
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
        let prepared = sendable(&mut request).and_then(|prepared| match origin(&request.url) {
            Some(origin) if shared.knows(&origin) => Ok((prepared, origin)),
            _ => Err(Fault::unsendable(format!("{} is not one of the target's hosts", host(prepared.url())))),
        });
        let (prepared, origin) = match prepared {
            Ok(prepared) => prepared,
            Err(fault) => return shared.record(endpoint, request, Instant::now(), Err(fault)),
        };

        // A pause is sat out before a slot is taken, so that a paused origin holds up no other.
        shared.sit_out(&origin).await;
        let _slot = shared.slots.acquire().await;
        let due = shared.pace().reserve(tokio::time::Instant::now());
        tokio::time::sleep_until(due).await;
        shared.sit_out(&origin).await;

        let started = Instant::now();
        shared.sent.fetch_add(1, Ordering::Relaxed);
        let answer = tokio::time::timeout(shared.timeout, shared.exchange(prepared)).await;
        let result = answer.unwrap_or_else(|_| {
            let seconds = shared.timeout.as_secs_f64();
            Err(Fault { kind: FaultKind::Timeout, detail: format!("nothing complete after {seconds} s") })
        });
        if let Ok(response) = &result {
            shared.pace().observe(&origin, response, tokio::time::Instant::now());
        }
        shared.record(endpoint, request, started, result)
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

#[derive(Debug)]
struct Shared {
    client: Client,
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

    async fn exchange(&self, request: reqwest::Request) -> Result<Response, Fault> {
        let https = request.url().scheme() == "https";
        let mut response = self.client.execute(request).await.map_err(|e| fault(e, https))?;
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
