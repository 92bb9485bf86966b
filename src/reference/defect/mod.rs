//! The misbehaviours that the server can be told to have, one row each.
//!
//! A row names the step where its one branch stands, the misbehaviour and the requirement it
//! breaks; its doc comment is the sentence shown to people. Each area has a file of rows.

mod catalogue;
mod set;

mod authorization;
mod client;
mod code;
mod http;
mod metadata;
mod redirect_uri;
mod refresh;
mod registration;
mod resource;
mod scope;
mod state;
mod token;
mod transport;

pub use catalogue::{Defect, UnknownDefect};

pub(crate) use set::DefectSet;
