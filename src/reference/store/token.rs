use std::time::{Duration, Instant};

/// An access token as the protected resources know it.
#[derive(Clone, Debug)]
pub(crate) struct AccessToken {
    pub(crate) client_id: String,
    pub(crate) subject: String,
    pub(crate) scope: Vec<String>,
    pub(crate) family: Option<u64>,
    pub(crate) issued_at: Duration,
    pub(crate) expires_at: Duration,
    pub(crate) revoked: bool,
}

/// A refresh token.
#[derive(Clone, Debug)]
pub(crate) struct RefreshToken {
    pub(crate) client_id: String,
    pub(crate) subject: String,
    /// What the user granted; narrowing an access token leaves it as it is.
    pub(crate) scope: Vec<String>,
    pub(crate) family: u64,
    /// 0 for the first of its family, one more at each rotation.
    pub(crate) generation: u32,
    pub(crate) issued_at: Duration,
    pub(crate) expires_at: Duration,
    pub(crate) first_use: Option<RefreshUse>,
}

/// When a refresh token was first used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RefreshUse {
    pub(crate) at: Duration,
    /// By the machine's clock, for servers that stumble over parallel requests.
    pub(crate) noticed: Instant,
    pub(crate) uses: u32,
}

/// Everything issued from one grant.
#[derive(Clone, Debug, Default)]
pub(crate) struct Family {
    /// Counted in sweeps: one that has begun since the last may not have given its tokens yet.
    pub(crate) begun: u64,
    pub(crate) ended: bool,
    /// The highest generation of refresh token used so far; whoever holds an older one holds a
    /// predecessor's predecessor.
    pub(crate) newest_used: Option<u32>,
}
