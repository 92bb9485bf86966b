//! From parameters and overrides to the request that goes on the wire.

use url::form_urlencoded;

use crate::http::{Headers, Request};
use crate::model::{EvaluationError, Overrides, Template, Value};

/// One request parameter.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Parameter {
    name: String,
    /// As the server should read it after its one form-decoding.
    value: String,
    /// As it goes on the wire, where that is not the plain encoding of `value`.
    wire: Option<String>,
    /// As a member of a JSON object, where that is no text.
    member: Option<Value>,
}

/// Evaluates templates for one step.
pub(super) trait Evaluate {
    /// The value, and whether it goes on the wire unencoded.
    fn evaluate(&self, template: &Template) -> Result<(Value, bool), EvaluationError>;
}

/// Request parameters in the order in which they are sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Parameters {
    list: Vec<Parameter>,
    /// They are members of a JSON object, and may be lists and maps.
    are_members: bool,
}

impl Parameters {
    /// None yet, of a request that is a JSON object.
    pub(super) fn members() -> Self {
        Self { list: Vec::new(), are_members: true }
    }

    /// Appends a member of a JSON object.
    pub(super) fn push_member(&mut self, name: &str, value: Value) {
        match value {
            Value::Text(text) => self.push(name, text),
            value => {
                let text = serde_json::Value::from(value.clone()).to_string();
                let member = Some(value);
                self.list.push(Parameter { name: name.to_owned(), value: text, wire: None, member });
            }
        }
    }

    /// Appends a parameter whose value is encoded as usual.
    pub(super) fn push(&mut self, name: &str, value: impl Into<String>) {
        self.list.push(Parameter { name: name.to_owned(), value: value.into(), wire: None, member: None });
    }

    /// Appends a parameter from a suite; one whose value is null is not sent.
    pub(super) fn push_template(
        &mut self,
        name: &str,
        template: &Template,
        evaluate: &dyn Evaluate,
    ) -> Result<(), EvaluationError> {
        let (value, is_raw) = evaluate.evaluate(template)?;
        if value == Value::Null {
            return Ok(());
        }
        if self.are_members && !matches!(value, Value::Text(_)) {
            self.push_member(name, value);
            return Ok(());
        }
        let text = plain(&value)?;
        self.list.push(match is_raw {
            true => {
                let wire = sendable(&text);
                Parameter { name: name.to_owned(), value: form_decode(&wire), wire: Some(wire), member: None }
            }
            false => Parameter { name: name.to_owned(), value: text, wire: None, member: None },
        });
        Ok(())
    }

    /// Applies what the overrides say of parameters.
    pub(super) fn apply(
        &mut self,
        overrides: &Overrides,
        evaluate: &dyn Evaluate,
    ) -> Result<(), EvaluationError> {
        for (name, template) in &overrides.parameters {
            let name = name_of(name, evaluate)?;
            let mut replacement = Self { list: Vec::new(), are_members: self.are_members };
            replacement.push_template(&name, template, evaluate)?;
            let at = self.list.iter().position(|p| p.name == name).unwrap_or(self.list.len());
            self.list.retain(|p| p.name != name);
            let at = at.min(self.list.len());
            self.list.splice(at..at, replacement.list);
        }
        for name in &overrides.remove {
            let name = name_of(name, evaluate)?;
            self.list.retain(|p| p.name != name);
        }
        for (name, template) in &overrides.append {
            self.push_template(&name_of(name, evaluate)?, template, evaluate)?;
        }
        if let Some(order) = &overrides.order {
            let order = match evaluate.evaluate(order)?.0 {
                Value::List(names) => names,
                other => return Err(EvaluationError::Operands(format!("an order from {other}"))),
            };
            let place = |p: &Parameter| order.iter().position(|n| n.as_text() == Some(p.name.as_str()));
            self.list.sort_by_key(|p| place(p).unwrap_or(usize::MAX));
        }
        Ok(())
    }

    /// The first value of that name.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.list.iter().find(|p| p.name == name).map(|p| p.value.as_str())
    }

    /// As suites refer to them: `request.state`.
    pub(super) fn to_value(&self) -> Value {
        let value = |p: &Parameter| p.member.clone().unwrap_or_else(|| p.value.as_str().into());
        Value::Map(self.list.iter().map(|p| (p.name.clone(), value(p))).collect())
    }

    /// As `application/x-www-form-urlencoded` (RFC 6749 appendix B).
    pub(super) fn encode(&self) -> String {
        let mut text = String::new();
        for parameter in &self.list {
            if !text.is_empty() {
                text.push('&');
            }
            text.extend(form_urlencoded::byte_serialize(parameter.name.as_bytes()));
            text.push('=');
            match &parameter.wire {
                Some(wire) => text.push_str(wire),
                None => text.extend(form_urlencoded::byte_serialize(parameter.value.as_bytes())),
            }
        }
        text
    }

    /// A JSON object in which a repeated name stands twice, as in a form.
    fn to_json(&self) -> String {
        let text = |text: &str| serde_json::Value::from(text).to_string();
        let member = |p: &Parameter| match &p.member {
            Some(value) => format!("{}:{}", text(&p.name), serde_json::Value::from(value.clone())),
            None => format!("{}:{}", text(&p.name), text(&p.value)),
        };
        format!("{{{}}}", self.list.iter().map(member).collect::<Vec<_>>().join(","))
    }
}

/// What an action would send, before its overrides say otherwise.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) method: &'static str,
    pub(super) url: String,
    pub(super) headers: Headers,
    pub(super) parameters: Parameters,
}

impl Draft {
    /// The header fields of a client that is no browser: some servers answer one in HTML.
    pub(super) fn direct_headers() -> Headers {
        Headers(vec![("Accept".to_owned(), "application/json".to_owned())])
    }

    /// Writes the request: parameters in the query of a GET and in the body of anything else.
    ///
    /// # Errors
    ///
    /// What the templates of the overrides raise.
    pub(super) fn finish(
        self,
        overrides: &Overrides,
        evaluate: &dyn Evaluate,
    ) -> Result<Request, EvaluationError> {
        let text = |template: &Template| plain(&evaluate.evaluate(template)?.0);
        let method =
            overrides.method.as_ref().map(text).transpose()?.unwrap_or_else(|| self.method.to_owned());
        let mut request = Request { method, url: self.url, headers: self.headers, body: Vec::new() };

        let mut query = Parameters::default();
        for (name, template) in &overrides.query {
            query.push_template(&name_of(name, evaluate)?, template, evaluate)?;
        }
        let has_query_method = matches!(request.method.as_str(), "GET" | "HEAD");
        if has_query_method && overrides.body.is_none() {
            add_query(&mut request.url, &self.parameters.encode());
        } else {
            let content_type = overrides.content_type.as_ref().map(text).transpose()?;
            let usual = match self.parameters.are_members {
                true => "application/json",
                false => "application/x-www-form-urlencoded",
            };
            let content_type = content_type.unwrap_or_else(|| usual.to_owned());
            request.body = match &overrides.body {
                Some(body) => text(body)?.into_bytes(),
                None if content_type.starts_with("application/json") => {
                    self.parameters.to_json().into_bytes()
                }
                None => self.parameters.encode().into_bytes(),
            };
            if !content_type.is_empty() {
                request.headers.push("Content-Type", content_type);
            }
        }
        add_query(&mut request.url, &query.encode());
        for (name, value) in &overrides.headers {
            let name = name_of(name, evaluate)?;
            if http::HeaderName::from_bytes(name.as_bytes()).is_err() {
                return Err(EvaluationError::Operands(format!("a header field with the name {name:?}")));
            }
            request.headers.0.retain(|(n, _)| !n.eq_ignore_ascii_case(&name));
            if let Some(value) = value {
                request.headers.push(name, text(value)?);
            }
        }
        Ok(request)
    }
}

/// The name of a parameter or a header field.
fn name_of(template: &Template, evaluate: &dyn Evaluate) -> Result<String, EvaluationError> {
    if let Some(name) = template.as_literal_text() {
        return Ok(name.to_owned());
    }
    match evaluate.evaluate(template)?.0 {
        Value::Null => Err(EvaluationError::Operands("a name from null".to_owned())),
        value => plain(&value),
    }
}

/// Adds to the query that an endpoint may have (RFC 6749 section 3.1).
fn add_query(url: &mut String, query: &str) {
    if query.is_empty() {
        return;
    }
    let separator = if url.contains('?') { '&' } else { '?' };
    url.push(separator);
    url.push_str(query);
}

fn plain(value: &Value) -> Result<String, EvaluationError> {
    match value {
        Value::Null => Ok(String::new()),
        value => {
            value.to_plain().ok_or_else(|| EvaluationError::Operands(format!("a parameter from {value}")))
        }
    }
}

/// What stands in a URL or a form as it is, apart from characters that neither can carry.
fn sendable(text: &str) -> String {
    let mut wire = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'!'..=b'~' if !matches!(byte, b'#' | b'&') => wire.push(char::from(byte)),
            _ => wire.push_str(&format!("%{byte:02X}")),
        }
    }
    wire
}

fn form_decode(wire: &str) -> String {
    let spaced = wire.replace('&', "%26");
    form_urlencoded::parse(format!("x={spaced}").as_bytes())
        .next()
        .map(|(_, v)| v.into_owned())
        .unwrap_or_default()
}
