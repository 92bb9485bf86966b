//! One file per action: what is sent, and what later steps may refer to.

mod authorize;
mod client_assertion;
mod client_authentication;
mod direct;
mod handshake;
mod perform;
mod query;
mod register;
mod resource;
mod together;
mod token;

pub(super) use authorize::Authorization;
pub(super) use direct::bind as bind_direct;
pub(super) use perform::{Memory, Performed, perform};
pub(super) use register::{Registered, remove};
pub(super) use together::play_parallel;
pub(super) use token::Tokens;

use perform::{Message, prepare};
