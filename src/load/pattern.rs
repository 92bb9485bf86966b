use super::decode::{Decoder, INSISTS, Map, all};
use super::diagnostic::Diagnostic;
use super::language::outcomes;
use super::tree::{Entry, Kind, Node};
use crate::model::{
    Clause, ClauseKind, Expectation, JwtPattern, PagePattern, Pattern, RedirectPattern, StatusPattern,
    Template, Value,
};
use crate::oauth::ErrorCode;

/// Parameters of a redirect that need no `parameters:` around them.
const PARAMETERS: [&str; 11] = [
    "code",
    "state",
    "iss",
    "access_token",
    "token_type",
    "expires_in",
    "scope",
    "error_description",
    "error_uri",
    "refresh_token",
    "id_token",
];

/// What can carry the parameters of an answer.
pub(super) const CARRIERS: [(&str, &str); 3] =
    [("query", "query"), ("fragment", "fragment"), ("form_post", "form_post")];

/// What can be said of a signature.
pub(super) const SIGNATURES: [(&str, ()); 1] = [("valid", ())];

/// Patterns inside one another.
const DEEPEST: usize = 16;

impl Decoder<'_> {
    /// What one requirement says of an outcome.
    pub fn expectation(&self, node: &Node) -> Option<Expectation> {
        let map = self.record(node, &outcomes::EXPECTATION)?;
        let of_step = |e: &&Entry| ["as", "assume", "expect", "needs"].contains(&e.key.as_ref());
        map.entries().iter().filter(of_step).for_each(|e| {
            let problem =
                Diagnostic::new(self.at_key(e), format!("unknown key `{}`", e.key), "not known here");
            self.note(problem.help(format!("`{}` belongs to the step, beside its `expect`", e.key)));
        });
        let requirement = map.need("for", |n| self.requirement(n));
        let when = map.read("when", |n| self.condition(n, "`when`"));
        let pattern = self.pattern_of(node, &map, &["for", "when", "label"], 0);
        map.finish()?;
        Some(Expectation { requirement: requirement?, when, pattern: pattern? })
    }

    /// A description of outcomes.
    pub fn pattern(&self, node: &Node) -> Option<Pattern> {
        self.pattern_at(node, 0)
    }

    fn pattern_at(&self, node: &Node, depth: usize) -> Option<Pattern> {
        if depth > DEEPEST {
            self.wrong(node, "patterns are nested too deeply", format!("at most {DEEPEST} levels"));
            return None;
        }
        let map = self.record(node, &outcomes::PATTERN)?;
        if let Some(entry) = map.entries().iter().find(|e| e.key == "for") {
            map.pardon("for");
            self.note(Diagnostic::new(
                self.at_key(entry),
                "a requirement is named beside the whole expectation, not inside it",
                "move `for` to the expectation, or make this an expectation of its own",
            ));
        }
        let pattern = self.pattern_of(node, &map, &["for", "label"], depth);
        map.finish()?;
        pattern
    }

    fn pattern_of(&self, node: &Node, map: &Map<'_, '_>, others: &[&str], depth: usize) -> Option<Pattern> {
        let keys = outcomes::PATTERN.among.fields();
        map.walks(keys);
        let label = map.read("label", |n| self.sentence(n, "`label`"));
        let mut clauses = Vec::with_capacity(1);
        let mut complete = true;
        for entry in map.entries() {
            if !keys.iter().any(|field| field.key == entry.key) {
                continue;
            }
            match self.clauses(entry, depth) {
                Some(more) => clauses.extend(more),
                None => complete = false,
            }
        }
        let stated = map.entries().iter().any(|e| !others.contains(&e.key.as_ref()));
        if !stated {
            map.fail();
            self.note(
                Diagnostic::new(
                    self.at(node),
                    "nothing is expected here",
                    "expected a statement about the outcome",
                )
                .help("for example `success: true`, `error: invalid_grant`, `status: 401`"),
            );
            return None;
        }
        let location = map.entries().first().map(|e| self.at_key(e))?;
        (complete && !clauses.is_empty()).then_some(Pattern { label, clauses, location })
    }

    fn clauses(&self, entry: &Entry, depth: usize) -> Option<Vec<Clause>> {
        let node = &entry.value;
        let one = |kind: ClauseKind| vec![Clause { kind, location: self.at(node) }];
        match entry.key.as_ref() {
            "success" => self.flag(node, "`success`").map(ClauseKind::Success).map(one),
            "error" => self.error_codes(node).map(ClauseKind::Error).map(one),
            "status" => self.statuses(node).map(ClauseKind::Status).map(one),
            "header" => {
                let fields = self.named_matchers(node, "`header`")?;
                let names = self.map(node, "`header`")?;
                for entry in names.entries().iter().filter(|e| !is_token(&e.key)) {
                    self.note(Diagnostic::new(
                        self.at_key(entry),
                        "this is no name of a header field",
                        "not a token",
                    ));
                }
                let clause = |(name, matcher, location): (String, _, _)| Clause {
                    kind: ClauseKind::Header(name.to_ascii_lowercase(), matcher),
                    location,
                };
                Some(fields.into_iter().map(clause).collect())
            }
            "json" => {
                let members = self.named_matchers(node, "`json`")?;
                let clause =
                    |(name, matcher, location)| Clause { kind: ClauseKind::Json(name, matcher), location };
                Some(members.into_iter().map(clause).collect())
            }
            "text" => self.matcher(node).map(ClauseKind::Text).map(one),
            "redirect" => self.redirect(node).map(ClauseKind::Redirect).map(one),
            "page" => self.page(node).map(ClauseKind::Page).map(one),
            "jwt" => self.jwt(node).map(ClauseKind::Jwt).map(one),
            "closed" if matches!(node.kind, Kind::Bool(true)) => Some(one(ClauseKind::Closed)),
            "closed" => {
                let problem = Diagnostic::new(self.at(node), "`closed` is always `true`", "expected `true`");
                self.note(problem.help("for somebody who listens write `not: { closed: true }`"));
                None
            }
            "holds" => {
                let condition = self.condition(node, "`holds`")?;
                Some(one(ClauseKind::Holds(condition.value, self.text(node, "`holds`")?)))
            }
            "one_of" => {
                let patterns = self.each(node, "`one_of`", |n| self.pattern_at(n, depth + 1))?;
                if patterns.is_empty() {
                    self.wrong(node, "no outcome is one of none", "expected at least one pattern");
                    return None;
                }
                Some(one(ClauseKind::OneOf(patterns)))
            }
            "not" => self.pattern_at(node, depth + 1).map(|p| one(ClauseKind::Not(Box::new(p)))),
            key => {
                if INSISTS {
                    panic!("no one reads the statement `{key}`");
                }
                None
            }
        }
    }

    /// An error code or a list of them.
    fn error_codes(&self, node: &Node) -> Option<Vec<Template>> {
        let code = |node: &Node| {
            let template = self.scalar(node)?;
            let Template::Literal(value) = &template else { return Some(template) };
            let Value::Text(text) = value else {
                let label = "expected a code such as `invalid_grant`";
                self.wrong(node, format!("an error code is a text, not {}", node.kind.describe()), label);
                return None;
            };
            if ErrorCode::KNOWN.contains(&text.as_str()) || text.len() > 100 {
                return Some(template);
            }
            let slip = |known: &&&str| {
                known.len().abs_diff(text.len()) <= 2
                    && strsim::damerau_levenshtein(&fold(known), &fold(text)) <= 2
            };
            let Some(slip) = ErrorCode::KNOWN.iter().find(slip) else { return Some(template) };
            let problem = Diagnostic::new(self.at(node), "no such error code is registered", "misspelt?");
            self.note(problem.suggest(Some(slip)));
            None
        };
        match &node.kind {
            Kind::List(items) if items.is_empty() => {
                self.wrong(node, "no code is one of none", "expected at least one error code");
                None
            }
            Kind::List(items) => all(items, code),
            _ => code(node).map(|c| vec![c]),
        }
    }

    /// A status code, a class such as `4xx`, or a list of them.
    fn statuses(&self, node: &Node) -> Option<Vec<StatusPattern>> {
        let status = |node: &Node| {
            let text = match &node.kind {
                Kind::Number(number) => number.to_string(),
                Kind::Text(text) => text.to_string(),
                _ => String::new(),
            };
            let class = text.strip_suffix("xx").and_then(|d| d.parse().ok()).filter(|d| (1..=5).contains(d));
            let code = text.parse::<u16>().ok().filter(|c| (100..600).contains(c));
            let status = class.map(StatusPattern::Class).or(code.map(StatusPattern::Exactly));
            if status.is_none() {
                let label = "expected a code from 100 to 599 or a class such as `4xx`";
                let problem = Diagnostic::new(self.at(node), "this is no status", label);
                let class = text.to_lowercase().replace('*', "x");
                self.note(match class.strip_suffix("xx") {
                    Some(d @ ("1" | "2" | "3" | "4" | "5")) => problem.help(format!("write `{d}xx`")),
                    _ => problem,
                });
            }
            status
        };
        match &node.kind {
            Kind::List(items) if items.is_empty() => {
                self.wrong(node, "no status is one of none", "expected at least one status");
                None
            }
            Kind::List(items) => all(items, status),
            _ => status(node).map(|s| vec![s]),
        }
    }

    fn redirect(&self, node: &Node) -> Option<RedirectPattern> {
        let map = self.record(node, &outcomes::REDIRECT)?;
        map.otherwise("other parameters of the redirect stand under `parameters:`");
        let to = map.read("to", |n| self.matcher(n));
        let carrier = map.read("in", |n| self.choice(n, "`in`", &CARRIERS)).map(str::to_owned);
        let error = map.read("error", |n| self.error_codes(n));
        let mut parameters = Vec::new();
        for name in PARAMETERS {
            if let Some(matcher) = map.read(name, |n| Some((self.member_matcher(name, n)?, self.at(n)))) {
                parameters.push((name.to_owned(), matcher.0, matcher.1));
            }
        }
        if let Some(more) = map.read("parameters", |n| self.named_matchers(n, "`parameters`")) {
            parameters.extend(more);
        }
        map.finish()?;
        Some(RedirectPattern { to, carrier, error, parameters })
    }

    fn page(&self, node: &Node) -> Option<PagePattern> {
        let map = self.record(node, &outcomes::PAGE)?;
        let status = map.read("status", |n| self.statuses(n));
        let text = map.read("text", |n| self.matcher(n));
        map.finish()?;
        Some(PagePattern { status, text })
    }

    fn jwt(&self, node: &Node) -> Option<JwtPattern> {
        let map = self.record(node, &outcomes::JWT)?;
        map.otherwise("members of its header stand under `header:`, claims under `claims:`");
        let member = map.read("of", |n| self.sentence(n, "`of`"));
        let header = map.read("header", |n| self.named_matchers(n, "`header`")).unwrap_or_default();
        let claims = map.read("claims", |n| self.named_matchers(n, "`claims`")).unwrap_or_default();
        let signature = map.read("signature", |n| {
            self.choice(n, "`signature`", &SIGNATURES)?;
            Some(self.at(n))
        });
        map.finish()?;
        Some(JwtPattern { member, header, claims, signature })
    }

    /// Notes statements that no outcome of such a step can satisfy.
    pub fn check_fits(&self, pattern: &Pattern, keyword: &str) {
        let unsaid = |clause: &Clause, what: &str| {
            self.note(
                Diagnostic::new(
                    clause.location.clone(),
                    format!("`{what}` is about an answer of HTTP, and a handshake ends before one"),
                    "can never hold here",
                )
                .help("write `success`, or `holds` with `response.version`, `response.cipher_suite` or `response.certificate`"),
            );
        };
        let never = |clause: &Clause, what: &str| {
            self.note(
                Diagnostic::new(
                    clause.location.clone(),
                    format!("`{what}` is about the user's browser, and `{keyword}` has none"),
                    "can never hold here",
                )
                .help("for an answer of the server write `success`, `error`, `status` or `json`"),
            );
        };
        for clause in &pattern.clauses {
            match &clause.kind {
                ClauseKind::Redirect(_) => never(clause, "redirect"),
                ClauseKind::Page(_) => never(clause, "page"),
                ClauseKind::OneOf(patterns) => patterns.iter().for_each(|p| self.check_fits(p, keyword)),
                ClauseKind::Not(pattern) => self.check_fits(pattern, keyword),
                ClauseKind::Error(_) if keyword == "handshake" => unsaid(clause, "error"),
                ClauseKind::Status(_) if keyword == "handshake" => unsaid(clause, "status"),
                ClauseKind::Header(..) if keyword == "handshake" => unsaid(clause, "header"),
                ClauseKind::Json(..) if keyword == "handshake" => unsaid(clause, "json"),
                ClauseKind::Text(_) if keyword == "handshake" => unsaid(clause, "text"),
                ClauseKind::Jwt(_) if keyword == "handshake" => unsaid(clause, "jwt"),
                _ => {}
            }
        }
    }
}

/// The first statement that asks for a refusal: something must show that the request works otherwise.
pub(super) fn refusal(pattern: &Pattern) -> Option<&Clause> {
    pattern.clauses.iter().find_map(|clause| match &clause.kind {
        ClauseKind::Success(false) | ClauseKind::Error(_) | ClauseKind::Page(_) | ClauseKind::Closed => {
            Some(clause)
        }
        ClauseKind::Status(statuses) if statuses.iter().all(is_refused) => Some(clause),
        ClauseKind::Redirect(redirect) if redirect.error.is_some() => Some(clause),
        ClauseKind::OneOf(patterns) => patterns.iter().find_map(refusal),
        _ => None,
    })
}

fn is_refused(status: &StatusPattern) -> bool {
    matches!(status, StatusPattern::Class(4) | StatusPattern::Exactly(400..=499))
}

/// The first statement that something is not in the answer: a refusal satisfies it as well as a grant.
pub(super) fn absence(pattern: &Pattern) -> Option<&Clause> {
    use crate::model::Matcher;
    let not_there = |matcher: &Matcher| matches!(matcher, Matcher::Absent | Matcher::Not(_));
    pattern.clauses.iter().find_map(|clause| match &clause.kind {
        ClauseKind::Json(_, matcher) | ClauseKind::Header(_, matcher) | ClauseKind::Text(matcher) => {
            not_there(matcher).then_some(clause)
        }
        ClauseKind::OneOf(patterns) => patterns.iter().find_map(absence),
        ClauseKind::Not(_) => Some(clause),
        _ => None,
    })
}

/// Whether what satisfies the pattern has done what the request is for.
pub(super) fn includes_success(pattern: &Pattern) -> bool {
    use crate::model::Matcher;
    let there = |matcher: &Matcher| !matches!(matcher, Matcher::Absent | Matcher::Not(_));
    pattern.clauses.iter().any(|clause| match &clause.kind {
        ClauseKind::Success(success) => *success,
        ClauseKind::Status(statuses) => {
            statuses.iter().all(|s| matches!(s, StatusPattern::Class(2) | StatusPattern::Exactly(200..=299)))
        }
        ClauseKind::Json(name, matcher) => !name.starts_with("error") && there(matcher),
        ClauseKind::Jwt(_) => true,
        ClauseKind::Redirect(redirect) => {
            let brings = |(name, matcher, _): &(String, Matcher, _)| {
                matches!(name.as_str(), "code" | "access_token" | "id_token") && there(matcher)
            };
            redirect.error.is_none() && redirect.parameters.iter().any(brings)
        }
        ClauseKind::OneOf(patterns) => patterns.iter().all(includes_success),
        _ => false,
    })
}

fn fold(code: &str) -> String {
    code.to_lowercase().replace('-', "_")
}

/// RFC 9110 section 5.6.2.
pub(super) fn is_token(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}
