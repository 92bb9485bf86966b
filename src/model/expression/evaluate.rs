use std::borrow::Cow;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Function;
use crate::model::Value;

/// A parsed expression.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Expression {
    /// A number, duration, text, `true`, `false` or `null`.
    Literal(Value),
    /// `policy.refresh_token.grace`: a name and members of it.
    Reference(Vec<String>),
    /// `uri(client.redirect_uri).host`
    Call(Box<Call>),
    /// `not x`
    Not(Box<Expression>),
    /// `left operator right`
    Binary(Box<Expression>, Operator, Box<Expression>),
}

/// A function of an argument, and members of its result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// The function.
    pub function: Function,
    /// What it is applied to.
    pub argument: Expression,
    /// The member of the result that is meant, and the member of that, and so on.
    pub path: Vec<String>,
}

/// Operators, loosest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operator {
    /// `or`
    Or,
    /// `and`
    And,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
    /// `in`: member of a list, word of a space-separated text
    In,
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Times,
}

/// Where references are looked up.
pub trait Scope {
    /// The value under `name`, for example `policy` or the name of an earlier step; `None` if no such name.
    fn value_of(&self, name: &str) -> Option<Cow<'_, Value>>;

    /// Whether members that `name` lacks are null rather than an error: so it is with what a server sent.
    fn is_open(&self, _name: &str) -> bool {
        false
    }
}

/// Why an expression has no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvaluationError {
    /// The first name of a reference is not known here.
    #[error("there is no `{0}` here")]
    UnknownName(String),
    /// The value is there, its member is not.
    #[error("`{0}` has no `{1}`")]
    UnknownMember(String, String),
    /// The operands do not fit the operator.
    #[error("cannot compute {0}")]
    Operands(String),
    /// A function refuses its arguments.
    #[error("{0}")]
    Function(String),
}

impl Expression {
    /// Computes the value.
    ///
    /// A reference into something that is `null` is `null`, so that a policy that says nothing about
    /// refresh tokens has no `policy.refresh_token.grace` either. Comparisons with `null` are false.
    ///
    /// # Errors
    ///
    /// Unknown names and members, and operands of the wrong kind.
    pub fn evaluate(&self, scope: &dyn Scope) -> Result<Value, EvaluationError> {
        match self {
            Self::Literal(value) => Ok(value.clone()),
            Self::Reference(path) => reference(path, scope),
            Self::Call(call) => {
                let argument = call.argument.evaluate(scope)?;
                let value = call.function.apply(&[argument]).map_err(EvaluationError::Function)?;
                member(&value, call.function.name(), &call.path, true).cloned()
            }
            Self::Not(inner) => Ok(Value::Bool(!inner.evaluate(scope)?.is_true())),
            Self::Binary(left, operator, right) => binary(left, *operator, right, scope),
        }
    }

    /// Whether the expression holds: `null`, `false`, empty texts and lists do not.
    ///
    /// # Errors
    ///
    /// As [`Self::evaluate`].
    pub fn holds(&self, scope: &dyn Scope) -> Result<bool, EvaluationError> {
        Ok(self.evaluate(scope)?.is_true())
    }

    /// Calls `visit` with the path of every reference in the expression.
    pub fn references<'a>(&'a self, visit: &mut dyn FnMut(&'a [String])) {
        match self {
            Self::Literal(_) => {}
            Self::Reference(path) => visit(path),
            Self::Call(call) => call.argument.references(visit),
            Self::Not(inner) => inner.references(visit),
            Self::Binary(left, _, right) => {
                left.references(visit);
                right.references(visit);
            }
        }
    }
}

impl Value {
    /// Whether the value counts as true in a condition.
    pub fn is_true(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Bool(bool) => *bool,
            Self::Text(text) => !text.is_empty(),
            Self::List(items) => !items.is_empty(),
            Self::Number(number) => number.as_f64() != Some(0.0),
            Self::Duration(duration) => !duration.is_zero(),
            Self::Map(_) => true,
        }
    }
}

fn reference(path: &[String], scope: &dyn Scope) -> Result<Value, EvaluationError> {
    let Some((name, rest)) = path.split_first() else {
        return Ok(Value::Null);
    };
    let value = scope.value_of(name).ok_or_else(|| EvaluationError::UnknownName(name.clone()))?;
    member(&value, name, rest, scope.is_open(name)).cloned()
}

fn member<'a>(
    mut value: &'a Value,
    name: &str,
    path: &[String],
    is_open: bool,
) -> Result<&'a Value, EvaluationError> {
    for (depth, member) in path.iter().enumerate() {
        if *value == Value::Null {
            return Ok(&Value::Null);
        }
        value = match value.member(member) {
            Some(inner) => inner,
            None if is_open => return Ok(&Value::Null),
            None => {
                let walked = std::iter::once(name).chain(path[..depth].iter().map(String::as_str));
                let walked = walked.collect::<Vec<_>>().join(".");
                return Err(EvaluationError::UnknownMember(walked, member.clone()));
            }
        };
    }
    Ok(value)
}

fn binary(
    left: &Expression,
    operator: Operator,
    right: &Expression,
    scope: &dyn Scope,
) -> Result<Value, EvaluationError> {
    let left = left.evaluate(scope)?;
    match operator {
        Operator::And if !left.is_true() => return Ok(Value::Bool(false)),
        Operator::Or if left.is_true() => return Ok(Value::Bool(true)),
        _ => {}
    }
    let right = right.evaluate(scope)?;
    let ordering = || compare(&left, &right);
    Ok(Value::Bool(match operator {
        Operator::And | Operator::Or => right.is_true(),
        Operator::Equal => left == right || ordering().is_some_and(std::cmp::Ordering::is_eq),
        Operator::NotEqual => left != right && !ordering().is_some_and(std::cmp::Ordering::is_eq),
        Operator::Below => ordering().is_some_and(std::cmp::Ordering::is_lt),
        Operator::AtMost => ordering().is_some_and(std::cmp::Ordering::is_le),
        Operator::Above => ordering().is_some_and(std::cmp::Ordering::is_gt),
        Operator::AtLeast => ordering().is_some_and(std::cmp::Ordering::is_ge),
        Operator::In => contains(&right, &left),
        Operator::Plus | Operator::Minus | Operator::Times => return arithmetic(&left, operator, &right),
    }))
}

/// The order of two numbers or durations; a number beside a duration counts seconds.
pub(super) fn compare(left: &Value, right: &Value) -> Option<std::cmp::Ordering> {
    match (left, right) {
        (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
        _ => seconds(left)?.partial_cmp(&seconds(right)?),
    }
}

fn seconds(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::Duration(duration) => Some(duration.as_secs_f64()),
        _ => None,
    }
}

fn contains(container: &Value, item: &Value) -> bool {
    match (container, item) {
        (Value::List(items), item) => items.contains(item),
        (Value::Text(text), Value::Text(word)) => text.split(' ').any(|w| w == word),
        (Value::Map(members), Value::Text(name)) => members.iter().any(|(n, _)| n == name),
        _ => false,
    }
}

fn arithmetic(left: &Value, operator: Operator, right: &Value) -> Result<Value, EvaluationError> {
    let sign = match operator {
        Operator::Plus => '+',
        Operator::Minus => '-',
        _ => '*',
    };
    let refuse = || EvaluationError::Operands(format!("{left} {sign} {right}"));
    let computed = match (left, operator, right) {
        (Value::Number(a), _, Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => match operator {
                Operator::Plus => a.checked_add(b),
                Operator::Minus => a.checked_sub(b),
                _ => a.checked_mul(b),
            }
            .map(Value::integer),
            _ => None,
        },
        (Value::Duration(a), Operator::Plus, Value::Duration(b)) => a.checked_add(*b).map(Value::Duration),
        (Value::Duration(a), Operator::Minus, Value::Duration(b)) => a.checked_sub(*b).map(Value::Duration),
        (Value::Duration(a), Operator::Times, Value::Number(b))
        | (Value::Number(b), Operator::Times, Value::Duration(a)) => {
            b.as_u64().and_then(|n| u32::try_from(n).ok()).and_then(|n| a.checked_mul(n)).map(Value::Duration)
        }
        (Value::Text(a), Operator::Plus, Value::Text(b)) => Some(Value::Text(format!("{a}{b}"))),
        _ => None,
    };
    computed.filter(in_bounds).ok_or_else(refuse)
}

/// Durations stay under two hundred years, so that no clock overflows.
fn in_bounds(value: &Value) -> bool {
    !matches!(value, Value::Duration(d) if *d > Duration::from_secs(200 * 366 * 86_400))
}
