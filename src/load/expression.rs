use std::ops::Range;

use super::diagnostic::{alternatives, nearest};
use crate::model::{Call, Expression, Function, Operator, Value, parse_duration};

/// Why a text is no expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} at byte {offset}")]
pub struct ExpressionError {
    /// Byte of the text where the trouble begins.
    pub offset: usize,
    /// Bytes that it covers, at least 1 unless the text ends there.
    pub length: usize,
    /// What is wrong, as a lower-case fragment.
    pub message: String,
    /// What to write instead, if that can be said.
    pub help: Option<String>,
}

/// Reads an expression: `policy.refresh_token.grace > 0 and not target.issuer == null`.
///
/// # Errors
///
/// The first thing in the text that does not fit.
pub fn parse_expression(text: &str) -> Result<Expression, ExpressionError> {
    parse(text).map(|parsed| parsed.expression)
}

/// An expression, and where its references stand in the text.
#[derive(Debug)]
pub(super) struct Parsed {
    pub expression: Expression,
    pub references: Vec<Reference>,
}

/// A reference of an expression, and the bytes of each of its names.
#[derive(Debug)]
pub(super) struct Reference {
    pub path: Vec<String>,
    pub places: Vec<Range<usize>>,
}

/// Parentheses, `not` and calls inside one another.
const DEEPEST: usize = 32;
/// Parts of one expression: operators, names, literals.
const LONGEST: usize = 256;
/// Names that mean something else.
pub(super) const RESERVED: [&str; 7] = ["and", "false", "in", "not", "null", "or", "true"];

/// Reads an expression and keeps the places of its references.
pub(super) fn parse(text: &str) -> Result<Parsed, ExpressionError> {
    let mut parser =
        Parser { tokens: tokens(text)?, next: 0, end: text.len(), references: Vec::new(), depth: 0 };
    let expression = parser.expression(0)?;
    match parser.tokens.get(parser.next) {
        None => Ok(Parsed { expression, references: parser.references }),
        Some((token, place)) => Err(parser.after_operand(token, place)),
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Literal(Value),
    Name(String),
    Operator(Operator),
    Not,
    Dot,
    Comma,
    Open,
    Close,
    OpenBracket,
    CloseBracket,
}

struct Parser {
    tokens: Vec<(Token, Range<usize>)>,
    next: usize,
    end: usize,
    references: Vec<Reference>,
    depth: usize,
}

impl Parser {
    /// An expression whose operators bind at least as tightly as `least`.
    fn expression(&mut self, least: u8) -> Result<Expression, ExpressionError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.here("the expression is nested too deeply", None));
        }
        let mut left = self.operand()?;
        while let Some((Token::Operator(operator), _)) = self.tokens.get(self.next) {
            let operator = *operator;
            let tightness = tightness(operator);
            if tightness < least {
                break;
            }
            self.next += 1;
            let right = self.expression(tightness + 1)?;
            left = Expression::Binary(Box::new(left), operator, Box::new(right));
            if tightness == COMPARISON
                && let Some((Token::Operator(second), _)) = self.tokens.get(self.next)
                && self::tightness(*second) == COMPARISON
            {
                return Err(
                    self.here("comparisons do not chain", Some("join two comparisons with `and`".to_owned()))
                );
            }
        }
        self.depth -= 1;
        Ok(left)
    }

    fn operand(&mut self) -> Result<Expression, ExpressionError> {
        let Some((token, place)) = self.tokens.get(self.next).cloned() else {
            return Err(self.here("the expression ends where a value is expected", None));
        };
        match token {
            Token::Literal(value) => {
                self.next += 1;
                Ok(Expression::Literal(value))
            }
            Token::Name(name) => {
                self.next += 1;
                self.named(name, place)
            }
            Token::Not => {
                self.next += 1;
                Ok(Expression::Not(Box::new(self.expression(COMPARISON)?)))
            }
            Token::Open => {
                self.next += 1;
                let inner = self.expression(0)?;
                self.expect(Token::Close, "`)`")?;
                Ok(inner)
            }
            Token::Operator(Operator::Minus) => self.negative(),
            _ => Err(self.here("a value is expected here", None)),
        }
    }

    fn negative(&mut self) -> Result<Expression, ExpressionError> {
        self.next += 1;
        match self.tokens.get(self.next) {
            Some((Token::Literal(Value::Number(number)), _)) => {
                let value = match number.as_i64() {
                    Some(integer) => integer.checked_neg().map(Value::integer),
                    None => number.as_f64().and_then(|f| serde_json::Number::from_f64(-f)).map(Value::Number),
                };
                let value = value.ok_or_else(|| self.here("the number is too large", None))?;
                self.next += 1;
                Ok(Expression::Literal(value))
            }
            _ => Err(self.here("a minus without left side takes a number", None)),
        }
    }

    /// What begins with a name: a call or a reference, and the members after it.
    fn named(&mut self, name: String, place: Range<usize>) -> Result<Expression, ExpressionError> {
        if !matches!(self.tokens.get(self.next), Some((Token::Open, _))) {
            let (mut path, mut places) = (vec![name], vec![place]);
            self.members(&mut path, &mut places)?;
            self.references.push(Reference { path: path.clone(), places });
            return Ok(Expression::Reference(path));
        }
        let Some(function) = Function::ALL.into_iter().find(|f| f.name() == name) else {
            let names = || Function::ALL.into_iter().map(Function::name);
            let help = match nearest(&name, names()) {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => format!("the functions are {}", alternatives(names()).replace(" or ", " and ")),
            };
            return Err(error(place, format!("there is no function `{name}`"), Some(help)));
        };
        self.next += 1;
        let mut arguments = Vec::new();
        if !matches!(self.tokens.get(self.next), Some((Token::Close, _))) {
            arguments.push(self.expression(0)?);
            while matches!(self.tokens.get(self.next), Some((Token::Comma, _))) {
                self.next += 1;
                arguments.push(self.expression(0)?);
            }
        }
        self.expect(Token::Close, "`)`")?;
        let count = arguments.len();
        let (Some(argument), 1) = (arguments.pop(), count) else {
            return Err(error(place, format!("{name}() takes one argument, not {count}"), None));
        };
        let (mut path, mut places) = (Vec::new(), Vec::new());
        self.members(&mut path, &mut places)?;
        Ok(Expression::Call(Box::new(Call { function, argument, path })))
    }

    /// `.member`, `.0`, `["member"]`, `[0]`, as many as there are.
    fn members(
        &mut self,
        path: &mut Vec<String>,
        places: &mut Vec<Range<usize>>,
    ) -> Result<(), ExpressionError> {
        loop {
            let bracket = match self.tokens.get(self.next) {
                Some((Token::Dot, _)) => false,
                Some((Token::OpenBracket, _)) => true,
                _ => return Ok(()),
            };
            self.next += 1;
            let Some((token, place)) = self.tokens.get(self.next).cloned() else {
                return Err(self.here("the expression ends where a member's name is expected", None));
            };
            let name = match (token, bracket) {
                (Token::Name(name), false) => name,
                (Token::Literal(Value::Number(index)), _) if index.is_u64() => index.to_string(),
                (Token::Literal(Value::Text(name)), true) => name,
                (Token::Literal(Value::Bool(word)), false) => word.to_string(),
                (Token::Literal(Value::Null), false) => "null".to_owned(),
                (Token::Not, false) => "not".to_owned(),
                _ => {
                    let help = bracket.then(|| "write `[\"name\"]` or `[0]`".to_owned());
                    return Err(self.here("a member's name is expected here", help));
                }
            };
            self.next += 1;
            path.push(name);
            places.push(place);
            if bracket {
                self.expect(Token::CloseBracket, "`]`")?;
            }
        }
    }

    fn expect(&mut self, wanted: Token, name: &str) -> Result<(), ExpressionError> {
        match self.tokens.get(self.next) {
            Some((token, _)) if *token == wanted => {
                self.next += 1;
                Ok(())
            }
            _ => Err(self.here(&format!("{name} is expected here"), None)),
        }
    }

    /// Something follows a complete expression.
    fn after_operand(&self, token: &Token, place: &Range<usize>) -> ExpressionError {
        let help = match token {
            Token::Close => "there is no `(` for it",
            Token::Name(_) | Token::Literal(_) | Token::Not => {
                "put an operator between two values, quotes around a text"
            }
            _ => "put an operator between two values",
        };
        error(place.clone(), "the expression should have ended here".to_owned(), Some(help.to_owned()))
    }

    fn here(&self, message: &str, help: Option<String>) -> ExpressionError {
        let place = self.tokens.get(self.next).map_or(self.end..self.end, |(_, place)| place.clone());
        error(place, message.to_owned(), help)
    }
}

/// How tightly comparisons bind.
const COMPARISON: u8 = 2;

fn tightness(operator: Operator) -> u8 {
    match operator {
        Operator::Or => 0,
        Operator::And => 1,
        Operator::Equal
        | Operator::NotEqual
        | Operator::Below
        | Operator::AtMost
        | Operator::Above
        | Operator::AtLeast
        | Operator::In => COMPARISON,
        Operator::Plus | Operator::Minus => 3,
        Operator::Times => 4,
    }
}

fn error(place: Range<usize>, message: String, help: Option<String>) -> ExpressionError {
    ExpressionError { offset: place.start, length: place.len(), message, help }
}

fn tokens(text: &str) -> Result<Vec<(Token, Range<usize>)>, ExpressionError> {
    let mut tokens: Vec<(Token, Range<usize>)> = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        }
        // After a dot `grace` is a member, whatever it looks like; `5s` or `10` too.
        let member = matches!(tokens.last(), Some((Token::Dot, _)));
        let (token, length) = match c {
            '\'' | '"' => quoted(text, at, c)?,
            c if c.is_ascii_digit() && !member => number(text, at)?,
            c if c.is_ascii_alphanumeric() || c == '_' => name(text, at, member)?,
            _ => symbol(text, at, c)?,
        };
        tokens.push((token, at..at + length));
        at += length;
        if tokens.len() > LONGEST {
            return Err(error(at..text.len(), "the expression is too long".to_owned(), None));
        }
    }
    Ok(tokens)
}

fn symbol(text: &str, at: usize, c: char) -> Result<(Token, usize), ExpressionError> {
    let two = text.get(at..at + 2).unwrap_or_default();
    let token = match two {
        "==" => Some(Operator::Equal),
        "!=" => Some(Operator::NotEqual),
        "<=" => Some(Operator::AtMost),
        ">=" => Some(Operator::AtLeast),
        _ => None,
    };
    if let Some(operator) = token {
        return Ok((Token::Operator(operator), 2));
    }
    let token = match c {
        '<' => Token::Operator(Operator::Below),
        '>' => Token::Operator(Operator::Above),
        '+' => Token::Operator(Operator::Plus),
        '-' => Token::Operator(Operator::Minus),
        '*' => Token::Operator(Operator::Times),
        '.' => Token::Dot,
        ',' => Token::Comma,
        '(' => Token::Open,
        ')' => Token::Close,
        '[' => Token::OpenBracket,
        ']' => Token::CloseBracket,
        _ => {
            let (length, help) = match (two, c) {
                ("&&", _) => (2, Some("write `and`")),
                ("||", _) => (2, Some("write `or`")),
                (_, '!') => (1, Some("write `not`")),
                (_, '=') => (1, Some("to compare, write `==`")),
                (_, '$') => (1, Some("inside an expression names stand without `$`")),
                (_, '/' | '%') => (1, Some("there is no division")),
                _ => (c.len_utf8(), None),
            };
            let message = format!("`{}` means nothing here", &text[at..at + length]);
            return Err(error(at..at + length, message, help.map(str::to_owned)));
        }
    };
    Ok((token, 1))
}

fn quoted(text: &str, at: usize, quote: char) -> Result<(Token, usize), ExpressionError> {
    let mut value = String::new();
    let mut characters = text[at + 1..].char_indices();
    while let Some((offset, c)) = characters.next() {
        match c {
            c if c == quote => return Ok((Token::Literal(Value::Text(value)), offset + 2)),
            '\\' => match characters.next() {
                Some((_, escaped @ ('\\' | '\'' | '"'))) => value.push(escaped),
                _ => {
                    let place = at + 1 + offset..at + 2 + offset;
                    let help = "only `\\\\`, `\\'` and `\\\"` are escapes";
                    return Err(error(place, "not an escape".to_owned(), Some(help.to_owned())));
                }
            },
            c => value.push(c),
        }
    }
    Err(error(
        at..text.len(),
        "the text is never closed".to_owned(),
        Some(format!("add a `{quote}` at its end")),
    ))
}

fn number(text: &str, at: usize) -> Result<(Token, usize), ExpressionError> {
    let rest = &text[at..];
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let after = &rest[digits..];
    let fraction =
        after.strip_prefix('.').map_or(0, |f| f.find(|c: char| !c.is_ascii_digit()).unwrap_or(f.len()));
    let length = if fraction > 0 { digits + 1 + fraction } else { digits };
    let unit = &rest[length..];
    let unit = &unit[..unit.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(unit.len())];
    let word = &rest[..length + unit.len()];
    let value = if unit.is_empty() {
        serde_json::from_str(word).ok().map(Value::Number)
    } else {
        parse_duration(word).map(Value::Duration)
    };
    match value {
        Some(value) => Ok((Token::Literal(value), word.len())),
        None => {
            let help = (!unit.is_empty())
                .then(|| "durations are written `250ms`, `60s`, `5m`, `1h`, `180d`".to_owned());
            Err(error(at..at + word.len(), format!("`{word}` is neither a number nor a duration"), help))
        }
    }
}

fn name(text: &str, at: usize, member: bool) -> Result<(Token, usize), ExpressionError> {
    let rest = &text[at..];
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ':');
    let length = rest.find(|c| !inside(c)).unwrap_or(rest.len());
    let word = &rest[..length];
    if word.ends_with(['-', ':']) {
        let help = "names may contain `-`: put spaces around a minus";
        return Err(error(at..at + length, format!("`{word}` is no name"), Some(help.to_owned())));
    }
    let token = match word {
        _ if member => Token::Name(word.to_owned()),
        "or" => Token::Operator(Operator::Or),
        "and" => Token::Operator(Operator::And),
        "in" => Token::Operator(Operator::In),
        "not" => Token::Not,
        "true" => Token::Literal(Value::Bool(true)),
        "false" => Token::Literal(Value::Bool(false)),
        "null" => Token::Literal(Value::Null),
        _ => Token::Name(word.to_owned()),
    };
    Ok((token, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The expression with all its parentheses.
    fn shown(text: &str) -> String {
        fn show(expression: &Expression) -> String {
            match expression {
                Expression::Literal(value) => value.to_string(),
                Expression::Reference(path) => path.join("/"),
                Expression::Call(call) => {
                    let path: String = call.path.iter().map(|p| format!("/{p}")).collect();
                    format!("{}({}){path}", call.function.name(), show(&call.argument))
                }
                Expression::Not(inner) => format!("(not {})", show(inner)),
                Expression::Binary(left, operator, right) => {
                    format!("({} {operator:?} {})", show(left), show(right))
                }
            }
        }
        match parse_expression(text) {
            Ok(expression) => show(&expression),
            Err(error) => format!("{}..{}: {}", error.offset, error.offset + error.length, error.message),
        }
    }

    #[test]
    fn operators_bind_as_usual() {
        assert_eq!(shown("a or b and c"), "(a Or (b And c))");
        assert_eq!(shown("a and b or c"), "((a And b) Or c)");
        assert_eq!(shown("not a == b and c"), "((not (a Equal b)) And c)");
        assert_eq!(shown("a + b * 2 > c - 10s"), "((a Plus (b Times 2)) Above (c Minus 10s))");
        assert_eq!(shown("a - b - c"), "((a Minus b) Minus c)");
        assert_eq!(shown("(a or b) and c"), "((a Or b) And c)");
        assert_eq!(shown("not not a"), "(not (not a))");
        assert_eq!(shown("a in b or c != null"), "((a In b) Or (c NotEqual nothing))");
    }

    #[test]
    fn names_may_hold_hyphens_and_colons() {
        assert_eq!(shown("second-try.header.cache-control"), "second-try/header/cache-control");
        assert_eq!(shown("target.resources.supply::leads"), "target/resources/supply::leads");
        assert_eq!(shown("a[\"x y\"][0].1.in.true"), "a/x y/0/1/in/true");
        assert_eq!(shown("grace-10s"), "grace-10s");
        assert_eq!(shown("5-3"), "(5 Minus 3)");
        assert_eq!(shown("grace- 10s"), "0..6: `grace-` is no name");
    }

    #[test]
    fn literals() {
        assert_eq!(shown("-5 + 1.5"), "(-5 Plus 1.5)");
        assert_eq!(shown(r#"'it\'s' == "a\"b""#), r#"("it's" Equal "a\"b")"#);
        assert_eq!(shown("180d"), "180d");
        assert_eq!(shown("10 s"), "3..4: the expression should have ended here");
        assert_eq!(shown("10sec"), "0..5: `10sec` is neither a number nor a duration");
        assert_eq!(shown("'abc"), "0..4: the text is never closed");
        assert_eq!(shown(r"'a\n'"), "2..3: not an escape");
    }

    #[test]
    fn calls_have_members() {
        assert_eq!(
            shown("uri(client.redirect_uri).host == 'x'"),
            "(uri(client/redirect_uri)/host Equal \"x\")"
        );
        assert_eq!(shown("lenght(x)"), "0..6: there is no function `lenght`");
        assert_eq!(shown("length(a, b)"), "0..6: length() takes one argument, not 2");
        assert_eq!(shown("length()"), "0..6: length() takes one argument, not 0");
        assert_eq!(parse_expression("lenght(x)").unwrap_err().help.unwrap(), "did you mean `length`?");
    }

    #[test]
    fn mistakes_have_their_place() {
        for (text, expected) in [
            ("", "0..0: the expression ends where a value is expected"),
            ("a ==", "4..4: the expression ends where a value is expected"),
            ("a = b", "2..3: `=` means nothing here"),
            ("a && b", "2..4: `&&` means nothing here"),
            ("!a", "0..1: `!` means nothing here"),
            ("a < b < c", "6..7: comparisons do not chain"),
            ("(a", "2..2: `)` is expected here"),
            ("a)", "1..2: the expression should have ended here"),
            ("a.", "2..2: the expression ends where a member's name is expected"),
            ("a.(b)", "2..3: a member's name is expected here"),
            ("a[b]", "2..3: a member's name is expected here"),
            ("é", "0..2: `é` means nothing here"),
            ("-a", "1..2: a minus without left side takes a number"),
            ("$a", "0..1: `$` means nothing here"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn long_and_deep_expressions_are_refused() {
        assert!(shown(&"(".repeat(100_000)).contains("too long"));
        assert!(shown(&format!("{}a", "not ".repeat(40))).contains("too deeply"));
        assert!(shown(&vec!["a"; 1000].join(" + ")).contains("too long"));
        assert!(parse_expression(&vec!["a"; 100].join(" + ")).is_ok());
    }

    #[test]
    fn references_keep_their_places() {
        let parsed = parse("first.code != uri(client.uri).host").unwrap();
        let found: Vec<_> = parsed.references.iter().map(|r| (r.path.join("."), r.places.clone())).collect();
        assert_eq!(
            found,
            [("first.code".into(), vec![0..5, 6..10]), ("client.uri".into(), vec![18..24, 25..28])]
        );
    }
}
