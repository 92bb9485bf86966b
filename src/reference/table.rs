use http::Method;

use super::context::{Context, Flow};
use super::reply::Reply;
use super::steps::*;
use crate::oauth::{GrantType, ResponseType};

/// An endpoint and what happens there.
#[derive(Debug)]
pub(crate) struct Endpoint {
    /// With a slash at the end, everything below it as well.
    pub(crate) path: &'static str,
    /// `GET` includes `HEAD`.
    pub(crate) methods: &'static [&'static str],
    /// Whether programs read the answers, rather than people.
    pub(crate) answers_json: bool,
    steps: &'static [Row],
}

/// Every endpoint with its steps in order. A flow ends at the first step that answers, and the
/// last one always does.
pub(crate) static ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        path: "/oauth2/auth",
        methods: &["GET", "POST"],
        answers_json: false,
        steps: &[
            always(outage::run),
            always(large_request::run),
            always(method::run),
            always(authorization_request::run),
            always(authorization_request::ignore_unknown),
            always(authorization_client::run),
            always(redirect_uri::run),
            // From here on errors are redirected to the client.
            always(response_mode::run),
            always(repeated_parameters::at_authorization),
            always(response_type::run),
            always(state::run),
            always(scope::at_authorization),
            always(code_challenge::run),
            always(begin_interaction::run),
        ],
    },
    Endpoint {
        path: "/login",
        methods: &["GET", "POST"],
        answers_json: false,
        steps: &[
            always(outage::run),
            always(method::run),
            always(authorization_request::run),
            always(interaction::run),
            get(login::page),
            always(csrf::run),
            always(login::submit),
        ],
    },
    Endpoint {
        path: "/consent",
        methods: &["GET", "POST"],
        answers_json: false,
        steps: &[
            always(outage::run),
            always(method::run),
            always(authorization_request::run),
            always(interaction::run),
            always(consent::page),
            post(csrf::run),
            always(consent::decision),
            for_code(issue_code::run),
            for_token(access_token::run),
            for_token(implicit_response::run),
        ],
    },
    Endpoint {
        path: "/oauth2/token",
        methods: &["POST"],
        answers_json: true,
        steps: &[
            always(outage::run),
            always(large_request::run),
            always(method::run),
            always(token_request::run),
            always(repeated_parameters::at_token),
            always(client_authentication::run),
            always(grant_type::run),
            code(authorization_code::run),
            code(code_redirect_uri::run),
            code(code_verifier::run),
            code(code_use::run),
            refresh(refresh_token::run),
            refresh(refresh_scope::run),
            refresh(refresh_use::run),
            client(client_itself::run),
            client(scope::at_token),
            owner(password::run),
            owner(scope::at_token),
            always(access_token::run),
            always(issue_refresh_token::run),
            always(token_response::run),
        ],
    },
    Endpoint {
        path: "/oauth2/revoke",
        methods: &["POST"],
        answers_json: true,
        steps: &[
            always(outage::run),
            always(method::run),
            always(token_request::run),
            always(repeated_parameters::at_token),
            always(client_authentication::run),
            always(revocation::run),
        ],
    },
    Endpoint {
        path: "/oauth2/introspect",
        methods: &["POST"],
        answers_json: true,
        steps: &[
            always(outage::run),
            always(method::run),
            always(token_request::run),
            always(repeated_parameters::at_token),
            always(client_authentication::run),
            always(client_authentication::confidential_only),
            always(introspection::run),
        ],
    },
    Endpoint {
        path: "/oauth2/userinfo",
        methods: &["GET", "POST"],
        answers_json: true,
        steps: &[
            always(outage::run),
            always(method::run),
            always(userinfo::offered),
            always(bearer_token::run),
            always(userinfo::run),
        ],
    },
    Endpoint {
        path: "/api/me",
        methods: &["GET", "POST"],
        answers_json: true,
        steps: &[
            always(outage::run),
            always(method::run),
            always(bearer_token::run),
            always(protected_resource::me),
        ],
    },
    Endpoint {
        path: "/api/scopes/",
        methods: &["GET"],
        answers_json: true,
        steps: &[
            always(outage::run),
            always(method::run),
            always(bearer_token::run),
            always(protected_resource::scoped),
        ],
    },
    Endpoint {
        path: "/register",
        methods: &["POST"],
        answers_json: true,
        steps: &[always(outage::run), always(method::run), always(registration::run)],
    },
    Endpoint {
        path: "/register/",
        methods: &["DELETE"],
        answers_json: true,
        steps: &[always(outage::run), always(method::run), always(registration::remove)],
    },
    Endpoint {
        path: "/.well-known/oauth-authorization-server",
        methods: &["GET"],
        answers_json: true,
        steps: &[always(outage::run), always(method::run), always(metadata::run)],
    },
    Endpoint {
        path: "/.well-known/oauth-authorization-server/",
        methods: &["GET"],
        answers_json: true,
        steps: &[
            always(outage::run),
            always(method::run),
            always(metadata::of_another),
            always(metadata::run),
        ],
    },
    Endpoint {
        path: "/.well-known/openid-configuration",
        methods: &["GET"],
        answers_json: true,
        steps: &[always(outage::run), always(method::run), always(metadata::run)],
    },
    Endpoint {
        path: "/jwks",
        methods: &["GET"],
        answers_json: true,
        steps: &[always(outage::run), always(method::run), always(metadata::jwks)],
    },
];

impl Endpoint {
    /// The endpoint of a path.
    pub(crate) fn at(path: &str) -> Option<&'static Self> {
        ENDPOINTS.iter().find(|endpoint| {
            let below = endpoint.path.ends_with('/')
                && path.strip_prefix(endpoint.path).is_some_and(|rest| !rest.contains('/'));
            endpoint.path == path || below
        })
    }

    /// Takes a request through the steps.
    pub(crate) fn answer(&self, ctx: &mut Context) -> Reply {
        let reply = match cleartext::run(ctx) {
            Ok(()) => self.walk(ctx),
            Err(reply) => reply,
        };
        strict_transport::add(ctx, reply)
    }

    fn walk(&self, ctx: &mut Context) -> Reply {
        for row in self.steps {
            if row.when.fits(ctx)
                && let Err(reply) = (row.step)(ctx)
            {
                return reply;
            }
        }
        Reply::server_error("no step has answered")
    }
}

/// A step and the requests it is for.
#[derive(Debug)]
struct Row {
    when: When,
    step: fn(&mut Context) -> Flow,
}

/// Which requests a step is for.
#[derive(Debug)]
enum When {
    Always,
    Method(Method),
    Grant(GrantType),
    ResponseType(ResponseType),
}

impl When {
    fn fits(&self, ctx: &Context) -> bool {
        match self {
            Self::Always => true,
            Self::Method(method) => ctx.request.method == *method,
            Self::Grant(grant) => ctx.grant.grant_type.as_ref() == Some(grant),
            Self::ResponseType(response_type) => {
                ctx.authorization.response_type.as_ref() == Some(response_type)
            }
        }
    }
}

const fn always(step: fn(&mut Context) -> Flow) -> Row {
    Row { when: When::Always, step }
}

const fn get(step: fn(&mut Context) -> Flow) -> Row {
    Row { when: When::Method(Method::GET), step }
}

const fn post(step: fn(&mut Context) -> Flow) -> Row {
    Row { when: When::Method(Method::POST), step }
}

const fn for_code(step: fn(&mut Context) -> Flow) -> Row {
    Row { when: When::ResponseType(ResponseType::Code), step }
}

const fn for_token(step: fn(&mut Context) -> Flow) -> Row {
    Row { when: When::ResponseType(ResponseType::Token), step }
}

const fn code(step: fn(&mut Context) -> Flow) -> Row {
    Row { when: When::Grant(GrantType::AuthorizationCode), step }
}

const fn refresh(step: fn(&mut Context) -> Flow) -> Row {
    Row { when: When::Grant(GrantType::RefreshToken), step }
}

const fn client(step: fn(&mut Context) -> Flow) -> Row {
    Row { when: When::Grant(GrantType::ClientCredentials), step }
}

const fn owner(step: fn(&mut Context) -> Flow) -> Row {
    Row { when: When::Grant(GrantType::Password), step }
}
