//! What an attacker can do on a server with defects, and what to repair first: exactly these threats open.

use oauthspec::cli::{Setting, built_in_library, judge_reference};
use oauthspec::model::Library;
use oauthspec::plan::Selection;
use oauthspec::reference::Defect;
use oauthspec::report::{Danger, danger};
use tokio::runtime::Runtime;

/// A profile, defects, what is run, the threats that open, and the requirements to repair first.
type Row = (
    &'static str,
    &'static [Defect],
    &'static [&'static str],
    &'static [&'static str],
    &'static [&'static str],
);

const OPENED: &[Row] = &[
    (
        "tasknation",
        &[Defect::AcceptsReusedCode],
        &["authorization-code/code-single-use"],
        &["code-replay"],
        &["rfc6749-4.1.2-code-single-use"],
    ),
    (
        "tasknation",
        &[Defect::IgnoresVerifier],
        &["pkce/wrong-verifier"],
        &["code-injection"],
        &["rfc7636-4.6-mismatch-invalid-grant", "rfc9700-2.1.1-enforce-verifier-confidential"],
    ),
    (
        "tasknation",
        &[Defect::AppendsToState],
        &["state/ordinary"],
        &["state-lost"],
        &["rfc6749-4.1.2-state-exact-value"],
    ),
    (
        "tasknation",
        &[Defect::AppendsToState, Defect::IgnoresVerifier],
        &["state/ordinary", "pkce/wrong-verifier"],
        &["code-injection", "login-csrf", "state-lost"],
        &["rfc6749-4.1.2-state-exact-value"],
    ),
    (
        "bcp",
        &[Defect::AcceptsMissingSecret],
        &["authorization-code/works", "client-authentication/code-without-secret"],
        &["client-impersonation"],
        &["rfc6749-2.2-client-id-alone-not-authentication", "rfc6749-4.1.3-require-client-authentication"],
    ),
    (
        "bcp",
        &[Defect::AcceptsMissingSecret, Defect::AcceptsMissingVerifier],
        &["authorization-code/works", "client-authentication/code-without-secret", "pkce/verifier-left-out"],
        &["code-injection", "client-impersonation", "code-theft-and-impersonation"],
        &["rfc6749-2.2-client-id-alone-not-authentication", "rfc6749-4.1.3-require-client-authentication"],
    ),
    (
        "tasknation",
        &[Defect::RedirectsErrorToUnregisteredUri],
        &["redirect-uri/*"],
        &["open-redirector"],
        &["rfc6749-4.1.2.1-mismatched-redirect-no-redirect"],
    ),
    (
        "bcp",
        &[Defect::MatchesHostBySuffix],
        &["redirect-uri/*"],
        &["code-to-another-host", "open-redirector"],
        &["rfc6749-4.1.2.1-mismatched-redirect-no-redirect"],
    ),
    (
        "bcp",
        &[Defect::LetsConsentPageBeFramed],
        &["authorization-code/works", "invariants/pages-not-framed"],
        &["clickjacking"],
        &["rfc9700-4.16-prevent-clickjacking"],
    ),
    (
        "bcp",
        &[Defect::IntrospectsWithoutClientAuthentication],
        &["introspection/*"],
        &["token-scanning"],
        &["rfc7662-2.1-introspection-requires-authorization"],
    ),
    (
        "bcp",
        &[Defect::OmitsIss],
        &["issuer/*"],
        &["mix-up"],
        &["rfc9207-2-iss-in-error", "rfc9207-2-iss-in-success", "rfc9207-2.3-metadata-issuer-identical"],
    ),
    (
        "taskade",
        &[Defect::AcceptsWrongPasswordByGrant],
        &["password/*"],
        &["password-not-checked"],
        &["rfc6749-4.3.2-ropc-validate-password"],
    ),
];

fn judged(library: &Library, runtime: &Runtime, profile: &str, defects: &[Defect], only: &[&str]) -> Danger {
    let only = Selection { only: only.iter().map(|s| (*s).to_owned()).collect(), ..Selection::default() };
    danger(runtime.block_on(judge_reference(library, profile, Setting::Web, defects, &only, 1)).unwrap())
}

#[test]
fn defects_open_their_threats_and_no_others() {
    let (library, runtime) = (built_in_library().unwrap(), Runtime::new().unwrap());
    let mut wrong = Vec::new();
    for (profile, defects, only, threats, repair) in OPENED {
        let danger = judged(&library, &runtime, profile, defects, only);
        let open: Vec<&str> = danger.open.iter().map(|threat| threat.id.as_str()).collect();
        let first = danger.repairs.first().map_or(&[][..], |repair| &repair.requirements[..]);
        if open != *threats || first != *repair {
            let repairs: Vec<String> = danger
                .repairs
                .iter()
                .map(|r| format!("{:?} closes {:?}", r.requirements, r.closes))
                .collect();
            wrong.push(format!("{profile} {defects:?}: {open:?}\n  {}", repairs.join("\n  ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_sound_server_leaves_nothing_open() {
    let (library, runtime) = (built_in_library().unwrap(), Runtime::new().unwrap());
    let only = ["authorization-code/*", "client-authentication/*", "pkce/*", "state/*"];
    let danger = judged(&library, &runtime, "bcp", &[], &only);
    assert_eq!(danger, Danger { open: Vec::new(), repairs: Vec::new() });
}
