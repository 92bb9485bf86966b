use super::{Among, Record, Shape, field};
use crate::model::Level;

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
            "unobservable",
            Shape::Sentence,
            "why nobody can see from outside whether it is kept.",
            "it happens inside the server",
        ),
    ],
    among: Among::Nothing,
    also: &[],
    sample: DOCUMENT,
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
