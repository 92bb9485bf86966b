use std::borrow::Cow;
use std::sync::Arc;

use crate::model::{Policy, Scope, Target, Value};

/// What every expression may refer to: `target`, `policy`, `client`, `second`, `public`, `keyed`, `user`.
#[derive(Clone, Debug, PartialEq)]
pub struct Surroundings(Arc<Vec<(String, Value)>>);

impl Surroundings {
    /// Of this target under that policy.
    pub fn new(target: &Target, policy: &Policy) -> Self {
        let mut whole = target.to_value();
        complete_scopes(&mut whole, policy);
        let of = |kind: &str, name: &str| {
            whole.member(kind).and_then(|k| k.member(name)).cloned().unwrap_or_default()
        };
        Self(Arc::new(vec![
            ("client".to_owned(), of("clients", "default")),
            ("second".to_owned(), of("clients", "second")),
            ("public".to_owned(), of("clients", "public")),
            ("keyed".to_owned(), of("clients", "keyed")),
            ("user".to_owned(), of("users", "default")),
            ("target".to_owned(), whole),
            ("policy".to_owned(), policy.to_value()),
        ]))
    }
}

impl Scope for Surroundings {
    fn value_of(&self, name: &str) -> Option<Cow<'_, Value>> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| Cow::Borrowed(v))
    }
}

/// Surroundings and the values of one instance.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    surroundings: &'a Surroundings,
    bindings: &'a [(String, Value)],
}

impl<'a> Names<'a> {
    /// `bindings` win.
    pub fn new(surroundings: &'a Surroundings, bindings: &'a [(String, Value)]) -> Self {
        Self { surroundings, bindings }
    }
}

impl Scope for Names<'_> {
    fn value_of(&self, name: &str) -> Option<Cow<'_, Value>> {
        self.bindings
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| Cow::Borrowed(v))
            .or_else(|| self.surroundings.value_of(name))
    }
}

/// A client that says nothing about scope asks the policy's default.
fn complete_scopes(target: &mut Value, policy: &Policy) {
    let Some(default) = &policy.scope.default else {
        return;
    };
    let Value::Map(members) = target else {
        return;
    };
    for (_, clients) in members.iter_mut().filter(|(n, _)| n == "clients") {
        let Value::Map(clients) = clients else {
            continue;
        };
        for (_, client) in clients {
            let Value::Map(client) = client else {
                continue;
            };
            for (name, value) in client {
                if matches!(name.as_str(), "scope" | "client_credentials_scope") && *value == Value::Null {
                    *value = default.as_str().into();
                }
            }
        }
    }
}
