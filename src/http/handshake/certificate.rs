//! A handshake finished by a library, for the certificate that stands in it.

use std::sync::{Arc, Mutex, PoisonError};

use rustls_platform_verifier::Verifier;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::CryptoProvider;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

use super::offer::TlsVersion;

/// Judges certificates as the HTTP client does: by the system's roots and further ones in PEM, or by the bundled
/// roots where the system has none.
pub(in crate::http) fn verifier(authorities: &[u8]) -> Result<Arc<dyn ServerCertVerifier>, String> {
    let extra: Vec<CertificateDer<'static>> =
        CertificateDer::pem_slice_iter(authorities).collect::<Result<_, _>>().map_err(|e| e.to_string())?;
    let provider = Arc::new(default_provider());
    if let Ok(verifier) = Verifier::new_with_extra_roots(extra.iter().cloned(), provider.clone()) {
        return Ok(Arc::new(verifier));
    }
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned());
    roots.add_parsable_certificates(extra);
    let verifier = WebPkiServerVerifier::builder_with_provider(roots.into(), provider).build();
    Ok(verifier.map_err(|e| e.to_string())?)
}

/// What a finished handshake has shown.
pub(super) struct Finished {
    /// `valid`, or what is wrong with it.
    pub(super) certificate: String,
    pub(super) alpn: Option<String>,
}

/// Finishes a handshake of that version on a fresh connection, whatever the certificate is worth: nothing is sent
/// afterwards.
pub(super) async fn finish(
    stream: TcpStream,
    host: &str,
    version: TlsVersion,
    verifier: Arc<dyn ServerCertVerifier>,
) -> Result<Finished, String> {
    let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned()).map_err(|e| e.to_string())?;
    let witness = Arc::new(Witness { verifier, seen: Mutex::default() });
    let provider: Arc<CryptoProvider> = Arc::new(default_provider());
    let versions = if version == TlsVersion::Tls13 { &[&TLS13] } else { &[&TLS12] };
    let mut configuration = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .map_err(|e| e.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(witness.clone())
        .with_no_client_auth();
    configuration.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let connector = TlsConnector::from(Arc::new(configuration));
    let stream = connector.connect(name, stream).await.map_err(|e| e.to_string())?;
    let alpn = stream.get_ref().1.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned());
    let certificate = witness.seen.lock().unwrap_or_else(PoisonError::into_inner).take();
    Ok(Finished { certificate: certificate.ok_or("no certificate was shown")?, alpn })
}

/// Asks the real verifier about the certificate, writes its answer down, and goes on in any case. Signatures are
/// checked as always: what is shown belongs to the server that shows it.
#[derive(Debug)]
struct Witness {
    verifier: Arc<dyn ServerCertVerifier>,
    seen: Mutex<Option<String>>,
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let judged =
            self.verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        let said = judged.map_or_else(|error| flaw(&error), |_| "valid".to_owned());
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(said);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}

/// What is wrong with a certificate, as it follows on "certificate".
fn flaw(error: &Error) -> String {
    use CertificateError as C;
    let Error::InvalidCertificate(error) = error else { return format!("not acceptable: {error}") };
    match error {
        C::Expired | C::ExpiredContext { .. } => "expired".to_owned(),
        C::NotValidYet | C::NotValidYetContext { .. } => "not valid yet".to_owned(),
        C::NotValidForName | C::NotValidForNameContext { .. } => "of another name".to_owned(),
        C::UnknownIssuer => "of an unknown authority".to_owned(),
        C::Revoked => "revoked".to_owned(),
        other => format!("not acceptable: {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said_in_words() {
        let said = |error| flaw(&Error::InvalidCertificate(error));
        assert_eq!(said(CertificateError::NotValidForName), "of another name");
        assert_eq!(said(CertificateError::Expired), "expired");
        assert_eq!(said(CertificateError::UnknownIssuer), "of an unknown authority");
        assert!(said(CertificateError::BadSignature).starts_with("not acceptable: "));
        assert!(verifier(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").is_ok());
        assert!(verifier(b"").is_ok());
    }
}
