use std::collections::BTreeMap;
use std::time::Instant;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::http::{Redactor, Transport};
use crate::model::{Level, Target};
use crate::oauth::{ClientAuthenticationMethod, ServerMetadata};
use crate::plan::{Capabilities, Surroundings};

use super::clock::Clock;

/// What all cases of a run share.
#[derive(Debug)]
pub(super) struct World {
    /// Endpoints complete.
    pub(super) target: Target,
    pub(super) metadata_url: Option<String>,
    /// The server's JWKS document, if it publishes one.
    pub(super) keys: Option<serde_json::Value>,
    pub(super) surroundings: Surroundings,
    pub(super) capabilities: Capabilities,
    /// Of every requirement.
    pub(super) levels: BTreeMap<String, Level>,
    /// What a client that says nothing uses.
    pub(super) authentication: ClientAuthenticationMethod,
    pub(super) transport: Transport,
    pub(super) redactor: Redactor,
    pub(super) clock: Clock,
    /// Origins whose pages belong to the server.
    pub(super) origins: Vec<String>,
    pub(super) seed: u64,
    /// How often a case is played again when the transport failed it.
    pub(super) retries: u32,
    /// Whether only verdicts are wanted.
    pub(super) terse: bool,
    /// Whether other parts of the run are played elsewhere.
    pub(super) is_part: bool,
    pub(super) started: Instant,
    pub(super) cancel: CancellationToken,
    /// Inputs of properties that are being played.
    pub(super) tasks: TaskTracker,
}

impl World {
    /// Milliseconds since the run began.
    pub(super) fn elapsed_ms(&self) -> f64 {
        self.started.elapsed().as_secs_f64() * 1000.0
    }
}

/// The policy's first method, else HTTP Basic where metadata offers it (or offers nothing, RFC 8414
/// section 2), else what metadata lists first.
pub(super) fn usual_authentication(
    policy: &crate::model::Policy,
    metadata: Option<&ServerMetadata>,
) -> ClientAuthenticationMethod {
    use ClientAuthenticationMethod as M;
    if let Some(first) = policy.client_authentication.as_ref().and_then(|m| m.first()) {
        return first.clone();
    }
    let offered = metadata.and_then(|m| m.token_endpoint_auth_methods_supported.as_ref());
    match offered {
        Some(methods)
            if !methods.contains(&M::ClientSecretBasic) && methods.contains(&M::ClientSecretPost) =>
        {
            M::ClientSecretPost
        }
        _ => M::ClientSecretBasic,
    }
}
