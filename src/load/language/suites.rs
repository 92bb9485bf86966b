use super::steps::names;
use super::{Among, Record, Shape, field};
use crate::load::suite::{ANSWERS, ENDPOINTS};
use crate::model::Capability;

/// A capability by its name.
pub(super) const CAPABILITY: Shape =
    Shape::Words(|| Capability::ALL.iter().map(|c| c.as_str().to_owned()).collect());

const STEPS: &str =
    "[ { authorize: {}, expect: [ { for: example-2-state-echo, redirect: { state: $request.state } } ] } ]";
const CASES: &str = "[ { id: echoed, title: The state comes back, steps: [ { authorize: {}, expect: [ { for: example-2-state-echo, success: true } ] } ] } ]";
const INVARIANTS: &str = "[ { id: not-stored, title: Not stored, on: token.success, expect: [ { for: example-3.1-cache-control, status: 200 } ] } ]";

pub(in crate::load) static SUITE: Record = Record {
    name: "suite",
    what: "a suite",
    doc: "A file of cases on one subject.",
    fields: &[
        field(
            "suite",
            Shape::Slug("/"),
            "the id, and the first part of its cases' ids; a vendor's begins with the vendor's name.",
            "tasknation/state",
        )
        .required(),
        field("title", Shape::Sentence, "what it is about.", "Refresh tokens").required(),
        field(
            "needs",
            Shape::List(&CAPABILITY),
            "[capabilities](#capabilities) that all its cases need.",
            "[authorization_code]",
        ),
        field("tags", Shape::List(&Shape::Slug("")), "tags of all its cases.", "[refresh]"),
        field(
            "fragments",
            Shape::Named(&Shape::List(&Shape::Of(&super::steps::STEP))),
            "named lists of [steps](#step) for several cases, taken in by `use`.",
            "{ logged-in: [ { authorize: {} }, { token: {} } ] }",
        ),
    ],
    among: Among::Some(&[
        field("cases", Shape::List(&Shape::Of(&CASE)), "its [cases](#case).", CASES),
        field("invariants", Shape::List(&Shape::Of(&INVARIANT)), "its [invariants](#invariant).", INVARIANTS),
    ]),
    also: &[],
    sample: "{ @ }",
};

pub(in crate::load) static CASE: Record = Record {
    name: "case",
    what: "a case",
    doc: "One scenario.",
    fields: &[
        field("id", Shape::Slug(""), "a slug, unique in the suite.", "code-single-use").required(),
        field("title", Shape::Sentence, "what holds when it passes, as a sentence.", "A code works once")
            .required(),
        field(
            "needs",
            Shape::List(&CAPABILITY),
            "[capabilities](#capabilities) without which it does not apply, besides those of the suite.",
            "[refresh_token]",
        ),
        field(
            "tags",
            Shape::List(&Shape::Slug("")),
            "for `--tag` and `--skip-tag`; `slow` is left out by `--fast`, and `disruptive` is played with `--disruptive` only.",
            "[slow]",
        ),
        field("serial", Shape::Flag, "it runs alone because it disturbs others.", "true"),
        field(
            "control",
            Shape::Sentence,
            "`suite/case` of the case that shows that the same request without the deviation is granted.",
            "tour/works",
        ),
        field(
            "replaces",
            Shape::Sentence,
            "`suite/case` of a case in another file that this one stands in for; see [overlays](#overlays).",
            "tour/works",
        ),
        field(
            "matrix",
            Shape::Values(&Shape::Several(&Shape::Anything)),
            "one instance for each value; of several names, for each combination. In steps the value is `$name`.",
            "{ length: [0, 1, 4, 7] }",
        ),
        field(
            "table",
            Shape::Several(&Shape::Of(&ROW)),
            "one instance for each [row](#row).",
            "[ { name: short, length: 3 } ]",
        ),
        field(
            "when",
            Shape::Condition,
            "an [expression](#expressions); unless it holds, the case does not apply.",
            "policy.refresh_token.rotation == true",
        ),
        field(
            "forall",
            Shape::Values(&Shape::Either(&[
                Shape::Of(&super::values::CHARACTERS),
                Shape::Of(&super::values::INTEGER),
                Shape::Of(&super::values::ONE_OF),
                Shape::Of(&super::values::NEAR_MISS),
                Shape::Of(&super::values::ALTERATION),
                Shape::Of(&super::values::ORDER_OF),
                Shape::Of(&super::values::JUNK),
                Shape::Of(&super::values::SCOPE_OF),
            ])),
            "makes the case a property: it is run with many generated values, and a failure is shrunk to the smallest \
             that still fails. Takes one of the generators `chars`, `integer`, `one_of`, `redirect_uri_near_miss`, `near_miss_of`, \
             `order_of`, `junk`, `scope_of` for each name.",
            "{ state: { chars: vschar, length: [8, 512] } }",
        ),
        field("trials", Shape::Whole(1, 10_000), "how many values; without it, 24.", "48")
            .beside("forall: { x: { integer: [1, 2] } }"),
        field(
            "shrinks",
            Shape::Whole(0, 10_000),
            "how many further runs shrinking may take; without it, 256.",
            "64",
        )
        .beside("forall: { x: { integer: [1, 2] } }"),
        field(
            "budget",
            Shape::Whole(1, 1_000_000),
            "how many requests may be sent in all; without it, 2000. One value is tried, and replayed if it fails, \
             whatever it costs.",
            "500",
        )
        .beside("forall: { x: { integer: [1, 2] } }"),
        field(
            "steps",
            Shape::Several(&Shape::Of(&super::steps::STEP)),
            "what happens; at least one [step](#step) expects something.",
            STEPS,
        )
        .required(),
        field(
            "finally",
            Shape::Several(&Shape::Of(&super::steps::STEP)),
            "steps that happen afterwards in any event, and are never judged.",
            "[ { revoke: { token: $authorize.code } } ]",
        ),
    ],
    among: Among::Nothing,
    also: &[],
    sample: "{ suite: s, title: S, cases: [ { @ } ] }",
};

pub(in crate::load) static INVARIANT: Record = Record {
    name: "invariant",
    what: "an invariant",
    doc: "Expectations on every exchange of a kind, whichever case made it.",
    fields: &[
        field("id", Shape::Slug(""), "a slug, unique in the suite.", "token-response-not-stored").required(),
        field("title", Shape::Sentence, "what holds, as a sentence.", "Token responses are not stored").required(),
        field(
            "on",
            Shape::Words(|| {
                let endpoints = || names(&ENDPOINTS).into_iter();
                let answered = |e: String| names(&ANSWERS).into_iter().map(move |a| format!("{e}.{a}"));
                endpoints().chain(endpoints().flat_map(answered)).collect()
            }),
            "`endpoint` or `endpoint.answers`. Endpoints: `any`, `authorization`, `token`, `revocation`, `introspection`, \
             `metadata`, `jwks`, `resource`; answers: `any`, `success`, `error`, `redirect`, `page`, `unauthorized`.",
            "token.success",
        )
        .required(),
        field("needs", Shape::List(&CAPABILITY), "[capabilities](#capabilities) without which it does not apply.", "[jwks]"),
        field("when", Shape::Condition, "unless this holds, it does not apply.", "policy.access_token.format == 'jwt'"),
        field("tags", Shape::List(&Shape::Slug("")), "as of a case.", "[headers]"),
        field(
            "expect",
            Shape::Several(&Shape::Of(&super::outcomes::EXPECTATION)),
            "[expectations](#expectation). Here `request` also has the `method` and the `url` of the exchange, and `credentials`: whether it carried the password of a user.",
            "[ { for: example-3.1-cache-control, header: { cache-control: { contains: no-store } } } ]",
        )
        .required(),
    ],
    among: Among::Nothing,
    also: &[],
    sample: "{ suite: s, title: S, invariants: [ { @ } ] }",
};

/// Its other keys are the author's, so it is no record to the reader.
pub(in crate::load) static ROW: Record = Record {
    name: "row",
    what: "a row",
    doc: "A row of a case's table. Every other key is a value, `$key` in the steps; all rows have the same keys.",
    fields: &[
        field("name", Shape::Slug("./"), "what the instance is called.", "path-append").required(),
        field(
            "when",
            Shape::Condition,
            "unless this holds, the row does not apply.",
            "policy.state.minimum > 0",
        ),
    ],
    among: Among::Others,
    also: &[],
    sample: "{ suite: s, title: S, cases: [ { id: a, title: A, table: [ { @ } ], steps: [ { authorize: {}, expect: [ { for: example-2-state-echo, success: true } ] } ] } ] }",
};
