//! The steps of the protocol, one file each. Their order stands in `table.rs`.
//!
//! A step reads as the specification's paragraph does: what must hold, and what to answer where
//! it does not. Where a defect changes it, the branch asks [`Context::has`].
//!
//! [`Context::has`]: crate::reference::context::Context::has

pub(crate) mod access_token;
pub(crate) mod authorization_client;
pub(crate) mod authorization_code;
pub(crate) mod authorization_request;
pub(crate) mod authorization_response;
pub(crate) mod bearer_token;
pub(crate) mod begin_interaction;
pub(crate) mod cleartext;
pub(crate) mod client_assertion;
pub(crate) mod client_authentication;
pub(crate) mod client_itself;
pub(crate) mod code_challenge;
pub(crate) mod code_redirect_uri;
pub(crate) mod code_use;
pub(crate) mod code_verifier;
pub(crate) mod consent;
pub(crate) mod csrf;
pub(crate) mod error_page;
pub(crate) mod grant_type;
pub(crate) mod guesses;
pub(crate) mod handshake;
pub(crate) mod implicit_response;
pub(crate) mod interaction;
pub(crate) mod introspection;
pub(crate) mod issue_code;
pub(crate) mod issue_refresh_token;
pub(crate) mod large_request;
pub(crate) mod login;
pub(crate) mod metadata;
pub(crate) mod method;
pub(crate) mod outage;
pub(crate) mod password;
pub(crate) mod protected_resource;
pub(crate) mod redirect_uri;
pub(crate) mod redirect_uri_comparison;
pub(crate) mod refresh_scope;
pub(crate) mod refresh_token;
pub(crate) mod refresh_use;
pub(crate) mod registration;
pub(crate) mod repeated_parameters;
pub(crate) mod resource_error;
pub(crate) mod response_mode;
pub(crate) mod response_type;
pub(crate) mod revocation;
pub(crate) mod scope;
pub(crate) mod state;
pub(crate) mod state_echo;
pub(crate) mod strict_transport;
pub(crate) mod token_error;
pub(crate) mod token_request;
pub(crate) mod token_response;
pub(crate) mod userinfo;
