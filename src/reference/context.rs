use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;

use super::clock::Clock;
use super::defect::{Defect, DefectSet};
use super::policy::Policy;
use super::reply::Reply;
use super::request::{Parameters, Request};
use super::store::{Authorization, Client, Code, RefreshToken, Store};
use super::table::Endpoint;
use crate::oauth::GrantType;

/// What a step answers: go on, or end the flow here with this reply, be it good or bad.
pub(crate) type Flow = Result<(), Reply>;

/// What all requests share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) issuer: String,
    pub(crate) policy: Policy,
    pub(crate) defects: DefectSet,
    pub(crate) clock: Clock,
    pub(crate) store: Store,
}

impl Shared {
    /// Whether the server is reached by TLS.
    pub(crate) fn is_secure(&self) -> bool {
        self.issuer.starts_with("https://")
    }
}

/// One request on its way through the steps of its endpoint, and what they have made of it.
pub(crate) struct Context {
    pub(crate) server: Arc<Shared>,
    pub(crate) endpoint: &'static Endpoint,
    pub(crate) request: Request,
    pub(crate) parameters: Parameters,
    /// The authorization request, at the authorization endpoint and its pages.
    pub(crate) authorization: Authorization,
    /// The interaction's id, at the login and consent pages.
    pub(crate) interaction: Option<String>,
    /// The session's id and CSRF token, once known.
    pub(crate) session: Option<(String, String)>,
    /// The user, once logged in or authenticated.
    pub(crate) user: Option<String>,
    /// Whether the user agreed.
    pub(crate) consented: bool,
    /// The client, once authenticated.
    pub(crate) client: Option<Arc<Client>>,
    pub(crate) grant: Grant,
    touched: RefCell<BTreeSet<Defect>>,
}

/// What is being granted, at the token endpoint and for the implicit grant.
#[derive(Clone, Debug, Default)]
pub(crate) struct Grant {
    pub(crate) grant_type: Option<GrantType>,
    /// The presented code and its record.
    pub(crate) code: Option<(String, Code)>,
    /// The presented refresh token and its record.
    pub(crate) presented: Option<(String, RefreshToken)>,
    /// Whether the presented refresh token had been used before.
    pub(crate) within_grace: bool,
    pub(crate) subject: String,
    pub(crate) asked_scope: Option<String>,
    /// The scope of the access token.
    pub(crate) scope: Vec<String>,
    /// The scope of the refresh token, which narrowing leaves alone.
    pub(crate) refresh_scope: Vec<String>,
    pub(crate) family: Option<u64>,
    pub(crate) access_token: String,
    pub(crate) refresh_token: Option<String>,
    /// Whether caches may keep what is answered to the token.
    pub(crate) cacheable: bool,
    /// How long the answer is held back, see [`Reply::held`].
    pub(crate) held: Duration,
}

impl Context {
    pub(crate) fn new(server: Arc<Shared>, endpoint: &'static Endpoint, request: Request) -> Self {
        Self {
            server,
            endpoint,
            request,
            parameters: Parameters::default(),
            authorization: Authorization::default(),
            interaction: None,
            session: None,
            user: None,
            consented: false,
            client: None,
            grant: Grant::default(),
            touched: RefCell::default(),
        }
    }

    /// Whether the server has this defect. The one question by which a step misbehaves.
    pub(crate) fn has(&self, defect: Defect) -> bool {
        let has = self.server.defects.contains(defect);
        if has {
            self.touched.borrow_mut().insert(defect);
        }
        has
    }

    /// The defects that were asked about and present.
    pub(crate) fn touched(&self) -> Vec<Defect> {
        self.touched.borrow().iter().copied().collect()
    }

    pub(crate) fn policy(&self) -> &Policy {
        &self.server.policy
    }

    /// The client that the steps before this one have established.
    pub(crate) fn known_client(&self) -> Result<Arc<Client>, Reply> {
        let client = self.client.as_ref().or(self.authorization.client.as_ref());
        client.cloned().ok_or_else(|| Reply::server_error("no step has established the client"))
    }

    /// Whether the answers of this endpoint are for programs rather than people.
    pub(crate) fn answers_json(&self) -> bool {
        self.endpoint.answers_json
    }

    /// An HTML page that tells the user what is wrong, without any redirect.
    pub(crate) fn error_page(&self, title: &str, detail: &str) -> Reply {
        super::steps::error_page::reply(self, StatusCode::BAD_REQUEST, title, detail)
    }
}
