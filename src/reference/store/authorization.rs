use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Client;
use crate::oauth::{CodeChallengeMethod, ResponseMode, ResponseType};

/// An authorization request as far as it has been understood (RFC 6749 section 4.1.1).
#[derive(Clone, Debug, Default)]
pub(crate) struct Authorization {
    pub(crate) client: Option<Arc<Client>>,
    /// Where the response goes.
    pub(crate) redirect_uri: String,
    /// Whether the request named it; if so the token request must too (section 4.1.3).
    pub(crate) redirect_uri_sent: bool,
    pub(crate) response_type: Option<ResponseType>,
    pub(crate) response_mode: Option<ResponseMode>,
    pub(crate) state: Option<String>,
    /// What was asked for, verbatim.
    pub(crate) asked_scope: Option<String>,
    /// What will be granted if the user agrees.
    pub(crate) scope: Vec<String>,
    pub(crate) challenge: Option<Challenge>,
    /// What pages take up of the rest of the request.
    pub(crate) trimmings: Trimmings,
    /// Whether its pages take a form from whatever browser and page; by defect.
    pub(crate) unguarded: bool,
}

/// Parameters of OpenID Connect (Core section 3.1.2.1) that a login page may show or hand on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trimmings {
    pub(crate) login_hint: Option<String>,
    pub(crate) ui_locales: Option<String>,
    pub(crate) nonce: Option<String>,
}

/// `code_challenge` and its method (RFC 7636 section 4.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Challenge {
    pub(crate) method: CodeChallengeMethod,
    pub(crate) value: String,
}

/// A browser, logged in or not.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    /// Put into each form and expected back with it (RFC 6749 section 10.12).
    pub(crate) csrf_token: String,
    pub(crate) user: Option<String>,
    pub(crate) expires_at: Duration,
}

/// An authorization request on its way through login and consent.
#[derive(Clone, Debug)]
pub(crate) struct Interaction {
    /// Only this session may go on with it.
    pub(crate) session: String,
    pub(crate) authorization: Authorization,
    pub(crate) expires_at: Duration,
}

/// An authorization code.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub(crate) authorization: Authorization,
    pub(crate) user: String,
    pub(crate) expires_at: Duration,
    pub(crate) spent: Option<Spent>,
}

/// When and for what a code was used up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spent {
    /// By the machine's clock, for servers that notice only after a while.
    pub(crate) noticed: Instant,
    /// What the first use gave; `None` if it gave nothing.
    pub(crate) family: Option<u64>,
}

/// Wrong guesses at one secret, none of them followed by a right one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Guesses {
    pub(crate) wrong: u32,
    pub(crate) last: Duration,
}
