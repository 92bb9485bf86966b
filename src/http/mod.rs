//! The only door to the network: requests, responses, their record, and the transport.
//!
//! Nothing here follows a redirect, keeps a cookie or retries: what was asked for is sent once,
//! and what came back is written down. The redactor masks secrets in what was written down.

mod channel;
mod disguise;
mod exchange;
mod fault;
mod handshake;
#[cfg(test)]
pub(crate) mod loopback;
mod nearby;
mod pace;
mod redactor;
mod secret;
mod sendable;
mod sighting;
mod transport;

pub use channel::Channel;
pub use exchange::{Endpoint, Exchange, Fault, FaultKind, Headers, Request, Response};
pub use handshake::{CipherSuites, Handshake, Negotiated, Offer, TlsVersion};
pub use nearby::{Answering, Nearby};
pub use redactor::Redactor;
pub use secret::Secret;
pub use transport::{Transport, TransportError, TransportOptions};
