//! Computing what a suite refers to, where answers may lack what it asks for.

use std::borrow::Cow;

use crate::model::{EvaluationError, Expression, Scope, Template, Value};

/// Names that stand for files and not for answers: a member that they lack is a slip in the suite.
const OUR_OWN: [&str; 7] = ["target", "policy", "client", "second", "public", "keyed", "user"];

/// The value of a template; what an answer lacks is `null`.
pub(super) fn value(template: &Template, scope: &dyn Scope) -> Result<Value, EvaluationError> {
    template.evaluate(&Open(scope), &mut |_| 0)
}

/// Whether a condition holds; what an answer lacks is `null`.
pub(super) fn holds(expression: &Expression, scope: &dyn Scope) -> Result<bool, EvaluationError> {
    expression.holds(&Open(scope))
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

/// A scope in which answers have every member, as `null` where they lack it.
struct Open<'a>(&'a dyn Scope);

impl Scope for Open<'_> {
    fn value_of(&self, name: &str) -> Option<Cow<'_, Value>> {
        self.0.value_of(name)
    }

    fn is_open(&self, name: &str) -> bool {
        !OUR_OWN.contains(&name)
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
