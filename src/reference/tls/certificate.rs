use std::net::IpAddr;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    IsCa, KeyPair, KeyUsagePurpose,
};
use time::OffsetDateTime;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::version::TLS12;

use crate::reference::steps::handshake::Manner;

/// A year: browsers refuse certificates that are good for much longer.
const LIFETIME: time::Duration = time::Duration::days(365);

/// A server certificate made on the spot, and the authority that signed it and whose key is
/// thrown away with the server, so that trusting it means trusting this server alone.
pub(crate) struct Certificate {
    authority: CertifiedIssuer<'static, KeyPair>,
    names: Vec<String>,
}

impl Certificate {
    /// Good for that address and for `localhost`.
    pub(crate) fn for_address(address: IpAddr) -> Result<Self, TlsError> {
        let now = OffsetDateTime::now_utc();
        let mut authority = CertificateParams::default();
        authority.distinguished_name = named("oauthspec reference server, made for one run");
        authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        // A day back, for clients whose clock is behind; and more, so that what it signs can have expired.
        (authority.not_before, authority.not_after) = (now - 3 * time::Duration::DAY, now + LIFETIME);
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
        Ok(Self { authority, names: vec![address.to_string(), "localhost".to_owned()] })
    }

    /// TLS 1.2 and 1.3 with a certificate of its own for each manner, and HTTP/1.1 inside.
    pub(crate) fn configuration(&self, manner: Manner) -> Result<Arc<ServerConfig>, TlsError> {
        let now = OffsetDateTime::now_utc();
        let names = match manner {
            Manner::OtherName => vec!["another.example".to_owned()],
            _ => self.names.clone(),
        };
        let mut server = CertificateParams::new(names)?;
        server.distinguished_name = named(&self.names[0]);
        server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        server.use_authority_key_identifier_extension = true;
        (server.not_before, server.not_after) = match manner {
            Manner::Expired => (now - 2 * time::Duration::DAY, now - time::Duration::DAY),
            _ => (now - time::Duration::DAY, now + LIFETIME),
        };
        let key = KeyPair::generate()?;
        let chain: Vec<CertificateDer<'static>> =
            vec![server.signed_by(&key, &self.authority)?.der().clone()];
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let builder = match manner {
            Manner::Sound => ServerConfig::builder(),
            _ => ServerConfig::builder_with_protocol_versions(&[&TLS12]),
        };
        let mut configuration = builder.with_no_client_auth().with_single_cert(chain, key)?;
        configuration.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(configuration))
    }

    /// The authority's certificate in PEM.
    pub(crate) fn ca_pem(&self) -> String {
        self.authority.pem()
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
