//! Whatever arrives is answered: never a panic, never a status that says the server is at fault.

use std::collections::BTreeSet;

use http::StatusCode;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};

use super::*;
use crate::reference::table::ENDPOINTS;

/// A request before it is known what the server has issued.
#[derive(Clone, Debug)]
struct Anything {
    method: String,
    path: String,
    query: Vec<u8>,
    headers: Vec<(String, Vec<u8>)>,
    body: Option<Vec<u8>>,
}

/// Names that some step asks for.
const NAMES: &str = "response_type client_id redirect_uri scope state response_mode code_challenge \
    code_challenge_method grant_type code client_secret client_assertion client_assertion_type code_verifier \
    refresh_token username password token token_type_hint flow csrf_token decision access_token nonce";

/// Values that get past a step, or are known to trip one up.
const VALUES: &str = "code token code token query fragment form_post S256 plain authorization_code \
    refresh_token client_credentials password implicit supply-partner demand-partner public-app alice approve deny \
    offline_access profile supply::leads https://client.example/cb http://127.0.0.1:1/cb http://[::1 \
    urn:ietf:params:oauth:client-assertion-type:jwt-bearer e30.e30.e30 eyJhbGciOiJub25lIn0.e30. \
    eyJhbGciOiJSUzI1NiIsImtpZCI6MX0.eyJzdWIiOiJzdXBwbHktcGFydG5lciIsImV4cCI6MWUzMDB9.AA \
    dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// What a live server has issued is put in where a request has these letters.
const LIVE: [&str; 5] = ["LIVECODE", "LIVEACCESS", "LIVEREFRESH", "LIVEFLOW", "LIVECSRF"];

fn words(text: &'static str) -> impl Strategy<Value = String> + Clone {
    select(text.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
}

/// A value: plausible, issued by the server, the client's secret, or any text at all.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => words(VALUES),
        2 => select(&LIVE[..]).prop_map(str::to_owned),
        1 => Just(SECRET.to_owned()),
        1 => Just("x".repeat(5000)),
        2 => any::<String>(),
    ]
}

/// A form: pairs properly encoded, or bytes.
fn form_bytes() -> impl Strategy<Value = Vec<u8>> {
    let name = prop_oneof![8 => words(NAMES), 1 => any::<String>()];
    let encoded = |pairs: Vec<(String, String)>| Params(pairs).encode().into_bytes();
    prop_oneof![
        6 => prop::collection::vec((name, value()), 0..10).prop_map(encoded),
        1 => prop::collection::vec(any::<u8>(), 0..200),
        1 => "[a-z_=&%+;0-9]{0,60}".prop_map(String::into_bytes),
        1 => any::<serde_json_text::Text>().prop_map(|text| text.0),
    ]
}

/// JSON documents, for the endpoint that reads them.
mod serde_json_text {
    use super::*;

    #[derive(Clone, Debug)]
    pub(super) struct Text(pub(super) Vec<u8>);

    impl Arbitrary for Text {
        type Parameters = ();
        type Strategy = BoxedStrategy<Self>;

        fn arbitrary_with((): ()) -> Self::Strategy {
            let leaf = prop_oneof![
                Just(Value::Null),
                any::<bool>().prop_map(Value::from),
                any::<f64>().prop_map(Value::from),
                value().prop_map(Value::from),
            ];
            let names = words(
                "redirect_uris grant_types response_types token_endpoint_auth_method scope jwks jwks_uri keys kty \
                 n e x y crv kid client_name",
            );
            let tree = leaf.prop_recursive(3, 16, 4, move |inner| {
                prop_oneof![
                    prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                    prop::collection::vec((names.clone(), inner), 0..4)
                        .prop_map(|members| Value::Object(members.into_iter().collect())),
                ]
            });
            tree.prop_map(|value| Self(value.to_string().into_bytes())).boxed()
        }
    }
}

fn path() -> impl Strategy<Value = String> {
    let endpoints: Vec<String> = ENDPOINTS.iter().map(|endpoint| endpoint.path.to_owned()).collect();
    prop_oneof![8 => select(endpoints), 1 => "/api/scopes/[a-z:%]{0,12}", 1 => "/[!-~]{0,20}"]
}

fn headers() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
    let name = prop_oneof![
        6 => words("authorization cookie content-type origin content-length transfer-encoding host dpop"),
        1 => "[a-z-]{1,12}".prop_map(String::from),
    ];
    let basic = value().prop_map(|secret| {
        let pair = format!("supply-partner:{}", encode_component(&secret));
        format!("Basic {}", STANDARD.encode(pair)).into_bytes()
    });
    let bytes = prop::collection::vec(any::<u8>(), 0..60);
    let content = prop_oneof![
        3 => Just(FORM.1.as_bytes().to_vec()),
        1 => Just(b"application/json".to_vec()),
        2 => basic,
        1 => value().prop_map(|value| format!("Bearer {value}").into_bytes()),
        2 => Just(b"oauth_session=LIVESESSION".to_vec()),
        2 => bytes,
    ];
    let form = Just(vec![("content-type".to_owned(), FORM.1.as_bytes().to_vec())]);
    prop_oneof![3 => form, 4 => prop::collection::vec((name, content), 0..5)]
}

/// Sound requests that get all the way, as long as what they carry is fresh: method, path, parameters, header.
const SOUND: &[(&str, &str, &str, &str)] = &[
    (
        "GET",
        "/oauth2/auth",
        "response_type=code client_id=supply-partner redirect_uri=https://client.example/cb scope=profile \
         state=a-state-17-long code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM \
         code_challenge_method=S256 response_mode=query",
        "cookie: oauth_session=LIVESESSION",
    ),
    ("GET", "/login", "flow=LIVEFLOW", "cookie: oauth_session=LIVESESSION"),
    (
        "POST",
        "/login",
        "flow=LIVEFLOW csrf_token=LIVECSRF username=alice password=LIVEPASSWORD",
        "cookie: oauth_session=LIVESESSION",
    ),
    ("GET", "/consent", "flow=LIVEFLOW", "cookie: oauth_session=LIVESESSION"),
    (
        "POST",
        "/consent",
        "flow=LIVEASKED csrf_token=LIVEASKEDCSRF decision=approve",
        "cookie: oauth_session=LIVEUSERSESSION",
    ),
    (
        "POST",
        "/oauth2/token",
        "grant_type=authorization_code code=LIVECODE redirect_uri=https://client.example/cb \
         code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        "authorization: LIVEBASIC",
    ),
    (
        "POST",
        "/oauth2/token",
        "grant_type=refresh_token refresh_token=LIVEREFRESH",
        "authorization: LIVEBASIC",
    ),
    ("POST", "/oauth2/token", "grant_type=client_credentials scope=profile", "authorization: LIVEBASIC"),
    ("POST", "/oauth2/revoke", "token=LIVEACCESS token_type_hint=access_token", "authorization: LIVEBASIC"),
    ("POST", "/oauth2/introspect", "token=LIVEACCESS", "authorization: LIVEBASIC"),
    ("GET", "/api/me", "", "authorization: Bearer LIVEACCESS"),
    ("GET", "/api/scopes/profile", "", "authorization: Bearer LIVEACCESS"),
];

/// A sound request in which up to three things are not as they were.
fn almost_sound() -> impl Strategy<Value = Anything> {
    let name = prop_oneof![4 => words(NAMES), 1 => any::<String>()];
    let change = (any::<Index>(), 0..5_u8, name, value());
    let changes = prop::collection::vec(change, 0..4);
    (select(SOUND), changes, headers(), prop::bool::weighted(0.1)).prop_map(
        |(sound, changes, others, instead)| {
            let (method, path, parameters, header) = sound;
            let mut pairs: Vec<(String, String)> = parameters
                .split_whitespace()
                .filter_map(|pair| pair.split_once('='))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            for (place, kind, name, value) in changes {
                let place = place.index(pairs.len() + 1);
                match (kind, pairs.get_mut(place)) {
                    (0, Some(pair)) => pair.1 = value,
                    (1, Some(pair)) => pair.1.push_str(&value),
                    (2, Some(_)) => drop(pairs.remove(place)),
                    (3, Some(pair)) => {
                        let again = pair.clone();
                        pairs.push(again);
                    }
                    _ => pairs.push((name, value)),
                }
            }
            let encoded = Params(pairs).encode();
            let (query, body) =
                if method == "GET" { (encoded, String::new()) } else { (String::new(), encoded) };
            let mut headers = vec![("content-type".to_owned(), FORM.1.as_bytes().to_vec())];
            headers.extend(
                header.split_once(": ").map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec())),
            );
            Anything {
                method: method.to_owned(),
                path: path.to_owned(),
                query: query.into_bytes(),
                headers: if instead { others } else { headers },
                body: Some(body.into_bytes()),
            }
        },
    )
}

fn request() -> impl Strategy<Value = Anything> {
    prop_oneof![garbage(), almost_sound()]
}

fn garbage() -> impl Strategy<Value = Anything> {
    let method = prop_oneof![8 => words("GET POST POST"), 2 => words("PUT DELETE OPTIONS PATCH BREW")];
    let body = prop_oneof![9 => form_bytes().prop_map(Some), 1 => Just(None)];
    (method, path(), form_bytes(), headers(), body).prop_map(|(method, path, query, headers, body)| {
        // A query as hyper lets it through: visible ASCII.
        let query = query.into_iter().filter(|b| matches!(b, 0x21..=0x7e) && *b != b'#').collect();
        Anything { method, path, query, headers, body }
    })
}

/// What a server has issued, by the letters that stand for it.
struct Issued(Vec<(&'static str, String)>);

impl Issued {
    fn by(bench: &Bench) -> Self {
        let params = Params::authorization().with("scope", "profile offline_access");
        let tokens = bench.token(&Params::redemption(&bench.code(&params))).json();
        let text = |name: &str| tokens[name].as_str().unwrap_or_default().to_owned();
        let (session, begun) = shown(bench, &bench.get("/oauth2/auth", &params), "");
        let (user_session, asked) = asked(bench, &params);
        let field = |form: &BTreeMap<String, String>, name: &str| form.get(name).cloned().unwrap_or_default();
        let pair = format!("supply-partner:{}", encode_component(SECRET));
        // The longer names first, because each is replaced wherever it stands.
        Self(vec![
            ("LIVEASKEDCSRF", field(&asked, "csrf_token")),
            ("LIVEASKED", field(&asked, "flow")),
            ("LIVEUSERSESSION", user_session),
            ("LIVESESSION", session),
            ("LIVECODE", bench.code(&params)),
            ("LIVEACCESS", text("access_token")),
            ("LIVEREFRESH", text("refresh_token")),
            ("LIVEFLOW", field(&begun, "flow")),
            ("LIVECSRF", field(&begun, "csrf_token")),
            ("LIVEPASSWORD", encode_component("correct horse battery staple")),
            ("LIVEBASIC", format!("Basic {}", STANDARD.encode(pair))),
        ])
    }

    fn fill(&self, bytes: &[u8]) -> Vec<u8> {
        // Bytes that are no text hold no placeholder either.
        let Ok(text) = std::str::from_utf8(bytes) else { return bytes.to_vec() };
        let replaced = |text: String, (name, value): &(&str, String)| text.replace(name, value);
        self.0.iter().fold(text.to_owned(), replaced).into_bytes()
    }
}

/// The session and the fields of the page that an answer leads to.
fn shown(bench: &Bench, answer: &Answer, session: &str) -> (String, BTreeMap<String, String>) {
    let set = answer.header("set-cookie").and_then(|set| set.split(';').next()?.split_once('='));
    let session = set.map_or(session, |(_, session)| session).to_owned();
    let target = answer.header("location").and_then(|to| to.strip_prefix(&bench.server.issuer));
    let cookie = format!("oauth_session={session}");
    let page = target.map(|target| bench.send("GET", target, &[("cookie", &cookie)], ""));
    (session, page.map(|page| page.form()).unwrap_or_default())
}

/// The same of the consent page of a user who has just logged in.
fn asked(bench: &Bench, params: &Params) -> (String, BTreeMap<String, String>) {
    let (session, login) = shown(bench, &bench.get("/oauth2/auth", params), "");
    let filled = Params(login.into_iter().collect());
    let filled = filled.with("username", "alice").with("password", "correct horse battery staple");
    let cookie = format!("oauth_session={session}");
    let answer = bench.send("POST", "/login", &[("cookie", &cookie), FORM], &filled.encode());
    shown(bench, &answer, &session)
}

/// Sends it through the steps: the status of the answer, or what is wrong with it.
fn status(bench: &Bench, issued: &Issued, anything: &Anything) -> Result<u16, String> {
    let Some(endpoint) = Endpoint::at(&anything.path) else { return Ok(404) };
    let mut headers = HeaderMap::new();
    for (name, value) in &anything.headers {
        // What hyper refuses never arrives.
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(&issued.fill(value)))
        {
            headers.append(name, value);
        }
    }
    let request = Request {
        method: Method::from_bytes(anything.method.as_bytes()).unwrap(),
        is_head: false,
        path: anything.path.clone(),
        query: String::from_utf8(issued.fill(&anything.query)).unwrap(),
        in_the_clear: false,
        headers,
        body: anything.body.as_ref().map(|body| Bytes::from(issued.fill(body))),
    };
    let reply = endpoint.answer(&mut Context::new(Arc::clone(&bench.server), endpoint, request));
    let (fields, told) = (reply.header_count(), reply.error());
    let answers_json = endpoint.answers_json && reply.status.as_u16() >= 400;
    let response = Response::from(reply);
    if response.status() >= StatusCode::INTERNAL_SERVER_ERROR {
        return Err(format!("answered with {}: {told:?}", response.status()));
    }
    if response.headers().len() != fields {
        return Err("a header field of the answer is not one and was lost".to_owned());
    }
    // A resource says what is wrong in a header, and nothing to those who sent no token.
    let challenged = response.headers().contains_key("www-authenticate");
    if answers_json && told.is_none() && !challenged {
        return Err("an error without a code".to_owned());
    }
    Ok(response.status().as_u16())
}

fn runner(cases: u32) -> TestRunner {
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

#[test]
fn a_sound_server_answers_anything() {
    let seen = std::cell::RefCell::new(BTreeMap::<&str, BTreeSet<u16>>::new());
    for policy in [Policy::default(), partner_policy(), open_policy()] {
        let bench = Bench::new(policy, &[]);
        let issued = std::cell::RefCell::new((0_u32, Issued::by(&bench)));
        let checked = runner(1500).run(&request(), |anything| {
            let (uses, live) = &mut *issued.borrow_mut();
            *uses += 1;
            // Codes, pages and refresh tokens are good for one use.
            if uses.is_multiple_of(16) {
                *live = Issued::by(&bench);
            }
            let status = status(&bench, live, &anything).map_err(TestCaseError::fail)?;
            if let Some(endpoint) = Endpoint::at(&anything.path) {
                seen.borrow_mut().entry(endpoint.path).or_default().insert(status);
            }
            Ok(())
        });
        checked.unwrap_or_else(|error| panic!("{error}"));
    }
    // Requests that all stop at the door would prove nothing.
    let seen = seen.borrow();
    for path in ["/oauth2/auth", "/login", "/consent", "/oauth2/token", "/oauth2/revoke", "/api/me"] {
        let statuses = &seen[path];
        assert!(
            statuses.iter().any(|s| *s < 400) && statuses.iter().any(|s| *s >= 400),
            "{path}: {statuses:?}"
        );
    }
}

#[test]
fn a_defective_server_answers_anything_too() {
    let mut benches: Vec<(Defect, Bench, Issued)> = Vec::new();
    for defect in Defect::ALL.iter().copied().filter(|defect| defect.step() != "outage") {
        let bench = Bench::new(open_policy(), &[defect]);
        let issued = Issued::by(&bench);
        benches.push((defect, bench, issued));
    }
    let checked = runner(3000).run(&(any::<Index>(), request()), |(index, anything)| {
        let (defect, bench, issued) = index.get(&benches);
        match status(bench, issued, &anything) {
            // It may leave out codes and header fields, being defective.
            Err(fault) if fault.starts_with("answered") => {
                Err(TestCaseError::fail(format!("{}: {fault}", defect.name())))
            }
            _ => Ok(()),
        }
    });
    checked.unwrap_or_else(|error| panic!("{error}"));
}
