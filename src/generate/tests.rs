//! Drawing and shrinking against servers that are closures.

use std::collections::{BTreeMap, BTreeSet};

use url::form_urlencoded;

use super::*;
use crate::model::{
    Alphabet, Bindings, Expression, Generator, JunkKind, Located, Location, Scope, Template, Value,
};

struct Nothing;

impl Scope for Nothing {
    fn value_of(&self, _name: &str) -> Option<std::borrow::Cow<'_, Value>> {
        None
    }
}

fn int(number: i64) -> Template {
    Template::Literal(Value::integer(number))
}

fn text(text: &str) -> Template {
    Template::Literal(text.into())
}

fn characters(alphabet: Alphabet, shortest: i64, longest: i64) -> Generator {
    Generator::Characters { alphabet, shortest: int(shortest), longest: int(longest) }
}

fn near_miss(registered: &str, components: &[&str]) -> Generator {
    Generator::RedirectUriNearMiss {
        registered: text(registered),
        components: components.iter().map(|c| (*c).to_owned()).collect(),
    }
}

fn trials(generators: Vec<(&str, Generator)>, seed: u64) -> Result<Trials, GenerateError> {
    let variables: Vec<_> = generators
        .into_iter()
        .map(|(name, value)| (name.to_owned(), Located { value, location: Location::default() }))
        .collect();
    Trials::new(&variables, &Nothing, seed)
}

fn one(generator: Generator, seed: u64) -> Trials {
    trials(vec![("x", generator)], seed).unwrap()
}

fn text_of(values: &Bindings) -> String {
    values[0].1.as_text().unwrap().to_owned()
}

fn member(values: &Bindings, name: &str) -> String {
    values[0].1.member(name).unwrap().as_text().unwrap().to_owned()
}

/// The value of `redirect_uri` as a server decodes it.
fn received(values: &Bindings) -> String {
    let uri = member(values, "uri");
    if member(values, "wire") == "encoded" {
        return uri;
    }
    let query = format!("redirect_uri={uri}");
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let first = pairs.next().unwrap().1.into_owned();
    assert!(pairs.all(|(name, _)| name != "redirect_uri"), "{uri} is two parameters");
    first
}

/// The smallest failing input within 24 trials, and how many runs it took to shrink it.
fn counterexample(trials: &mut Trials, fails: impl Fn(&Bindings) -> bool) -> Option<(Bindings, usize)> {
    let mut trial = trials.take(24).find(|t| fails(&t.values()))?;
    let (mut runs, mut more) = (0, trial.simplify());
    while more {
        runs += 1;
        assert!(runs < 500, "shrinking does not end: {trial:?}");
        more = if fails(&trial.values()) { trial.simplify() } else { trial.complicate() };
    }
    assert!(fails(&trial.values()), "what is left does not fail: {trial:?}");
    Some((trial.values(), runs))
}

#[test]
fn the_same_seed_gives_the_same_values() {
    let all = || {
        vec![
            ("state", characters(Alphabet::Vschar, 8, 512)),
            ("uri", near_miss("https://client.example/cb", &[])),
            ("n", Generator::Integer { smallest: int(-5), largest: int(1000) }),
            ("scope", Generator::Scope { words: text("a b c"), duplicates: true }),
            ("method", Generator::OneOf(vec![text("GET"), text("PUT")])),
        ]
    };
    let values = |seed| trials(all(), seed).unwrap().take(30).map(|t| t.values()).collect::<Vec<_>>();
    assert_eq!(values(7), values(7));
    assert_ne!(values(7), values(8));
}

#[test]
fn a_server_that_cuts_after_255_characters_is_found_at_256() {
    for seed in 0..12 {
        for alphabet in [Alphabet::Vschar, Alphabet::Unreserved, Alphabet::Unicode] {
            let mut trials = one(characters(alphabet, 8, 4096), seed);
            let (values, runs) = counterexample(&mut trials, |v| text_of(v).chars().count() > 255)
                .expect("longest comes early");
            assert_eq!(text_of(&values).chars().count(), 256);
            assert!(runs <= 60, "{runs} runs");
        }
    }
}

#[test]
fn a_server_that_refuses_a_percent_sign_is_found_with_a_short_one() {
    for seed in 0..50 {
        let mut trials = one(characters(Alphabet::Vschar, 8, 512), seed);
        let (values, runs) =
            counterexample(&mut trials, |v| text_of(v).contains('%')).expect("all are dealt");
        let found = text_of(&values);
        assert_eq!(found.len(), 8, "{found:?}");
        assert_eq!(found.matches('%').count(), 1, "{found:?}");
        assert_eq!(found.matches('a').count(), 7, "{found:?}");
        assert!(runs <= 60, "{runs} runs");
    }
}

#[test]
fn a_server_that_trims_is_found_with_one_space_at_an_end() {
    for seed in 0..50 {
        let mut trials = one(characters(Alphabet::Vschar, 1, 64), seed);
        let fails = |v: &Bindings| text_of(v).trim_end().len() < text_of(v).len();
        if let Some((values, _)) = counterexample(&mut trials, fails) {
            assert_eq!(text_of(&values), " ");
        }
    }
}

#[test]
fn two_characters_that_only_matter_together_are_kept() {
    for seed in 0..50 {
        let mut trials = one(characters(Alphabet::Vschar, 8, 256), seed);
        let fails = |v: &Bindings| text_of(v).contains('<') && text_of(v).contains('>');
        let (values, runs) = counterexample(&mut trials, fails).unwrap();
        let found = text_of(&values);
        assert_eq!(found.len(), 8, "{found:?}");
        assert_eq!(found.chars().filter(|c| *c != 'a').count(), 2, "{found:?}");
        assert!(runs <= 100, "{runs} runs");
    }
}

#[test]
fn a_minimum_that_is_too_low_is_found_at_the_shortest_accepted() {
    for seed in 0..50 {
        let mut trials = one(characters(Alphabet::Unreserved, 0, 7), seed);
        let (values, runs) = counterexample(&mut trials, |v| text_of(v).len() >= 5).unwrap();
        assert_eq!(text_of(&values), "aaaaa");
        assert!(runs <= 10, "{runs} runs");
    }
}

#[test]
fn edges_come_first_and_every_rare_character_comes() {
    for seed in 0..20 {
        let lengths: Vec<usize> = one(characters(Alphabet::Vschar, 8, 512), seed)
            .take(4)
            .map(|t| text_of(&t.values()).len())
            .collect();
        assert_eq!(lengths, [8, 512, 9, 511]);
        // Too short for chance to bring them all.
        let met: BTreeSet<char> = one(characters(Alphabet::Vschar, 6, 8), seed)
            .take(8)
            .flat_map(|t| text_of(&t.values()).chars().collect::<Vec<_>>())
            .filter(|c| !c.is_ascii_alphanumeric())
            .collect();
        assert_eq!(met.len(), 33, "{met:?}");
        for trial in one(characters(Alphabet::Nqchar, 3, 9), seed).take(40) {
            let text = text_of(&trial.values());
            assert!((3..=9).contains(&text.len()) && !text.contains(['"', '\\', ' ']), "{text:?}");
        }
        for trial in one(characters(Alphabet::Vschar, 0, 0), seed).take(5) {
            assert_eq!(text_of(&trial.values()), "");
        }
    }
}

#[test]
fn integers_shrink_to_the_smallest_that_fails() {
    for (smallest, largest, from) in [(0, 1000, 37), (-50, 50, -3), (5, 5, 5), (i64::MIN, i64::MAX, 12)] {
        let generator = Generator::Integer { smallest: int(smallest), largest: int(largest) };
        let number = |v: &Bindings| match &v[0].1 {
            Value::Number(n) => n.as_i64().unwrap(),
            other => panic!("{other}"),
        };
        for trial in one(generator.clone(), 1).take(20) {
            assert!((smallest..=largest).contains(&number(&trial.values())));
        }
        let (values, _) = counterexample(&mut one(generator, 1), |v| number(v) >= from).unwrap();
        assert_eq!(number(&values), from);
    }
}

#[test]
fn choices_are_all_dealt_and_shrink_to_the_first_that_fails() {
    let generator = || Generator::OneOf(["a", "b", "c", "d"].map(text).to_vec());
    for seed in 0..20 {
        let dealt: BTreeSet<String> = one(generator(), seed).take(4).map(|t| text_of(&t.values())).collect();
        assert_eq!(dealt.len(), 4);
        let (values, _) = counterexample(&mut one(generator(), seed), |v| text_of(v) != "a").unwrap();
        assert_eq!(text_of(&values), "b");
    }
}

#[test]
fn scopes_are_made_of_the_words_and_shrink_to_those_that_matter() {
    let generator = |duplicates| Generator::Scope { words: text("a b c d::e"), duplicates };
    for seed in 0..20 {
        let mut repeated = false;
        for trial in one(generator(true), seed).take(24) {
            let scope = text_of(&trial.values());
            let words: Vec<&str> = scope.split(' ').collect();
            assert!(words.iter().all(|w| ["a", "b", "c", "d::e"].contains(w)), "{scope:?}");
            repeated |= words.iter().collect::<BTreeSet<_>>().len() < words.len();
        }
        assert!(repeated);
        for trial in one(generator(false), seed).take(24) {
            let scope = text_of(&trial.values());
            assert_eq!(scope.split(' ').collect::<BTreeSet<_>>().len(), scope.split(' ').count());
        }
        let has = |v: &Bindings, w: &str| text_of(v).split(' ').any(|x| x == w);
        let (values, _) =
            counterexample(&mut one(generator(true), seed), |v| has(v, "b") && has(v, "d::e")).unwrap();
        assert_eq!(text_of(&values), "b d::e");
        let (values, _) = counterexample(&mut one(generator(true), seed), |v| {
            text_of(v).split(' ').filter(|w| *w == "c").count() > 1 || text_of(v).starts_with("b a")
        })
        .unwrap_or_default();
        assert!(values.is_empty() || ["c c", "b a"].contains(&text_of(&values).as_str()), "{values:?}");
    }
}

#[test]
fn variables_shrink_one_after_the_other() {
    for seed in 0..20 {
        let mut trials = trials(
            vec![
                ("text", characters(Alphabet::Unreserved, 1, 300)),
                ("number", Generator::Integer { smallest: int(0), largest: int(100) }),
                ("choice", Generator::OneOf(vec![text("GET"), text("PUT")])),
            ],
            seed,
        )
        .unwrap();
        let fails = |v: &Bindings| text_of(v).len() >= 20 && v[1].1 != Value::integer(0);
        let (values, _) = counterexample(&mut trials, fails).unwrap();
        assert_eq!(text_of(&values), "a".repeat(20));
        assert_eq!(values[1].1, Value::integer(1));
        assert_eq!(text_of(&vec![values[2].clone()]), "GET");
    }
}

const REGISTERED: [&str; 9] = [
    "https://client.example/cb",
    "https://app.client.example/oauth/callback",
    "https://client.example/cb?tenant=1&x=y%20z",
    "https://client.example:8443/cb",
    "https://client.example:443/cb",
    "https://client.example",
    "http://127.0.0.1:8080/cb",
    "http://[::1]/cb",
    "com.example.app:/cb",
];

#[test]
fn near_misses_are_never_the_registered_uri() {
    for registered in REGISTERED {
        for seed in 0..6 {
            for mut trial in one(near_miss(registered, &[]), seed).take(120) {
                let mut step = 0;
                loop {
                    let values = trial.values();
                    assert_ne!(received(&values), registered, "{values:?}");
                    step += 1;
                    let more = if (step + seed) % 3 == 0 { trial.complicate() } else { trial.simplify() };
                    if !more || step > 40 {
                        break;
                    }
                }
            }
        }
    }
}

#[test]
fn near_misses_of_loopback_uris_differ_by_more_than_the_port() {
    for (before, path) in [("http://127.0.0.1", "/cb"), ("http://[::1]", "/cb"), ("http://localhost", "/x/y")]
    {
        for registered in [format!("{before}{path}"), format!("{before}:8080{path}")] {
            for trial in one(near_miss(&registered, &[]), 3).take(200) {
                let uri = received(&trial.values());
                let port = uri.strip_prefix(before).and_then(|rest| rest.strip_suffix(path));
                let only_port =
                    port.is_some_and(|p| p.chars().all(|c| c == ':' || c.is_ascii_alphanumeric()));
                assert!(!only_port, "{uri}");
            }
        }
    }
}

#[test]
fn raw_near_misses_can_be_sent_and_name_what_they_are() {
    let mut classes: BTreeMap<String, usize> = BTreeMap::new();
    for registered in REGISTERED {
        for trial in one(near_miss(registered, &[]), 11).take(200) {
            let values = trial.values();
            let uri = member(&values, "uri");
            if member(&values, "wire") == "raw" {
                assert!(
                    uri.chars().all(|c| c.is_ascii_graphic() && !"&#+\"<>\\^`{|}".contains(c)),
                    "{uri:?}"
                );
            }
            assert!(!member(&values, "mutation").is_empty() && !member(&values, "component").is_empty());
            *classes.entry(member(&values, "class")).or_default() += 1;
        }
    }
    for class in [
        "foreign-host",
        "path-append",
        "dot-segments",
        "encoded-slash",
        "encoded-dots",
        "double-encoding",
        "path-parameters",
        "control-characters",
        "null-byte",
        "slash-count",
        "backslash",
        "userinfo",
        "host-affix",
        "subdomain",
        "regex-dot",
        "host-case",
        "scheme",
        "scheme-case",
        "dangerous-scheme",
        "default-port",
        "other-port",
        "host-dots",
        "fragment",
        "query",
        "reserved-parameter",
        "whitespace",
        "nested-target",
        "client-open-redirect",
        "length",
    ] {
        assert!(classes.contains_key(class), "no {class}: {classes:?}");
    }
    assert!(classes.keys().any(|class| class.contains('+')), "no two at once");
}

#[test]
fn every_class_comes_before_any_comes_again() {
    for seed in 0..10 {
        let drawn: Vec<String> = one(near_miss("https://client.example/cb", &[]), seed)
            .take(29)
            .map(|t| member(&t.values(), "class").split('+').next().unwrap_or_default().to_owned())
            .collect();
        assert_eq!(drawn.iter().collect::<BTreeSet<_>>().len(), 29, "{drawn:?}");
    }
}

#[test]
fn a_server_that_compares_prefixes_is_found_with_one_more_character() {
    for registered in REGISTERED {
        for seed in 0..30 {
            let mut trials = one(near_miss(registered, &[]), seed);
            let fails = |v: &Bindings| received(v).starts_with(registered);
            let (values, runs) = counterexample(&mut trials, fails).unwrap();
            assert_eq!(received(&values), format!("{registered}x"));
            assert_eq!(member(&values, "wire"), "encoded");
            assert!(runs <= 12, "{runs} runs");
        }
    }
}

#[test]
fn other_loose_comparisons_are_found_in_their_simplest_form() {
    let registered = "https://client.example/cb";
    type Accepts = fn(&str) -> bool;
    fn host(uri: &str) -> &str {
        let host = uri.strip_prefix("https://").and_then(|rest| rest.strip_suffix("/cb")).unwrap_or_default();
        if host == "client.example" || host.contains(['/', '@', '\\', '?', '#']) { "" } else { host }
    }
    let servers: [(&str, Accepts, &str); 6] = [
        (
            "path prefix by segment",
            |u| u.starts_with("https://client.example/cb/"),
            "https://client.example/cb/",
        ),
        ("any query", |u| u.starts_with("https://client.example/cb?"), "https://client.example/cb?"),
        ("cuts the fragment", |u| u.starts_with("https://client.example/cb#"), "https://client.example/cb#"),
        ("host ends with", |u| host(u).ends_with("client.example"), "https://xclient.example/cb"),
        ("subdomains", |u| host(u).ends_with(".client.example"), "https://a.client.example/cb"),
        (
            "scheme ignored",
            |u| u.ends_with("://client.example/cb") && u.starts_with("http:"),
            "http://client.example/cb",
        ),
    ];
    for (what, accepts, smallest) in servers {
        let mut found = 0;
        for seed in 0..30 {
            let mut trials = one(near_miss(registered, &[]), seed);
            if let Some((values, runs)) = counterexample(&mut trials, |v| accepts(&received(v))) {
                found += 1;
                if what == "subdomains" && received(&values) == "https://.client.example/cb" {
                    continue; // simpler still
                }
                assert_eq!(received(&values), smallest, "{what}");
                assert!(!member(&values, "class").contains('+'), "{what}");
                assert!(runs <= 15, "{what}: {runs} runs");
            }
        }
        assert!(found >= 10, "{what}: found with {found} of 30 seeds");
    }
}

#[test]
fn two_mutations_shrink_to_the_one_that_matters() {
    let mut met = 0;
    for seed in 0..60 {
        let mut trials = one(near_miss("https://client.example/cb", &["scheme", "path"]), seed);
        let Some(mut trial) = trials.find(|t| {
            let class = member(&t.values(), "class");
            class.contains("scheme+") || class.ends_with("+scheme")
        }) else {
            continue;
        };
        let fails = |v: &Bindings| !received(v).starts_with("https:") && !received(v).starts_with("HTTPS:");
        let mut more = trial.simplify();
        while more {
            more = if fails(&trial.values()) { trial.simplify() } else { trial.complicate() };
        }
        assert_eq!(member(&trial.values(), "class"), "scheme");
        assert!(fails(&trial.values()));
        met += 1;
    }
    assert!(met > 30, "{met}");
}

#[test]
fn only_the_asked_components_are_touched() {
    for (components, expected) in [
        (&["host"][..], &["host"][..]),
        (&["query", "fragment"], &["query", "fragment"]),
        (&["port"], &["port"]),
    ] {
        for mut trial in one(near_miss("https://client.example/cb", components), 5).take(50) {
            while {
                let component = member(&trial.values(), "component");
                assert!(component.split('+').all(|c| expected.contains(&c)), "{component}");
                trial.simplify()
            } {}
        }
    }
}

#[test]
fn generators_that_cannot_give_values_say_why() {
    let unknown = Template::Expression(Expression::Reference(vec!["policy".to_owned()]));
    for (generator, words) in [
        (characters(Alphabet::Vschar, 9, 8), "no value for `x`: nothing lies between 9 and 8"),
        (
            characters(Alphabet::Vschar, -1, 8),
            "no value for `x`: -1 or 8 is no whole number that could be a bound",
        ),
        (
            Generator::Integer { smallest: text("a"), largest: int(1) },
            "no value for `x`: \"a\" is no whole number that could be a bound",
        ),
        (Generator::Arrangement(text(" ")), "no value for `x`: there is nothing to choose from"),
        (Generator::Arrangement(int(1)), "no value for `x`: 1 is not a list or words"),
        (Generator::Alteration(text("")), "no value for `x`: \"\" is not a text of ASCII characters"),
        (Generator::OneOf(vec![]), "no value for `x`: there is nothing to choose from"),
        (Generator::OneOf(vec![unknown]), "no value for `x`: there is no `policy` here"),
        (
            Generator::Scope { words: text(" "), duplicates: false },
            "no value for `x`: there is nothing to choose from",
        ),
        (near_miss("/cb", &[]), "no value for `x`: \"/cb\" is not an absolute URI"),
        (
            near_miss("https://c.example/", &["pith"]),
            "no value for `x`: \"pith\" is not a component of a URI",
        ),
        (near_miss("app:/cb", &["host"]), "no value for `x`: \"app:/cb\" has no host to mutate"),
    ] {
        let error = trials(vec![("x", generator)], 1).unwrap_err();
        assert_eq!(error.to_string(), words);
    }
}

#[test]
fn orders_begin_with_the_usual_one_and_shrink_to_what_is_the_wrong_way_round() {
    let items = ["a", "b", "c", "d"];
    let generator = || Generator::Arrangement(text("a b c d"));
    let order = |v: &Bindings| match &v[0].1 {
        Value::List(items) => items.iter().map(|i| i.as_text().unwrap().to_owned()).collect::<Vec<_>>(),
        other => panic!("{other}"),
    };
    for seed in 0..30 {
        let first: Vec<Vec<String>> = one(generator(), seed).take(2).map(|t| order(&t.values())).collect();
        assert_eq!(first, [["a", "b", "c", "d"], ["d", "c", "b", "a"]]);
        for trial in one(generator(), seed).take(12) {
            let mut sorted = order(&trial.values());
            sorted.sort();
            assert_eq!(sorted, items);
        }
        let (values, _) = counterexample(&mut one(generator(), seed), |v| order(v)[0] != "a").unwrap();
        assert_eq!(order(&values), ["b", "a", "c", "d"], "seed {seed}");
        let before = |v: &Bindings, x: &str, y: &str| {
            let order = order(v);
            order.iter().position(|i| i == x) < order.iter().position(|i| i == y)
        };
        let (values, _) = counterexample(&mut one(generator(), seed), |v| before(v, "d", "b")).unwrap();
        assert!(before(&values, "d", "b") && before(&values, "a", "c"), "{values:?}");
    }
}

#[test]
fn junk_is_dealt_and_shrinks_to_one_piece() {
    for (kind, piece) in [(JunkKind::Json, "{"), (JunkKind::Header, "\""), (JunkKind::Credential, "%")] {
        for seed in 0..20 {
            let texts: Vec<String> =
                one(Generator::Junk(kind), seed).take(16).map(|t| text_of(&t.values())).collect();
            assert_eq!(texts[0], piece);
            assert!(texts.iter().collect::<BTreeSet<_>>().len() > 12, "{texts:?}");
            let (values, runs) =
                counterexample(&mut one(Generator::Junk(kind), seed), |v| text_of(v).contains(piece))
                    .unwrap();
            assert_eq!(text_of(&values), piece);
            assert!(runs < 60, "{runs} runs");
            let odd = |v: &Bindings| !text_of(v).is_empty() && text_of(v) != piece;
            let (values, _) = counterexample(&mut one(Generator::Junk(kind), seed), odd).unwrap();
            assert!(text_of(&values).chars().count() <= 2, "{values:?}");
        }
        // What may stand in a header field: no control characters but the tab (RFC 9110 section 5.5).
        for trial in one(Generator::Junk(JunkKind::Header), 1).take(100) {
            let text = text_of(&trial.values());
            assert!(text.chars().all(|c| c == '\t' || c == ' ' || c.is_ascii_graphic()), "{text:?}");
            assert_eq!(text.trim(), text);
        }
    }
}

#[test]
fn alterations_are_never_the_text_and_shrink_to_the_first_place_that_goes_unnoticed() {
    let original = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let generator = || Generator::Alteration(text(original));
    for seed in 0..30 {
        for trial in one(generator(), seed).take(60) {
            let altered = member(&trial.values(), "text");
            assert!(altered != original && !altered.is_empty());
        }
        let begins = |n: usize| move |v: &Bindings| member(v, "text").get(..n) == original.get(..n);
        let (values, runs) = counterexample(&mut one(generator(), seed), begins(8)).unwrap();
        let altered = member(&values, "text");
        assert_eq!(altered.get(..8), original.get(..8));
        assert_ne!(altered.get(..11), original.get(..11), "{altered}");
        assert!(runs <= 12, "{runs} runs");
        let (values, _) = counterexample(&mut one(generator(), seed), |_| true).unwrap();
        assert_ne!(member(&values, "text").get(..2), original.get(..2), "{values:?}");
        let folded = |v: &Bindings| member(v, "text").eq_ignore_ascii_case(original);
        let (values, _) = counterexample(&mut one(generator(), seed), folded).unwrap();
        assert_eq!(member(&values, "mutation"), "character 1 in the other case");
    }
    for trial in one(Generator::Alteration(text("x")), 1).take(40) {
        assert!(!["", "x"].contains(&member(&trial.values(), "text").as_str()));
    }
}
