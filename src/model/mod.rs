//! The nouns: what is said, what happened, what is told of it; data only. Adding an action or a matcher: its file here,
//! the loader's twin, its part of the engine or of `check`. Adding an event: `event.rs`; every reporter decides about it.
mod action;
mod baseline;
mod capability;
mod comparison;
mod event;
mod expectation;
mod expression;
mod finding;
mod library;
mod location;
mod outcome;
mod partition;
mod policy;
mod profile;
mod requirement;
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
    CaseKind, CaseResult, Event, FailedInput, PropertyRecord, RunFinished, RunStarted, Shard, StaleEntry,
    StepRecord, Unseen,
};
pub use expectation::{
    Clause, ClauseKind, Expectation, JsonType, JwtPattern, Lasts, Matcher, PagePattern, Pattern,
    RedirectPattern, StatusPattern,
};
pub use expression::{Alphabet, EvaluationError, Expression, Function, Operator, Scope, Template, TextPart};
pub use finding::{Finding, Known};
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
pub use signing_key::{KeyError, SigningKey};
pub use suite::{
    Answers, Axis, Bindings, Case, ExchangeKind, Generator, Invariant, JunkKind, Property, Row, Step, Suite,
};
pub use target::{Client, Endpoints, FormHints, Limits, Resources, Start, Target, User, UserAgentKind};
pub use threat::{Opening, Threat};
pub use value::{Value, format_duration, parse_duration};
pub use verdict::Verdict;
