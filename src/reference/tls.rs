use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::serve::Listener;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    IsCa, KeyPair, KeyUsagePurpose,
};
use time::OffsetDateTime;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::server::TlsStream;

/// How long a client may take over its handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// A year: browsers refuse certificates that are good for much longer.
const LIFETIME: time::Duration = time::Duration::days(365);

/// A server certificate made on the spot, and the authority that signed it and whose key is
/// thrown away, so that trusting it means trusting this server alone.
pub(crate) struct Certificate {
    ca_pem: String,
    chain: CertificateDer<'static>,
    key: KeyPair,
}

impl Certificate {
    /// Good for that address and for `localhost`.
    pub(crate) fn for_address(address: IpAddr) -> Result<Self, TlsError> {
        let now = OffsetDateTime::now_utc();
        let mut authority = CertificateParams::default();
        authority.distinguished_name = named("oauthspec reference server, made for one run");
        authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        // A day back, for clients whose clock is behind.
        (authority.not_before, authority.not_after) = (now - time::Duration::DAY, now + LIFETIME);
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;

        let mut server = CertificateParams::new(vec![address.to_string(), "localhost".to_owned()])?;
        server.distinguished_name = named(&address.to_string());
        server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        server.use_authority_key_identifier_extension = true;
        (server.not_before, server.not_after) = (now - time::Duration::DAY, now + LIFETIME);
        let key = KeyPair::generate()?;
        let chain = server.signed_by(&key, &authority)?.der().clone();
        Ok(Self { ca_pem: authority.pem(), chain, key })
    }

    /// TLS 1.2 and 1.3 with this certificate, and HTTP/1.1 inside.
    pub(crate) fn configuration(&self) -> Result<Arc<ServerConfig>, TlsError> {
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.serialize_der()));
        let mut configuration =
            ServerConfig::builder().with_no_client_auth().with_single_cert(vec![self.chain.clone()], key)?;
        configuration.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(configuration))
    }

    /// The authority's certificate in PEM.
    pub(crate) fn into_ca_pem(self) -> String {
        self.ca_pem
    }
}

fn named(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    name
}

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The certificate cannot be made.
    #[error("cannot make a certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The certificate cannot be used.
    #[error("cannot use the certificate: {0}")]
    Configuration(#[from] tokio_rustls::rustls::Error),
}

/// Listens for TLS. Handshakes go on beside each other, so that a client which never finishes its own
/// keeps nobody waiting.
pub(crate) struct TlsListener {
    tcp: TcpListener,
    acceptor: TlsAcceptor,
    handshakes: JoinSet<Option<(TlsStream<TcpStream>, SocketAddr)>>,
}

impl TlsListener {
    pub(crate) fn new(tcp: TcpListener, configuration: Arc<ServerConfig>) -> Self {
        Self { tcp, acceptor: TlsAcceptor::from(configuration), handshakes: JoinSet::new() }
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        loop {
            tokio::select! {
                (stream, address) = Listener::accept(&mut self.tcp) => {
                    let _ = stream.set_nodelay(true);
                    let handshake = tokio::time::timeout(HANDSHAKE, self.acceptor.accept(stream));
                    self.handshakes.spawn(async move { Some((handshake.await.ok()?.ok()?, address)) });
                }
                // A failed handshake concerns only the client that failed it.
                Some(done) = self.handshakes.join_next() => {
                    if let Ok(Some(connection)) = done {
                        return connection;
                    }
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}
