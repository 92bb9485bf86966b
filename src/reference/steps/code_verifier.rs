use std::time::Instant;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq as _;

use crate::oauth::{CodeChallengeMethod, ErrorCode};
use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::steps::{code_challenge, token_error};
use crate::reference::store::{Challenge, Spent};

/// Compares the code verifier with the challenge (RFC 7636 section 4.6). A code whose verifier was
/// once wrong is burnt: it is being guessed at, or its client is broken.
pub(crate) fn run(ctx: &mut Context) -> Flow {
    let Some((value, code)) = ctx.grant.code.clone() else { return Ok(()) };
    let verifier = ctx.parameters.first("code_verifier").map(str::to_owned);
    let right = match (&code.authorization.challenge, verifier.as_deref()) {
        (None, None) => true,
        // "Downgrade": a verifier proves nothing that no challenge bound (RFC 9700 section 4.8.2).
        (None, Some(_)) => ctx.has(Defect::AcceptsVerifierWithoutChallenge),
        (Some(_), None) => ctx.has(Defect::AcceptsMissingVerifier),
        (Some(challenge), Some(verifier)) => is_right(ctx, challenge, verifier),
    };
    if right {
        return Ok(());
    }
    let server = std::sync::Arc::clone(&ctx.server);
    let mut memory = server.store.lock();
    let spent = Spent { noticed: Instant::now(), family: None };
    let spent = memory.codes.get_mut(&value).map(|code| *code.spent.get_or_insert(spent));
    if let Some(family) = spent.and_then(|spent| spent.family)
        && ctx.has(Defect::EndsGrantOnInvalidReplay)
    {
        memory.end_family(family);
    }
    drop(memory);
    let code = match ctx.has(Defect::CallsWrongVerifierInvalidRequest) {
        true => ErrorCode::InvalidRequest,
        false => ErrorCode::InvalidGrant,
    };
    Err(token_error::reply(ctx, code, "the code verifier does not fit the code challenge"))
}

fn is_right(ctx: &Context, challenge: &Challenge, verifier: &str) -> bool {
    if ctx.has(Defect::IgnoresVerifier) {
        return true;
    }
    if ctx.known_client().is_ok_and(|client| client.is_public())
        && ctx.has(Defect::IgnoresVerifierOfPublicClient)
    {
        return true;
    }
    // No sound server keeps an empty challenge; one that does has nothing to compare with.
    if challenge.value.is_empty() {
        return true;
    }
    if !code_challenge::is_well_formed(verifier) {
        return false;
    }
    if verifier.len() == 128 && ctx.has(Defect::RefusesLongestVerifier) {
        return false;
    }
    let cut = ctx.has(Defect::CutsVerifierAt64).then(|| verifier.get(..64)).flatten();
    let verifier = cut.unwrap_or(verifier);
    let plain = challenge.method == CodeChallengeMethod::Plain;
    let computed = if plain { verifier.to_owned() } else { s256(verifier) };
    if computed.as_bytes().ct_eq(challenge.value.as_bytes()).into() {
        return true;
    }
    verifier == challenge.value && ctx.has(Defect::ComparesS256AsPlain)
}

/// `BASE64URL-ENCODE(SHA256(ASCII(code_verifier)))` (RFC 7636 section 4.6).
fn s256(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636 appendix B.
    #[test]
    fn computes_the_challenge_of_the_specification() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(s256(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert!(code_challenge::is_well_formed(verifier));
    }
}
