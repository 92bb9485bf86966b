//! The only door to the network: requests, responses, their record, and the transport.
//!
//! Nothing here follows a redirect, keeps a cookie or retries: what was asked for is sent once,
//! and what came back is written down.

mod exchange;

pub use exchange::{Endpoint, Exchange, Fault, FaultKind, Headers, Request, Response};
