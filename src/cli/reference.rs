use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::engine::{self, RunOptions};
use crate::http::{Answering, Nearby};
use crate::load::{self, Source};
use crate::model::{
    AccessTokenPolicy, CodePolicy, Event, Library, Partition, PkcePolicy, Policy, RedirectUriPolicy,
    RefreshTokenPolicy, Shard, Target,
};
use crate::oauth::{ClientAuthenticationMethod, GrantType};
use crate::plan::{self, Selection};
use crate::reference::{
    self, AccessTokenFormat, Client, Defect, LogLine, Responder, RunningServer, Server, SigningAlgorithm,
    StartError, UnknownScope, User,
};

use super::ca_file::CaFile;
use super::failure::Failure;

/// The profile that the embedded server keeps unless told otherwise.
pub(super) const PROFILE: &str = "tasknation";

/// What a server is set up with: it decides what can be seen of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Setting {
    /// Clients with two `https` redirect URIs; the server decides by itself what the profile leaves open.
    #[default]
    Web,
    /// As `Web`, and what the profile leaves open is decided strictly and declared in the target file.
    Declared,
    /// Loopback redirect URIs, as native apps have them (RFC 8252 section 7.3), and refresh tokens that are good
    /// for one use.
    Native,
    /// A redirect URI with a query of its own.
    Query,
    /// TLS, and beside it an address without, which a careful server has for those who go astray.
    Tls,
}

impl Setting {
    fn clients(self) -> Vec<Client> {
        let mut clients = Server::sample_clients();
        let uris: &[&str] = match self {
            Self::Web | Self::Declared | Self::Tls => return clients,
            Self::Native => &["http://127.0.0.1/cb", "http://[::1]/cb"],
            Self::Query => &["https://client.example/cb?tenant=a&kind=b", "https://client.example/other/cb"],
        };
        if let Some(default) = clients.first_mut() {
            default.redirect_uris = uris.iter().map(|&uri| uri.to_owned()).collect();
        }
        clients
    }

    /// What the target file declares over the profile.
    fn policy(self) -> Policy {
        if self == Self::Native {
            let refresh_token = RefreshTokenPolicy {
                rotation: Some(true),
                grace: Some(Duration::ZERO),
                ..RefreshTokenPolicy::default()
            };
            return Policy { refresh_token, ..Policy::default() };
        }
        if self != Self::Declared {
            return Policy::default();
        }
        Policy {
            grants: Some(vec![GrantType::AuthorizationCode, GrantType::RefreshToken]),
            refresh_token: RefreshTokenPolicy {
                scope: Some("offline_access".to_owned()),
                rotation: Some(true),
                grace: Some(Duration::from_secs(30)),
                lifetime: Some(Duration::from_secs(30 * 86_400)),
                reuse_ends_family: Some(true),
            },
            access_token: AccessTokenPolicy {
                format: Some("jwt".to_owned()),
                ..AccessTokenPolicy::default()
            },
            code: CodePolicy { lifetime: Some(Duration::from_secs(60)) },
            redirect_uri: RedirectUriPolicy {
                loopback_port_free: Some(true),
                ..RedirectUriPolicy::default()
            },
            pkce: PkcePolicy { supported: Some(true), required: Some(true) },
            iss: Some(true),
            client_authentication: Some(vec![
                ClientAuthenticationMethod::ClientSecretBasic,
                ClientAuthenticationMethod::ClientSecretPost,
                ClientAuthenticationMethod::None,
            ]),
            ..Policy::default()
        }
    }
}

/// What is unusual about an embedded server.
#[derive(Clone, Default)]
pub(super) struct Wishes {
    /// Port on 127.0.0.1; 0 for any.
    pub(super) port: u16,
    pub(super) defects: Vec<Defect>,
    pub(super) setting: Setting,
    /// Time goes by itself and the hook only adds to it; otherwise it stands still between moves.
    pub(super) running_clock: bool,
    /// No clock hook at all.
    pub(super) no_clock: bool,
    /// TLS with a certificate made for this server.
    pub(super) tls: bool,
    /// Beside TLS also plain HTTP, on this port of 127.0.0.1; 0 for any.
    pub(super) plain_http: Option<u16>,
    /// Where its authority's certificate goes; by default into a file that goes away with the server.
    pub(super) ca_file: Option<PathBuf>,
    pub(super) log: Option<Arc<dyn Fn(LogLine) + Send + Sync>>,
}

/// The reference server, running, and the target file that fits it.
pub(super) struct Embedded {
    server: RunningServer,
    pub(super) target: Target,
    /// The target file as text.
    pub(super) text: String,
    /// Its clients, of which `text` has those that the profile offers a way to authenticate.
    pub(super) clients: Vec<Client>,
    pub(super) users: Vec<User>,
    ca_file: Option<CaFile>,
}

impl Embedded {
    /// Starts the server with the policy of that profile, which must be in the library.
    pub(super) async fn start(library: &Library, profile: &str, wishes: &Wishes) -> Result<Self, Failure> {
        let policy = wishes.setting.policy().over(&policy_of(library, profile));
        let at = |port: u16| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let served = server_policy(&policy);
        let mut clients = wishes.setting.clients();
        clients.retain(|client| may_come(client, &served));
        let users = Server::sample_users();
        let mut builder = Server::builder()
            .address(at(wishes.port))
            .policy(served)
            .clients(clients.iter().cloned())
            .users(users.iter().cloned())
            .defects(wishes.defects.iter().copied())
            .tls(wishes.tls)
            .manual_clock(!wishes.running_clock);
        if let Some(port) = wishes.plain_http {
            // Browsers take no lasting wish for TLS from an address (RFC 6797 section 8.1.1).
            builder = builder.plain_http(at(port)).host("localhost");
        }
        if !wishes.no_clock {
            builder = builder.admin(at(0));
        }
        if let Some(log) = &wishes.log {
            builder = builder.on_request(log.clone());
        }
        let server = builder.start().await.map_err(|error| of_start(&error))?;
        let ca_file = match server.ca_certificate() {
            Some(pem) => Some(CaFile::write(pem, wishes.ca_file.as_deref())?),
            None => None,
        };
        let hook = server.admin_url().map(|admin| format!("{admin}/clock"));
        let place = Place {
            issuer: server.issuer(),
            plain_http: server.plain_http_url(),
            ca: ca_file.as_ref().map(CaFile::path),
            hook: hook.as_deref(),
        };
        let text = target_text(profile, &policy, wishes.setting, &place);
        let target = parse(&text, library)?;
        Ok(Self { server, target, text, clients, users, ca_file })
    }

    /// Where it is.
    pub(super) fn issuer(&self) -> &str {
        self.server.issuer()
    }

    /// The base of the admin address, if it has one.
    pub(super) fn admin_url(&self) -> Option<String> {
        self.server.admin_url()
    }

    /// The file with the certificate that its clients are to trust, if it speaks TLS.
    pub(super) fn ca_file(&self) -> Option<&Path> {
        self.ca_file.as_ref().map(CaFile::path)
    }

    /// Stops the server.
    pub(super) async fn stop(self) {
        self.server.stop().await;
    }
}

/// Judges the reference server in this process, with these defects, on its own clock: every event of the run.
///
/// # Errors
///
/// Why the run could not begin, in words.
pub async fn judge_reference(
    library: &Library,
    profile: &str,
    setting: Setting,
    defects: &[Defect],
    selection: &Selection,
    seed: u64,
) -> Result<Vec<Event>, String> {
    let circumstances = Circumstances {
        profile: profile.to_owned(),
        setting,
        defects: defects.to_vec(),
        selection: selection.clone(),
        seed,
        partition: None,
        terse: false,
        nearby: false,
    };
    judge_reference_in(library, &circumstances).await
}

/// How the reference server is judged.
#[derive(Clone, Debug, Default)]
pub struct Circumstances {
    /// The profile's id.
    pub profile: String,
    /// What server and clients are set up with.
    pub setting: Setting,
    /// What is wrong with the server.
    pub defects: Vec<Defect>,
    /// Which cases.
    pub selection: Selection,
    /// Reproduces random choices.
    pub seed: u64,
    /// Only this part of the run.
    pub partition: Option<Partition>,
    /// Only verdicts are wanted, see [`RunOptions::terse`].
    pub terse: bool,
    /// The server is asked without connections, see [`Nearby`](crate::http::Nearby). With TLS there are always some.
    pub nearby: bool,
}

/// As [`judge_reference`].
///
/// # Errors
///
/// Why the run could not begin, in words.
pub async fn judge_reference_in(library: &Library, how: &Circumstances) -> Result<Vec<Event>, String> {
    let Circumstances { profile, setting, defects, selection, seed, partition, terse, nearby } = how;
    let tls = *setting == Setting::Tls;
    let plain_http = tls.then_some(0);
    let wishes = Wishes { defects: defects.clone(), setting: *setting, tls, plain_http, ..Wishes::default() };
    let embedded = Embedded::start(library, profile, &wishes).await.map_err(|f| f.to_string())?;
    let discovered = match *nearby && !tls {
        true => {
            let server = Arc::new(InThisProcess(embedded.server.responder()));
            engine::discover_nearby(embedded.target.clone(), server).await
        }
        false => engine::discover(embedded.target.clone()).await,
    };
    let discovered = discovered.map_err(|e| e.to_string())?;
    let metadata = discovered.metadata.as_ref();
    let plan =
        plan::plan(library, profile, &discovered.target, metadata, selection).map_err(|e| e.to_string())?;
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let shard =
        partition.map(|partition| Shard { partition, whole: crate::results::sha256(plan.rows().as_bytes()) });
    let plan = match partition {
        Some(partition) => plan.part(*partition),
        None => plan,
    };
    let options = RunOptions { seed: *seed, shard, terse: *terse, ..RunOptions::default() };
    engine::run(plan, discovered, library, &options, CancellationToken::new(), sender).await;
    embedded.stop().await;
    let mut events = Vec::new();
    while let Ok(event) = receiver.try_recv() {
        events.push(event);
    }
    Ok(events)
}

/// The reference server as the harness asks it without a connection.
#[derive(Debug)]
struct InThisProcess(Responder);

impl Nearby for InThisProcess {
    fn answer(&self, request: http::Request<Bytes>) -> Answering<'_> {
        Box::pin(self.0.answer(request))
    }
}

/// The target file of a server that is not running, for plans.
pub(super) fn target_of(library: &Library, profile: &str) -> Result<Target, Failure> {
    let policy = policy_of(library, profile);
    let hook = Some("http://127.0.0.1:2/clock");
    let place = Place { issuer: "http://127.0.0.1:1", plain_http: None, ca: None, hook };
    let mut target = parse(&target_text(profile, &policy, Setting::Web, &place), library)?;
    let endpoint = |path: &str| Some(format!("http://127.0.0.1:1{path}"));
    target.endpoints.authorization = endpoint("/oauth2/auth");
    target.endpoints.token = endpoint("/oauth2/token");
    target.endpoints.revocation = endpoint("/oauth2/revoke");
    target.endpoints.introspection = endpoint("/oauth2/introspect");
    if server_policy(&policy).scopes.offers_userinfo() {
        target.endpoints.userinfo = endpoint("/oauth2/userinfo");
    }
    target.endpoints.registration = endpoint("/register");
    target.endpoints.jwks = endpoint("/jwks");
    if target.policy.grants.is_none() && policy.grants.is_none() {
        target.policy.grants = Some(server_policy(&policy).grants);
    }
    target.policy.pkce.supported = Some(true);
    Ok(target)
}

fn policy_of(library: &Library, profile: &str) -> Policy {
    library.profiles.get(profile).map(|p| p.policy.clone()).unwrap_or_default()
}

fn parse(text: &str, library: &Library) -> Result<Target, Failure> {
    let source = Source { name: "the reference server's target file".to_owned(), text: text.to_owned() };
    load::target(&source, &|_| None, None, library).map_err(|d| Failure::drawn(d.render(false)))
}

fn of_start(error: &StartError) -> Failure {
    let failure = Failure::unreachable(format!("failed to start the reference server: {error}"));
    match error {
        StartError::PortInUse(_) => failure.help("choose another with `--port`; 0 takes any that is free"),
        StartError::Listen { .. } | StartError::Tls(_) => failure,
    }
}

/// The profile's promises as the reference server understands them; where the profile is silent, its own
/// decisions.
fn server_policy(policy: &Policy) -> reference::Policy {
    let usual = reference::Policy::default();
    let texts = |list: &[String]| list.to_vec();
    reference::Policy {
        grants: policy.grants.clone().unwrap_or(usual.grants),
        client_authentication: policy.client_authentication.clone().unwrap_or(usual.client_authentication),
        response_modes: usual.response_modes,
        state: reference::StatePolicy {
            minimum: policy.state.minimum.map_or(0, |n| usize::try_from(n).unwrap_or(usize::MAX)),
            maximum: policy.state.maximum.map(|n| usize::try_from(n).unwrap_or(usize::MAX)),
        },
        redirect_uri: reference::RedirectUriPolicy {
            loopback_port_free: policy
                .redirect_uri
                .loopback_port_free
                .unwrap_or(usual.redirect_uri.loopback_port_free),
        },
        scopes: reference::ScopePolicy {
            known: policy.scope.values.as_deref().map_or(usual.scopes.known, texts),
            default: match &policy.scope.values {
                Some(_) => policy.scope.default.clone(),
                None => policy.scope.default.clone().or(usual.scopes.default),
            },
            unknown: match policy.scope.unknown.as_deref() {
                Some("ignore") => UnknownScope::Ignore,
                _ => UnknownScope::Refuse,
            },
            partners: policy.scope.partners.iter().cloned().collect(),
            client_credentials: None,
        },
        access_token: reference::AccessTokenPolicy {
            format: match policy.access_token.format.as_deref() {
                Some("opaque") => AccessTokenFormat::Opaque,
                _ => AccessTokenFormat::Jwt,
            },
            algorithm: match policy.access_token.algorithm.as_deref() {
                Some("RS256") => SigningAlgorithm::Rs256,
                _ => usual.access_token.algorithm,
            },
            lifetime: policy.access_token.lifetime.unwrap_or(usual.access_token.lifetime),
        },
        refresh_token: reference::RefreshTokenPolicy {
            required_scope: policy.refresh_token.scope.clone(),
            rotation: policy.refresh_token.rotation.unwrap_or(usual.refresh_token.rotation),
            grace: policy.refresh_token.grace.unwrap_or(usual.refresh_token.grace),
            lifetime: policy.refresh_token.lifetime.unwrap_or(usual.refresh_token.lifetime),
            reuse_ends_family: policy
                .refresh_token
                .reuse_ends_family
                .unwrap_or(usual.refresh_token.reuse_ends_family),
        },
        code_lifetime: policy.code.lifetime.unwrap_or(usual.code_lifetime),
        pkce_required: policy.pkce.required.unwrap_or(false),
        pkce_plain: usual.pkce_plain,
        iss: policy.iss.unwrap_or(usual.iss),
        personal_access_tokens: policy.personal_access_tokens.unwrap_or(usual.personal_access_tokens),
        registration: usual.registration,
    }
}

/// Where a reference server is to be found.
struct Place<'a> {
    issuer: &'a str,
    /// Where it is without TLS.
    plain_http: Option<&'a str>,
    /// A file with the certificate authority to trust.
    ca: Option<&'a Path>,
    /// The hook that moves its clock.
    hook: Option<&'a str>,
}

/// A target file for the reference server, as a person would write it.
fn target_text(profile: &str, policy: &Policy, setting: Setting, place: &Place<'_>) -> String {
    let Place { issuer, plain_http, ca, hook } = *place;
    let server = server_policy(policy);
    let clients = setting.clients();
    let users = Server::sample_users();
    let mut text = format!("target: reference\nprofile: {profile}\nissuer: {issuer}\n");
    // Writing to a string cannot fail.
    if let Some(ca) = ca {
        let _ = writeln!(text, "ca: {}", quoted(&ca.display().to_string()));
    }
    if let Some(plain_http) = plain_http {
        let _ = writeln!(text, "plain_http: {plain_http}");
    }
    text.push_str("clients:\n");
    for (name, client) in ["default", "second", "public", "keyed", "escaped"].iter().zip(&clients) {
        if !may_come(client, &server) {
            continue;
        }
        write_client(&mut text, name, client, &scopes_of(client, &server, setting), &server);
    }
    text.push_str("users:\n");
    for (name, user) in ["default", "second"].iter().zip(&users) {
        write_user(&mut text, name, user, server.personal_access_tokens);
    }
    let _ = writeln!(text, "resources:\n  default: {issuer}/api/me\n  scopes:");
    for scope in &server.scopes.known {
        let _ = writeln!(text, "    {}: {issuer}/api/scopes/{scope}", quoted(scope));
    }
    if server.registration {
        text.push_str("registration: {}\n");
    }
    match setting {
        Setting::Declared => text.push_str(DECLARED),
        Setting::Native => text.push_str("policy: { refresh_token: { rotation: true, grace: 0s } }\n"),
        Setting::Web | Setting::Query | Setting::Tls => {}
    }
    if let Some(hook) = hook {
        let _ = writeln!(text, "clock: {{ advance: {{ post: {hook} }} }}");
    }
    text
}

/// [`Setting::policy`] as a target file has it.
const DECLARED: &str = "\
policy:
  grants: [authorization_code, refresh_token]
  client_authentication: [client_secret_basic, client_secret_post, none]
  refresh_token: { scope: offline_access, rotation: true, grace: 30s, lifetime: 30d, reuse_ends_family: true }
  access_token: { format: jwt }
  code: { lifetime: 60s }
  redirect_uri: { loopback_port_free: true }
  pkce: { supported: true, required: true }
  iss: true
";

/// Whether the policy has a way for the client to authenticate.
fn may_come(client: &Client, server: &reference::Policy) -> bool {
    let method = match (&client.secret, &client.jwks) {
        (Some(_), _) => return true,
        (None, Some(_)) => ClientAuthenticationMethod::PrivateKeyJwt,
        (None, None) => ClientAuthenticationMethod::None,
    };
    server.client_authentication.contains(&method)
}

fn write_client(
    text: &mut String,
    name: &str,
    client: &Client,
    scopes: &[String],
    server: &reference::Policy,
) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "  {name}:\n    id: {}", plain_or_quoted(&client.id));
    if let Some(secret) = &client.secret {
        let _ = writeln!(text, "    secret: {}", quoted(secret));
    }
    if client.jwks.is_some() {
        let key = quoted(&Server::sample_key());
        let _ = writeln!(text, "    authentication: private_key_jwt\n    private_key: {key}");
    }
    let uris: Vec<String> = client.redirect_uris.iter().map(|uri| quoted(uri)).collect();
    let _ = writeln!(text, "    redirect_uris: [{}]", uris.join(", "));
    if !scopes.is_empty() {
        let _ = writeln!(text, "    scope: {}", quoted(&scopes.join(" ")));
    }
    if let (Some(partner), false) = (&client.partner, server.scopes.partners.is_empty()) {
        let _ = writeln!(text, "    partner: {partner}");
    }
}

/// Two scopes of the client's own kind, or the server's default, to which native apps add another.
fn scopes_of(client: &Client, server: &reference::Policy, setting: Setting) -> Vec<String> {
    let own = client.partner.as_ref().and_then(|p| server.scopes.partners.get(p));
    match (own, &server.scopes.default) {
        (None, Some(_)) if setting == Setting::Native => {
            server.scopes.known.iter().take(2).cloned().collect()
        }
        (Some(own), _) => own.iter().take(2).cloned().collect(),
        (None, Some(default)) => vec![default.clone()],
        (None, None) => server.scopes.known.iter().take(1).cloned().collect(),
    }
}

fn write_user(text: &mut String, name: &str, user: &User, has_tokens: bool) {
    // Writing to a string cannot fail.
    let _ =
        writeln!(text, "  {name}:\n    username: {}\n    password: {}", user.name, quoted(&user.password));
    if let (Some(token), true) = (&user.personal_access_token, has_tokens) {
        let _ = writeln!(text, "    personal_access_token: {}", quoted(token));
    }
}

/// As it is, where YAML reads that as the same text.
fn plain_or_quoted(text: &str) -> String {
    let is_plain = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if is_plain { text.to_owned() } else { quoted(text) }
}

/// A YAML double-quoted scalar: JSON's strings are some. A `$` would begin a reference, so it is doubled.
fn quoted(text: &str) -> String {
    let text = if text.starts_with('$') { format!("${text}") } else { text.to_owned() };
    serde_json::Value::String(text).to_string()
}
