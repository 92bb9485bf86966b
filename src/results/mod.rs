//! Results of runs, considered once more: parts joined to the whole, failures held against a baseline, two
//! servers laid side by side, a journal signed. Events in, events or differences out; nothing is sent and
//! nothing is printed.

mod baseline;
mod behaviour;
mod compare;
mod join;
mod signature;

pub use baseline::{Watch, drawn_up};
pub use compare::compare;
pub use join::{JoinError, Joined, Part, join};
pub use signature::{Claims, SigningError, SigningKey, VerificationError, VerifyingKey, sha256};
