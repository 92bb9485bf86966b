use super::{Among, Record, Shape, field};
use crate::oauth::{ClientAuthenticationMethod, GrantType};

pub(super) const METHOD: Shape = Shape::Words(|| {
    let known = ClientAuthenticationMethod::KNOWN.iter().chain(&crate::load::policy::OTHER_METHODS);
    known.map(|m| (*m).to_owned()).collect()
});

/// A section of the policy.
macro_rules! section {
    ($record:ident, $name:literal, $what:literal, $doc:literal, $sample:literal, [$($field:expr),+ $(,)?]) => {
        pub(in crate::load) static $record: Record = Record {
            name: $name,
            what: $what,
            doc: $doc,
            fields: &[$($field),+],
            among: Among::Nothing,
            also: &[],
            sample: concat!("{ profile: p, title: P, include: [\"*\"], policy: { ", $sample, ": { @ } } }"),
        };
    };
}

pub(in crate::load) static POLICY: Record = Record {
    name: "policy",
    what: "`policy`",
    doc: "What a server has decided where the documents leave it free. What is silent is free: either behaviour passes.",
    fields: &[
        field(
            "grants",
            Shape::List(&Shape::Either(&[
                Shape::Words(|| GrantType::KNOWN.iter().map(|g| (*g).to_owned()).collect()),
                Shape::Uri,
            ])),
            "the grants that there are; any other is expected to be refused.",
            "[authorization_code, refresh_token]",
        ),
        field(
            "client_authentication",
            Shape::List(&METHOD),
            "the methods that there are.",
            "[client_secret_post]",
        ),
        field("state", Shape::Of(&STATE), "see [state](#policy-state).", "{ minimum: 8 }"),
        field(
            "redirect_uri",
            Shape::Of(&REDIRECT_URI),
            "see [redirect URI](#policy-redirect_uri).",
            "{ matching: exact }",
        ),
        field(
            "scope",
            Shape::Of(&SCOPE),
            "see [scope](#policy-scope).",
            "{ values: [read, write], default: read }",
        ),
        field(
            "access_token",
            Shape::Of(&ACCESS_TOKEN),
            "see [access token](#policy-access_token).",
            "{ lifetime: 1h }",
        ),
        field(
            "refresh_token",
            Shape::Of(&REFRESH_TOKEN),
            "see [refresh token](#policy-refresh_token).",
            "{ grace: 60s }",
        ),
        field("code", Shape::Of(&CODE), "see [code](#policy-code).", "{ lifetime: 10m }"),
        field("pkce", Shape::Of(&PKCE), "see [PKCE](#policy-pkce).", "{ supported: true }"),
        field(
            "iss",
            Shape::Flag,
            "whether answers of the authorization endpoint name the issuer (RFC 9207).",
            "true",
        ),
        field("personal_access_tokens", Shape::Flag, "whether users have tokens of their own.", "true"),
    ],
    among: Among::Nothing,
    also: &[],
    sample: "{ profile: p, title: P, include: [\"*\"], policy: { @ } }",
};

section!(
    STATE,
    "policy-state",
    "`state`",
    "What a `state` may be.",
    "state",
    [
        field("minimum", Shape::Whole(0, 1 << 16), "characters of the shortest.", "8"),
        field("maximum", Shape::Whole(0, 1 << 20), "characters of the longest.", "512"),
    ]
);

section!(
    REDIRECT_URI,
    "policy-redirect_uri",
    "`redirect_uri`",
    "How redirect URIs are compared.",
    "redirect_uri",
    [
        field("matching", Shape::Words(|| vec!["exact".to_owned()]), "`exact`: byte for byte.", "exact"),
        field(
            "loopback_port_free",
            Shape::Flag,
            "whether a loopback address may come with another port (RFC 8252 section 7.3).",
            "true",
        ),
    ]
);

section!(
    SCOPE,
    "policy-scope",
    "`scope`",
    "Which scopes there are.",
    "scope",
    [
        field("values", Shape::List(&Shape::Sentence), "all of them.", "[read, \"supply::leads\"]"),
        field("default", Shape::Text, "what is granted to those who ask for none.", "read"),
        field(
            "unknown",
            Shape::Words(|| vec!["refuse".to_owned(), "ignore".to_owned()]),
            "what happens to a scope that there is not.",
            "refuse",
        ),
        field(
            "partners",
            Shape::Named(&Shape::List(&Shape::Sentence)),
            "the scopes of each type of partner.",
            "{ supply: [\"supply::leads\"] }",
        ),
    ]
);

section!(
    ACCESS_TOKEN,
    "policy-access_token",
    "`access_token`",
    "What access tokens are like.",
    "access_token",
    [
        field(
            "format",
            Shape::Words(|| vec!["jwt".to_owned(), "opaque".to_owned()]),
            "whether they can be read.",
            "jwt",
        ),
        field("algorithm", Shape::Sentence, "how they are signed.", "RS256"),
        field("lifetime", Shape::Duration, "how long they work.", "1h"),
    ]
);

section!(
    REFRESH_TOKEN,
    "policy-refresh_token",
    "`refresh_token`",
    "What refresh tokens are like.",
    "refresh_token",
    [
        field("scope", Shape::Text, "the scope that brings one.", "offline_access"),
        field("rotation", Shape::Flag, "whether each use gives a new one.", "true"),
        field("grace", Shape::Duration, "how long a used one still works.", "60s"),
        field("lifetime", Shape::Duration, "how long an unused one works.", "180d"),
        field(
            "reuse_ends_family",
            Shape::Flag,
            "whether the use of a used one ends all that came of it.",
            "true"
        ),
    ]
);

section!(
    CODE,
    "policy-code",
    "`code`",
    "What authorization codes are like.",
    "code",
    [field("lifetime", Shape::Duration, "how long they work.", "10m"),]
);

section!(
    PKCE,
    "policy-pkce",
    "`pkce`",
    "Whether there is PKCE (RFC 7636).",
    "pkce",
    [
        field("supported", Shape::Flag, "a challenge is honoured.", "true"),
        field("required", Shape::Flag, "a request without a challenge is refused.", "false"),
    ]
);
