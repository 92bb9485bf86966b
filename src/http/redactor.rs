use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::disguise::{View, views};
use super::sighting::{Sighting, in_body, in_header, in_request, in_response, in_url};
use super::{Exchange, Fault, Headers, Request, Response, Secret};

/// The shortest value that is masked wherever it stands; shorter ones are masked by position only.
const SHORTEST: usize = 4;

/// The longest value that is also looked for inside of longer texts in base64.
const LONGEST_INSIDE: usize = 256;

/// Masks secrets: `‹code:3f9a›` is the class, and the beginning of the value's SHA-256, so that flows can be
/// followed from step to step and from run to run.
///
/// Clones share what they know: a value learnt anywhere is masked everywhere, in every form it can take.
#[derive(Clone, Debug, Default)]
pub struct Redactor {
    known: Arc<RwLock<Known>>,
}

impl Redactor {
    /// Bytes of a response's body that are kept when it is recorded. A run has thousands of responses.
    pub const KEPT: usize = 1 << 16;

    /// A redactor that knows no values yet, only the places where secrets stand.
    pub fn new() -> Self {
        Self::default()
    }

    /// Learns a value. The first class that it was learnt as stays.
    pub fn learn(&self, class: Secret, value: &str) {
        let knows = |known: &Known| known.values.contains_key(pattern_of(value));
        if value.len() < SHORTEST || knows(&self.known.read().unwrap_or_else(PoisonError::into_inner)) {
            return;
        }
        self.known.write().unwrap_or_else(PoisonError::into_inner).learn(class, value);
    }

    /// Learns the values that stand in the places of secrets. Plain words there, which only negative tests and
    /// toy servers use, are masked in their place and nowhere else: `invalid` must stay readable. So must what is
    /// sent and made up here, nobody's secret: the suites' `zz_…`, and `aaaa…` that shrinking leaves.
    pub fn learn_from(&self, exchange: &Exchange) {
        let sent = in_request(&exchange.request).into_iter().filter(|sighting| !is_made_up(&sighting.value));
        let issued = exchange.response().map(in_response).unwrap_or_default();
        for Sighting { class, value, .. } in sent.chain(issued) {
            let settings = class == Secret::Cookie && value.len() < 8;
            if !settings && !is_masked(&value) && !is_word(&value) {
                self.learn(class, &value);
            }
        }
    }

    /// The exchange with all secrets masked, those that it shows by position included. Of the response's body, which
    /// may be of any size, at most [`Self::KEPT`] bytes are kept, and it says that it is cut.
    pub fn exchange(&self, exchange: &Exchange) -> Exchange {
        let Exchange { id, endpoint, started_ms, duration_ms, request, result } = exchange;
        let request = Request {
            method: request.method.clone(),
            url: self.mask_text(&request.url, in_url(&request.url)),
            headers: self.headers(&request.headers),
            body: self.mask(&request.body, in_body(&request.body)).unwrap_or_default(),
        };
        let result = match result {
            Ok(response) => {
                let mut body = self.mask(&response.body, in_body(&response.body)).unwrap_or_default();
                // Not before: the half of a secret is no longer known for one.
                let is_cut = cut(&mut body);
                let headers = self.headers(&response.headers);
                Ok(Response {
                    status: response.status,
                    headers,
                    body,
                    truncated: response.truncated || is_cut,
                })
            }
            Err(fault) => Err(Fault { kind: fault.kind, detail: self.text(&fault.detail) }),
        };
        let (id, endpoint, started_ms, duration_ms) = (*id, *endpoint, *started_ms, *duration_ms);
        Exchange { id, endpoint, started_ms, duration_ms, request, result }
    }

    /// Any text with all known values masked.
    pub fn text(&self, text: &str) -> String {
        self.mask_text(text, Vec::new())
    }

    fn headers(&self, headers: &Headers) -> Headers {
        let masked = |name, value| self.mask_text(value, in_header(name, value));
        Headers(headers.0.iter().map(|(name, value)| (name.clone(), masked(name, value))).collect())
    }

    fn mask_text(&self, text: &str, seen: Vec<Sighting>) -> String {
        match self.mask(text.as_bytes(), seen) {
            Some(bytes) => String::from_utf8(bytes)
                .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()),
            None => text.to_owned(),
        }
    }

    /// `None` where the text is empty.
    fn mask(&self, text: &[u8], seen: Vec<Sighting>) -> Option<Vec<u8>> {
        if text.is_empty() {
            return None;
        }
        let mut spans: Vec<Span> = seen
            .into_iter()
            .filter(|s| !is_masked(&s.value))
            .map(|s| Span { range: s.range, mask: replacement(s.class, &s.value).into() })
            .collect();
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if !known.values.is_empty() {
            for view in views(text) {
                known.find(&view, &mut spans);
            }
        }
        Some(replace(text, spans))
    }
}

/// Leaves [`Redactor::KEPT`] bytes, and of a text whole characters; says whether there were more.
fn cut(body: &mut Vec<u8>) -> bool {
    if body.len() <= Redactor::KEPT {
        return false;
    }
    let is_inside = |at: &usize| body.get(*at).is_some_and(|byte| byte & 0b1100_0000 == 0b1000_0000);
    let end = (Redactor::KEPT - 3..=Redactor::KEPT).rev().find(|at| !is_inside(at)).unwrap_or(Redactor::KEPT);
    body.truncate(end);
    body.shrink_to_fit();
    true
}

/// A stretch of text and what it becomes.
struct Span {
    range: Range<usize>,
    mask: Arc<str>,
}

/// What to look for. Patterns are found by their first four bytes and their lengths, so that one pass over a
/// text finds all and one more pattern costs nothing but its place.
#[derive(Debug, Default)]
struct Known {
    values: HashMap<Box<[u8]>, Pattern>,
    /// The lengths of patterns by their beginning, longest first.
    lengths: HashMap<[u8; SHORTEST], Vec<usize>>,
    /// A bit for each short hash, set where a pattern's beginning has it; spares most positions the map.
    hashes: Vec<u64>,
}

#[derive(Debug)]
struct Pattern {
    mask: Arc<str>,
    /// A plain word counts only where no longer word goes on around it.
    word: bool,
}

impl Known {
    fn learn(&mut self, class: Secret, value: &str) {
        let mask: Arc<str> = mask(class, value).into();
        let pattern = pattern_of(value);
        self.add(pattern, &mask);
        if pattern.len() < value.len() {
            // A JWT: its claims and its signature may be quoted one without the other.
            pattern.split(|b| *b == b'.').for_each(|segment| self.add(segment, &mask));
            return;
        }
        self.add(value.replace(' ', "+").as_bytes(), &mask);
        for inside in inside_base64(value.as_bytes()) {
            self.add(&inside, &mask);
        }
    }

    fn add(&mut self, pattern: &[u8], mask: &Arc<str>) {
        let Some(first) = pattern.first_chunk() else { return };
        if self.values.contains_key(pattern) {
            return;
        }
        let word = std::str::from_utf8(pattern).is_ok_and(is_word);
        self.values.insert(pattern.into(), Pattern { mask: Arc::clone(mask), word });
        let lengths = self.lengths.entry(*first).or_default();
        if let Err(at) = lengths.binary_search_by(|l| pattern.len().cmp(l)) {
            lengths.insert(at, pattern.len());
        }
        self.hashes.resize(1 << (HASH_BITS - 6), 0);
        let hash = short_hash(first);
        if let Some(bits) = self.hashes.get_mut(hash >> 6) {
            *bits |= 1 << (hash & 63);
        }
    }

    fn find(&self, view: &View<'_>, spans: &mut Vec<Span>) {
        let mut at = 0;
        while let Some(first) = view.bytes.get(at..).and_then(<[u8]>::first_chunk) {
            let hash = short_hash(first);
            let length = if self.hashes.get(hash >> 6).is_some_and(|bits| bits >> (hash & 63) & 1 == 1) {
                self.longest_at(&view.bytes, at, first)
            } else {
                None
            };
            let Some((length, pattern)) = length else {
                at += 1;
                continue;
            };
            let range = view.original(at..at + length);
            spans.push(Span { range, mask: Arc::clone(&pattern.mask) });
            at += length;
        }
    }

    fn longest_at(&self, bytes: &[u8], at: usize, first: &[u8; SHORTEST]) -> Option<(usize, &Pattern)> {
        self.lengths.get(first)?.iter().find_map(|length| {
            let pattern = self.values.get(bytes.get(at..at + length)?)?;
            let before = at.checked_sub(1).and_then(|i| bytes.get(i));
            let bounded = || !before.is_some_and(in_word) && !bytes.get(at + length).is_some_and(in_word);
            (!pattern.word || bounded()).then_some((*length, pattern))
        })
    }
}

/// Replaces the spans; where some overlap, all they cover becomes the mask of the longest.
fn replace(text: &[u8], mut spans: Vec<Span>) -> Vec<u8> {
    spans.retain(|s| !s.range.is_empty());
    spans.sort_by_key(|s| (s.range.start, std::cmp::Reverse(s.range.end)));
    let mut masked = Vec::with_capacity(text.len());
    let mut copied = 0;
    let mut spans = spans.into_iter().peekable();
    while let Some(mut longest) = spans.next() {
        let start = longest.range.start;
        let mut end = longest.range.end;
        while let Some(next) = spans.next_if(|s| s.range.start < end) {
            end = end.max(next.range.end);
            if next.range.len() > longest.range.len() {
                longest = next;
            }
        }
        masked.extend_from_slice(text.get(copied..start).unwrap_or_default());
        masked.extend_from_slice(longest.mask.as_bytes());
        copied = end;
    }
    masked.extend_from_slice(text.get(copied..).unwrap_or_default());
    masked
}

fn mask(class: Secret, value: &str) -> String {
    let hash = digest(&SHA256, value.as_bytes());
    let print: String = hash.as_ref().iter().take(2).map(|byte| format!("{byte:02x}")).collect();
    format!("‹{}:{print}›", class.as_str())
}

/// What a value in its place becomes: of a JWT the header stays.
fn replacement(class: Secret, value: &str) -> String {
    let header = value.len() - pattern_of(value).len();
    format!("{}{}", value.get(..header).unwrap_or_default(), mask(class, value))
}

fn is_masked(value: &str) -> bool {
    value.contains('‹') && value.ends_with('›')
}

/// The part of a value that must not be seen: all of it, or of a JWT what follows the header, which is
/// public and tells much (RFC 7515 section 3.1).
fn pattern_of(value: &str) -> &[u8] {
    let is_jwt = |header: &str, rest: &str| {
        let base64url = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        rest.contains('.')
            && rest.len() >= SHORTEST
            && rest.chars().all(base64url)
            && URL_SAFE_NO_PAD.decode(header).is_ok_and(|json| json.starts_with(b"{"))
    };
    match value.split_once('.') {
        Some((header, rest)) if is_jwt(header, rest) => rest.as_bytes(),
        _ => value.as_bytes(),
    }
}

/// How a value reads within a longer text in base64, at each of the three ways it can fall on the groups of
/// six bits; only what does not depend on its neighbours.
fn inside_base64(value: &[u8]) -> Vec<Vec<u8>> {
    if value.len() > LONGEST_INSIDE {
        return Vec::new();
    }
    let mut forms = Vec::new();
    for shift in 0..3 {
        let mut text = vec![0; shift];
        text.extend_from_slice(value);
        let whole = text.len() * 8 / 6;
        let from = (shift * 8).div_ceil(6);
        for encoded in [STANDARD_NO_PAD.encode(&text), URL_SAFE_NO_PAD.encode(&text)] {
            // Shorter pieces would be found by chance.
            forms.extend(encoded.as_bytes().get(from..whole).filter(|p| p.len() >= 8).map(<[u8]>::to_vec));
        }
    }
    forms
}

/// A value that may well stand in a text by chance: one word, or a small number.
fn is_word(value: &str) -> bool {
    let mut letters = value.chars().filter(|c| c.is_alphabetic()).skip(1);
    let one_case = letters.clone().all(char::is_lowercase) || letters.all(char::is_uppercase);
    let wordlike = value.len() < 16
        && one_case
        && value.chars().all(|c| c.is_alphabetic() || matches!(c, '_' | '-' | ' ' | '.'));
    wordlike || (value.len() < 8 && value.chars().all(|c| c.is_ascii_digit()))
}

/// A value of the suites' own, or one character over and over.
fn is_made_up(value: &str) -> bool {
    let mut characters = value.chars();
    let first = characters.next();
    value.starts_with("zz_") || characters.all(|c| Some(c) == first)
}

fn in_word(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// Enough for the tens of thousands of patterns of a run to leave most hashes free.
const HASH_BITS: u32 = 20;

/// Some bits of a pattern's beginning (Knuth's multiplicative hash).
fn short_hash(first: &[u8; SHORTEST]) -> usize {
    (u32::from_le_bytes(*first).wrapping_mul(0x9E37_79B1) >> (32 - HASH_BITS)) as usize
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;
    use url::form_urlencoded::byte_serialize;

    use super::super::Endpoint;
    use super::*;

    const SECRET: &str = "p+w/\"r=&d <9>";

    fn exchange(request: Request, response: Response) -> Exchange {
        Exchange {
            id: 1,
            endpoint: Endpoint::Token,
            started_ms: 0.0,
            duration_ms: 0.0,
            request,
            result: Ok(response),
        }
    }

    fn post(body: &str) -> Request {
        Request {
            method: "POST".into(),
            url: "https://as.example/token".into(),
            body: body.into(),
            ..Request::default()
        }
    }

    fn json(body: &str) -> Response {
        Response { status: 200, body: body.into(), ..Response::default() }
    }

    fn percent(text: &str, upper: bool) -> String {
        let write = |b: u8| if upper { format!("%{b:02X}") } else { format!("%{b:02x}") };
        text.bytes()
            .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { write(b) })
            .collect()
    }

    #[test]
    fn a_secret_is_masked_in_every_form() {
        let redactor = Redactor::new();
        redactor.learn(Secret::Password, SECRET);
        let mask = mask(Secret::Password, SECRET);
        let form: String = byte_serialize(SECRET.as_bytes()).collect();
        let html =
            SECRET.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&#x3E;");
        let unicode = SECRET.replace('+', "\\u002b").replace('"', "\\\"").replace('/', "\\/");
        for text in [
            SECRET.to_owned(),
            percent(SECRET, true),
            percent(SECRET, false),
            percent(&percent(SECRET, true), true),
            form,
            serde_json::to_string(SECRET).unwrap().trim_matches('"').to_owned(),
            html,
            unicode,
        ] {
            assert_eq!(redactor.text(&format!("a={text}&b")), format!("a={mask}&b"), "{text}");
        }
        for before in ["", "i", "id", "id:", "user:"] {
            let pair = format!("{before}{SECRET}:x");
            for encoded in [STANDARD.encode(&pair), URL_SAFE_NO_PAD.encode(&pair)] {
                assert!(redactor.text(&encoded).contains(&mask), "{before:?} {encoded}");
            }
        }
    }

    #[test]
    fn what_is_made_up_here_is_masked_in_its_place_only() {
        for (value, stays) in
            [("zz_unknown_4711", true), ("aaaaaaaaaaaaaaaa", true), ("aaaaaaaaaaaaaaab", false)]
        {
            let redactor = Redactor::new();
            let form = exchange(post(&format!("refresh_token={value}")), json("{}"));
            redactor.learn_from(&form);
            assert_eq!(redactor.text(value) == value, stays, "{value}");
            let masked = redactor.exchange(&form).request.body;
            assert!(!String::from_utf8_lossy(&masked).contains(value), "{value}");
            // What a server issues is its secret, whatever it looks like.
            let issued = json(&format!("{{\"refresh_token\":\"{value}\"}}"));
            redactor.learn_from(&exchange(Request::default(), issued));
            assert!(!redactor.text(value).contains(value), "{value}");
        }
    }

    #[test]
    fn no_mixture_of_encodings_hides_a_secret() {
        use proptest::prelude::*;
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        let secret = proptest::collection::vec((proptest::char::range(' ', '~'), 0..4_u8), 6..40);
        let outcome = runner.run(&(secret, 0..3_usize), |(secret, layers)| {
            let value: String = secret.iter().map(|(c, _)| *c).collect();
            // What begins an escape is itself escaped by whoever escapes at all.
            let mut text: String = secret
                .iter()
                .map(|(c, how)| match (c, how) {
                    ('%' | '\\' | '&', 0) | (_, 1) => format!("%{:02x}", u32::from(*c)),
                    (_, 0) => c.to_string(),
                    (_, 2) => format!("\\u{:04X}", u32::from(*c)),
                    _ => format!("&#{};", u32::from(*c)),
                })
                .collect();
            (0..layers).for_each(|_| text = percent(&text, true));
            let redactor = Redactor::new();
            redactor.learn(Secret::ClientSecret, &value);
            prop_assert_eq!(
                redactor.text(&format!("<{text}>")),
                format!("<{}>", mask(Secret::ClientSecret, &value))
            );
            Ok(())
        });
        outcome.unwrap();
    }

    #[test]
    fn everything_secret_in_an_exchange_is_masked() {
        let redactor = Redactor::new();
        let mut request = post(
            "grant_type=authorization_code&code=Splx%2B10&client_secret=7Fjfp0ZB&state=st-4tE&redirect_uri=https%3A%2F%2Fc.example%2Fcb",
        );
        request.headers.push("Authorization", "Basic aWQ6N0ZqZnAwWkI=");
        request.headers.push("Cookie", "sid=0123456789abcdef; lang=en");
        let mut response = json(
            r#"{"access_token":"2YotnFZF\/EjR1","expires_in":3600,"refresh_token":"tGzv3JOkF0","scope":"read","error":"no Splx+10"}"#,
        );
        response.headers.push("set-cookie", "sid=fedcba9876543210; Path=/; HttpOnly");
        response.headers.push("Location", "https://c.example/cb?code=nextC0de&state=st-4tE#id_token=t");
        let exchange = exchange(request, response);
        redactor.learn_from(&exchange);
        let masked = serde_json::to_string(&redactor.exchange(&exchange)).unwrap();
        for secret in [
            "Splx",
            "7Fjfp0ZB",
            "aWQ6",
            "0123456789abcdef",
            "2YotnFZF",
            "tGzv3",
            "fedcba98",
            "nextC0de",
            "id_token=t\"",
        ] {
            assert!(!masked.contains(secret), "{secret} in {masked}");
        }
        for open in [
            "st-4tE",
            "c.example%2Fcb",
            "\\\"scope\\\":\\\"read\\\"",
            "Path=/; HttpOnly",
            "3600",
            "grant_type=authorization_code",
        ] {
            assert!(masked.contains(open), "{open} not in {masked}");
        }
        assert_eq!(
            redactor.exchange(&redactor.exchange(&exchange)),
            redactor.exchange(&exchange),
            "masked once"
        );
    }

    #[test]
    fn the_same_secret_has_the_same_mask_everywhere() {
        let (one, other) = (Redactor::new(), Redactor::new());
        let sent = exchange(post("code=a%2Bb1c"), json(r#"{"refresh_token":"r-1234567"}"#));
        let masked = one.exchange(&sent);
        assert_eq!(
            String::from_utf8(masked.request.body).unwrap(),
            format!("code={}", mask(Secret::Code, "a+b1c"))
        );
        other.learn(Secret::Code, "a+b1c");
        assert_eq!(other.text("got a+b1c"), format!("got {}", mask(Secret::Code, "a+b1c")));
        let clone = other.clone();
        clone.learn(Secret::RefreshToken, "r-1234567");
        assert!(!other.text("r-1234567").contains("1234"));
        assert_eq!(mask(Secret::Code, "a+b1c").chars().count(), "‹code:3f9a›".chars().count());
    }

    #[test]
    fn of_a_jwt_the_header_stays() {
        let redactor = Redactor::new();
        let token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl";
        redactor.learn(Secret::AccessToken, token);
        let mask = mask(Secret::AccessToken, token);
        assert_eq!(redactor.text(&format!("Bearer {token}")), format!("Bearer eyJhbGciOiJSUzI1NiJ9.{mask}"));
        assert_eq!(redactor.text("payload eyJzdWIiOiJhbGljZSJ9"), format!("payload {mask}"));
        assert_eq!(redactor.text("signature c2lnbmF0dXJl"), format!("signature {mask}"));
        let sent = exchange(post(&format!("token={token}")), json("{}"));
        let body = redactor.exchange(&sent).request.body;
        assert_eq!(String::from_utf8(body).unwrap(), format!("token=eyJhbGciOiJSUzI1NiJ9.{mask}"));
        redactor.learn(Secret::Code, "no.jwt.at.all");
        assert!(!redactor.text("no.jwt.at.all").contains("jwt"));
    }

    #[test]
    fn short_values_and_plain_words_are_masked_in_their_place_only() {
        let redactor = Redactor::new();
        let sent = exchange(
            post("code=ab&client_secret=invalid&password=1234"),
            json(r#"{"error":"invalid_grant","x":"ab 1234"}"#),
        );
        redactor.learn_from(&sent);
        let masked = redactor.exchange(&sent);
        let body = String::from_utf8(masked.request.body.clone()).unwrap();
        assert!(!body.contains("=ab") && !body.contains("invalid") && !body.contains("1234"), "{body}");
        assert_eq!(masked.response().unwrap().text(), r#"{"error":"invalid_grant","x":"ab 1234"}"#);
        redactor.learn(Secret::Password, "password");
        let text = redactor.text("password_hash password1 password.");
        assert_eq!(text, format!("password_hash password1 {}.", mask(Secret::Password, "password")));
    }

    #[test]
    fn secrets_within_secrets_leave_nothing_over() {
        let redactor = Redactor::new();
        for secret in ["abc1", "abc1def2", "def2ghi3"] {
            redactor.learn(Secret::Code, secret);
        }
        assert_eq!(redactor.text("-abc1def2-"), format!("-{}-", mask(Secret::Code, "abc1def2")));
        assert_eq!(redactor.text("abc1"), mask(Secret::Code, "abc1"));
    }

    #[test]
    fn many_secrets_in_a_long_body_take_no_time() {
        let redactor = Redactor::new();
        let secret = |i: u32| URL_SAFE_NO_PAD.encode(digest(&SHA256, &i.to_be_bytes()));
        (0..500).for_each(|i| redactor.learn(Secret::AccessToken, &secret(i)));
        let body: String =
            (0..).map(|i| format!("filler%20text {}\n", secret(i % 500))).take(18_000).collect();
        let started = std::time::Instant::now();
        let masked = redactor.text(&body);
        assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
        assert_eq!(masked.matches("‹access_token:").count(), 18_000);
        assert!(!masked.contains(&secret(7)));
    }

    #[test]
    fn hostile_bytes_are_masked_around_or_left_alone() {
        let redactor = Redactor::new();
        redactor.learn(Secret::Code, "c0de-1");
        for body in [
            &b"\xff\xfec0de-1\x80"[..],
            b"%c0de-1%",
            b"&#c0de-1;",
            b"\\uc0de-1",
            b"c0de-1",
            b"{\"code\":\"\\",
            b"<input name=code value=",
        ] {
            let sent = exchange(
                Request { body: body.to_vec(), ..Request::default() },
                Response { body: body.to_vec(), ..Response::default() },
            );
            redactor.learn_from(&sent);
            let masked = redactor.exchange(&sent).request.body;
            assert!(!masked.windows(6).any(|w| w == b"c0de-1"), "{}", String::from_utf8_lossy(&masked));
        }
        assert_eq!(redactor.text(""), "");
    }
}
