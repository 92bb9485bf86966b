use std::fmt;

use url::form_urlencoded;

use super::uri::Uri;
use crate::model::Value;

/// The part of a URI that a mutation touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Component {
    Scheme,
    Userinfo,
    Host,
    Port,
    Path,
    Query,
    Fragment,
    Whole,
}

impl Component {
    pub(super) const ALL: [Self; 8] = [
        Self::Scheme,
        Self::Userinfo,
        Self::Host,
        Self::Port,
        Self::Path,
        Self::Query,
        Self::Fragment,
        Self::Whole,
    ];

    /// The name in suites.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Scheme => "scheme",
            Self::Userinfo => "userinfo",
            Self::Host => "host",
            Self::Port => "port",
            Self::Path => "path",
            Self::Query => "query",
            Self::Fragment => "fragment",
            Self::Whole => "whole",
        }
    }
}

/// One way in which a URI differs from the registered one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mutation {
    /// What kind of deviation it is, one of the catalogue's.
    pub(super) class: &'static str,
    pub(super) component: Component,
    pub(super) edit: Edit,
    /// Whether what is appended goes on the wire as it is written, so that the server's decoding of the
    /// request parameter reaches the escapes in it. Otherwise they are part of the value.
    pub(super) raw: bool,
    /// How it is told.
    pub(super) words: String,
}

/// What is done to the registered URI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Edit {
    /// Another scheme.
    Scheme(String),
    /// Everything between `//` and the path.
    Authority(String),
    /// Another path.
    Path(String),
    /// Something behind the path, before the query.
    AppendPath(String),
    /// Another query, or none.
    Query(Option<String>),
    /// Something behind everything.
    Append(String),
    /// Another text altogether.
    Whole(String),
}

/// A URI made of one or more mutations, which touch different parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NearMiss(pub(super) Vec<Mutation>);

impl NearMiss {
    /// The URI in the form in which a suite sends it: the value itself, or where it is raw the text that
    /// stands in the request.
    pub(super) fn text(&self, registered: &Uri) -> String {
        let pieces = self.pieces(registered);
        if !self.is_raw() {
            return pieces.into_iter().map(|(text, _)| text).collect();
        }
        pieces.into_iter().map(|(text, raw)| if raw { text } else { encoded(&text) }).collect()
    }

    /// The value that a server sees after decoding the request parameter once.
    pub(super) fn decoded(&self, registered: &Uri) -> String {
        let text = self.text(registered);
        if self.is_raw() { decoded(&text) } else { text }
    }

    pub(super) fn is_raw(&self) -> bool {
        self.0.iter().any(|m| m.raw)
    }

    /// Whether it really is a near miss: neither the registered URI, nor one that differs from it by nothing
    /// but the port of a loopback host.
    pub(super) fn misses(&self, registered: &Uri) -> bool {
        let value = self.decoded(registered);
        if value == registered.to_string() {
            return false;
        }
        let portless = |uri: &Uri| {
            let mut uri = uri.clone();
            if let Some(authority) = &mut uri.authority {
                authority.port = None;
            }
            uri
        };
        let same_but_port = Uri::parse(&value).is_some_and(|uri| portless(&uri) == portless(registered));
        !(registered.is_loopback() && same_but_port)
    }

    /// What the case is given.
    pub(super) fn value(&self, registered: &Uri) -> Value {
        let all = |say: fn(&Mutation) -> &str, between: &str| {
            self.0.iter().map(say).collect::<Vec<_>>().join(between)
        };
        let members: [(&str, Value); 5] = [
            ("uri", self.text(registered).into()),
            ("wire", (if self.is_raw() { "raw" } else { "encoded" }).into()),
            ("class", all(|m| m.class, "+").into()),
            ("component", all(|m| m.component.as_str(), "+").into()),
            ("mutation", all(|m| &m.words, ", ").into()),
        ];
        Value::Map(members.into_iter().map(|(n, v)| (n.to_owned(), v)).collect())
    }

    /// The text in pieces, and which of them go on the wire as they are.
    fn pieces(&self, registered: &Uri) -> Vec<(String, bool)> {
        let mut uri = Uri { query: None, fragment: None, ..registered.clone() };
        let mut authority = uri.authority.take().map(|a| a.to_string());
        let mut query = registered.query.clone();
        let (mut behind_path, mut behind_all) = (Vec::new(), Vec::new());
        for mutation in &self.0 {
            match &mutation.edit {
                Edit::Scheme(scheme) => uri.scheme.clone_from(scheme),
                Edit::Authority(other) => authority = Some(other.clone()),
                Edit::Path(path) => uri.path.clone_from(path),
                Edit::AppendPath(text) => behind_path.push((text.clone(), mutation.raw)),
                Edit::Query(other) => query.clone_from(other),
                Edit::Append(text) => behind_all.push((text.clone(), mutation.raw)),
                Edit::Whole(text) => return vec![(text.clone(), mutation.raw)],
            }
        }
        let slashes = if authority.is_some() { "//" } else { "" };
        let head = format!("{}:{slashes}{}{}", uri.scheme, authority.unwrap_or_default(), uri.path);
        let mut pieces = vec![(head, false)];
        pieces.append(&mut behind_path);
        pieces.extend(query.map(|query| (format!("?{query}"), false)));
        pieces.extend(registered.fragment.as_ref().map(|fragment| (format!("#{fragment}"), false)));
        pieces.append(&mut behind_all);
        pieces
    }
}

impl fmt::Display for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 60;
        let cut = |text: &str| match text.char_indices().nth(SHOWN) {
            None => format!("{text:?}"),
            Some((end, _)) => {
                format!("{:?} and more, {} characters in all", &text[..end], text.chars().count())
            }
        };
        match self {
            Self::Scheme(scheme) => write!(f, "scheme {}", cut(scheme)),
            Self::Authority(authority) => write!(f, "authority {}", cut(authority)),
            Self::Path(path) => write!(f, "path {}", cut(path)),
            Self::AppendPath(text) => write!(f, "{} behind the path", cut(text)),
            Self::Query(Some(query)) => write!(f, "query {}", cut(query)),
            Self::Query(None) => f.write_str("without its query"),
            Self::Append(text) => write!(f, "{} at the end", cut(text)),
            Self::Whole(text) => f.write_str(&cut(text)),
        }
    }
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// What one form-decoding makes of the value of a parameter that stands raw in a request. A raw `&` or `#`
/// would end it.
fn decoded(text: &str) -> String {
    let end = text.find(['&', '#']).unwrap_or(text.len());
    form_urlencoded::parse(format!("v={}", &text[..end]).as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}
