use super::values::{RANDOM, RAW, REPEAT, WIRE};
use super::{Among, Field, Record, Shape, field};
use crate::load::action::{CLIENTS, DECISIONS, METHODS, SESSIONS, USERS};
use crate::model::{AssertionSignature, Authentication, BearerMethod, CipherSuites, Pkce, TlsVersion};

pub(super) fn names<T>(words: &[(&str, T)]) -> Vec<String> {
    words.iter().map(|(name, _)| (*name).to_owned()).collect()
}

fn texts(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// The maps that make a value.
pub(super) const MAKERS: &[&Record] = &[&RANDOM, &REPEAT, &WIRE, &RAW];

const CLIENT: Shape = Shape::Usually(|| texts(&CLIENTS));
const USER: Shape = Shape::Usually(|| texts(&USERS));
const AUTHENTICATION: Shape = Shape::OpenWords(|| names(&Authentication::ALL));

const CLIENT_ASSERTION: Field = field(
    "assertion",
    Shape::Of(&ASSERTION),
    "what is unusual about the [JWT](#assertion) of a client that authenticates with `private_key_jwt`.",
    "{ signature: other }",
);

pub(in crate::load) static ASSERTION: Record = Record {
    name: "assertion",
    what: "`assertion`",
    doc: "The JWT by which a client with a private key authenticates (RFC 7523). Its claims are `iss` and `sub` (the client), \
          `aud` (the issuer, or what the target file says), `iat`, `exp` and a random `jti`, unless something else is said. The \
          outcome of a token request has it as `sent_client_assertion`.",
    fields: &[
        field(
            "claims",
            Shape::Named(&Shape::Anything),
            "claims that are set; `null` leaves one out.",
            "{ aud: \"https://other.example\", jti: null }",
        ),
        field(
            "header",
            Shape::Named(&Shape::Anything),
            "members of its JOSE header that are set; `null` leaves one out.",
            "{ typ: client-authentication+jwt }",
        ),
        field("expires", Shape::Scalar, "seconds from now until `exp`; without it, 60.", "-300"),
        field("issued", Shape::Scalar, "seconds from now until `iat`; without it, 0.", "-86400"),
        field("not_before", Shape::Scalar, "seconds from now until `nbf`; without it there is none.", "600"),
        field(
            "signature",
            Shape::OpenWords(|| names(&AssertionSignature::ALL)),
            "`own`, which is the default; of an `other` key; `brought`: of another key that stands in the header as `jwk`; \
             `public_key`: a MAC by HS256 whose secret is the client's public key in PEM; `altered`: a claim was put in \
             after it; `none`: `alg` is `none`.",
            "other",
        ),
    ],
    among: Among::Nothing,
    also: &[],
    sample: "{ suite: s, title: S, cases: [ { id: a, title: A, steps: [ { token: { grant_type: client_credentials, client: keyed, assertion: { @ } }, expect: [ { for: example-2-state-echo, success: true } ] } ] } ] }",
};

pub(in crate::load) static STEP: Record = Record {
    name: "step",
    what: "a step",
    doc: "One action and what is expected of its outcome. A step without `expect` and `assume` is assumed to succeed: if \
          it does not, the case is blocked, never failed.",
    fields: &[
        field(
            "as",
            Shape::Sentence,
            "a name for the outcome, for [expressions](#expressions) further down.",
            "first",
        ),
        field(
            "needs",
            Shape::List(&super::suites::CAPABILITY),
            "[capabilities](#capabilities) without which this step is left out.",
            "[resource]",
        ),
        field("when", Shape::Condition, "the step is left out unless this holds.", "policy.iss == true"),
        field(
            "assume",
            Shape::List(&Shape::Of(&super::outcomes::PATTERN)),
            "[patterns](#pattern) that must hold for the case to be able to judge; broken, it is blocked.",
            "[ { success: true } ]",
        ),
        field(
            "expect",
            Shape::List(&Shape::Of(&super::outcomes::EXPECTATION)),
            "[expectations](#expectation): the only thing that can make a case fail.",
            "[ { for: example-2-state-echo, success: true } ]",
        ),
    ],
    among: Among::One(&ACTIONS),
    also: &[],
    sample: "{ suite: s, title: S, fragments: { logged-in: [ { authorize: {} } ] }, cases: [ { id: a, title: A, steps: [ { authorize: {} }, { token: {} }, { @ }, { token: {}, expect: [ { for: example-2-state-echo, success: true } ] } ] } ] }",
};

/// A step in a list of them.
static A_STEP: Shape = Shape::Of(&STEP);

/// What a step can do, in the order of the reference.
pub(in crate::load) static ACTIONS: [Field; 16] = [
    field(
        "authorize",
        Shape::MaybeOf(&AUTHORIZE),
        "sends the user's browser to the authorization endpoint; the user logs in and consents.",
        "{ scope: $policy.scope.default }",
    ),
    field("token", Shape::MaybeOf(&TOKEN), "asks the token endpoint for tokens.", "{ client: second }"),
    field(
        "refresh",
        Shape::MaybeOf(&REFRESH),
        "the token request with `grant_type=refresh_token`, with the refresh token of the latest token or refresh step.",
        "{ scope: read }",
    ),
    field(
        "introspect",
        Shape::MaybeOf(&QUERY),
        "asks about a token (RFC 7662).",
        "{ token: $token.access_token }",
    ),
    field("revoke", Shape::MaybeOf(&QUERY), "revokes a token (RFC 7009).", "{ token: $token.access_token }"),
    field(
        "resource",
        Shape::MaybeOf(&RESOURCE),
        "requests a protected resource of the target (RFC 6750).",
        "{ access_token: $token.access_token }",
    ),
    field(
        "userinfo",
        Shape::MaybeOf(&USERINFO),
        "asks who the user of a token is (OpenID Connect Core section 5.3).",
        "{ method: POST }",
    ),
    field(
        "register",
        Shape::MaybeOf(&REGISTER),
        "registers a client of the case's own (RFC 7591).",
        "{ token_endpoint_auth_method: none }",
    ),
    field("metadata", Shape::MaybeOf(&OVERRIDES), "fetches the server's metadata (RFC 8414).", "{}"),
    field("jwks", Shape::MaybeOf(&OVERRIDES), "fetches the server's keys (RFC 7517).", "{}"),
    field(
        "request",
        Shape::Of(&REQUEST),
        "sends anything else to the server.",
        "{ url: /health, method: GET }",
    ),
    field(
        "handshake",
        Shape::Of(&HANDSHAKE),
        "opens a TLS connection, tells what the server chooses or that it refuses, and closes it.",
        "{ url: $target.endpoints.token, versions: [TLSv1.2] }",
    ),
    field(
        "wait",
        Shape::Wait,
        "waits that long, or moves the target's clock if there is a hook for it.",
        "$policy.code.lifetime + 1s",
    ),
    field(
        "parallel",
        Shape::Together(&A_STEP),
        "steps that happen at the same time, at least two.",
        "[ { token: {} }, { metadata: {} } ]",
    ),
    field(
        "race",
        Shape::Of(&RACE),
        "the same request several times at once, of which only some may succeed.",
        "{ times: 5, step: { token: {} }, for: example-1-code-single-use, succeed: 1 }",
    ),
    field("use", Shape::Sentence, "the steps of a fragment of this suite.", "logged-in"),
];

pub(in crate::load) static AUTHORIZE: Record = Record {
    name: "authorize",
    what: "`authorize`",
    doc: "The authorization request. It sends `response_type=code`, `client_id`, `redirect_uri`, the client's scope or \
          the policy's default one, a `state` of 32 characters and an S256 code challenge, unless something else is said. The \
          outcome has every parameter of the answer as a member, and `redirect_uri`, `code_verifier` and `scope` as sent.",
    fields: &[
        field("client", CLIENT, "which client of the target; without it, `default`.", "second"),
        field("user", USER, "which user of the target; without it, `default`.", "second"),
        field("response_type", Shape::Scalar, "instead of `code`.", "token"),
        field("response_mode", Shape::Scalar, "sent as it stands.", "form_post"),
        field("scope", Shape::Scalar, "instead of the client's.", "\"read write\""),
        field("state", Shape::Scalar, "instead of 32 random characters.", "{ random: 7 }"),
        field(
            "redirect_uri",
            Shape::Scalar,
            "instead of the client's first one.",
            "\"https://attacker.example/\"",
        ),
        field(
            "decision",
            Shape::Words(|| names(&DECISIONS)),
            "what the user does with the consent page; without it, `approve`. Whoever closes it gets no answer: the step has no \
             outcome to be judged, and the case goes on. `forge` consents by the form that the target's other user was shown, \
             sent as a page of somebody else sends it: with that page as its origin and without cookies that are for one \
             site only (RFC 6749 section 10.12).",
            "deny",
        ),
        field(
            "session",
            Shape::Words(|| names(&SESSIONS)),
            "`fresh`: the user logs in again; without it, a session may be shared.",
            "fresh",
        ),
        field(
            "pkce",
            Shape::OpenWords(|| names(&Pkce::ALL)),
            "the code challenge's method; without it, `S256`.",
            "plain",
        ),
    ],
    among: Among::Nothing,
    also: &[&OVERRIDES],
    sample: "{ suite: s, title: S, cases: [ { id: a, title: A, steps: [ { authorize: { @ }, expect: [ { for: example-2-state-echo, success: true } ] } ] } ] }",
};

pub(in crate::load) static TOKEN: Record = Record {
    name: "token",
    what: "`token`",
    doc: "The token request. It redeems the code of the latest `authorize` step, with the redirect URI and the verifier \
          that belong to it, for the client that asked.",
    fields: &[
        field("grant_type", Shape::Scalar, "instead of `authorization_code`.", "client_credentials"),
        field("from", Shape::Sentence, "the name of the `authorize` step whose code it is.", "login"),
        field("client", CLIENT, "instead of the client that asked for the code.", "second"),
        field(
            "authentication",
            AUTHENTICATION,
            "how the client authenticates, rightly or wrongly; without it, as the target file says.",
            "wrong_secret",
        ),
        CLIENT_ASSERTION,
        field("code", Shape::Scalar, "instead of the step's.", "{ random: 32 }"),
        field("redirect_uri", Shape::Scalar, "instead of the step's.", "\"https://attacker.example/\""),
        field("code_verifier", Shape::Scalar, "instead of the step's.", "{ random: 43 }"),
        field("refresh_token", Shape::Scalar, "for that grant.", "{ random: 32 }"),
        field("scope", Shape::Scalar, "for grants that ask for one.", "read"),
        field("user", USER, "for the password grant.", "second"),
    ],
    among: Among::Nothing,
    also: &[&OVERRIDES],
    sample: "{ suite: s, title: S, cases: [ { id: a, title: A, steps: [ { authorize: {}, as: login }, { token: { @ }, expect: [ { for: example-2-state-echo, success: true } ] } ] } ] }",
};

pub(in crate::load) static REFRESH: Record = Record {
    name: "refresh",
    what: "`refresh`",
    doc: "The token request with a refresh token (RFC 6749 section 6).",
    fields: &[
        field("refresh_token", Shape::Scalar, "instead of the latest one.", "$token.refresh_token"),
        field("scope", Shape::Scalar, "a smaller one, for example.", "read"),
        field("client", CLIENT, "instead of the client that has the token.", "second"),
        field(
            "authentication",
            AUTHENTICATION,
            "how the client authenticates; without it, as the target file says.",
            "none",
        ),
        CLIENT_ASSERTION,
    ],
    among: Among::Nothing,
    also: &[&OVERRIDES],
    sample: "{ suite: s, title: S, cases: [ { id: a, title: A, steps: [ { authorize: {} }, { token: {} }, { refresh: { @ }, expect: [ { for: example-2-state-echo, success: true } ] } ] } ] }",
};

pub(in crate::load) static QUERY: Record = Record {
    name: "introspect-and-revoke",
    what: "a question about a token",
    doc: "Introspection (RFC 7662) and revocation (RFC 7009) take the same keys.",
    fields: &[
        field(
            "token",
            Shape::Scalar,
            "which one; without it, the latest access token.",
            "$token.refresh_token",
        ),
        field("token_type_hint", Shape::Scalar, "sent as it stands.", "refresh_token"),
        field("client", CLIENT, "which client asks; without it, the one that has the token.", "second"),
        field(
            "authentication",
            AUTHENTICATION,
            "how the client authenticates; without it, as the target file says.",
            "none",
        ),
        CLIENT_ASSERTION,
    ],
    among: Among::Nothing,
    also: &[&OVERRIDES],
    sample: "{ suite: s, title: S, cases: [ { id: a, title: A, steps: [ { authorize: {} }, { token: {} }, { introspect: { @ }, expect: [ { for: example-2-state-echo, success: true } ] } ] } ] }",
};

pub(in crate::load) static RESOURCE: Record = Record {
    name: "resource",
    what: "`resource`",
    doc: "A request to a protected resource of the target.",
    fields: &[
        field("access_token", Shape::Scalar, "instead of the latest one.", "{ random: 32 }"),
        field(
            "scope",
            Shape::Scalar,
            "the resource that the target file names for this scope; without it, the default one.",
            "read",
        ),
        field(
            "via",
            Shape::OpenWords(|| names(&BearerMethod::ALL)),
            "how the token is sent (RFC 6750 section 2); without it, `header`.",
            "query",
        ),
    ],
    among: Among::Nothing,
    also: &[&OVERRIDES],
    sample: "{ suite: s, title: S, cases: [ { id: a, title: A, steps: [ { authorize: {} }, { token: {} }, { resource: { @ }, expect: [ { for: example-2-state-echo, success: true } ] } ] } ] }",
};

pub(in crate::load) static USERINFO: Record = Record {
    name: "userinfo",
    what: "`userinfo`",
    doc: "A request to the userinfo endpoint (OpenID Connect Core section 5.3). It is judged as one to a protected resource.",
    fields: &[
        field("access_token", Shape::Scalar, "instead of the latest one.", "{ random: 32 }"),
        field(
            "via",
            Shape::OpenWords(|| names(&BearerMethod::ALL)),
            "how the token is sent (RFC 6750 section 2); without it, `header`.",
            "body",
        ),
    ],
    among: Among::Nothing,
    also: &[&OVERRIDES],
    sample: "{ suite: s, title: S, cases: [ { id: a, title: A, steps: [ { authorize: { scope: openid } }, { token: {} }, { userinfo: { @ }, expect: [ { for: example-2-state-echo, success: true } ] } ] } ] }",
};

pub(in crate::load) static REGISTER: Record = Record {
    name: "register",
    what: "`register`",
    doc: "Registers a client, if the target file allows it (`needs: [registration]`). It sends a `client_name` of its own, and \
          otherwise what fits the client `default`. Later steps name the client as the step is named by `as`, \
          `client: fresh`, or `client: register` for the latest. What a request takes as `parameters` are members of the \
          JSON object here. The outcome has the members of the answer, and under `sent` those of the request. \
          When the case is over the client is removed again (RFC 7592), where the server has a way to.",
    fields: &[
        field(
            "redirect_uris",
            Shape::Anything,
            "instead of the first one of `default`.",
            "[\"https://client.example/cb\"]",
        ),
        field(
            "token_endpoint_auth_method",
            Shape::Scalar,
            "instead of the way in which `default` authenticates.",
            "none",
        ),
        field("grant_types", Shape::Anything, "instead of `[authorization_code]`.", "[client_credentials]"),
        field("response_types", Shape::Anything, "instead of those that the grant types need.", "[]"),
        field("scope", Shape::Scalar, "instead of what `default` asks.", "read"),
    ],
    among: Among::Nothing,
    also: &[&OVERRIDES],
    sample: "{ suite: s, title: S, cases: [ { id: a, title: A, steps: [ { register: { @ }, expect: [ { for: example-2-state-echo, success: true } ] } ] } ] }",
};

pub(in crate::load) static REQUEST: Record = Record {
    name: "request",
    what: "`request`",
    doc: "Any request to the server's own hosts.",
    fields: &[field("url", Shape::Scalar, "absolute, or a path on the issuer.", "/health").required()],
    among: Among::Nothing,
    also: &[&OVERRIDES],
    sample: "{ suite: s, title: S, cases: [ { id: a, title: A, steps: [ { request: { @ }, expect: [ { for: example-2-state-echo, success: true } ] } ] } ] }",
};

pub(in crate::load) static HANDSHAKE: Record = Record {
    name: "handshake",
    what: "`handshake`",
    doc: "The beginning of a TLS connection. `success: true`: the server has chosen a version and a cipher suite. \
          `success: false`: it refuses, with a fatal alert or by closing the connection; a server that says nothing does \
          not. The outcome has the members `version` (as below), `cipher_suite` (as IANA spells it) and, with `finish`, \
          `certificate` and `alpn`; all null where it refuses.",
    fields: &[
        field(
            "url",
            Shape::Scalar,
            "an https URL on one of the target's hosts; only host and port count.",
            "$target.endpoints.token",
        )
        .required(),
        field(
            "versions",
            Shape::Several(&VERSION),
            "what is offered; without it, `[TLSv1.2, TLSv1.3]`. What is older than the newest one may be chosen too, \
             unless that is `TLSv1.3`.",
            "[TLSv1.0]",
        ),
        field(
            "cipher_suites",
            Shape::Usually(|| names(&CipherSuites::ALL)),
            "what is offered; without it, `usual`: good and bad ones. The others are those without encryption, without \
             a certificate, with short keys, and with RC4.",
            "unencrypted",
        ),
        field(
            "finish",
            Shape::Flag,
            "only suites with forward secrecy are offered, and where TLS 1.2 or 1.3 is chosen a second connection finishes the \
             handshake, so that `certificate` is `valid` or says what is wrong with it, and `alpn` is what the server \
             chose of `h2` and `http/1.1`.",
            "true",
        ),
    ],
    among: Among::Nothing,
    also: &[],
    sample: "{ suite: s, title: S, cases: [ { id: a, title: A, steps: [ { handshake: { @ }, expect: [ { for: example-2-state-echo, success: true } ] } ] } ] }",
};

const VERSION: Shape = Shape::Usually(|| names(&TlsVersion::ALL));

pub(in crate::load) static OVERRIDES: Record = Record {
    name: "overrides",
    what: "a request",
    doc: "What every request can be told to do differently.",
    fields: &[
        field(
            "parameters",
            Shape::Named(&Shape::Anything),
            "sets or adds parameters. Here and in what follows a name such as `$name` is an [expression](#expressions).",
            "{ nonce: { random: 16 } }",
        ),
        field("remove", Shape::List(&Shape::Text), "leaves parameters out.", "[state]"),
        field("empty", Shape::List(&Shape::Text), "sends parameters without a value.", "[scope]"),
        field(
            "append",
            Shape::List(&Shape::Pair(&Shape::Text, &Shape::Anything)),
            "sends parameters once more at the end, in this order.",
            "[[state, second]]",
        ),
        field(
            "order",
            Shape::Anything,
            "a list of names: these parameters come first, in this order.",
            "[state, scope]",
        ),
        field(
            "query",
            Shape::Named(&Shape::Anything),
            "parameters in the query of a POST.",
            "{ client_id: $client.id }",
        ),
        field("method", Shape::Usually(|| texts(&METHODS)), "the HTTP method.", "PUT"),
        field(
            "content_type",
            Shape::Scalar,
            "the media type of the body. `application/json` writes the parameters as a JSON object, anything else as a form.",
            "application/json",
        ),
        field(
            "headers",
            Shape::Headers(&Shape::Scalar),
            "header fields; `null` leaves one out, and `$name` is an expression here too.",
            "{ Accept: application/json, User-Agent: null }",
        ),
        field("body", Shape::Anything, "the whole body, instead of the parameters.", "\"not a form\""),
    ],
    among: Among::Nothing,
    also: &[],
    sample: "{ suite: s, title: S, cases: [ { id: a, title: A, steps: [ { metadata: { @ }, expect: [ { for: example-2-state-echo, success: true } ] } ] } ] }",
};

pub(in crate::load) static RACE: Record = Record {
    name: "race",
    what: "`race`",
    doc: "The same request several times, released together.",
    fields: &[
        field("times", Shape::Whole(2, 50), "how many requests.", "5").required(),
        field("for", Shape::Sentence, "the requirement that is judged.", "example-1-code-single-use")
            .required(),
        field(
            "succeed",
            Shape::Either(&[
                Shape::Whole(0, 50),
                Shape::Of(&SUCCEED),
                Shape::Words(|| vec!["all".to_owned()]),
            ]),
            "how many may succeed: exactly a number, `{ at_most: 1 }`, or `all`.",
            "{ at_most: 1 }",
        )
        .required(),
        field("step", Shape::Of(&STEP), "the request; without `expect`.", "{ token: {} }").required(),
    ],
    among: Among::Nothing,
    also: &[],
    sample: "{ suite: s, title: S, cases: [ { id: a, title: A, steps: [ { authorize: {} }, { race: { @ } } ] } ] }",
};

pub(in crate::load) static SUCCEED: Record = Record {
    name: "succeed",
    what: "`succeed`",
    doc: "How many requests of a race may succeed.",
    fields: &[field("at_most", Shape::Whole(0, 50), "so many or fewer.", "1").required()],
    among: Among::Nothing,
    also: &[],
    sample: "{ suite: s, title: S, cases: [ { id: a, title: A, steps: [ { authorize: {} }, { race: { times: 2, for: example-1-code-single-use, step: { token: {} }, succeed: { @ } } } ] } ] }",
};
