use super::{Among, Record, Shape, field};
use crate::model::{Bound, Level, Testable, Want};

const DOCUMENT: &str =
    "{ document: Acme, title: T, link: \"https://docs.acme.example/oauth\", requirements: [ { @ } ] }";

pub(in crate::load) static REQUIREMENTS: Record = Record {
    name: "requirements",
    what: "a file of requirements",
    doc: "The normative sentences of one document, in our own words. A vendor's promise is a requirement too.",
    fields: &[
        field("document", Shape::Sentence, "what reports call the document.", "RFC 6749").required(),
        field("title", Shape::Sentence, "its title.", "The OAuth 2.0 Authorization Framework"),
        field("link", Shape::Url, "where it is.", "\"https://docs.acme.example/oauth\""),
        field(
            "sections",
            Shape::List(&Shape::Text),
            "every section that it has; a requirement of any other is a mistake.",
            "[Login]",
        ),
        field(
            "requirements",
            Shape::Several(&Shape::Of(&REQUIREMENT)),
            "its [requirements](#requirement).",
            "[ { id: acme-state, section: Login, level: MUST, summary: A state has 8 characters. } ]",
        )
        .required(),
    ],
    among: Among::Nothing,
    also: &[],
    sample: "{ @ }",
};

pub(in crate::load) static REQUIREMENT: Record = Record {
    name: "requirement",
    what: "a requirement",
    doc: "One normative sentence. Its level decides: a broken MUST fails, REQUIRED and SHOULD warn, MAY only records what \
          was observed; a case cannot choose.",
    fields: &[
        field(
            "id",
            Shape::Slug("."),
            "stable and unique: document, section and subject.",
            "acme-state-minimum",
        )
        .required(),
        field("section", Shape::Sentence, "where in the document.", "\"4.1.2\"").required(),
        field(
            "level",
            Shape::Words(|| Level::ALL.iter().map(|l| l.as_str().to_owned()).collect()),
            "how binding it is.",
            "MUST",
        )
        .required(),
        field(
            "summary",
            Shape::Sentence,
            "what is required, as a sentence.",
            "A state shorter than 8 characters is refused.",
        )
        .required(),
        field("link", Shape::Link, "instead of the document's; `#anchor` for a place in it.", "\"#state\""),
        field(
            "binds",
            Shape::Words(|| Bound::ALL.iter().map(|b| b.as_str().to_owned()).collect()),
            "whom it binds, if not the server: what binds only clients warns at most.",
            "client",
        ),
        field(
            "testable",
            Shape::Words(|| Testable::ALL.iter().map(|t| t.as_str().to_owned()).collect()),
            "how far anybody can see from outside whether it is kept, if not wholly.",
            "partly",
        ),
        field(
            "restates",
            Shape::List(&Shape::Text),
            "requirements that together say the same: it is judged where they are.",
            "[example-2-state-echo]",
        ),
        field(
            "unobservable",
            Shape::Sentence,
            "why nobody can see from outside whether it is kept.",
            "it happens inside the server",
        ),
        field(
            "unchecked",
            Shape::Words(|| Want::ALL.iter().map(|w| w.as_str().to_owned()).collect()),
            "what is wanting before a case can judge it, if none does yet.",
            "case",
        ),
        field(
            "doubtful",
            Shape::Text,
            "why a server that seems to break it may keep it all the same: broken, it warns at most.",
            "a defence may begin later than anybody tries",
        ),
    ],
    among: Among::Nothing,
    also: &[],
    sample: DOCUMENT,
};

pub(in crate::load) static BASELINE: Record = Record {
    name: "baseline",
    what: "a baseline",
    doc: "Failures that are known: they are borne until their day has come. What fails otherwise is red, and so is an \
          entry that is no longer true.",
    fields: &[
        field("baseline", Shape::Sentence, "what it is for.", "staging").required(),
        field("known", Shape::List(&Shape::Of(&KNOWN)), "the [known failures](#known).", "[]").required(),
    ],
    among: Among::Nothing,
    also: &[],
    sample: "{ @ }",
};

pub(in crate::load) static KNOWN: Record = Record {
    name: "known",
    what: "a known failure",
    doc: "A requirement that rows of a case are known to break, why that is borne, and until when.",
    fields: &[
        field("case", Shape::Sentence, "the case or row; a `*` needs `at_most`.", "state/echoed").required(),
        field("requirement", Shape::Slug("."), "what it breaks.", "rfc6749-4.1.2-state-echo").required(),
        field(
            "seen",
            Shape::Sentence,
            "how the message begins, if it is to be this one only.",
            "state is missing",
        ),
        field("reason", Shape::Sentence, "why it is borne.", "mended in the next release").required(),
        field("expires", Shape::Date, "the last day, as `2027-01-31`.", "2027-01-31").required(),
        field("at_most", Shape::Whole(1, 1000), "how many rows a `*` may cover.", "3"),
    ],
    among: Among::Nothing,
    also: &[],
    sample: "{ baseline: b, known: [ { @ } ] }",
};

pub(in crate::load) static THREATS: Record = Record {
    name: "threats",
    what: "a file of threats",
    doc: "Attacks that broken requirements make possible. A report ends with those that are open, and with what to repair \
          first.",
    fields: &[
        field("threats", Shape::Sentence, "what they have in common.", "Attacks on OAuth 2.0").required(),
        field(
            "attacks",
            Shape::List(&Shape::Of(&ATTACK)),
            "the [attacks](#attack).",
            "[ { id: forgery, title: Forgery, attack: A page acts for the user., sources: [RFC 6819], \
             opens: example-2-state-echo } ]",
        )
        .required(),
    ],
    among: Among::Nothing,
    also: &[],
    sample: "{ @ }",
};

pub(in crate::load) static ATTACK: Record = Record {
    name: "attack",
    what: "an attack",
    doc: "What an attacker can do, and which requirements have to be broken for it.",
    fields: &[
        field("id", Shape::Slug(""), "stable and unique.", "forgery").required(),
        field("title", Shape::Sentence, "its name in the literature.", "Cross-site request forgery")
            .required(),
        field("attack", Shape::Sentence, "what an attacker can do.", "A page acts for the user.").required(),
        field("sources", Shape::List(&Shape::Text), "where it is described.", "[RFC 6819 4.4.1.8]")
            .required(),
        field(
            "opens",
            Shape::Either(&[Shape::Sentence, Shape::Of(&OPENING)]),
            "a requirement that opens it when it is broken, or [several](#opening).",
            "example-2-state-echo",
        )
        .required(),
    ],
    among: Among::Nothing,
    also: &[],
    sample: "{ threats: T, attacks: [ { @ } ] }",
};

pub(in crate::load) static OPENING: Record = Record {
    name: "opening",
    what: "what opens an attack",
    doc: "Several requirements that open an attack when they are broken: all together, or any of them.",
    fields: &[],
    among: Among::One(&[
        field(
            "all_of",
            Shape::Several(&Shape::Either(&[Shape::Sentence, Shape::Of(&OPENING)])),
            "all of these together.",
            "[example-2-state-echo, { any_of: [example-1-code-single-use] }]",
        ),
        field(
            "any_of",
            Shape::Several(&Shape::Either(&[Shape::Sentence, Shape::Of(&OPENING)])),
            "any of these alone.",
            "[example-1-code-single-use, example-2-state-echo]",
        ),
    ]),
    also: &[],
    sample: "{ threats: T, attacks: [ { id: a, title: A, attack: A., sources: [S], opens: { @ } } ] }",
};

pub(in crate::load) static PROFILE: Record = Record {
    name: "profile",
    what: "a profile",
    doc: "A vendor's whole promise: which cases apply, and what its server has decided.",
    fields: &[
        field("profile", Shape::Slug("."), "the id, for `--profile`.", "acme").required(),
        field("title", Shape::Sentence, "what it stands for.", "Acme's developer documentation").required(),
        field(
            "policy",
            Shape::Of(&super::policy::POLICY),
            "the [policy](#policy).",
            "{ state: { minimum: 8 } }",
        ),
        field(
            "exclude",
            Shape::List(&Shape::Of(&EXCLUDE)),
            "what is left out nevertheless, and why.",
            "[ { case: \"tour/everything-*\", reason: not promised } ]",
        ),
    ],
    among: Among::Some(&[
        field(
            "include",
            Shape::Several(&Shape::Glob),
            "globs over `suite/case` and `suite/invariant`.",
            "[\"tour/*\"]",
        ),
        field(
            "extends",
            Shape::Sentence,
            "another profile, whose policy, includes and excludes come before these.",
            "example",
        ),
    ]),
    also: &[],
    sample: "{ @ }",
};

pub(in crate::load) static EXCLUDE: Record = Record {
    name: "exclude",
    what: "each of `exclude`",
    doc: "What a profile leaves out.",
    fields: &[
        field(
            "case",
            Shape::Glob,
            "a glob over `suite/case` and `suite/invariant`.",
            "\"tour/everything-*\"",
        )
        .required(),
        field("reason", Shape::Sentence, "why; reports repeat it.", "not promised").required(),
    ],
    among: Among::Nothing,
    also: &[],
    sample: "{ profile: p, title: P, include: [\"*\"], exclude: [ { @ } ] }",
};
