use super::{Among, Record, Shape, field};
use crate::load::pattern::{CARRIERS, SIGNATURES};
use crate::model::JsonType;

const EXPECT: &str = "{ suite: s, title: S, cases: [ { id: a, title: A, steps: [ { authorize: {} }, { token: {}, as: first }, { request: { url: /x } }, { request: { url: /x }, expect: [ { @ } ] } ] } ] }";
const INSIDE: &str = "{ suite: s, title: S, cases: [ { id: a, title: A, steps: [ { request: { url: /x } }, { request: { url: /x }, expect: [ { for: example-2-state-echo, one_of: [ { @ } ] } ] } ] } ] }";

pub(in crate::load) static EXPECTATION: Record = Record {
    name: "expectation",
    what: "an expectation",
    doc: "What one requirement says of an outcome. One expectation, one requirement; all of them are judged, none \
          hides another. Beside `for` stand the statements of a [pattern](#pattern), which must all hold.",
    fields: &[
        field("for", Shape::Sentence, "the id of the requirement.", "example-2-state-echo").required(),
        field("when", Shape::Condition, "judged only where this holds.", "policy.iss == true"),
    ],
    among: Among::Nothing,
    also: &[&PATTERN],
    sample: EXPECT,
};

pub(in crate::load) static PATTERN: Record = Record {
    name: "pattern",
    what: "a pattern",
    doc: "A description of outcomes. Everything it says must hold.",
    fields: &[field(
        "label",
        Shape::Sentence,
        "what to call this outcome in reports, above all inside `one_of`.",
        "told the user",
    )],
    among: Among::Some(&[
        field(
            "success",
            Shape::Flag,
            "`true`: the request did what it is for. `false`: a definite OAuth refusal of any code: a redirect with \
             `error` or a page from authorize, a JSON error from an endpoint, 401 or 403 from a resource.",
            "true",
        ),
        field(
            "error",
            Shape::OneOrMore(&Shape::ErrorCode),
            "a definite OAuth error with one of these codes, whichever way it travels. Status 400 or 401, a JSON body, \
             a well-formed error are implied.",
            "[invalid_grant, invalid_client]",
        ),
        field("status", Shape::OneOrMore(&Shape::Status), "the status, or a class of them.", "[400, 4xx]"),
        field(
            "header",
            Shape::Headers(&Shape::Matcher),
            "header fields by name, each with a [matcher](#matcher).",
            "{ cache-control: { contains: no-store } }",
        ),
        field(
            "json",
            Shape::SomeNamed(&Shape::Matcher),
            "members of the JSON body, each with a [matcher](#matcher); `a.b` is a member of a member.",
            "{ token_type: { equals_ignoring_case: bearer } }",
        ),
        field("text", Shape::Matcher, "the body as text.", "{ contains: denied }"),
        field(
            "redirect",
            Shape::Of(&REDIRECT),
            "of an `authorize` step: back to the client. `{}` says no more than that.",
            "{ error: access_denied }",
        ),
        field(
            "page",
            Shape::Of(&PAGE),
            "of an `authorize` step: told to the user, with no redirect to the client.",
            "{ status: 4xx }",
        ),
        field(
            "jwt",
            Shape::Of(&JWT),
            "of a token: a JWT with these members.",
            "{ of: access_token, header: { alg: RS256 }, signature: valid }",
        ),
        field(
            "closed",
            Shape::True,
            "nobody listens there: the connection is refused. Beside it any other answer may stand in `one_of`.",
            "true",
        ),
        field(
            "holds",
            Shape::Condition,
            "an [expression](#expressions) over `request` and `response`.",
            "\"response.status == 200\"",
        ),
        field(
            "one_of",
            Shape::Several(&Shape::Of(&PATTERN)),
            "any of these patterns; the report says which one was seen.",
            "[ { label: told the user, page: { status: 4xx } }, { label: told the client, redirect: { error: invalid_request } } ]",
        ),
        field("not", Shape::Of(&PATTERN), "not that pattern.", "{ success: true }"),
    ]),
    also: &[],
    sample: INSIDE,
};

pub(in crate::load) static REDIRECT: Record = Record {
    name: "redirect",
    what: "`redirect`",
    doc: "A redirect to the client. Its parameters are matched by name; those not listed here stand under \
          `parameters`.",
    fields: &[
        field(
            "to",
            Shape::Matcher,
            "where it leads, without the parameters of the answer.",
            "$client.redirect_uri",
        ),
        field(
            "in",
            Shape::Words(|| CARRIERS.iter().map(|(name, _)| (*name).to_owned()).collect()),
            "what carries the parameters.",
            "query",
        ),
        field("error", Shape::OneOrMore(&Shape::ErrorCode), "the error code.", "access_denied"),
        field("code", Shape::Matcher, "the code.", "{ absent: true }"),
        field("state", Shape::Matcher, "the state.", "$request.state"),
        field("iss", Shape::Matcher, "the issuer (RFC 9207).", "$target.issuer"),
        field("access_token", Shape::Matcher, "of the implicit grant.", "{ present: true }"),
        field("token_type", Shape::Matcher, "of the implicit grant.", "{ equals_ignoring_case: bearer }"),
        field("expires_in", Shape::Matcher, "of the implicit grant.", "{ above: 0 }"),
        field("scope", Shape::Matcher, "of the implicit grant.", "{ scopes: \"a b\" }"),
        field("error_description", Shape::Matcher, "for developers.", "{ matches: \"^[ -~]*$\" }"),
        field("error_uri", Shape::Matcher, "a page about the error.", "{ starts_with: \"https://\" }"),
        field("refresh_token", Shape::Matcher, "which no redirect may carry.", "{ absent: true }"),
        field("id_token", Shape::Matcher, "of OpenID Connect.", "{ absent: true }"),
        field(
            "parameters",
            Shape::SomeNamed(&Shape::Matcher),
            "any other parameters.",
            "{ session_state: { present: true } }",
        ),
    ],
    among: Among::Nothing,
    also: &[],
    sample: "{ suite: s, title: S, cases: [ { id: a, title: A, steps: [ { authorize: {} }, { authorize: {}, expect: [ { for: example-2-state-echo, redirect: { @ } } ] } ] } ] }",
};

pub(in crate::load) static PAGE: Record = Record {
    name: "page",
    what: "`page`",
    doc: "A page that is shown to the user instead of a redirect to the client. Without `status`, any but 429 and 5xx.",
    fields: &[
        field("status", Shape::OneOrMore(&Shape::Status), "the status of the page.", "4xx"),
        field("text", Shape::Matcher, "what is written on it.", "{ contains: redirect }"),
    ],
    among: Among::Nothing,
    also: &[],
    sample: "{ suite: s, title: S, cases: [ { id: a, title: A, steps: [ { authorize: {} }, { authorize: {}, expect: [ { for: example-2-state-echo, page: { @ } } ] } ] } ] }",
};

pub(in crate::load) static JWT: Record = Record {
    name: "jwt",
    what: "`jwt`",
    doc: "A JWT (RFC 7519) in the answer.",
    fields: &[
        field("of", Shape::Sentence, "the member that holds it; without it, `access_token`.", "id_token"),
        field("header", Shape::SomeNamed(&Shape::Matcher), "members of its header.", "{ alg: RS256 }"),
        field("claims", Shape::SomeNamed(&Shape::Matcher), "its claims.", "{ iss: $target.issuer }"),
        field(
            "signature",
            Shape::Words(|| SIGNATURES.iter().map(|(name, ())| (*name).to_owned()).collect()),
            "checked with the server's published keys.",
            "valid",
        ),
    ],
    among: Among::Nothing,
    also: &[],
    sample: "{ suite: s, title: S, cases: [ { id: a, title: A, steps: [ { authorize: {} }, { token: {}, expect: [ { for: example-2-state-echo, jwt: { @ } } ] } ] } ] }",
};

pub(in crate::load) static MATCHER: Record = Record {
    name: "matcher",
    what: "a matcher",
    doc: "What is said of one value. A plain value means equality, a list one of several; a map says more, and all that \
          it says must hold. Numbers and durations compare as such, everything else as text.",
    fields: &[],
    among: Among::Some(&[
        field("equals", Shape::Anything, "exactly this.", "bearer"),
        field("one_of", Shape::List(&Shape::Anything), "one of these.", "[bearer, DPoP]"),
        field("absent", Shape::True, "not there at all.", "true"),
        field("present", Shape::True, "there, and not empty.", "true"),
        field("contains", Shape::Scalar, "has this in it; of a list, as an item.", "no-store"),
        field("starts_with", Shape::Scalar, "begins with this.", "$client.redirect_uri"),
        field("ends_with", Shape::Scalar, "ends with this.", "/callback"),
        field(
            "matches",
            Shape::Regex,
            "fits this regular expression (of Rust's `regex`: no look-around); `^` and `$` for the whole.",
            "\"^[ -~]*$\"",
        ),
        field("above", Shape::Scalar, "greater than this.", "0"),
        field("at_least", Shape::Scalar, "this or greater.", "1"),
        field("below", Shape::Scalar, "less than this.", "3601"),
        field("at_most", Shape::Scalar, "this or less.", "3600"),
        field(
            "type",
            Shape::Words(|| JsonType::ALL.iter().map(|(name, _)| (*name).to_owned()).collect()),
            "its type in JSON.",
            "integer",
        ),
        field(
            "length",
            Shape::Either(&[Shape::Count, Shape::Of(&MATCHER)]),
            "how many characters or items: a number, or a matcher of it.",
            "{ at_least: 22 }",
        ),
        field("equals_ignoring_case", Shape::Scalar, "the same but for upper and lower case.", "bearer"),
        field("scopes", Shape::Scalar, "the same scopes in any order.", "\"read write\""),
        field("words_of", Shape::Scalar, "no scope that is not among these.", "\"read write\""),
        field(
            "lasts",
            Shape::Either(&[Shape::Wait, Shape::Of(&LASTS)]),
            "a number of seconds that is this [duration](#values); or a map that says [how nearly](#lasts).",
            "1h",
        ),
        field(
            "any",
            Shape::Matcher,
            "one item of a list fits this, or one line of a text; each `Set-Cookie` field is a line.",
            "{ starts_with: \"__Host-\" }",
        ),
        field("not", Shape::Matcher, "not this.", "{ contains: secret }"),
    ]),
    also: &[],
    sample: "{ suite: s, title: S, cases: [ { id: a, title: A, steps: [ { authorize: {} }, { token: {}, expect: [ { for: example-2-state-echo, success: true, json: { x: { @ } } } ] } ] } ] }",
};

pub(in crate::load) static LASTS: Record = Record {
    name: "lasts",
    what: "`lasts`",
    doc: "How long something lasts that is told as a number of seconds, such as `expires_in`.",
    fields: &[field("within", Shape::Wait, "so much more or less than `about` will do.", "5s")],
    among: Among::Some(&[
        field("about", Shape::Wait, "so long.", "60d"),
        field("at_least", Shape::Wait, "so long or longer.", "1h"),
        field("at_most", Shape::Wait, "so long or shorter.", "2h"),
    ]),
    also: &[],
    sample: "{ suite: s, title: S, cases: [ { id: a, title: A, steps: [ { authorize: {} }, { token: {}, expect: [ { for: example-2-state-echo, json: { expires_in: { lasts: { @ } } } } ] } ] } ] }",
};
