use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::form_urlencoded;

use crate::engine::case::{Player, Stop};
use crate::engine::parameters::Parameters;
use crate::http::Headers;
use crate::model::{Assertion, AssertionSignature, Authentication, Choice, Client};
use crate::oauth::ClientAuthenticationMethod as Method;

use super::client_assertion::{self, client_assertion};

/// Where the credentials go.
#[derive(Clone, Copy)]
struct Places {
    basic: bool,
    body: bool,
    id_in_body: bool,
    assertion: bool,
}

/// How the suite wants the client to authenticate.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// As the target file says if unsaid.
    pub(super) authentication: Option<&'a Choice<Authentication>>,
    pub(super) assertion: Option<&'a Assertion>,
}

/// Adds the client's credentials (RFC 6749 section 2.3.1, RFC 7523 section 2.2) as the suite wants them, or as this
/// client usually sends them.
///
/// # Errors
///
/// A client that lacks the secret or the key that is needed.
pub(super) fn authenticate(
    player: &Player,
    client: &Client,
    wanted: Wanted<'_>,
    parameters: &mut Parameters,
    headers: &mut Headers,
) -> Result<(), Stop> {
    let own = match (&client.secret, &client.authentication) {
        (_, Some(Method::PrivateKeyJwt)) => Method::PrivateKeyJwt,
        (None, _) if client.key.is_some() => Method::PrivateKeyJwt,
        (None, _) => Method::None,
        (Some(_), Some(method)) => method.clone(),
        (Some(_), None) => player.world.authentication.clone(),
    };
    let said = player.choice(wanted.authentication, &Authentication::ALL)?;
    let nothing = Places { basic: false, body: false, id_in_body: false, assertion: false };
    let of_method = |method: &Method| match method {
        Method::None => Places { id_in_body: true, ..nothing },
        Method::ClientSecretPost => Places { body: true, id_in_body: true, ..nothing },
        Method::PrivateKeyJwt => Places { assertion: true, id_in_body: true, ..nothing },
        _ => Places { basic: true, ..nothing },
    };
    let places = match said {
        None | Some(Authentication::WrongSecret | Authentication::EmptySecret) => of_method(&own),
        Some(Authentication::None) => of_method(&Method::None),
        Some(Authentication::ClientSecretPost) => of_method(&Method::ClientSecretPost),
        Some(Authentication::ClientSecretBasic) => of_method(&Method::ClientSecretBasic),
        Some(Authentication::Both) => Places { basic: true, body: true, id_in_body: true, ..nothing },
        Some(Authentication::Missing) => nothing,
        Some(Authentication::PrivateKeyJwt) => of_method(&Method::PrivateKeyJwt),
    };
    if places.id_in_body {
        parameters.push("client_id", client.id.clone());
    }
    if places.assertion {
        let mut unusual = wanted.assertion.cloned().unwrap_or_default();
        match said {
            Some(Authentication::WrongSecret) => {
                unusual.signature = Some(Choice::Said(AssertionSignature::Other))
            }
            Some(Authentication::EmptySecret) => {
                unusual.signature = Some(Choice::Said(AssertionSignature::None))
            }
            _ => {}
        }
        parameters.push("client_assertion_type", client_assertion::TYPE);
        parameters.push("client_assertion", client_assertion(player, client, &unusual)?);
        return Ok(());
    }
    if !places.basic && !places.body {
        return Ok(());
    }
    let secret = client.secret.clone().ok_or_else(|| {
        Stop::blocked(format!("client {:?} of the target file has no secret to authenticate with", client.id))
    })?;
    let secret = match said {
        Some(Authentication::WrongSecret) => another(&secret),
        Some(Authentication::EmptySecret) => String::new(),
        _ => secret,
    };
    if places.body {
        parameters.push("client_secret", secret.clone());
    }
    if places.basic {
        let form = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let pair = format!("{}:{}", form(&client.id), form(&secret));
        headers.push("Authorization", format!("Basic {}", STANDARD.encode(pair)));
    }
    Ok(())
}

/// A secret that differs in its last character only, so that a careless comparison shows.
fn another(secret: &str) -> String {
    let mut characters: Vec<char> = secret.chars().collect();
    match characters.last_mut() {
        Some(last) => *last = if *last == 'x' { 'y' } else { 'x' },
        None => characters.push('x'),
    }
    characters.into_iter().collect()
}
