//! The examples that the specifications print, through the steps that users go through.

use super::*;
use crate::oauth::CompactJws;
use crate::reference::steps::client_assertion;

/// The client, user and redirect URI of RFC 6749's examples.
fn bench() -> Bench {
    let client = Client {
        id: "s6BhdRkqt3".to_owned(),
        secret: Some("7Fjfp0ZBr1KtDRbnfVdmIw".to_owned()),
        redirect_uris: vec!["https://client.example.com/cb".to_owned()],
        ..Client::default()
    };
    let policy = Policy { pkce_required: false, iss: false, ..open_policy() };
    let server = Bench::new(policy.clone(), &[]).server;
    let server = Shared {
        issuer: server.issuer.clone(),
        policy,
        defects: [].into_iter().collect(),
        clock: server.clock.clone(),
        store: Store::new(vec![client], Server::sample_users()),
    };
    Bench { server: Arc::new(server) }
}

/// RFC 6749 section 2.3.1.
const BASIC: (&str, &str) = ("authorization", "Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3");

/// RFC 6749 section 4.1.1.
const AUTHORIZATION: &str = "/oauth2/auth?response_type=code&client_id=s6BhdRkqt3&state=xyz\
    &redirect_uri=https%3A%2F%2Fclient%2Eexample%2Ecom%2Fcb";

#[test]
fn rfc_6749_sections_4_1_and_6_go_as_printed() {
    let bench = bench();
    let answer = bench.go_on(bench.send("GET", AUTHORIZATION, &[], ""), "approve");
    assert!(answer.header("location").unwrap().starts_with("https://client.example.com/cb?code="));
    assert_eq!(answer.redirected("state"), "xyz");

    // Section 4.1.3, with the code that this server has issued.
    let body = format!(
        "grant_type=authorization_code&code={}&redirect_uri=https%3A%2F%2Fclient%2Eexample%2Ecom%2Fcb",
        answer.redirected("code")
    );
    let tokens = bench.send("POST", "/oauth2/token", &[BASIC, FORM], &body);
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    // Section 5.1.
    assert_eq!(tokens.header("content-type"), Some("application/json"));
    assert_eq!(tokens.header("cache-control"), Some("no-store"));
    assert_eq!(tokens.header("pragma"), Some("no-cache"));
    assert_eq!(tokens.json()["token_type"], "Bearer");
    assert_eq!(tokens.json()["expires_in"], 3600);
}

#[test]
fn rfc_6749_sections_2_3_1_4_3_2_and_4_4_2_go_as_printed() {
    let bench = bench();
    let owner = "grant_type=password&username=alice&password=correct%20horse+battery%20staple";
    assert_eq!(bench.send("POST", "/oauth2/token", &[BASIC, FORM], owner).status, 200);
    let itself = "grant_type=client_credentials";
    assert_eq!(bench.send("POST", "/oauth2/token", &[BASIC, FORM], itself).status, 200);
    let header = ("authorization", "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW");
    let answer = bench.send("POST", "/oauth2/token", &[header, FORM], itself);
    assert_eq!((answer.status, answer.error().as_str()), (401, "invalid_client"), "another secret");

    // Section 2.3.1: the same credentials in the body, here of section 6's refresh.
    let body = "grant_type=refresh_token&refresh_token=tGzv3JOkF0XG5Qx2TlKWIA\
                &client_id=s6BhdRkqt3&client_secret=7Fjfp0ZBr1KtDRbnfVdmIw";
    let answer = bench.send("POST", "/oauth2/token", &[FORM], body);
    assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_grant"));
}

#[test]
fn rfc_6749_section_4_1_2_1_denial_goes_as_printed() {
    let bench = bench();
    let answer = bench.go_on(bench.send("GET", AUTHORIZATION, &[], ""), "deny");
    assert_eq!(answer.redirected("error"), "access_denied");
    assert_eq!(answer.redirected("state"), "xyz");
}

/// RFC 7636 appendix B.
#[test]
fn rfc_7636_verifier_and_challenge_belong_together() {
    let bench = Bench::sound();
    let code = bench.code(&Params::authorization().with("code_challenge", CHALLENGE));
    let wrong = VERIFIER.replace("dBjf", "dBjg");
    let answer = bench.token(&Params::redemption(&code).with("code_verifier", &wrong));
    assert_eq!(answer.error(), "invalid_grant");
    let code = bench.code(&Params::authorization().with("code_challenge", CHALLENGE));
    assert_eq!(bench.token(&Params::redemption(&code).with("code_verifier", VERIFIER)).status, 200);
}

/// RFC 7515 appendices A.2 and A.3: the signatures verify with the printed keys, and not when a bit changes.
#[test]
fn rfc_7515_examples_verify_as_client_assertions() {
    for example in [
        include_str!("../../../fixtures/vectors/rfc7515-a2.json"),
        include_str!("../../../fixtures/vectors/rfc7515-a3.json"),
    ] {
        let example: Value = serde_json::from_str(example).unwrap();
        let jws = CompactJws::parse(example["jws"].as_str().unwrap()).unwrap();
        assert_eq!(jws.claims["iss"], "joe");
        let jwks = Some(serde_json::json!({ "keys": [example["key"]] }));
        let client = Client { jwks, ..Client::default() };
        assert!(client_assertion::is_signed_by(&client, &jws), "{}", jws.header);
        let mut spoilt = jws.clone();
        spoilt.signature[40] ^= 1;
        assert!(!client_assertion::is_signed_by(&client, &spoilt), "{}", jws.header);
        let mut other = jws;
        other.signing_input.push('A');
        assert!(!client_assertion::is_signed_by(&client, &other), "{}", other.header);
    }
}
