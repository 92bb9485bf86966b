//! The beginning of a TLS connection, from outside: what a server makes of an offer.
//!
//! Libraries refuse to speak what is to be refused, so the first message is our own ([`client_hello`]) and of the
//! answer only the first records are read ([`answer`]). Where the certificate is asked for, a second connection
//! finishes the handshake with a library ([`certificate`]). No byte of an application is ever sent.
//!
//! Adding a cipher suite: its number and name in `names.rs`, and where it is offered.

mod answer;
mod certificate;
mod client_hello;
mod names;
mod offer;
mod probe;

pub use offer::{CipherSuites, Handshake, Negotiated, Offer, TlsVersion};

pub(super) use certificate::verifier;
pub(super) use probe::probe;
