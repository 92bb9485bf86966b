//! Computing what a suite refers to, where answers may lack what it asks for.

use crate::model::{EvaluationError, Expression, Scope, Template, Value};

/// Names that stand for files and not for answers: a member that they lack is a slip in the suite.
const OUR_OWN: [&str; 6] = ["target", "policy", "client", "second", "public", "user"];

/// The value of a template; what an answer lacks is `null`.
pub(super) fn value(template: &Template, scope: &dyn Scope) -> Result<Value, EvaluationError> {
    let scope = Filled::new(scope, |visit| template.references(visit));
    template.evaluate(&scope, &mut |_| 0).or_else(null_where_lacking)
}

/// Whether a condition holds; what an answer lacks is `null`.
pub(super) fn holds(expression: &Expression, scope: &dyn Scope) -> Result<bool, EvaluationError> {
    let scope = Filled::new(scope, |visit| expression.references(visit));
    expression.evaluate(&scope).or_else(null_where_lacking).map(|v| v.is_true())
}

/// The references of an expression with their values, for a report.
pub(super) fn references(expression: &Expression, scope: &dyn Scope) -> Vec<(String, Value)> {
    let mut found: Vec<(String, Value)> = Vec::new();
    expression.references(&mut |path| {
        let name = path.join(".");
        if found.iter().all(|(n, _)| *n != name)
            && let Ok(value) = value(&Template::Expression(Expression::Reference(path.to_vec())), scope)
        {
            found.push((name, value));
        }
    });
    found
}

fn null_where_lacking(error: EvaluationError) -> Result<Value, EvaluationError> {
    match &error {
        EvaluationError::UnknownMember(walked, _)
            if !OUR_OWN.contains(&walked.split('.').next().unwrap_or_default()) =>
        {
            Ok(Value::Null)
        }
        _ => Err(error),
    }
}

/// A scope in which every member that is referred to exists, as `null` where the answer lacks it, so that
/// `a.x == 1 or b.y == 2` is not lost as a whole for want of `a.x`.
struct Filled<'a> {
    scope: &'a dyn Scope,
    paths: Vec<&'a [String]>,
}

impl<'a> Filled<'a> {
    fn new(scope: &'a dyn Scope, references: impl FnOnce(&mut dyn FnMut(&'a [String]))) -> Self {
        let mut paths = Vec::new();
        references(&mut |path| paths.push(path));
        Self { scope, paths }
    }
}

impl Scope for Filled<'_> {
    fn value_of(&self, name: &str) -> Option<Value> {
        let mut value = self.scope.value_of(name)?;
        if !OUR_OWN.contains(&name) {
            for path in &self.paths {
                if let Some((first, rest)) = path.split_first()
                    && first == name
                {
                    fill(&mut value, rest);
                }
            }
        }
        Some(value)
    }
}

fn fill(value: &mut Value, path: &[String]) {
    let Some((name, rest)) = path.split_first() else { return };
    let Value::Map(members) = value else { return };
    match members.iter_mut().find(|(n, _)| n == name) {
        Some((_, inner)) => fill(inner, rest),
        None => members.push((name.clone(), Value::Null)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::fixtures::{Names, reference};
    use crate::model::Operator;

    fn names() -> Names {
        Names::new([
            ("first", Value::Map(vec![("status".to_owned(), Value::integer(200))])),
            ("policy", Value::Map(vec![])),
        ])
    }

    #[test]
    fn what_an_answer_lacks_is_null() {
        let template = Template::Expression(reference("first.refresh_token"));
        assert_eq!(value(&template, &names()), Ok(Value::Null));
        let template = Template::Expression(reference("first.status.x"));
        assert_eq!(value(&template, &names()), Ok(Value::Null));
    }

    #[test]
    fn one_lack_does_not_spoil_a_condition() {
        let lacking = Expression::Binary(
            Box::new(reference("first.x")),
            Operator::Equal,
            Box::new(Expression::Literal(Value::integer(1))),
        );
        let present = Expression::Binary(
            Box::new(reference("first.status")),
            Operator::Equal,
            Box::new(Expression::Literal(Value::integer(200))),
        );
        let either = Expression::Binary(Box::new(lacking), Operator::Or, Box::new(present));
        assert_eq!(holds(&either, &names()), Ok(true));
    }

    #[test]
    fn slips_in_a_suite_stay_errors() {
        for path in ["policy.acces_token", "frist.status"] {
            assert!(value(&Template::Expression(reference(path)), &names()).is_err(), "{path}");
        }
    }
}
