use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::form_urlencoded;

use crate::engine::case::Stop;
use crate::engine::parameters::Parameters;
use crate::http::Headers;
use crate::model::{Authentication, Client};
use crate::oauth::ClientAuthenticationMethod as Method;

/// Where the credentials go.
struct Places {
    basic: bool,
    body: bool,
    id_in_body: bool,
}

/// Adds the client's credentials (RFC 6749 section 2.3.1) as the suite wants them, or as this client
/// usually sends them; `usual` is for clients that do not say.
///
/// # Errors
///
/// A client that lacks the secret that is to be sent.
pub(super) fn authenticate(
    client: &Client,
    wanted: Option<Authentication>,
    usual: &Method,
    parameters: &mut Parameters,
    headers: &mut Headers,
) -> Result<(), Stop> {
    let own = match (&client.secret, &client.authentication) {
        (None, _) => Method::None,
        (Some(_), Some(method)) => method.clone(),
        (Some(_), None) => usual.clone(),
    };
    let of_method = |method: &Method| match method {
        Method::None => Places { basic: false, body: false, id_in_body: true },
        Method::ClientSecretPost => Places { basic: false, body: true, id_in_body: true },
        _ => Places { basic: true, body: false, id_in_body: false },
    };
    let places = match wanted {
        None | Some(Authentication::WrongSecret | Authentication::EmptySecret) => of_method(&own),
        Some(Authentication::None) => of_method(&Method::None),
        Some(Authentication::ClientSecretPost) => of_method(&Method::ClientSecretPost),
        Some(Authentication::ClientSecretBasic) => of_method(&Method::ClientSecretBasic),
        Some(Authentication::Both) => Places { basic: true, body: true, id_in_body: true },
        Some(Authentication::Missing) => Places { basic: false, body: false, id_in_body: false },
    };
    if places.id_in_body {
        parameters.push("client_id", client.id.clone());
    }
    if !places.basic && !places.body {
        return Ok(());
    }
    let secret = client.secret.clone().ok_or_else(|| {
        Stop::blocked(format!("client {:?} of the target file has no secret to authenticate with", client.id))
    })?;
    let secret = match wanted {
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
