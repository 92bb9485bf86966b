//! What is said of one value.

use std::time::Duration;

use serde_json::json;

use crate::check::fixtures::{Names, reference};
use crate::check::matcher::*;
use crate::model::{JsonType, Lasts, Matcher, Template, Value};

fn lit(value: impl Into<Value>) -> Template {
    Template::Literal(value.into())
}

fn int(number: i64) -> Template {
    Template::Literal(Value::integer(number))
}

fn json_subject(value: serde_json::Value) -> Subject {
    Subject::json("member \"m\"".to_owned(), "m", Some(&value))
}

fn text_subject(value: &str) -> Subject {
    Subject::text("parameter \"m\"".to_owned(), "m", Some(value))
}

fn absent() -> Subject {
    Subject::json("member \"m\"".to_owned(), "m", None)
}

fn names() -> Names {
    Names::new([("first", Value::Map(vec![("token".to_owned(), "abc".into())]))])
}

fn fits(matcher: &Matcher, subject: &Subject) -> bool {
    match check(matcher, subject, &names()) {
        Ok(()) => true,
        Err(Misfit::Other(_)) => false,
        Err(Misfit::Incomputable(why)) => panic!("{matcher:?}: {why}"),
    }
}

/// Matcher, JSON values that fit, JSON values that do not.
#[test]
fn matchers_both_ways() {
    let list = |items: &[&str]| Template::Literal(Value::List(items.iter().map(|i| (*i).into()).collect()));
    let hour = Template::Literal(Value::Duration(Duration::from_secs(3600)));
    let table = [
        (
            Matcher::Equals(lit("a")),
            vec![json!("a")],
            vec![json!("A"), json!("a "), json!(null), json!(["a"])],
        ),
        (Matcher::Equals(int(3600)), vec![json!(3600), json!(3600.0)], vec![json!("3600"), json!(3601)]),
        (Matcher::Equals(hour.clone()), vec![json!(3600)], vec![json!("3600"), json!("1h"), json!(60)]),
        (
            Matcher::Equals(lit(json!({"a": 1, "b": [2]}))),
            vec![json!({"b": [2], "a": 1.0})],
            vec![json!({"a": 1}), json!({"a": 1, "b": [2, 3]})],
        ),
        (Matcher::Equals(Template::Literal(Value::Null)), vec![json!(null)], vec![json!(""), json!(0)]),
        (Matcher::OneOf(vec![lit("a"), int(1)]), vec![json!("a"), json!(1)], vec![json!("b"), json!("1")]),
        (Matcher::Absent, vec![], vec![json!(null), json!(""), json!(0)]),
        (
            Matcher::Present,
            vec![json!("a"), json!(0), json!(false), json!({})],
            vec![json!(null), json!(""), json!([])],
        ),
        (
            Matcher::Contains(lit("b")),
            vec![json!("abc"), json!(["a", "b"])],
            vec![json!("ac"), json!(["ab"]), json!(1)],
        ),
        (Matcher::StartsWith(lit("ab")), vec![json!("abc")], vec![json!("xabc"), json!(null)]),
        (Matcher::EndsWith(lit("bc")), vec![json!("abc")], vec![json!("abcx"), json!(["bc"])]),
        (
            Matcher::Matches("^[a-z]+$".to_owned()),
            vec![json!("abc")],
            vec![json!("aBc"), json!(""), json!(1)],
        ),
        (Matcher::Above(int(3)), vec![json!(4), json!(3.5)], vec![json!(3), json!("4"), json!(null)]),
        (Matcher::AtLeast(int(3)), vec![json!(3)], vec![json!(2.9), json!(true)]),
        (Matcher::Below(int(3)), vec![json!(-1)], vec![json!(3)]),
        (
            Matcher::Lasts(Box::new(Lasts { about: Some(hour.clone()), ..Lasts::default() })),
            vec![json!(3600), json!(3600.0)],
            vec![json!(3599), json!("3600"), json!(3_600_000), json!(null)],
        ),
        (
            Matcher::Lasts(Box::new(Lasts {
                about: Some(hour.clone()),
                within: Some(Template::Literal(Value::Duration(Duration::from_secs(5)))),
                ..Lasts::default()
            })),
            vec![json!(3595), json!(3605), json!(3600.5)],
            vec![json!(3594), json!(3605.001), json!(-3600)],
        ),
        (
            Matcher::Lasts(Box::new(Lasts {
                at_least: Some(Template::Literal(Value::Duration(Duration::from_secs(60)))),
                at_most: Some(hour.clone()),
                ..Lasts::default()
            })),
            vec![json!(60), json!(3600)],
            vec![json!(59), json!(3601), json!(true)],
        ),
        (Matcher::AtMost(hour), vec![json!(3600)], vec![json!(3601)]),
        (
            Matcher::Type(JsonType::Integer),
            vec![json!(3600), json!(-1)],
            vec![json!(3600.0), json!("3600"), json!(null)],
        ),
        (Matcher::Type(JsonType::Number), vec![json!(1.5), json!(1)], vec![json!("1")]),
        (Matcher::Type(JsonType::String), vec![json!("")], vec![json!(1)]),
        (Matcher::Type(JsonType::Boolean), vec![json!(false)], vec![json!("false"), json!(0)]),
        (Matcher::Type(JsonType::Array), vec![json!([])], vec![json!({})]),
        (Matcher::Type(JsonType::Object), vec![json!({})], vec![json!([])]),
        (Matcher::Type(JsonType::Null), vec![json!(null)], vec![json!(0)]),
        (
            Matcher::Length(Box::new(Matcher::Equals(int(2)))),
            vec![json!("äö"), json!([1, 2])],
            vec![json!("abc"), json!(2)],
        ),
        (Matcher::Length(Box::new(Matcher::AtLeast(int(2)))), vec![json!("ab")], vec![json!("a")]),
        (
            Matcher::EqualsIgnoringCase(lit("Bearer")),
            vec![json!("bearer"), json!("BEARER")],
            vec![json!("Bearer "), json!(1)],
        ),
        (
            Matcher::Scopes(lit("b a")),
            vec![json!("a b"), json!("b a b")],
            vec![json!("a"), json!("a b c"), json!(["a", "b"])],
        ),
        (Matcher::Scopes(list(&["a", "b"])), vec![json!("b a")], vec![json!("")]),
        (Matcher::WordsOf(lit("a b c")), vec![json!("c a"), json!("")], vec![json!("a d"), json!(1)]),
        (Matcher::Not(Box::new(Matcher::Equals(lit("a")))), vec![json!("b"), json!(1)], vec![json!("a")]),
        (
            Matcher::All(vec![Matcher::Contains(lit("a")), Matcher::Contains(lit("b"))]),
            vec![json!("ab")],
            vec![json!("a")],
        ),
    ];
    for (matcher, fitting, others) in table {
        for value in fitting {
            assert!(fits(&matcher, &json_subject(value.clone())), "{value} should be {matcher:?}");
        }
        for value in others {
            assert!(!fits(&matcher, &json_subject(value.clone())), "{value} should not be {matcher:?}");
        }
        let only_negative = is_negative(&matcher);
        assert_eq!(fits(&matcher, &absent()), only_negative, "nothing and {matcher:?}");
    }
}

#[test]
fn parameters_spell_their_numbers() {
    for (matcher, fit) in [
        (Matcher::Equals(int(3600)), true),
        (Matcher::Equals(lit("3600")), true),
        (Matcher::Equals(int(360)), false),
        (Matcher::AtMost(int(3600)), true),
        (Matcher::Above(int(3600)), false),
        (Matcher::Type(JsonType::Integer), true),
        (Matcher::Type(JsonType::String), true),
        (Matcher::Type(JsonType::Boolean), false),
    ] {
        assert_eq!(fits(&matcher, &text_subject("3600")), fit, "{matcher:?}");
    }
    assert!(!fits(&Matcher::Type(JsonType::Integer), &text_subject("3600.0")));
    assert!(!fits(&Matcher::Above(int(1)), &text_subject("many")));
}

#[test]
fn equality_with_nothing_is_never_judged() {
    let nothing = Template::Expression(reference("first.refresh_token"));
    for matcher in [
        Matcher::Equals(nothing.clone()),
        Matcher::Not(Box::new(Matcher::Equals(nothing.clone()))),
        Matcher::Contains(nothing.clone()),
        Matcher::AtLeast(nothing),
        Matcher::AtLeast(lit("x")),
        Matcher::Lasts(Box::new(Lasts { about: Some(int(3600)), ..Lasts::default() })),
        Matcher::Matches("(".to_owned()),
    ] {
        let result = check(&matcher, &json_subject(json!("a")), &names());
        assert!(matches!(result, Err(Misfit::Incomputable(_))), "{matcher:?}: {result:?}");
    }
}

#[test]
fn says_what_was_seen() {
    let seen = |matcher: Matcher, subject: Subject| match check(&matcher, &subject, &names()) {
        Err(Misfit::Other(seen)) => seen,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        seen(Matcher::Equals(int(3600)), json_subject(json!("3600"))),
        "\"3600\", a text and not a number"
    );
    assert_eq!(seen(Matcher::Present, absent()), "no member \"m\"");
    assert_eq!(
        seen(Matcher::Type(JsonType::Integer), json_subject(json!(3600.5))),
        "3600.5, a number with a fraction or exponent"
    );
    assert_eq!(
        seen(Matcher::Length(Box::new(Matcher::AtLeast(int(8)))), text_subject("abc")),
        "\"abc\", of 3 characters"
    );
    assert_eq!(seen(Matcher::WordsOf(lit("a")), text_subject("a b")), "\"a b\", with \"b\" in it");
    let sent = "x".repeat(4096);
    let cut = seen(Matcher::Equals(lit(sent.as_str())), text_subject(&sent[..255]));
    assert!(cut.ends_with("(255 characters), differs from character 256: the rest is missing"), "{cut}");
}

/// `any` asks each item by itself: two halves of what is looked for in two cookies are not the whole.
#[test]
fn any_looks_at_items_and_lines_one_by_one() {
    let cookies = |text: &str| Subject::text("header set-cookie".to_owned(), "set-cookie", Some(text));
    let in_the_clear = Matcher::Not(Box::new(Matcher::Any(Box::new(Matcher::All(vec![
        Matcher::Contains(lit("t0ken")),
        Matcher::Not(Box::new(Matcher::Matches("(?i);\\s*secure\\s*(;|$)".to_owned()))),
    ])))));
    let fits = |subject: &Subject| check(&in_the_clear, subject, &names()).is_ok();
    assert!(fits(&cookies("a=t0ken; Path=/; Secure\nb=1; Path=/")));
    assert!(fits(&cookies("b=1")));
    assert!(!fits(&cookies("a=t0ken; Path=/\nb=1; Secure")));
    assert!(!fits(&cookies("b=1; Secure\na=t0ken")));
    assert!(fits(&Subject::text("header set-cookie".to_owned(), "set-cookie", None)));

    let begins = Matcher::Any(Box::new(Matcher::StartsWith(lit("h"))));
    let names = names();
    assert!(check(&begins, &json_subject(json!(["a", "hb"])), &names).is_ok());
    for other in [json!([]), json!(["a"]), json!([1]), json!(1)] {
        assert!(check(&begins, &json_subject(other), &names).is_err());
    }
}
