use super::{Among, Record, Shape, field};
use crate::model::{Alphabet, JunkKind};

/// Forms that a text can have on the wire.
pub(in crate::load) const WIRES: [(&str, &str); 2] = [("raw", "raw"), ("encoded", "encoded")];

const STATE: &str = "{ suite: s, title: S, cases: [ { id: a, title: A, steps: [ { authorize: { state: { @ } }, expect: [ { for: example-2-state-echo, success: true } ] } ] } ] }";

const ALPHABETS: Shape = Shape::Words(|| Alphabet::ALL.iter().map(|(name, _)| (*name).to_owned()).collect());

pub(in crate::load) static RANDOM: Record = Record {
    name: "random",
    what: "a value",
    doc: "A value that makes a random text, another one each time.",
    fields: &[
        field("random", Shape::Count, "how many characters.", "12").required(),
        field("chars", ALPHABETS, "from which alphabet; without it, `unreserved`.", "vschar"),
    ],
    among: Among::Nothing,
    also: &[],
    sample: STATE,
};

pub(in crate::load) static REPEAT: Record = Record {
    name: "repeat",
    what: "a value",
    doc: "A value that makes a text by repetition.",
    fields: &[
        field("repeat", Shape::Scalar, "the text.", "ab").required(),
        field("times", Shape::Count, "how often.", "3").required(),
    ],
    among: Among::Nothing,
    also: &[],
    sample: STATE,
};

pub(in crate::load) static WIRE: Record = Record {
    name: "text",
    what: "a value",
    doc: "A value whose form on the wire is said.",
    fields: &[
        field("text", Shape::Scalar, "the text.", "\"https://client.example/a%2Fb\"").required(),
        field(
            "wire",
            Shape::Either(&[
                Shape::Words(|| WIRES.iter().map(|(name, _)| (*name).to_owned()).collect()),
                Shape::Count,
            ]),
            "`encoded` as usual, or `raw`: byte for byte as it stands.",
            "raw",
        )
        .required(),
    ],
    among: Among::Nothing,
    also: &[],
    sample: STATE,
};

pub(in crate::load) static RAW: Record = Record {
    name: "raw",
    what: "a value",
    doc: "Short for `{ text: …, wire: raw }`.",
    fields: &[field("raw", Shape::Scalar, "sent byte for byte as it stands.", "\"%zz\"").required()],
    among: Among::Nothing,
    also: &[],
    sample: STATE,
};

pub(in crate::load) static CHARACTERS: Record = Record {
    name: "chars",
    what: "a generator",
    doc: "Generates texts; a failure is shrunk to fewer and plainer characters.",
    fields: &[
        field("chars", ALPHABETS, "from which alphabet.", "vschar").required(),
        field(
            "length",
            Shape::Pair(&Shape::Count, &Shape::Count),
            "least and most characters, at most 65536.",
            "[8, 512]",
        )
        .required(),
    ],
    among: Among::Nothing,
    also: &[],
    sample: FORALL,
};

pub(in crate::load) static INTEGER: Record = Record {
    name: "integer",
    what: "a generator",
    doc: "Generates whole numbers; a failure is shrunk towards zero.",
    fields: &[field(
        "integer",
        Shape::Pair(
            &Shape::Either(&[Shape::Integer, Shape::Count]),
            &Shape::Either(&[Shape::Integer, Shape::Count]),
        ),
        "the least and the greatest.",
        "[-5, 5]",
    )
    .required()],
    among: Among::Nothing,
    also: &[],
    sample: FORALL,
};

pub(in crate::load) static ONE_OF: Record = Record {
    name: "one_of",
    what: "a generator",
    doc: "Generates one of several values; a failure is shrunk towards the first.",
    fields: &[field("one_of", Shape::Several(&Shape::Anything), "the values.", "[a, b]").required()],
    among: Among::Nothing,
    also: &[],
    sample: FORALL,
};

/// Parts of a URI that can be mutated.
pub(in crate::load) const COMPONENTS: [&str; 8] =
    ["scheme", "userinfo", "host", "port", "path", "query", "fragment", "whole"];

pub(in crate::load) static NEAR_MISS: Record = Record {
    name: "redirect_uri_near_miss",
    what: "a generator",
    doc: "Generates redirect URIs that are nearly the registered one. The value is a map: `$x.uri` (decoded), \
          `$x.wire` (how to send it), `$x.component`, `$x.mutation` and `$x.class` name what was changed.",
    fields: &[
        field("redirect_uri_near_miss", Shape::Scalar, "the registered URI.", "$client.redirect_uri")
            .required(),
        field(
            "components",
            Shape::List(&Shape::Words(|| COMPONENTS.iter().map(|c| (*c).to_owned()).collect())),
            "which parts are changed; without it, all.",
            "[host, path]",
        ),
    ],
    among: Among::Nothing,
    also: &[],
    sample: FORALL,
};

pub(in crate::load) static ALTERATION: Record = Record {
    name: "near_miss_of",
    what: "a generator",
    doc: "Generates texts that are nearly the given one: one place of it is altered. The value is a map: `$x.text`, and \
          `$x.mutation` in words. A failure is shrunk to the first place that goes unnoticed.",
    fields: &[field("near_miss_of", Shape::Scalar, "the text, of ASCII characters.", "abcdefgh").required()],
    among: Among::Nothing,
    also: &[],
    sample: FORALL,
};

pub(in crate::load) static ORDER_OF: Record = Record {
    name: "order_of",
    what: "a generator",
    doc: "Generates lists: the items in any order, as they stand first. A failure is shrunk towards that order.",
    fields: &[
        field("order_of", Shape::Anything, "a list, or words in one text.", "[state, scope]").required()
    ],
    among: Among::Nothing,
    also: &[],
    sample: FORALL,
};

pub(in crate::load) static JUNK: Record = Record {
    name: "junk",
    what: "a generator",
    doc: "Generates texts that mean something to a parser that should not read them; a failure is shrunk to one piece.",
    fields: &[field(
        "junk",
        Shape::Words(|| JunkKind::ALL.iter().map(|(name, _)| (*name).to_owned()).collect()),
        "for whom: brackets and escapes of JSON, what header fields are made of, or what databases, directories and \
         shells read in passwords.",
        "json",
    )
    .required()],
    among: Among::Nothing,
    also: &[],
    sample: FORALL,
};

pub(in crate::load) static SCOPE_OF: Record = Record {
    name: "scope_of",
    what: "a generator",
    doc: "Generates scopes: some of the words, in any order.",
    fields: &[
        field("scope_of", Shape::Anything, "the words, as a list.", "$policy.scope.values").required(),
        field("duplicates", Shape::Flag, "whether a word may stand twice.", "true"),
    ],
    among: Among::Nothing,
    also: &[],
    sample: FORALL,
};

const FORALL: &str = "{ suite: s, title: S, cases: [ { id: a, title: A, forall: { x: { @ } }, steps: [ { authorize: {}, expect: [ { for: example-2-state-echo, success: true } ] } ] } ] }";
