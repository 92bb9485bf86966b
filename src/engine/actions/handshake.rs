use url::Url;

use crate::engine::case::{Player, Stop};
use crate::http::{CipherSuites, Handshake, Offer, TlsVersion};
use crate::model::{HandshakeOffer, Outcome, Value};

use super::{Memory, Performed};

/// Opens a connection to see what the server makes of the offer. It is no exchange: nothing is asked.
pub(super) async fn perform(player: &Player, action: &HandshakeOffer) -> Result<Performed, Stop> {
    let unknown =
        |what: &str, name: &str| Stop::error(format!("the suite offers {what} {name:?}, which is none"));
    let mut versions = Vec::with_capacity(action.versions.len());
    for template in &action.versions {
        let name = player.text(template)?;
        versions.push(TlsVersion::of_name(&name).ok_or_else(|| unknown("the version", &name))?);
    }
    let suites = player.name(action.cipher_suites.as_ref(), "usual")?;
    let cipher_suites =
        CipherSuites::of_name(&suites).ok_or_else(|| unknown("the cipher suites", &suites))?;
    let names = versions.iter().map(|version| version.as_str().into()).collect();
    let url = player.text(&action.url)?;
    let request = Value::Map(vec![
        ("versions".into(), Value::List(names)),
        ("cipher_suites".into(), suites.into()),
        ("to".into(), peer(&url).map(Value::Text).unwrap_or_default()),
    ]);
    let offer = Offer { url, versions, cipher_suites, finish: action.finish };
    let (outcome, bound) = match player.world.transport.handshake(&offer).await {
        Ok(handshake) => {
            let bound = bind(&handshake);
            (Outcome::Handshake(handshake), bound)
        }
        Err(fault) => (Outcome::Unreachable(fault), Value::Null),
    };
    Ok(Performed { outcome, request, bound, memory: Memory::Nothing })
}

/// Whom it is offered to: `host:port`.
fn peer(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    Some(format!("{}:{}", url.host_str()?, url.port_or_known_default()?))
}

/// What suites see of it.
fn bind(handshake: &Handshake) -> Value {
    let text = |text: &Option<String>| text.clone().map(Value::Text).unwrap_or_default();
    let members = match handshake {
        Handshake::Negotiated(chosen) => [
            chosen.version.as_str().into(),
            chosen.cipher_suite.as_str().into(),
            text(&chosen.certificate),
            text(&chosen.alpn),
        ],
        Handshake::Refused(_) => [const { Value::Null }; 4],
    };
    let names = ["version", "cipher_suite", "certificate", "alpn"].map(str::to_owned);
    Value::Map(names.into_iter().zip(members).collect())
}
