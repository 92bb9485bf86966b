//! The server's TLS: a certificate made on the spot, and connections that go on as `steps/handshake.rs` says.

pub(super) mod hello;

mod certificate;
mod listener;

pub use certificate::TlsError;

pub(super) use certificate::Certificate;
pub(super) use listener::TlsListener;
