//! A plan becomes a stream of events: all cases at once under the target's limits.
//!
//! Adding an action: a file in `actions/`, a row in `actions::perform`.

mod actions;
mod case;
mod clock;
mod desk;
mod discovery;
mod environment;
mod invariants;
mod parameters;
mod property;
mod samples;
mod scheduler;
mod server;
mod world;

pub use discovery::{Discovered, DiscoveryError, discover, discover_nearby};
pub use scheduler::{RunOptions, run};
pub use server::{Server, ServerError, free_port};
