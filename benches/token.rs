//! How fast the reference server is, on one core: server and client share the one thread of a runtime and talk
//! over a socket of the loopback interface. `cargo bench --profile dist --bench token`, because `release` leaves most
//! packages unoptimised.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use oauthspec::reference::{
    AccessTokenFormat, AccessTokenPolicy, Policy, RunningServer, Server, SigningAlgorithm,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};

/// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

criterion_group!(benches, token);
criterion_main!(benches);

fn token(criterion: &mut Criterion) {
    let (es256, rs256) = (SigningAlgorithm::Es256, SigningAlgorithm::Rs256);
    let formats = [
        ("opaque", AccessTokenFormat::Opaque, es256),
        ("ES256 JWT", AccessTokenFormat::Jwt, es256),
        ("RS256 JWT", AccessTokenFormat::Jwt, rs256),
    ];
    for (name, format, algorithm) in formats {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let mut user = runtime.block_on(User::of_server_with(format, algorithm));
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(1));
        group.bench_function("code exchange", |bencher| {
            bencher.iter_custom(|rounds| runtime.block_on(user.exchanges(rounds)));
        });
        group.bench_function("whole code flow", |bencher| {
            bencher.iter_custom(|rounds| runtime.block_on(user.flows(rounds)));
        });
        group.finish();
        stop(&runtime, user);
    }
}

fn stop(runtime: &Runtime, user: User) {
    drop(user.connection);
    runtime.block_on(user.server.stop());
}

/// A user who is logged in, their client, and the one connection of both.
struct User {
    server: RunningServer,
    connection: TcpStream,
    received: Vec<u8>,
    cookie: String,
    authorization: String,
    /// HTTP Basic (RFC 6749 section 2.3.1).
    basic: String,
}

impl User {
    async fn of_server_with(format: AccessTokenFormat, algorithm: SigningAlgorithm) -> Self {
        let access_token = AccessTokenPolicy { format, algorithm, ..AccessTokenPolicy::default() };
        let policy = Policy { access_token, code_lifetime: Duration::from_secs(86_400), ..Policy::default() };
        let (clients, users) = (Server::sample_clients(), Server::sample_users());
        let (client, alice) = (clients[0].clone(), users[0].clone());
        let server = Server::builder().policy(policy).clients(clients).users(users).start().await.unwrap();
        let connection = TcpStream::connect(server.address()).await.unwrap();
        connection.set_nodelay(true).unwrap();
        let pair = format!("{}:{}", encoded(&client.id), encoded(&client.secret.unwrap()));
        let mut user = Self {
            server,
            connection,
            received: Vec::new(),
            cookie: String::new(),
            authorization: format!(
                "/oauth2/auth?response_type=code&client_id={}&state=af0ifjsldkj&scope=profile+offline_access\
                 &redirect_uri={}&code_challenge={CHALLENGE}&code_challenge_method=S256",
                client.id,
                encoded(&client.redirect_uris[0])
            ),
            basic: format!("Basic {}", STANDARD.encode(pair)),
        };
        let login = user.see(&user.authorization.clone()).await;
        let page = user.get(&login).await;
        let form = format!("{}&username={}&password={}", page.fields(), alice.name, encoded(&alice.password));
        user.post("/login", &form).await;
        user
    }

    /// How long that many exchanges take; getting the codes is not counted.
    async fn exchanges(&mut self, rounds: u64) -> Duration {
        let mut took = Duration::ZERO;
        for _ in 0..rounds {
            let code = self.code().await;
            let started = Instant::now();
            black_box(self.exchange(&code).await);
            took += started.elapsed();
        }
        took
    }

    /// How long that many flows take: authorization request, consent page, consent, exchange.
    async fn flows(&mut self, rounds: u64) -> Duration {
        let started = Instant::now();
        for _ in 0..rounds {
            let code = self.code().await;
            black_box(self.exchange(&code).await);
        }
        started.elapsed()
    }

    async fn code(&mut self) -> String {
        let consent = self.see(&self.authorization.clone()).await;
        let page = self.get(&consent).await;
        let answer = self.post("/consent", &format!("{}&decision=approve", page.fields())).await;
        let location = answer.headers.get("location").cloned().unwrap_or_default();
        let code = location.split_once("code=").and_then(|(_, rest)| rest.split('&').next());
        code.unwrap_or_else(|| panic!("no code in {location:?}")).to_owned()
    }

    async fn exchange(&mut self, code: &str) -> Answer {
        let body = format!(
            "grant_type=authorization_code&code={code}&code_verifier={VERIFIER}&redirect_uri={}",
            encoded("https://client.example/cb")
        );
        let answer = self.post("/oauth2/token", &body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer
    }

    /// Where a GET is redirected to.
    async fn see(&mut self, target: &str) -> String {
        let answer = self.get(target).await;
        let location = answer.headers.get("location").unwrap_or_else(|| panic!("{}", answer.body));
        location.strip_prefix(self.server.issuer()).unwrap_or_else(|| panic!("{location}")).to_owned()
    }

    async fn get(&mut self, target: &str) -> Answer {
        let request = format!("GET {target} HTTP/1.1\r\nhost: localhost\r\ncookie: {}\r\n\r\n", self.cookie);
        self.send(&request).await
    }

    async fn post(&mut self, path: &str, form: &str) -> Answer {
        let authorization = match path {
            "/oauth2/token" => format!("authorization: {}\r\n", self.basic),
            _ => format!("cookie: {}\r\n", self.cookie),
        };
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\n{authorization}\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
            form.len()
        );
        self.send(&request).await
    }

    /// The least that can be called an HTTP client, so that it is the server that is measured.
    async fn send(&mut self, request: &str) -> Answer {
        self.connection.write_all(request.as_bytes()).await.unwrap();
        self.received.clear();
        loop {
            assert_ne!(self.connection.read_buf(&mut self.received).await.unwrap(), 0, "closed");
            let text = std::str::from_utf8(&self.received).unwrap();
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let mut lines = head.lines();
            let status = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap().parse().unwrap();
            let fields = lines.filter_map(|line| line.split_once(": "));
            let headers: BTreeMap<String, String> =
                fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            if headers["content-length"].parse() == Ok(body.len()) {
                if let Some(cookie) = headers.get("set-cookie") {
                    self.cookie = cookie.split(';').next().unwrap_or_default().to_owned();
                }
                return Answer { status, body: body.to_owned(), headers };
            }
        }
    }
}

struct Answer {
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
}

impl Answer {
    /// The hidden fields of the form, encoded.
    fn fields(&self) -> String {
        let fields = self.body.split("<input type=\"hidden\" name=\"").skip(1);
        let pairs = fields.filter_map(|rest| {
            let (name, rest) = rest.split_once("\" value=\"")?;
            Some(format!("{name}={}", encoded(rest.split_once('"')?.0)))
        });
        pairs.collect::<Vec<_>>().join("&")
    }
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
