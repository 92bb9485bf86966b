//! One file per action: what is sent, and what later steps may refer to.

mod authorize;
mod client_authentication;
mod direct;
mod query;
mod resource;
mod together;
mod token;

use crate::model::{Action, Outcome, Step, Value};

use super::case::{Player, Stop};

pub(super) use authorize::Authorization;
pub(in crate::engine) use direct::bind as bind_direct;
pub(super) use together::play_parallel;
pub(super) use token::Tokens;

/// What came of an action.
#[derive(Debug)]
pub(super) struct Performed {
    pub(super) outcome: Outcome,
    /// The parameters that were sent.
    pub(super) request: Value,
    /// What later steps see under the step's name.
    pub(super) bound: Value,
    /// What later steps take up unasked.
    pub(super) memory: Memory,
}

/// What an action leaves for those after it.
#[derive(Debug, Default)]
pub(super) enum Memory {
    #[default]
    Nothing,
    Authorization(Authorization),
    Tokens(Tokens),
}

/// Does what the step says. Parallel steps are the player's own affair.
pub(super) async fn perform(player: &mut Player, step: &Step) -> Result<Performed, Stop> {
    match &step.action {
        Action::Authorize(action) => authorize::perform(player, action).await,
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
    endpoint: crate::http::Endpoint,
    request: crate::http::Request,
    /// The parameters as suites see them.
    parameters: Value,
    /// Of a token request: who asked, and with which refresh token.
    asked: Option<token::Asked>,
}

fn prepare(player: &Player, action: &Action) -> Result<Message, Stop> {
    match action {
        Action::Token(action) => token::prepare(player, action),
        Action::Introspect(action) => query::introspect(player, action),
        Action::Revoke(action) => query::revoke(player, action),
        Action::Resource(action) => resource::prepare(player, action),
        Action::Metadata(overrides) => direct::metadata(player, overrides),
        Action::Jwks(overrides) => direct::jwks(player, overrides),
        Action::Request(action) => direct::request(player, action),
        Action::Authorize(_) | Action::Wait(_) | Action::Parallel(_) | Action::Race(_) => {
            Err(Stop::error("only a direct request can be raced"))
        }
    }
}

impl Message {
    async fn send(self, player: &Player) -> Performed {
        let exchange = player.channel.send(self.endpoint, self.request).await;
        let mut bound = direct::bind(&exchange);
        let memory = match self.asked {
            Some(asked) => token::remember(asked, &exchange, &mut bound),
            None => Memory::Nothing,
        };
        let outcome = match exchange.result {
            Ok(_) => Outcome::Answered(Box::new(exchange)),
            Err(fault) => Outcome::Unreachable(fault),
        };
        Performed { outcome, request: self.parameters, bound, memory }
    }
}
