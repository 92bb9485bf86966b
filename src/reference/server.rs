use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::State;
use axum::response::Response;
use axum::serve::{Listener, ListenerExt as _};
use http::{Method, StatusCode};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::admin;
use super::clock::Clock;
use super::context::{Context, Shared};
use super::defect::Defect;
use super::keys::published;
use super::policy::Policy;
use super::reply::Reply;
use super::request::{BODY_LIMIT, Request};
use super::store::{Client, Store, User};
use super::table::Endpoint;
use super::tls::{Certificate, TlsError, TlsListener};

/// How long stopping waits for answers under way.
const LAST_ANSWERS: Duration = Duration::from_secs(1);

/// The embedded authorization server; see [`Server::builder`].
#[derive(Debug)]
pub struct Server;

impl Server {
    /// Begins a server with the default policy, no clients and no users.
    ///
    /// ```
    /// use oauthspec::reference::{Defect, Policy, Server};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let server = Server::builder()
    ///     .policy(Policy { code_lifetime: std::time::Duration::from_secs(30), ..Policy::default() })
    ///     .clients(Server::sample_clients())
    ///     .users(Server::sample_users())
    ///     .defect(Defect::AcceptsReusedCode)
    ///     .start()
    ///     .await?;
    /// assert!(server.issuer().starts_with("http://127.0.0.1:"));
    /// server.stop().await;
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder() -> Builder {
        Builder::default()
    }
}

/// What a server is to be like.
#[derive(Clone)]
#[must_use = "a builder does nothing until it is started"]
pub struct Builder {
    address: SocketAddr,
    admin: Option<SocketAddr>,
    policy: Policy,
    clients: Vec<Client>,
    users: Vec<User>,
    defects: Vec<Defect>,
    manual_clock: bool,
    tls: bool,
    plain_http: Option<SocketAddr>,
    host: Option<String>,
    on_request: Option<Log>,
}

type Log = Arc<dyn Fn(LogLine) + Send + Sync>;

impl Default for Builder {
    fn default() -> Self {
        Self {
            address: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            admin: None,
            policy: Policy::default(),
            clients: Vec::new(),
            users: Vec::new(),
            defects: Vec::new(),
            manual_clock: false,
            tls: false,
            plain_http: None,
            host: None,
            on_request: None,
        }
    }
}

impl Builder {
    /// Where to listen; by default on a free port of 127.0.0.1.
    pub fn address(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Also listens there for `POST /clock` and `POST /reset`; by default nowhere.
    pub fn admin(mut self, address: SocketAddr) -> Self {
        self.admin = Some(address);
        self
    }

    /// What the server decides where the specifications leave it free.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Adds clients; of two with the same id the later counts.
    pub fn clients(mut self, clients: impl IntoIterator<Item = Client>) -> Self {
        self.clients.extend(clients);
        self
    }

    /// Adds users.
    pub fn users(mut self, users: impl IntoIterator<Item = User>) -> Self {
        self.users.extend(users);
        self
    }

    /// Adds a misbehaviour.
    pub fn defect(mut self, defect: Defect) -> Self {
        self.defects.push(defect);
        self
    }

    /// Adds misbehaviours.
    pub fn defects(mut self, defects: impl IntoIterator<Item = Defect>) -> Self {
        self.defects.extend(defects);
        self
    }

    /// Whether time stands still except when advanced, as tests want it.
    pub fn manual_clock(mut self, manual: bool) -> Self {
        self.manual_clock = manual;
        self
    }

    /// Whether to speak TLS, with a certificate made for this one server; clients trust it through
    /// [`RunningServer::ca_certificate`]. The admin address stays without.
    pub fn tls(mut self, tls: bool) -> Self {
        self.tls = tls;
        self
    }

    /// Also listens there without TLS, where the server speaks it, and sends what comes on to TLS; by default nowhere.
    pub fn plain_http(mut self, address: SocketAddr) -> Self {
        self.plain_http = Some(address);
        self
    }

    /// The name by which the issuer and the endpoints call the host; by default its address. With TLS only `localhost`
    /// is in the certificate too.
    pub fn host(mut self, name: impl Into<String>) -> Self {
        self.host = Some(name.into());
        self
    }

    /// Is told of each request once it is answered.
    pub fn on_request(mut self, log: Arc<dyn Fn(LogLine) + Send + Sync>) -> Self {
        self.on_request = Some(log);
        self
    }

    /// Starts the server on the current runtime.
    ///
    /// # Errors
    ///
    /// If an address is taken or cannot be listened on, or no certificate can be made.
    pub async fn start(self) -> Result<RunningServer, StartError> {
        let listener = listen(self.address).await?;
        let address = local_address(&listener, self.address)?;
        let admin_listener = match self.admin {
            Some(address) => Some(listen(address).await?),
            None => None,
        };
        let admin = match (&admin_listener, self.admin) {
            (Some(listener), Some(asked)) => Some(local_address(listener, asked)?),
            _ => None,
        };
        let plain_listener = match self.plain_http.filter(|_| self.tls) {
            Some(address) => Some((listen(address).await?, address)),
            None => None,
        };
        let plain = match &plain_listener {
            Some((listener, asked)) => Some(local_address(listener, *asked)?),
            None => None,
        };
        let certificate = match self.tls {
            true => Some(Certificate::for_address(reachable(address).ip())?),
            false => None,
        };
        let scheme = if self.tls { "https" } else { "http" };
        // Making the key takes a moment that no request should wait for.
        published(self.policy.access_token.algorithm);
        let clock = if self.manual_clock { Clock::manual() } else { Clock::running() };
        let at = |address: SocketAddr| match &self.host {
            Some(name) => format!("{name}:{}", address.port()),
            None => reachable(address).to_string(),
        };
        let plain_http = plain.map(|address| format!("http://{}", at(address)));
        let shared = Arc::new(Shared {
            issuer: format!("{scheme}://{}", at(address)),
            policy: self.policy,
            defects: self.defects.into_iter().collect(),
            clock,
            store: Store::new(self.clients, self.users),
        });
        let stopping = CancellationToken::new();
        let handler = Handler { server: Arc::clone(&shared), in_the_clear: false, log: self.on_request };
        let responder = Responder { handler: handler.clone(), admin: admin.map(|address| address.port()) };
        let router = |handler: Handler| Router::new().fallback(answer).with_state(handler);
        let mut tasks = Vec::new();
        if let Some((listener, _)) = plain_listener {
            let handler = Handler { in_the_clear: true, ..handler.clone() };
            tasks.push(serve(prompt(listener), router(handler), &stopping));
        }
        tasks.push(match &certificate {
            Some(certificate) => {
                let listener = TlsListener::new(listener, certificate, shared.defects.clone())?;
                serve(listener, router(handler), &stopping)
            }
            None => serve(prompt(listener), router(handler), &stopping),
        });
        if let Some(listener) = admin_listener {
            tasks.push(serve(prompt(listener), admin::router(Arc::clone(&shared)), &stopping));
        }
        let ca_certificate = certificate.map(|certificate| certificate.ca_pem());
        Ok(RunningServer { address, admin, plain_http, ca_certificate, shared, responder, stopping, tasks })
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("address", &self.address)
            .field("policy", &self.policy)
            .field("clients", &self.clients)
            .field("defects", &self.defects)
            .finish_non_exhaustive()
    }
}

/// A server that answers until it is stopped or dropped.
#[derive(Debug)]
pub struct RunningServer {
    address: SocketAddr,
    admin: Option<SocketAddr>,
    plain_http: Option<String>,
    ca_certificate: Option<String>,
    shared: Arc<Shared>,
    responder: Responder,
    stopping: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl RunningServer {
    /// The issuer identifier, which is also the base of every endpoint (RFC 8414 section 2).
    pub fn issuer(&self) -> &str {
        &self.shared.issuer
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base of the admin address, if it has one.
    pub fn admin_url(&self) -> Option<String> {
        self.admin.map(|address| format!("http://{}", reachable(address)))
    }

    /// Where it listens without TLS beside it, if it does.
    pub fn plain_http_url(&self) -> Option<&str> {
        self.plain_http.as_deref()
    }

    /// What clients must trust to reach it by TLS: a certificate in PEM (RFC 7468 section 5).
    pub fn ca_certificate(&self) -> Option<&str> {
        self.ca_certificate.as_deref()
    }

    /// The server's clock, to be advanced by tests.
    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    /// What answers without a connection.
    pub fn responder(&self) -> Responder {
        self.responder.clone()
    }

    /// Stops listening and waits for the answers under way, for a second at most.
    pub async fn stop(mut self) {
        self.stopping.cancel();
        for mut task in std::mem::take(&mut self.tasks) {
            if tokio::time::timeout(LAST_ANSWERS, &mut task).await.is_err() {
                task.abort();
            }
        }
    }
}

impl Drop for RunningServer {
    fn drop(&mut self) {
        self.stopping.cancel();
    }
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Something else listens on the port.
    #[error("port {} is in use", .0.port())]
    PortInUse(SocketAddr),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// TLS was asked for.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// One answered request. Holds no query and no body, so no secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Its method.
    pub method: String,
    /// Its path.
    pub path: String,
    /// The status of the answer.
    pub status: u16,
    /// The OAuth error that it tells the client, with its description.
    pub error: Option<String>,
    /// The defects that the steps came upon.
    pub defects: Vec<Defect>,
}

/// Answers as a [`RunningServer`] does, in this process and without a connection.
#[derive(Clone, Debug)]
pub struct Responder {
    handler: Handler,
    admin: Option<u16>,
}

impl Responder {
    /// The answer to a request, whose absolute URI says whether it goes to the server or to its admin address. Header
    /// fields that HTTP adds to every message (`Content-Length`, `Date`) are not in it.
    pub async fn answer(&self, request: http::Request<Bytes>) -> http::Response<Bytes> {
        let (head, body) = request.into_parts();
        let is_admin = self.admin.is_some() && head.uri.port_u16() == self.admin;
        let reply = match is_admin {
            true => admin::answer(&self.handler.server, head.uri.path(), &head.headers, &body),
            false => reply(self.handler.clone(), head, (body.len() <= BODY_LIMIT).then_some(body)).await,
        };
        reply.into_response()
    }
}

#[derive(Clone)]
struct Handler {
    server: Arc<Shared>,
    in_the_clear: bool,
    log: Option<Log>,
}

async fn answer(State(handler): State<Handler>, request: axum::extract::Request) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, BODY_LIMIT).await.ok();
    reply(handler, head, body).await.into()
}

/// The answer to a request, whose body is `None` where it is too long.
async fn reply(handler: Handler, head: http::request::Parts, body: Option<Bytes>) -> Reply {
    let method = head.method.as_str().to_owned();
    let request = Request {
        is_head: head.method == Method::HEAD,
        method: if head.method == Method::HEAD { Method::GET } else { head.method },
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers,
        in_the_clear: handler.in_the_clear,
        body,
    };
    let path = request.path.clone();
    let (reply, defects) = match Endpoint::at(&path) {
        Some(endpoint) => {
            let mut ctx = Context::new(handler.server, endpoint, request);
            let reply = endpoint.answer(&mut ctx);
            (reply, ctx.touched())
        }
        None => (Reply::json(StatusCode::NOT_FOUND, &json!({ "error": "not_found" })), Vec::new()),
    };
    if !reply.held.is_zero() {
        tokio::time::sleep(reply.held).await;
    }
    if let Some(log) = handler.log {
        log(LogLine { method, path, status: reply.status.as_u16(), error: reply.error(), defects });
    }
    reply
}

impl fmt::Debug for Handler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handler").field("server", &self.server).finish_non_exhaustive()
    }
}

/// Small answers must not wait for an acknowledgement.
fn prompt(listener: TcpListener) -> impl Listener<Io: Send, Addr = SocketAddr> {
    listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    })
}

fn serve<L>(listener: L, router: Router, stopping: &CancellationToken) -> JoinHandle<()>
where
    L: Listener<Addr = SocketAddr>,
{
    let stopped = stopping.clone().cancelled_owned();
    tokio::spawn(async move {
        // It ends only when told to, and then there is nobody left to tell of an error.
        let _ = axum::serve(listener, router).with_graceful_shutdown(stopped).await;
    })
}

async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => StartError::PortInUse(address),
        _ => StartError::Listen { address, source },
    })
}

fn local_address(listener: &TcpListener, asked: SocketAddr) -> Result<SocketAddr, StartError> {
    listener.local_addr().map_err(|source| StartError::Listen { address: asked, source })
}

/// A server on all addresses is reached on the loopback one.
fn reachable(address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        return SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), address.port());
    }
    address
}
