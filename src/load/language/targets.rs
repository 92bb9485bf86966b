use super::{Among, Record, Shape, field};
use crate::model::SigningKey;

macro_rules! target {
    ($members:literal) => {
        concat!(
            "{ target: t, issuer: \"https://auth.example\", clients: { default: { id: x, secret: s } }, ",
            $members,
            " }"
        )
    };
}

pub(in crate::load) static TARGET: Record = Record {
    name: "target",
    what: "a target",
    doc: "Where the server under test is, and who we are there. In any text `$env.NAME` (the whole of it) or `${env.NAME}` \
          (in the middle) stands for an environment variable, so that no secret need be written down; with `start`, `$port` is \
          the free port.",
    fields: &[
        field("target", Shape::Sentence, "a name for it.", "acme-staging").required(),
        field("profile", Shape::Sentence, "the profile that it is held to.", "example"),
        field(
            "clients",
            Shape::NamedWith("default", &Shape::Of(&CLIENT)),
            "the [clients](#client) that are registered there. Cases use `default`, some also `second`, `public` and `escaped`.",
            "{ default: { id: $env.CLIENT_ID, secret: $env.CLIENT_SECRET, redirect_uris: [\"https://client.example/cb\"] } }",
        )
        .required(),
        field(
            "users",
            Shape::Named(&Shape::Of(&USER)),
            "the [users](#user) that can log in: `default`, for some cases also `second`.",
            "{ default: { username: alice, password: $env.USER_PASSWORD } }",
        ),
        field(
            "resources",
            Shape::Of(&RESOURCES),
            "[resources](#resources) that take the server's tokens.",
            "{ default: \"https://api.example/me\" }",
        ),
        field(
            "registration",
            Shape::MaybeOf(&REGISTRATION),
            "lets cases [register](#register) clients of their own; without it, they never do.",
            "{ initial_access_token: $env.INITIAL_ACCESS_TOKEN }",
        ),
        field("user_agent", Shape::Of(&USER_AGENT), "how to [log in](#user_agent).", "{ forms: { approve: Allow } }"),
        field("policy", Shape::Of(&super::policy::POLICY), "[policy](#policy) over the profile's.", "{ refresh_token: { grace: 30s } }"),
        field(
            "without",
            Shape::List(&super::suites::CAPABILITY),
            "[capabilities](#capabilities) that are knowingly not there.",
            "[revocation]",
        ),
        field("limits", Shape::Of(&LIMITS), "[politeness](#limits).", "{ concurrency: 4 }"),
        field(
            "plain_http",
            Shape::Url,
            "the origin at which the same server is reached without TLS, if it is. Cases send it an authorization code \
             with the secret of the client `default`, and a token, to see what becomes of them: in the clear.",
            "\"http://auth.example\"",
        ),
        field(
            "clock",
            Shape::Of(&CLOCK),
            "a [hook](#clock) that moves the server's clock, so that nobody waits.",
            "{ advance: { post: \"https://auth.example/__clock\" } }",
        ),
        field(
            "start",
            Shape::Of(&START),
            "how to [start](#start) the server first.",
            "{ command: npm start, ready: \"http://127.0.0.1:$port/health\" }",
        ),
        field("ca", Shape::Sentence, "a PEM file with the certificate authority to trust, from this file on.", "ca.pem"),
    ],
    among: Among::Some(&[
        field("issuer", Shape::Url, "the issuer, where metadata is looked for.", "\"https://auth.example\""),
        field(
            "endpoints",
            Shape::Of(&ENDPOINTS),
            "[endpoints](#endpoints) that no metadata names: `metadata` itself, or both `authorization` and `token`.",
            "{ authorization: \"https://auth.example/authorize\", token: \"https://auth.example/token\" }",
        ),
    ]),
    also: &[],
    sample: "{ @ }",
};

pub(in crate::load) static ENDPOINTS: Record = Record {
    name: "endpoints",
    what: "`endpoints`",
    doc: "Where to send what, if metadata does not say so.",
    fields: &[
        field("authorization", Shape::Url, "RFC 6749 section 3.1.", "\"https://auth.example/authorize\""),
        field("token", Shape::Url, "RFC 6749 section 3.2.", "\"https://auth.example/token\""),
        field("revocation", Shape::Url, "RFC 7009.", "\"https://auth.example/revoke\""),
        field("introspection", Shape::Url, "RFC 7662.", "\"https://auth.example/introspect\""),
        field(
            "userinfo",
            Shape::Url,
            "OpenID Connect Core section 5.3.",
            "\"https://auth.example/userinfo\"",
        ),
        field("registration", Shape::Url, "RFC 7591.", "\"https://auth.example/register\""),
        field("jwks", Shape::Url, "the published keys (RFC 7517).", "\"https://auth.example/jwks\""),
        field(
            "metadata",
            Shape::Url,
            "RFC 8414.",
            "\"https://auth.example/.well-known/oauth-authorization-server\"",
        ),
    ],
    among: Among::Nothing,
    also: &[],
    sample: target!("endpoints: { @ }"),
};

pub(in crate::load) static CLIENT: Record = Record {
    name: "client",
    what: "a client",
    doc: "A client that is registered at the server.",
    fields: &[
        field("id", Shape::Sentence, "its `client_id`.", "$env.CLIENT_ID").required(),
        field("secret", Shape::Sentence, "its secret; a public client has none.", "$env.CLIENT_SECRET"),
        field("authentication", super::policy::METHOD, "how it authenticates.", "client_secret_post")
            .beside("secret: s"),
        field(
            "redirect_uris",
            Shape::List(&Shape::Uri),
            "its registered redirect URIs.",
            "[\"https://client.example/callback\"]",
        ),
        field(
            "scope",
            Shape::Text,
            "what it asks users for; without it, the policy's default.",
            "\"read write\"",
        ),
        field("client_credentials_scope", Shape::Text, "what it asks for itself.", "read"),
        field("partner", Shape::Sentence, "its type of partner, where the policy has some.", "supply"),
        field(
            "private_key",
            Shape::Sentence,
            "its private key as PEM or JWK, best from the environment: it authenticates with `private_key_jwt` (RFC 7523).",
            "$env.CLIENT_KEY",
        ),
        field("private_key_file", Shape::Sentence, "a file with that key, from this file on.", "key.pem"),
        field("key_id", Shape::Sentence, "`kid` of that key; without it, the JWK's.", "key-1")
            .beside("private_key_file: key.pem"),
        field(
            "signing_algorithm",
            Shape::Words(|| SigningKey::ALGORITHMS.map(str::to_owned).to_vec()),
            "without it, RS256, ES256, ES384 or EdDSA, as suits the key.",
            "PS256",
        )
        .beside("private_key_file: key.pem"),
        field(
            "audience",
            Shape::Sentence,
            "`aud` of its assertions; without it, the issuer, or else the token endpoint.",
            "\"https://auth.example\"",
        )
        .beside("private_key_file: key.pem"),
    ],
    among: Among::Nothing,
    also: &[],
    sample: "{ target: t, issuer: \"https://auth.example\", clients: { default: { @ } } }",
};

pub(in crate::load) static USER: Record = Record {
    name: "user",
    what: "a user",
    doc: "A user who can log in at the server.",
    fields: &[
        field("username", Shape::Sentence, "what to type first.", "alice").required(),
        field("password", Shape::Sentence, "what to type then.", "$env.USER_PASSWORD").required(),
        field("personal_access_token", Shape::Sentence, "a token that the user has made.", "$env.USER_TOKEN"),
    ],
    among: Among::Nothing,
    also: &[],
    sample: target!("users: { default: { @ } }"),
};

pub(in crate::load) static RESOURCES: Record = Record {
    name: "resources",
    what: "`resources`",
    doc: "Protected resources that answer 2xx to a GET with a good token.",
    fields: &[
        field("default", Shape::Url, "takes any token.", "\"https://api.example/me\""),
        field("user_only", Shape::Flag, "it refuses tokens that are a client's own.", "true"),
        field(
            "scopes",
            Shape::Named(&Shape::Url),
            "resources that take tokens of one scope only.",
            "{ \"supply::leads\": \"https://api.example/leads\" }",
        ),
    ],
    among: Among::Nothing,
    also: &[],
    sample: target!("resources: { @ }"),
};

pub(in crate::load) static REGISTRATION: Record = Record {
    name: "registration",
    what: "`registration`",
    doc: "Clients may be registered at this server (RFC 7591). Each is removed again after its case, where the server lets \
          clients be removed (RFC 7592).",
    fields: &[field(
        "initial_access_token",
        Shape::Sentence,
        "a bearer token that the server asks of whoever registers a client.",
        "$env.INITIAL_ACCESS_TOKEN",
    )],
    among: Among::Nothing,
    also: &[],
    sample: target!("registration: { @ }"),
};

pub(in crate::load) static USER_AGENT: Record = Record {
    name: "user_agent",
    what: "`user_agent`",
    doc: "What plays the browser and its user.",
    fields: &[field(
        "forms",
        Shape::MaybeOf(&FORMS),
        "HTML forms are found and filled, without JavaScript.",
        "{ approve: Allow }",
    )
    .required()],
    among: Among::Nothing,
    also: &[],
    sample: target!("user_agent: { @ }"),
};

pub(in crate::load) static FORMS: Record = Record {
    name: "forms",
    what: "`forms`",
    doc: "Hints for pages that are not understood without.",
    fields: &[
        field("username_field", Shape::Sentence, "the name of the input for the user's name.", "login"),
        field("password_field", Shape::Sentence, "the name of the input for the password.", "pass"),
        field("approve", Shape::Sentence, "the button that consents, by its label, name or value.", "Allow"),
        field("deny", Shape::Sentence, "the button that does not.", "Cancel"),
        field(
            "origins",
            Shape::List(&Shape::Url),
            "further origins that the login leads through.",
            "[\"https://login.example\"]",
        ),
    ],
    among: Among::Nothing,
    also: &[],
    sample: target!("user_agent: { forms: { @ } }"),
};

pub(in crate::load) static LIMITS: Record = Record {
    name: "limits",
    what: "`limits`",
    doc: "How much the server is asked to bear.",
    fields: &[
        field("concurrency", Shape::Whole(1, 1024), "requests in flight; without it, 16.", "4"),
        field("requests_per_second", Shape::Number, "without it, as many as come.", "2.5"),
        field(
            "timeout",
            Shape::Duration,
            "how long an answer may take, `100ms` to `1h`; without it, `10s`.",
            "5s",
        ),
        field(
            "body",
            Shape::Whole(1024, 1 << 28),
            "bytes of an answer that are read; without it, 1 MiB.",
            "65536",
        ),
    ],
    among: Among::Nothing,
    also: &[],
    sample: target!("limits: { @ }"),
};

pub(in crate::load) static CLOCK: Record = Record {
    name: "clock",
    what: "`clock`",
    doc: "A test hook of the server.",
    fields: &[field(
        "advance",
        Shape::Of(&ADVANCE),
        "how to move the clock.",
        "{ post: \"https://auth.example/__clock\" }",
    )
    .required()],
    among: Among::Nothing,
    also: &[],
    sample: target!("clock: { @ }"),
};

pub(in crate::load) static ADVANCE: Record = Record {
    name: "advance",
    what: "`advance`",
    doc: "How the clock is moved.",
    fields: &[field(
        "post",
        Shape::Url,
        "takes `{\"advance_seconds\": N}` as JSON and answers 2xx.",
        "\"https://auth.example/__clock\"",
    )
    .required()],
    among: Among::Nothing,
    also: &[],
    sample: target!("clock: { advance: { @ } }"),
};

pub(in crate::load) static START: Record = Record {
    name: "start",
    what: "`start`",
    doc: "A server that is started for the run and stopped after it.",
    fields: &[
        field(
            "command",
            Shape::Sentence,
            "for the shell; `$port` is the port to listen on.",
            "PORT=$port npm start",
        )
        .required(),
        field(
            "ready",
            Shape::Url,
            "answers 2xx when the server is ready.",
            "\"http://127.0.0.1:$port/health\"",
        )
        .required(),
        field("directory", Shape::Sentence, "where to start it, from this file on.", "../server"),
        field(
            "patience",
            Shape::Duration,
            "how long to wait for it, `100ms` to `1h`; without it, `30s`.",
            "1m",
        ),
    ],
    among: Among::Nothing,
    also: &[],
    sample: target!("start: { @ }"),
};
