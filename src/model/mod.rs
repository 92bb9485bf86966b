//! The nouns: what suites, targets and profiles say, what happened, and what is told about it. Data only.
//!
//! Adding an action: `action.rs`, then the loader's twin and one file in the engine; the compiler lists the
//! rest. Adding a matcher: `expectation.rs`, the loader's twin, `check`. Adding an event: `event.rs`; every
//! reporter decides what to do with it.

mod action;
mod baseline;
mod capability;
mod comparison;
mod event;
mod expectation;
mod expression;
mod finding;
mod id_glob;
mod library;
mod location;
mod outcome;
mod partition;
mod policy;
mod profile;
mod public_key;
mod requirement;
mod script;
mod signing_key;
mod suite;
mod target;
mod threat;
mod value;
mod verdict;

pub use crate::http::{CipherSuites, Endpoint, TlsVersion};
pub use action::{
    Action, Assertion, AssertionSignature, Authentication, Authorize, BearerMethod, Choice, Decision,
    HandshakeOffer, Overrides, Pkce, Race, RawRequest, Registration, ResourceRequest, Succeed, TokenQuery,
    TokenRequest,
};
pub use baseline::{Baseline, BaselineEntry};
pub use capability::Capability;
pub use comparison::{Comparison, Difference, Side};
pub use event::{
    CaseKind, CaseResult, Event, FailedInput, OfferRecord, PropertyRecord, RunFinished, RunStarted, Shard,
    StaleEntry, StepRecord, Unseen,
};
pub use expectation::{
    Clause, ClauseKind, Expectation, JsonType, JwtPattern, Lasts, Matcher, PagePattern, Pattern,
    RedirectPattern, StatusPattern,
};
pub use expression::{
    Alphabet, Call, EvaluationError, Expression, Function, Operator, Scope, Template, TextPart,
};
pub use finding::{Finding, Known};
pub use id_glob::IdGlob;
pub use library::Library;
pub use location::{Located, Location};
pub use outcome::{Outcome, Page, Redirected};
pub use partition::{Partition, PartitionScheme};
pub use policy::{
    AccessTokenPolicy, CodePolicy, PkcePolicy, Policy, RedirectUriPolicy, RefreshTokenPolicy, ScopePolicy,
    StatePolicy,
};
pub use profile::Profile;
pub use requirement::{Bound, Level, Requirement, Testable, Want};
pub use script::{Script, Scripted, Scripts};
pub use signing_key::{KeyError, SigningKey};
pub use suite::{
    Answers, Axis, Bindings, Case, ExchangeKind, Generator, Invariant, JunkKind, Property, Row, Step, Suite,
};
pub use target::{Client, Endpoints, FormHints, Limits, Resources, Start, Target, User, UserAgentKind};
pub use threat::{Opening, Threat};
pub use value::{Value, format_duration, parse_duration};
pub use verdict::Verdict;
