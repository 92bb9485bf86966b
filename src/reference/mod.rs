//! The embedded authorization server: sound by the specifications, and unsound in one named way
//! when told so.
//!
//! It is written from the specifications alone and shares only OAuth's words with the rest of the
//! program: whoever judges a server must not have taught it. A request walks through the steps of
//! its endpoint in the order that `table.rs` shows, one file per step.
//!
//! # Adding a defect
//!
//! 1. Add a row to the area's file in `defect/`: the step, the sentence, the name, the requirement.
//! 2. Ask for it once, `ctx.has(Defect::…)`, in the file of that step, where the branch changes
//!    exactly one behaviour that can be seen from outside.
//! 3. The tests of `defect/catalogue.rs` check name, sentence and read site.
//!
//! # Adding a step
//!
//! 1. Add a file to `steps/`: `pub(crate) fn run(ctx: &mut Context) -> Flow`, with the section it
//!    follows in its doc comment.
//! 2. Name it in `steps/mod.rs` and put it into the endpoint's list in `table.rs`.

mod admin;
mod clock;
mod context;
mod defect;
mod form;
mod keys;
mod pages;
mod policy;
mod reply;
mod request;
mod samples;
mod server;
mod steps;
mod store;
mod table;
mod tls;
mod uri;

pub use clock::Clock;
pub use defect::{Defect, UnknownDefect};
pub use policy::{
    AccessTokenFormat, AccessTokenPolicy, Policy, RedirectUriPolicy, RefreshTokenPolicy, ScopePolicy,
    SigningAlgorithm, StatePolicy, UnknownScope,
};
pub use server::{Builder, LogLine, Responder, RunningServer, Server, StartError};
pub use store::{Client, User};
pub use tls::TlsError;

#[cfg(test)]
mod tests;
