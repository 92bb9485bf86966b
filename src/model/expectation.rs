use serde::{Deserialize, Serialize};

use super::{Expression, Located, Location, Template};

/// What one requirement says about an outcome: the only thing that can make a case fail.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// The requirement's id.
    pub requirement: Located<String>,
    /// Condition without which it is not judged.
    pub when: Option<Located<Expression>>,
    /// What must be the case.
    pub pattern: Pattern,
}

/// A description of outcomes; all its clauses must hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// What to call it when it is the alternative that was seen.
    pub label: Option<String>,
    /// All must hold; never empty.
    pub clauses: Vec<Clause>,
    /// Of the first key.
    pub location: Location,
}

/// One statement about an outcome, and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Clause {
    /// The statement.
    pub kind: ClauseKind,
    /// Of the value beside its key: where the caret goes.
    pub location: Location,
}

/// The statements that can be made of an outcome.
#[derive(Clone, Debug, PartialEq)]
pub enum ClauseKind {
    /// `success: true`: the request did what it is for (a redirect with a code or token, a token response,
    /// a 2xx). `success: false`: a definite OAuth refusal, whichever (never a 5xx, 429, or an answer that
    /// cannot be read).
    Success(bool),
    /// `error: invalid_grant` or a list: a definite OAuth error with one of these codes, whichever way it
    /// travels (a JSON body with status 400 or 401, `WWW-Authenticate`, or a redirect).
    Error(Vec<Template>),
    /// `status: 401`, `status: [400, 4xx]`
    Status(Vec<StatusPattern>),
    /// `header: { cache-control: { contains: no-store } }`
    Header(String, Matcher),
    /// `json: { expires_in: 3600 }`: a member of the JSON body; a dotted name reaches inside.
    Json(String, Matcher),
    /// `text: { contains: ... }`: the body as text.
    Text(Matcher),
    /// `redirect: { ... }`: the user's browser was sent to the client.
    Redirect(RedirectPattern),
    /// `page: { ... }`: the user was left on a page of the server.
    Page(PagePattern),
    /// `jwt: { ... }`: a member of the JSON body is a JWT.
    Jwt(JwtPattern),
    /// `closed: true`: nobody listens there, the connection is refused.
    Closed,
    /// `holds: "$first.expires_in == 3600"`: a condition over anything that is bound.
    Holds(Expression, String),
    /// `one_of: [ ... ]`: the first pattern that holds is reported by its label.
    OneOf(Vec<Pattern>),
    /// `not: { ... }`
    Not(Box<Pattern>),
}

/// A status code or a class of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StatusPattern {
    /// `404`
    Exactly(u16),
    /// `4xx`: the first digit.
    Class(u16),
}

impl StatusPattern {
    /// Whether the status fits.
    pub fn fits(self, status: u16) -> bool {
        match self {
            Self::Exactly(code) => code == status,
            Self::Class(digit) => status / 100 == digit,
        }
    }
}

impl std::fmt::Display for StatusPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Exactly(code) => write!(f, "{code}"),
            Self::Class(digit) => write!(f, "{digit}xx"),
        }
    }
}

/// A redirect to the client.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RedirectPattern {
    /// Where to, without the response's parameters.
    pub to: Option<Matcher>,
    /// Where the parameters travel: `query`, `fragment` or `form_post`.
    pub carrier: Option<String>,
    /// A definite error with one of these codes, and neither code nor token.
    pub error: Option<Vec<Template>>,
    /// What is said of single parameters.
    pub parameters: Vec<(String, Matcher, Location)>,
}

/// A page of the server.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PagePattern {
    /// Its status; any but 429 and 5xx if unsaid.
    pub status: Option<Vec<StatusPattern>>,
    /// Its visible text.
    pub text: Option<Matcher>,
}

/// A JWT (RFC 7519) in a member of the JSON body.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JwtPattern {
    /// Which member, `access_token` if unsaid.
    pub member: Option<String>,
    /// What is said of its JOSE header, by member.
    pub header: Vec<(String, Matcher, Location)>,
    /// What is said of its claims, by member.
    pub claims: Vec<(String, Matcher, Location)>,
    /// `signature: valid`: verifies with the keys that the server publishes.
    pub signature: Option<Location>,
}

/// What is said of one value.
#[derive(Clone, Debug, PartialEq)]
pub enum Matcher {
    /// A plain value.
    Equals(Template),
    /// A list.
    OneOf(Vec<Template>),
    /// `{ absent: true }`
    Absent,
    /// `{ present: true }`, and not empty.
    Present,
    /// `{ contains: x }`: a part of a text, an item of a list.
    Contains(Template),
    /// `{ starts_with: x }`
    StartsWith(Template),
    /// `{ ends_with: x }`
    EndsWith(Template),
    /// `{ matches: "^[a-z]+$" }`: a regular expression, of the whole only with anchors.
    Matches(String),
    /// `{ above: 3 }`
    Above(Template),
    /// `{ at_least: 3 }`
    AtLeast(Template),
    /// `{ below: 3 }`
    Below(Template),
    /// `{ at_most: 3 }`
    AtMost(Template),
    /// `{ type: integer }`: integer, number, string, boolean, array, object, null.
    Type(JsonType),
    /// `{ length: 8 }` or `{ length: { at_least: 8 } }`: characters of a text, items of a list.
    Length(Box<Matcher>),
    /// `{ equals_ignoring_case: Bearer }`: ASCII letters.
    EqualsIgnoringCase(Template),
    /// `{ scopes: "a b" }`: the same set of space-separated words.
    Scopes(Template),
    /// `{ words_of: "a b c" }`: each space-separated word is one of these.
    WordsOf(Template),
    /// `{ lasts: 1h }`, `{ lasts: { about: 60d, within: 5s } }`: a number of seconds.
    Lasts(Box<Lasts>),
    /// `{ any: ... }`: one item of a list fits, or one line of a text (a `Set-Cookie` field each).
    Any(Box<Matcher>),
    /// `{ not: ... }`
    Not(Box<Matcher>),
    /// Several keys in one map.
    All(Vec<Matcher>),
}

/// How long something lasts; all that is said must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lasts {
    /// So long, with `within` more or less.
    pub about: Option<Template>,
    /// Nothing if unsaid.
    pub within: Option<Template>,
    /// So long or longer.
    pub at_least: Option<Template>,
    /// So long or shorter.
    pub at_most: Option<Template>,
}

/// The types of JSON (RFC 8259), integers told apart from other numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JsonType {
    /// A number without fraction and exponent.
    Integer,
    /// Any number.
    Number,
    /// Text.
    String,
    /// `true` or `false`.
    Boolean,
    /// A list.
    Array,
    /// Members.
    Object,
    /// `null`
    Null,
}

impl JsonType {
    /// All with their names in suites.
    pub const ALL: [(&'static str, Self); 7] = [
        ("integer", Self::Integer),
        ("number", Self::Number),
        ("string", Self::String),
        ("boolean", Self::Boolean),
        ("array", Self::Array),
        ("object", Self::Object),
        ("null", Self::Null),
    ];
}
