//! Reading an answer as OAuth: granted, refused, something else, or nothing that can be judged.

use super::challenge::bearer_error;
use super::describe;
use super::json::{Document, Member};
use super::sight::Sight;
use super::words::{bare, quoted};
use crate::http::{Endpoint, Handshake, Response};
use crate::model::{Outcome, Page, Redirected};

/// Whether an action did what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Success {
    /// It did: the browser came back with a code or token, the token endpoint issued a token, a resource
    /// answered 2xx, and so on.
    Yes,
    /// A definite OAuth refusal, in words.
    Refused(String),
    /// It cannot be judged, and why: no answer, 5xx, 429, or a body that cannot be read where OAuth
    /// defines one.
    Unclear(String),
    /// A definite answer, in words, that is neither success nor an OAuth refusal: 200 with `error`, a
    /// redirect from the token endpoint, JSON of another kind.
    No(String),
}

/// Whether an action did what it is for, and if not, whether that is a definite refusal.
///
/// How refusals are read, where RFC 6749 section 5.2 would be narrower than servers are:
///
/// * Token, revocation, introspection and registration endpoint: any 4xx but 429 whose JSON body has a
///   well-formed `error` is a refusal. That the status should be 400 (401 for `invalid_client`) is another
///   requirement's business; only the `error` clause insists on it.
/// * There, 405, 413, 414, 415 and 431 refuse with any body, because they come from the HTTP layer, which
///   knows no OAuth. 403 and 404 without an OAuth body may as well come from a proxy or a wrong URL and
///   prove nothing.
/// * An error with status 200 is no refusal: section 5.2 puts it in the status, and clients look there.
/// * Any other 4xx with HTML or no body leaves open who answered, and is unclear.
/// * Introspection: 401 with a challenge refuses (RFC 7662 section 2.3).
/// * Protected resource: 401 and 403 refuse with any body; 400 only with an `error` in a `Bearer` challenge
///   (RFC 6750 section 3.1).
/// * Authorization endpoint: a redirect with `error`, or a page that tells the user, whatever its status
///   short of 429 and 5xx, as long as there is something on it (RFC 6749 sections 3.1.2.4 and 4.1.2.1 name
///   no status).
/// * TLS: a fatal alert or a closed connection refuses; whatever the server chooses is a success.
pub fn succeeded(outcome: &Outcome) -> Success {
    match read(&Sight::of(outcome)) {
        Reading::Granted => Success::Yes,
        Reading::Refused(refusal) => Success::Refused(refusal.words),
        Reading::Neither(words) => Success::No(words),
        Reading::Unreadable(words) | Reading::Unclear(words) => Success::Unclear(words),
    }
}

/// An answer as OAuth has it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Reading {
    /// The request did what it is for.
    Granted,
    /// A definite refusal.
    Refused(Refusal),
    /// A definite answer that is neither.
    Neither(String),
    /// The server answered, but not in OAuth's form: not what was asked for, and no proof of a refusal.
    Unreadable(String),
    /// Nothing can be said.
    Unclear(String),
}

/// A definite refusal.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Refusal {
    /// The OAuth error code, if it has one.
    pub(super) code: Option<String>,
    /// Why it is not the error response that the RFC defines.
    pub(super) flaw: Option<String>,
    /// The whole in words.
    pub(super) words: String,
}

/// Reads what there is to see.
pub(super) fn read(sight: &Sight<'_>) -> Reading {
    if let Some(silence) = sight.silence() {
        return Reading::Unclear(silence);
    }
    if sight.is_weak() {
        return Reading::Unclear(describe::sight(sight));
    }
    match sight {
        Sight::Redirected(redirected) => redirect(redirected),
        Sight::Page(page) => page_of_server(page),
        Sight::Answered(exchange, response) => match exchange.endpoint {
            Endpoint::Resource | Endpoint::Userinfo => resource(sight, response),
            Endpoint::Authorization => match sight.redirected() {
                Some(redirected) => redirect(&redirected),
                None => Reading::Unreadable(describe::sight(sight)),
            },
            endpoint => back_channel(endpoint, sight, response),
        },
        Sight::Handshake(Handshake::Negotiated(_)) => Reading::Granted,
        Sight::Handshake(Handshake::Refused(_)) => {
            Reading::Refused(Refusal { code: None, flaw: None, words: describe::sight(sight) })
        }
        Sight::Unreachable(_) | Sight::Stuck(_) | Sight::Nothing(_) => {
            Reading::Unclear(describe::sight(sight))
        }
    }
}

/// The error code of a JSON body, with any status, and why it is not as RFC 6749 section 5.2 has it.
pub(super) fn error_of_body(document: &Document) -> Result<Option<String>, String> {
    match document.member("error") {
        Member::Absent => Ok(None),
        Member::Twice => Err("the member \"error\" twice".to_owned()),
        Member::Value(serde_json::Value::String(code)) if is_code(code) => Ok(Some(code.clone())),
        Member::Value(other) => Err(format!("error {}", quoted(&other.to_string()))),
    }
}

/// Whether a text is an error code by its characters (RFC 6749 sections 4.1.2.1 and 5.2).
pub(super) fn is_code(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| matches!(c, ' '..='~') && c != '"' && c != '\\')
}

/// RFC 6749 sections 4.1.2, 4.1.2.1, 4.2.2 and 4.2.2.1.
fn redirect(redirected: &Redirected) -> Reading {
    let words = describe::redirected(redirected);
    let of = |name: &str| redirected.parameters.iter().filter(|(n, _)| n == name).collect::<Vec<_>>();
    let granted: Vec<_> = ["code", "access_token", "id_token"].iter().flat_map(|n| of(n)).collect();
    match (of("error").as_slice(), granted.as_slice()) {
        ([], []) => Reading::Neither(format!("{words}: neither error nor code nor token")),
        ([], granted) if granted.iter().any(|(_, value)| value.is_empty()) => {
            Reading::Neither(format!("{words}: an empty code or token"))
        }
        ([], granted) if granted.iter().any(|(name, _)| of(name).len() > 1) => {
            Reading::Neither(format!("{words}: a code or token twice"))
        }
        ([], _) => Reading::Granted,
        ([(_, code)], []) if is_code(code) => {
            Reading::Refused(Refusal { code: Some(code.clone()), flaw: None, words })
        }
        ([_], []) => Reading::Neither(format!("{words}: no error code")),
        (_, []) => Reading::Neither(format!("{words}: the parameter error twice")),
        _ => Reading::Neither(format!("{words}: an error together with a code or token")),
    }
}

fn page_of_server(page: &Page) -> Reading {
    let words = describe::page(page);
    if page.body.trim().is_empty() {
        return Reading::Unreadable(words);
    }
    let code = match Document::read(page.body.as_bytes()) {
        Ok(document) if page.status >= 400 => error_of_body(&document).ok().flatten(),
        _ => None,
    };
    Reading::Refused(Refusal { code, flaw: None, words })
}

/// RFC 6750 section 3.
fn resource(sight: &Sight<'_>, response: &Response) -> Reading {
    if let 200..=299 = response.status {
        return Reading::Granted;
    }
    let words = describe::sight(sight);
    let code = bearer_error(&response.headers);
    match response.status {
        401 | 403 => Reading::Refused(Refusal { code, flaw: None, words }),
        400 if code.is_some() => Reading::Refused(Refusal { code, flaw: None, words }),
        _ => Reading::Neither(words),
    }
}

fn back_channel(endpoint: Endpoint, sight: &Sight<'_>, response: &Response) -> Reading {
    let words = describe::sight(sight);
    let document = Document::read(&response.body);
    match response.status {
        200..=299 => positive(endpoint, words, response, document),
        400..=499 => negative(endpoint, words, response, document),
        _ => Reading::Neither(words),
    }
}

/// A 2xx: what RFC 6749 section 5.1, RFC 7009 section 2.2, RFC 7662 section 2.2, RFC 8414 section 3.2,
/// RFC 7517 section 5 and RFC 7591 section 3.2.1 have in it.
fn positive(
    endpoint: Endpoint,
    words: String,
    response: &Response,
    read: Result<Document, String>,
) -> Reading {
    if let Ok(document) = &read
        && document.value.get("error").is_some()
        && !matches!(endpoint, Endpoint::Metadata | Endpoint::Jwks)
    {
        return Reading::Neither(format!("{words}: an error with status {} is no refusal", response.status));
    }
    let due: fn(&serde_json::Value) -> bool = match endpoint {
        Endpoint::Token => |body| body["access_token"].as_str().is_some_and(|t| !t.is_empty()),
        Endpoint::Introspection => |body| body["active"].is_boolean(),
        Endpoint::Metadata => |body| body["issuer"].is_string(),
        Endpoint::Jwks => |body| body["keys"].is_array(),
        Endpoint::Registration => |body| body["client_id"].is_string(),
        _ => return Reading::Granted,
    };
    match read {
        Ok(document) if due(&document.value) => Reading::Granted,
        Ok(_) => Reading::Neither(words),
        Err(_) if response.truncated => {
            Reading::Unclear(format!("{words}: longer than what is read of an answer"))
        }
        Err(why) => Reading::Unreadable(unreadable(&words, response, &why)),
    }
}

/// A 4xx other than 429: RFC 6749 section 5.2, and RFC 9110 for what the HTTP layer says.
fn negative(
    endpoint: Endpoint,
    words: String,
    response: &Response,
    read: Result<Document, String>,
) -> Reading {
    let status = response.status;
    let challenge = response.headers.first("www-authenticate").is_some();
    let code = match &read {
        Ok(document) => match error_of_body(document) {
            Ok(code) => code,
            Err(odd) => return Reading::Neither(format!("{status} with {odd}")),
        },
        Err(_) => None,
    };
    if let Some(code) = code {
        let flaw = match status {
            400 => None,
            401 if code == "invalid_client" => None,
            _ => Some(format!("{status} with {}, where the status is 400", bare(&code, 120))),
        };
        return Reading::Refused(Refusal { code: Some(code), flaw, words });
    }
    // RFC 7662 section 2.1 leaves the form of authorization free, and so how its lack is told.
    let about_caller = match endpoint {
        Endpoint::Introspection => matches!(status, 401 | 403) && (challenge || response.body.is_empty()),
        Endpoint::Revocation => matches!(status, 401 | 403) && challenge,
        _ => false,
    };
    if about_caller {
        return Reading::Refused(Refusal { code: bearer_error(&response.headers), flaw: None, words });
    }
    if matches!(status, 405 | 413 | 414 | 415 | 431) {
        return Reading::Refused(Refusal { code: None, flaw: None, words });
    }
    match read {
        Ok(_) => Reading::Neither(format!("{words}: no error code")),
        Err(why) => Reading::Unreadable(unreadable(&words, response, &why)),
    }
}

fn unreadable(words: &str, response: &Response, why: &str) -> String {
    let is_json = response.media_type().is_some_and(|m| m.ends_with("json"));
    if is_json && !response.body.is_empty() {
        format!("{words}: malformed JSON, {}", bare(why, 120))
    } else {
        format!("{words}, where a JSON answer is due")
    }
}
