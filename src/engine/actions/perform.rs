use crate::engine::case::{Player, Stop};
use crate::model::{Action, Outcome, Step, Value};

use super::authorize::{self, Authorization};
use super::register::{self, Registered};
use super::token::{self, Tokens};
use super::{direct, handshake, query, resource, together};

/// What came of an action.
#[derive(Debug)]
pub(in crate::engine) struct Performed {
    pub(in crate::engine) outcome: Outcome,
    /// The parameters that were sent.
    pub(in crate::engine) request: Value,
    /// What later steps see under the step's name.
    pub(in crate::engine) bound: Value,
    /// What later steps take up unasked.
    pub(in crate::engine) memory: Memory,
}

/// What an action leaves for those after it.
#[derive(Debug, Default)]
pub(in crate::engine) enum Memory {
    #[default]
    Nothing,
    Authorization(Authorization),
    Tokens(Tokens),
    Registered(Box<Registered>),
}

/// Does what the step says. Parallel steps are the player's own affair.
pub(in crate::engine) async fn perform(player: &mut Player, step: &Step) -> Result<Performed, Stop> {
    match &step.action {
        Action::Authorize(action) => authorize::perform(player, action).await,
        Action::Handshake(offer) => handshake::perform(player, offer).await,
        Action::Wait(duration) => direct::wait(player, &duration.value).await,
        Action::Race(race) => together::race(player, race).await,
        Action::Parallel(_) => Err(Stop::error("parallel steps inside of a race")),
        action => {
            let message = prepare(player, action)?;
            Ok(message.send(player).await)
        }
    }
}

/// A direct request, ready to be sent once or several times.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) endpoint: crate::http::Endpoint,
    pub(super) request: crate::http::Request,
    /// The parameters as suites see them.
    pub(super) parameters: Value,
    /// Of a token request: who asked, and with which refresh token.
    pub(super) asked: Option<token::Asked>,
    /// Of a registration: the client as it was asked for.
    pub(super) wanted: Option<Box<crate::model::Client>>,
}

pub(super) fn prepare(player: &Player, action: &Action) -> Result<Message, Stop> {
    match action {
        Action::Token(action) => token::prepare(player, action),
        Action::Introspect(action) => query::introspect(player, action),
        Action::Revoke(action) => query::revoke(player, action),
        Action::Resource(action) => resource::prepare(player, action),
        Action::Userinfo(action) => resource::userinfo(player, action),
        Action::Register(action) => register::prepare(player, action),
        Action::Metadata(overrides) => direct::metadata(player, overrides),
        Action::Jwks(overrides) => direct::jwks(player, overrides),
        Action::Request(action) => direct::request(player, action),
        Action::Authorize(_)
        | Action::Handshake(_)
        | Action::Wait(_)
        | Action::Parallel(_)
        | Action::Race(_) => Err(Stop::error("only a direct request can be raced")),
    }
}

impl Message {
    pub(super) async fn send(self, player: &Player) -> Performed {
        let exchange = player.channel.send(self.endpoint, self.request).await;
        let mut bound = direct::bind(&exchange);
        let memory = match (self.asked, self.wanted) {
            (Some(asked), _) => token::remember(asked, &exchange, &mut bound),
            (_, Some(wanted)) => register::remember(*wanted, &self.parameters, &exchange, &mut bound),
            (None, None) => Memory::Nothing,
        };
        let outcome = match exchange.result {
            Ok(_) => Outcome::Answered(Box::new(exchange)),
            Err(fault) => Outcome::Unreachable(fault),
        };
        Performed { outcome, request: self.parameters, bound, memory }
    }
}
