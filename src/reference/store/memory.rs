use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use super::{
    AccessToken, Authorization, Client, Code, Family, Guesses, Interaction, RefreshToken, Session, User,
};
use crate::reference::keys::random_token;

/// Everything the server knows.
#[derive(Debug, Default)]
pub(crate) struct Store {
    clients: RwLock<HashMap<String, Arc<Client>>>,
    users: Vec<User>,
    memory: Mutex<Memory>,
}

/// What comes and goes, behind one lock.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) sessions: HashMap<String, Session>,
    pub(crate) interactions: HashMap<String, Interaction>,
    pub(crate) codes: HashMap<String, Code>,
    pub(crate) families: HashMap<u64, Family>,
    pub(crate) access_tokens: HashMap<String, AccessToken>,
    pub(crate) refresh_tokens: HashMap<String, RefreshToken>,
    /// `jti` of client assertions with their expiry (RFC 7523 section 3).
    pub(crate) assertions: HashMap<String, Duration>,
    /// Wrong guesses in a row, by whose secret was guessed at.
    pub(crate) guesses: HashMap<String, Guesses>,
    next_family: u64,
    counted: u64,
    inserts: u64,
}

impl Store {
    pub(crate) fn new(clients: Vec<Client>, users: Vec<User>) -> Self {
        let clients = clients.into_iter().map(|client| (client.id.clone(), Arc::new(client))).collect();
        Self { clients: RwLock::new(clients), users, memory: Mutex::default() }
    }

    pub(crate) fn client(&self, id: &str) -> Option<Arc<Client>> {
        self.clients.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// Whether some client has registered `redirect_uri`.
    pub(crate) fn knows_redirect_uri(&self, redirect_uri: &str) -> bool {
        let clients = self.clients.read().unwrap_or_else(PoisonError::into_inner);
        clients.values().any(|client| client.redirect_uris.iter().any(|uri| uri == redirect_uri))
    }

    pub(crate) fn register(&self, client: Client) {
        let mut clients = self.clients.write().unwrap_or_else(PoisonError::into_inner);
        clients.insert(client.id.clone(), Arc::new(client));
    }

    pub(crate) fn remove(&self, client_id: &str) {
        self.clients.write().unwrap_or_else(PoisonError::into_inner).remove(client_id);
    }

    pub(crate) fn user(&self, name: &str) -> Option<&User> {
        self.users.iter().find(|user| user.name == name)
    }

    /// The first of the users that the server was given.
    pub(crate) fn first_user(&self) -> Option<&User> {
        self.users.first()
    }

    pub(crate) fn user_by_personal_access_token(&self, token: &str) -> Option<&User> {
        self.users.iter().find(|user| user.personal_access_token.as_deref() == Some(token))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets sessions, codes and tokens; clients and users stay.
    pub(crate) fn forget(&self) {
        *self.lock() = Memory::default();
    }
}

impl Memory {
    /// Begins a family; everything issued from one grant carries its number.
    pub(crate) fn begin_family(&mut self) -> u64 {
        self.next_family += 1;
        let begun = self.inserts / SWEEP_AFTER;
        self.families.insert(self.next_family, Family { begun, ..Family::default() });
        self.next_family
    }

    /// Whether what belongs to this family still counts.
    pub(crate) fn is_alive(&self, family: u64) -> bool {
        self.families.get(&family).is_some_and(|family| !family.ended)
    }

    /// Ends a family: none of its tokens works from here on.
    pub(crate) fn end_family(&mut self, family: u64) {
        if let Some(family) = self.families.get_mut(&family) {
            family.ended = true;
        }
    }

    /// Ends the access tokens of a family.
    pub(crate) fn revoke_access_tokens_of(&mut self, family: u64) {
        for token in self.access_tokens.values_mut().filter(|token| token.family == Some(family)) {
            token.revoked = true;
        }
    }

    /// Ends the refresh tokens of a family.
    pub(crate) fn revoke_refresh_tokens_of(&mut self, family: u64) {
        self.refresh_tokens.retain(|_, token| token.family != family);
    }

    /// The next of 1, 2, 3…, which nobody else gets.
    pub(crate) fn count(&mut self) -> u64 {
        self.counted += 1;
        self.counted
    }

    pub(crate) fn begin_session(&mut self, user: Option<String>, expires_at: Duration) -> String {
        let id = random_token();
        self.sessions.insert(id.clone(), Session { csrf_token: random_token(), user, expires_at });
        id
    }

    pub(crate) fn begin_interaction(
        &mut self,
        session: String,
        authorization: Authorization,
        expires_at: Duration,
    ) -> String {
        let id = random_token();
        self.interactions.insert(id.clone(), Interaction { session, authorization, expires_at });
        id
    }

    /// Now and then drops what expired more than a day ago. A day, because an answer may depend on
    /// knowing that a token is expired and not unknown.
    pub(crate) fn sweep(&mut self, now: Duration) {
        self.inserts += 1;
        if !self.inserts.is_multiple_of(SWEEP_AFTER) {
            return;
        }
        let kept = |expires_at: Duration| expires_at + Duration::from_secs(86_400) > now;
        self.sessions.retain(|_, session| kept(session.expires_at));
        self.interactions.retain(|_, interaction| kept(interaction.expires_at));
        self.codes.retain(|_, code| kept(code.expires_at));
        self.access_tokens.retain(|_, token| kept(token.expires_at));
        self.refresh_tokens.retain(|_, token| kept(token.expires_at));
        self.assertions.retain(|_, expires_at| kept(*expires_at));
        let spent = self.codes.values().filter_map(|code| code.spent?.family);
        let access = self.access_tokens.values().filter_map(|token| token.family);
        let refresh = self.refresh_tokens.values().map(|token| token.family);
        let alive: HashSet<u64> = spent.chain(access).chain(refresh).collect();
        let sweeps = self.inserts / SWEEP_AFTER;
        self.families.retain(|number, family| alive.contains(number) || family.begun + 1 >= sweeps);
    }
}

/// How many inserts come between two sweeps.
const SWEEP_AFTER: u64 = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that runs for weeks holds no more families than tokens, and those of the latest requests.
    #[test]
    fn families_without_tokens_are_swept() {
        let mut memory = Memory::default();
        let (day, mut most) = (Duration::from_secs(86_400), 0);
        for request in 0..20 * SWEEP_AFTER {
            let now = Duration::from_secs(request * 60);
            let family = memory.begin_family();
            let token = AccessToken {
                client_id: String::new(),
                subject: String::new(),
                scope: Vec::new(),
                family: Some(family),
                issued_at: now,
                expires_at: now + Duration::from_secs(3600),
                revoked: false,
            };
            memory.access_tokens.insert(request.to_string(), token);
            memory.sweep(now);
            assert!(memory.is_alive(family), "the family that was just begun");
            most = most.max(memory.families.len());
        }
        let lasting = (day.as_secs() + 3600) / 60;
        assert!(most as u64 <= lasting + 3 * SWEEP_AFTER, "{most} families");
        assert!(memory.families.len() as u64 >= lasting, "{} families", memory.families.len());
    }
}
