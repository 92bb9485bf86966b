use std::sync::Arc;
use std::time::Duration;

use crate::check::{self, Evidence};
use crate::http::{Channel, Fault};
use crate::model::{
    Action, Bindings, Case, Choice, Client, EvaluationError, Expectation, Finding, Located, Location,
    OfferRecord, Outcome, Pattern, Scope as _, Step, StepRecord, Template, UserAgentKind, Value, Verdict,
};
use crate::user_agent::Browser;

use super::actions::{self, Authorization, Memory, Performed, Registered, Tokens};
use super::environment::{Environment, Judging};
use super::parameters::{Evaluate as _, Parameters};
use super::scheduler::Slot;
use super::world::World;

/// Plays the steps of one instance of a case.
#[derive(Debug)]
pub(super) struct Player {
    pub(super) world: Arc<World>,
    pub(super) channel: Channel,
    pub(super) environment: Environment,
    pub(super) waited: Duration,
    /// Held until the case waits for the first time.
    pub(super) slot: Slot,
    /// By user.
    browsers: Vec<(String, Arc<Browser>)>,
    /// In order, with the names of their steps.
    authorizations: Vec<(Option<String>, Authorization)>,
    tokens: Vec<Tokens>,
    /// Clients that steps have registered, with the names of these steps.
    registered: Vec<(Option<String>, Registered)>,
    /// It only puts in order what its steps have left behind, which it does in a run that is given up too.
    is_tidying: bool,
}

/// Why a case goes no further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stop {
    pub(super) verdict: Verdict,
    pub(super) reason: String,
}

/// What came of some steps.
#[derive(Debug, Default)]
pub(super) struct Played {
    pub(super) findings: Vec<Finding>,
    pub(super) steps: Vec<StepRecord>,
    pub(super) stop: Option<Stop>,
    /// Why handshakes came to nothing; they are no exchanges.
    pub(super) faults: Vec<Fault>,
    /// The run was given up before they came to their end.
    pub(super) interrupted: bool,
}

impl Stop {
    /// The case could not be set up.
    pub(super) fn blocked(reason: impl Into<String>) -> Self {
        Self { verdict: Verdict::Blocked, reason: reason.into() }
    }

    /// Nothing that could be judged, or the suite is wrong.
    pub(super) fn error(reason: impl Into<String>) -> Self {
        Self { verdict: Verdict::Error, reason: reason.into() }
    }

    pub(super) fn of_suite(error: EvaluationError) -> Self {
        Self::error(format!("the suite refers to something that is not there: {error}"))
    }
}

impl Played {
    pub(super) fn append(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.steps.extend(other.steps);
        self.stop = self.stop.take().or(other.stop);
        self.faults.extend(other.faults);
        self.interrupted |= other.interrupted;
    }

    /// Nothing more, since the run is given up.
    pub(super) fn interrupt(&mut self) {
        self.stop = Some(Stop::error("the run was interrupted"));
        self.interrupted = true;
    }

    /// The worst finding, or the reason for which the case stopped.
    pub(super) fn verdict(&self) -> (Verdict, Option<String>) {
        let worst = self.findings.iter().map(|f| f.verdict).max();
        match &self.stop {
            Some(stop) if worst.is_none_or(|w| w < stop.verdict) => (stop.verdict, Some(stop.reason.clone())),
            _ => match worst {
                Some(verdict) => (verdict, None),
                None => (
                    Verdict::Inapplicable,
                    Some("every step that judges is left out on this server".to_owned()),
                ),
            },
        }
    }
}

impl Player {
    pub(super) fn new(world: Arc<World>, bindings: &Bindings, seed: u64) -> Self {
        Self {
            channel: Channel::new(world.transport.clone()),
            environment: Environment::new(&world.surroundings, bindings, seed),
            world,
            waited: Duration::ZERO,
            slot: None,
            browsers: Vec::new(),
            authorizations: Vec::new(),
            tokens: Vec::new(),
            registered: Vec::new(),
            is_tidying: false,
        }
    }

    /// A branch that goes on from here by itself.
    pub(super) fn fork(&self) -> Self {
        Self {
            world: self.world.clone(),
            channel: self.channel.clone(),
            environment: self.environment.fork(),
            waited: Duration::ZERO,
            slot: None,
            browsers: self.browsers.clone(),
            authorizations: self.authorizations.clone(),
            tokens: self.tokens.clone(),
            registered: self.registered.clone(),
            is_tidying: self.is_tidying,
        }
    }

    /// Takes up what a branch has come to.
    pub(super) fn join(&mut self, branch: Self) {
        self.environment.take_up(branch.environment);
        self.waited += branch.waited;
        self.authorizations.extend(branch.authorizations.into_iter().skip(self.authorizations.len()));
        self.tokens.extend(branch.tokens.into_iter().skip(self.tokens.len()));
        self.registered.extend(branch.registered.into_iter().skip(self.registered.len()));
    }

    /// Plays the case from its first step to its clean-up, which is played in any event: a run that is given up leaves
    /// nothing behind at the server either.
    pub(super) async fn play_case(&mut self, case: &Case) -> Played {
        let mut played = self.play(&case.script.steps, 0).await;
        self.is_tidying = true;
        let cleaned = self.play(&case.script.finally, case.script.steps.len()).await;
        played.steps.extend(cleaned.steps);
        for (_, registered) in std::mem::take(&mut self.registered) {
            played.steps.extend(actions::remove(self, &registered).await);
        }
        played
    }

    /// Plays the steps in order, until the end or until one stops the case. `first` is the number of the
    /// first of them.
    pub(super) async fn play(&mut self, steps: &[Step], first: usize) -> Played {
        let mut played = Played::default();
        let cancel = self.world.cancel.clone();
        for (index, step) in steps.iter().enumerate() {
            if cancel.is_cancelled() && !self.is_tidying {
                played.interrupt();
                break;
            }
            match &step.action {
                Action::Parallel(inner) => {
                    let together = Box::pin(actions::play_parallel(self, inner, first + index)).await;
                    played.append(together);
                }
                // Only what is known to be registered can be removed again.
                Action::Register(_) => self.play_one(step, first + index, &mut played).await,
                _ if self.is_tidying => self.play_one(step, first + index, &mut played).await,
                _ => tokio::select! {
                    biased;
                    () = cancel.cancelled() => played.interrupt(),
                    () = self.play_one(step, first + index, &mut played) => {}
                },
            }
            if played.stop.is_some() {
                break;
            }
        }
        played
    }

    async fn play_one(&mut self, step: &Step, at: usize, played: &mut Played) {
        let record = |outcome: String, exchanges: Vec<u64>| StepRecord {
            keyword: step.keyword.clone(),
            outcome,
            location: step.location.clone(),
            exchanges,
            offer: None,
        };
        match self.left_out(step) {
            Ok(None) => {}
            Ok(Some(reason)) => {
                played.steps.push(record(format!("left out: {reason}"), Vec::new()));
                return;
            }
            Err(stop) => {
                played.stop = Some(stop);
                return;
            }
        }
        let before = self.channel.len();
        let performed = actions::perform(self, step).await;
        let exchanges = self.channel.since(before);
        if !self.world.terse {
            exchanges.iter().for_each(|exchange| self.world.redactor.learn_from(exchange));
        }
        let exchanges: Vec<u64> = exchanges.iter().map(|e| e.id).collect();
        let performed = match performed {
            Ok(performed) => performed,
            Err(stop) => {
                played.steps.push(record(stop.reason.clone(), exchanges));
                played.stop = Some(stop);
                return;
            }
        };
        let outcome = match &performed.outcome {
            _ if self.world.terse => String::new(),
            Outcome::Waited => "time passed".to_owned(),
            Outcome::Closed => "the user closed the page".to_owned(),
            outcome => check::describe_outcome(outcome),
        };
        let mut told = record(self.world.redactor.text(&outcome), exchanges.clone());
        if let Action::Handshake(_) = &step.action {
            told.offer = OfferRecord::of(&performed.request);
            played.faults.extend(match &performed.outcome {
                Outcome::Unreachable(fault) => Some(fault.clone()),
                _ => None,
            });
        }
        played.steps.push(told);
        // Of a walk through pages the request that began it decides: all that follows depends on cookies.
        let decisive = match &step.action {
            Action::Authorize(_) => exchanges.first(),
            _ => exchanges.last(),
        };
        played.stop = self.judge(step, at, &performed, decisive.copied(), &mut played.findings);
        self.remember(step, performed);
    }

    /// Why the step is left out, if it is.
    fn left_out(&self, step: &Step) -> Result<Option<String>, Stop> {
        for need in &step.needs {
            if !self.world.capabilities.has(need.value) {
                return Ok(Some(format!("needs {}", need.value)));
            }
        }
        match &step.when {
            Some(condition) if !condition.value.holds(&self.environment).map_err(Stop::of_suite)? => {
                Ok(Some(format!("`{}` does not hold", condition.location.excerpt())))
            }
            _ => Ok(None),
        }
    }

    /// Judges what the step expects; the answer is the reason to stop, if there is one.
    fn judge(
        &self,
        step: &Step,
        at: usize,
        performed: &Performed,
        exchange: Option<u64>,
        findings: &mut Vec<Finding>,
    ) -> Option<Stop> {
        let scope = Judging {
            environment: &self.environment,
            request: &performed.request,
            response: &performed.bound,
        };
        let evidence = Evidence {
            outcome: &performed.outcome,
            scope: &scope,
            keys: self.world.keys.as_ref(),
            terse: self.world.terse,
        };
        if let Action::Race(race) = &step.action {
            let mut finding = self.judge_race(race, &performed.outcome);
            finding.step = Some(at);
            finding.exchange = exchange;
            findings.push(finding);
        } else if step.assume.is_empty() && step.expect.is_empty() {
            return self.assumed_success(step, &performed.outcome);
        }
        for assumption in &step.assume {
            if let Some(stop) = self.assume(step, assumption, &evidence) {
                return Some(stop);
            }
        }
        for expectation in &step.expect {
            if let Some(mut finding) = self.judge_one(expectation, &evidence, &scope) {
                finding.step = Some(at);
                finding.exchange = finding.exchange.or(exchange);
                findings.push(finding);
            }
        }
        None
    }

    fn judge_one(
        &self,
        expectation: &Expectation,
        evidence: &Evidence<'_>,
        scope: &Judging<'_>,
    ) -> Option<Finding> {
        if let Some(condition) = &expectation.when
            && condition.value.holds(scope) == Ok(false)
        {
            return None;
        }
        let level = self.world.levels.get(&expectation.requirement.value).copied()?;
        let mut finding = check::judge(expectation, level, evidence);
        finding.expected = self.world.redactor.text(&finding.expected);
        finding.seen = self.world.redactor.text(&finding.seen);
        Some(finding)
    }

    fn judge_race(&self, race: &crate::model::Race, outcome: &Outcome) -> Finding {
        let level = self.world.levels.get(&race.requirement.value).copied();
        let level = level.unwrap_or(crate::model::Level::Must);
        let mut finding = check::judge_race(race, level, outcome);
        finding.seen = self.world.redactor.text(&finding.seen);
        finding
    }

    fn assumed_success(&self, step: &Step, outcome: &Outcome) -> Option<Stop> {
        if matches!(outcome, Outcome::Waited | Outcome::Closed) {
            return None;
        }
        let seen = match check::succeeded(outcome) {
            check::Success::Yes => return None,
            check::Success::Refused(seen) | check::Success::No(seen) => (Verdict::Blocked, seen),
            check::Success::Unclear(seen) if matches!(outcome, Outcome::Stuck { .. }) => {
                (Verdict::Blocked, seen)
            }
            check::Success::Unclear(seen) => (Verdict::Error, seen),
        };
        let place = place(&step.location);
        let reason =
            format!("`{}` ({place}) was to succeed in order to set the case up: {}", step.keyword, seen.1);
        Some(Stop { verdict: seen.0, reason: self.world.redactor.text(&reason) })
    }

    fn assume(&self, step: &Step, assumption: &Located<Pattern>, evidence: &Evidence<'_>) -> Option<Stop> {
        let shortfall = check::assume(&assumption.value, evidence).err()?;
        let place = place(&shortfall.location);
        let reason = format!(
            "`{}` ({place}) did not come to what the case needs: expected {}, saw {}",
            step.keyword, shortfall.expected, shortfall.seen
        );
        let is_stuck = matches!(evidence.outcome, Outcome::Stuck { .. });
        let verdict = if shortfall.certain || is_stuck { Verdict::Blocked } else { Verdict::Error };
        Some(Stop { verdict, reason: self.world.redactor.text(&reason) })
    }

    fn remember(&mut self, step: &Step, performed: Performed) {
        match performed.memory {
            Memory::Nothing => {}
            Memory::Authorization(a) => self.authorizations.push((step.name.clone(), a)),
            Memory::Tokens(tokens) => self.tokens.push(tokens),
            Memory::Registered(mut registered) => {
                registered.location = step.location.clone();
                self.registered.push((step.name.clone(), *registered));
            }
        }
        if matches!(performed.outcome, Outcome::Closed) {
            return;
        }
        self.environment.bind(&step.keyword, performed.bound.clone());
        if let Some(name) = &step.name {
            self.environment.bind(name, performed.bound);
        }
    }
}

/// What actions ask of the player.
impl Player {
    /// The client that the latest step of that name has registered, else that of the target file.
    pub(super) fn client(&self, name: &str) -> Result<&Client, Stop> {
        if let Some(client) = self.registered_client(name) {
            return Ok(client);
        }
        self.world.target.client(name).ok_or_else(|| {
            Stop::blocked(match self.environment.value_of(name) {
                Some(_) => format!("the step `{name}` has registered no client"),
                None => format!("the target file has no client `{name}`: add it under `clients`"),
            })
        })
    }

    fn registered_client(&self, name: &str) -> Option<&Client> {
        let mut latest_first = self.registered.iter().rev();
        let found = match name {
            "register" => latest_first.next(),
            name => latest_first.find(|(step, _)| step.as_deref() == Some(name)),
        };
        found.map(|(_, registered)| &registered.client)
    }

    /// The authorize step of that name, or the last one.
    pub(super) fn authorization(
        &self,
        from: Option<&Located<String>>,
    ) -> Result<Option<&Authorization>, Stop> {
        let Some(from) = from else {
            return Ok(self.authorizations.last().map(|(_, a)| a));
        };
        let named = self.authorizations.iter().rev().find(|(n, _)| n.as_ref() == Some(&from.value));
        match named {
            Some((_, authorization)) => Ok(Some(authorization)),
            None => Err(Stop::error(format!("no authorize step before this one is named `{}`", from.value))),
        }
    }

    /// Those of the last token step that got any.
    pub(super) fn tokens(&self) -> Option<&Tokens> {
        self.tokens.last()
    }

    pub(super) fn value(&self, template: &Template) -> Result<Value, Stop> {
        Ok(self.environment.evaluate(template).map_err(Stop::of_suite)?.0)
    }

    pub(super) fn text(&self, template: &Template) -> Result<String, Stop> {
        let value = self.value(template)?;
        value.to_plain().ok_or_else(|| Stop::error(format!("the suite gives {value} where a text is due")))
    }

    /// The word that is said or computed, if there is one.
    pub(super) fn choice<T: Copy>(
        &self,
        choice: Option<&Choice<T>>,
        words: &[(&str, T)],
    ) -> Result<Option<T>, Stop> {
        let template = match choice {
            None => return Ok(None),
            Some(Choice::Said(word)) => return Ok(Some(*word)),
            Some(Choice::Computed(template)) => template,
        };
        let value = self.value(&template.value)?;
        if value == Value::Null {
            return Ok(None);
        }
        let found = words.iter().find(|(word, _)| value.as_text() == Some(word)).map(|(_, word)| *word);
        found.map(Some).ok_or_else(|| {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let place = place(&template.location);
            Stop::error(format!("the suite ({place}) gives {value} where one of {} is due", known.join(", ")))
        })
    }

    pub(super) fn name(&self, template: Option<&Template>, usual: &str) -> Result<String, Stop> {
        template.map_or_else(|| Ok(usual.to_owned()), |t| self.text(t))
    }

    pub(super) fn push(
        &self,
        parameters: &mut Parameters,
        name: &str,
        template: &Template,
    ) -> Result<(), Stop> {
        parameters.push_template(name, template, &self.environment).map_err(Stop::of_suite)
    }

    /// Pushes what the suite says, or what is usual, or nothing.
    pub(super) fn push_usual(
        &self,
        parameters: &mut Parameters,
        name: &str,
        template: Option<&Template>,
        usual: Option<&str>,
    ) -> Result<(), Stop> {
        match (template, usual) {
            (Some(template), _) => self.push(parameters, name, template)?,
            (None, Some(usual)) => parameters.push(name, usual),
            (None, None) => {}
        }
        Ok(())
    }

    /// Pushes a credential that must be there: a case that lacks it would judge the wrong request.
    pub(super) fn push_credential(
        &self,
        parameters: &mut Parameters,
        name: &str,
        template: Option<&Template>,
        usual: Option<&str>,
    ) -> Result<(), Stop> {
        let value = self.credential(name, template, usual)?;
        match template {
            Some(template) if matches!(template, Template::Wire { .. }) => {
                self.push(parameters, name, template)?
            }
            _ => parameters.push(name, value),
        }
        Ok(())
    }

    /// A code or token that must be there.
    pub(super) fn credential(
        &self,
        name: &str,
        template: Option<&Template>,
        usual: Option<&str>,
    ) -> Result<String, Stop> {
        match (template, usual) {
            (Some(template), _) => match self.value(template)? {
                Value::Null => Err(Stop::blocked(format!("the server gave no {name} to go on with"))),
                value => {
                    let refuse = || Stop::error(format!("the suite gives {value} where a {name} is due"));
                    value.to_plain().ok_or_else(refuse)
                }
            },
            (None, Some(usual)) => Ok(usual.to_owned()),
            (None, None) => Err(Stop::blocked(format!("no step before this one brought a {name}"))),
        }
    }

    /// The scope that this client usually asks: `member` of it in the target, else the policy's default.
    pub(super) fn usual_scope(&self, client: &str, member: &str) -> Option<String> {
        if let Some(registered) = self.registered_client(client) {
            return registered.scope.clone();
        }
        let target = self.environment.value_of("target")?;
        target.member("clients")?.member(client)?.member(member)?.as_text().map(str::to_owned)
    }

    /// The user's browser; a fresh one has no cookies and replaces the other.
    pub(super) fn browser(&mut self, user: &str, is_fresh: bool) -> Arc<Browser> {
        if is_fresh {
            self.browsers.retain(|(name, _)| name != user);
        }
        if let Some((_, browser)) = self.browsers.iter().find(|(name, _)| name == user) {
            return browser.clone();
        }
        let UserAgentKind::Forms(hints) = &self.world.target.user_agent;
        let browser = Arc::new(Browser::new(self.channel.clone(), hints.clone(), self.world.origins.clone()));
        self.browsers.push((user.to_owned(), browser.clone()));
        browser
    }
}

fn place(location: &Location) -> String {
    format!("{}:{}", location.file, location.line)
}
