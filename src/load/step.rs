use std::collections::HashMap;

use super::decode::{Decoder, Map};
use super::diagnostic::{Diagnostic, alternatives, nearest};
use super::language::steps;
use super::names::Names;
use super::pattern::{absence, includes_success, refusal};
use super::tree::{Entry, Kind, Node};
use crate::model::{
    Action, BearerMethod, Choice, Clause, Decision, Expression, Located, Location, Operator, Overrides, Race,
    Step, Succeed, Template, Value,
};

/// Named lists of steps, and where each name stands.
pub(super) type Fragments<'n> = HashMap<String, (&'n [Node<'n>], Location)>;

/// What has to be remembered on the way through the steps of a case.
#[derive(Debug)]
pub(super) struct Walk<'n> {
    /// How many expectations there were.
    pub expectations: usize,
    /// Whether these are the steps that happen in any event and are never judged.
    pub finally: bool,
    /// The fragments that are being read.
    pub inside: Vec<String>,
    fragments: &'n Fragments<'n>,
    /// Whether another case shows that the requests work.
    control: bool,
    /// Kinds of requests that a step before has shown to work.
    proven: Vec<String>,
    /// Whether the steps are those of a race, which are counted and not judged.
    race: bool,
    steps: usize,
}

/// Steps of one case, fragments included.
const MOST_STEPS: usize = 1000;
/// `parallel` and `race` inside one another.
const DEEPEST: usize = 8;

impl<'n> Walk<'n> {
    /// The way through a case.
    pub fn new(fragments: &'n Fragments<'n>, control: bool) -> Self {
        Self {
            expectations: 0,
            finally: false,
            inside: Vec::new(),
            fragments,
            control,
            proven: Vec::new(),
            race: false,
            steps: 0,
        }
    }
}

/// What stands beside a step's action.
struct Beside {
    name: Option<Located<String>>,
    needs: Vec<Located<crate::model::Capability>>,
    when: Option<Located<Expression>>,
}

impl Decoder<'_> {
    /// Steps in order, those of fragments in their places.
    pub fn steps(&self, nodes: &[Node], walk: &mut Walk<'_>) -> Option<Vec<Step>> {
        let mut steps = Vec::with_capacity(nodes.len());
        let mut complete = true;
        for node in nodes {
            complete &= self.step(node, walk, &mut steps).is_some();
        }
        complete.then_some(steps)
    }

    fn step(&self, node: &Node, walk: &mut Walk<'_>, steps: &mut Vec<Step>) -> Option<()> {
        walk.steps += 1;
        if walk.steps > MOST_STEPS {
            self.wrong(
                node,
                format!("the case has more than {MOST_STEPS} steps"),
                "with those of its fragments",
            );
            return None;
        }
        if let Kind::Text(word) = &node.kind
            && is_action(word)
        {
            let problem =
                Diagnostic::new(self.at(node), "a step must be a map, not a text", "expected a map");
            self.note(problem.help(format!("write `- {word}: {{}}`")));
            self.names.borrow_mut().unchecked = true;
            return None;
        }
        let map = self.record(node, &steps::STEP)?;
        let entry = self.only_action(node, &map)?;
        let beside = Beside {
            name: map.read("as", |n| self.step_name(n, entry)),
            needs: map.read("needs", |n| self.needs(n)).unwrap_or_default(),
            when: map.read("when", |n| self.condition(n, "`when`")),
        };
        let read = match entry.key.as_ref() {
            "use" => self.used(&map, entry, &beside, walk, steps),
            "parallel" => self.parallel(&map, entry, beside, walk).map(|step| steps.push(step)),
            "race" => self.race(&map, entry, beside, walk).map(|step| steps.push(step)),
            _ => self.requested(&map, entry, beside, walk).map(|step| steps.push(step)),
        };
        map.finish()?;
        read
    }

    /// The one key of a step that says what it does.
    fn only_action<'n>(&self, node: &Node, map: &Map<'n, '_>) -> Option<&'n Entry<'n>> {
        map.walks(&steps::ACTIONS);
        // What comes after a step that cannot be read would only be blamed for its absence.
        let lost = || self.names.borrow_mut().unchecked = true;
        let mut done = map.entries().iter().filter(|e| is_action(&e.key));
        let Some(first) = done.next() else {
            lost();
            let stranger = map.entries().iter().find(|e| steps::STEP.fields.iter().all(|f| f.key != e.key));
            self.note(match stranger {
                Some(entry) => {
                    let message = format!("there is no action `{}`", entry.key);
                    let near = nearest(&entry.key, actions());
                    let label = match near {
                        Some(_) => "not an action".to_owned(),
                        None => format!("expected {}", alternatives(actions())),
                    };
                    Diagnostic::new(self.at_key(entry), message, label).suggest(near)
                }
                None => Diagnostic::new(
                    self.at(node),
                    "this step does nothing",
                    format!("expected {}", alternatives(actions())),
                )
                .help("what belongs to the step before stands in line with its action, without a `-`"),
            });
            return None;
        };
        if let Some(second) = done.find(|e| e.key != first.key) {
            self.note(
                Diagnostic::new(self.at_key(second), "a step does one thing", "a second action")
                    .second(self.at_key(first), "the first action")
                    .help(format!("begin a step of its own: `- {}: …`", second.key)),
            );
            lost();
            return None;
        }
        Some(first)
    }

    fn step_name(&self, node: &Node, action: &Entry) -> Option<Located<String>> {
        let name = self.located(node, "`as`")?;
        if matches!(action.key.as_ref(), "wait" | "parallel" | "use") {
            let message = format!("`{}` has no outcome to give a name to", action.key);
            let problem = Diagnostic::new(name.location, message, "nothing could refer to it");
            self.note(match action.key.as_ref() {
                "wait" => problem,
                _ => problem.help("give the names to the steps inside"),
            });
            return None;
        }
        if let Some(why) = Names::refuse(&name.value, true) {
            let message = format!("`{}` cannot be the name of a step", name.value);
            self.note(Diagnostic::new(name.location, message, why));
            return None;
        }
        let names = self.names.borrow();
        if names.variables.iter().any(|(variable, _)| *variable == name.value) {
            let message = format!("`{}` is a value of this case already", name.value);
            self.note(Diagnostic::new(name.location, message, "choose another name"));
            return None;
        }
        // A fragment that is used twice gives its names again; the later outcome wins.
        let twice = names.steps.iter().find(|(n, _)| n.value == name.value && n.location != name.location);
        if let Some((first, _)) = twice {
            let message = format!("two steps are called `{}`", name.value);
            self.note(
                Diagnostic::new(name.location, message, "the second")
                    .second(first.location.clone(), "the first"),
            );
            return None;
        }
        Some(name)
    }

    /// A step that sends a request, or waits.
    fn requested(
        &self,
        map: &Map<'_, '_>,
        entry: &Entry,
        beside: Beside,
        walk: &mut Walk<'_>,
    ) -> Option<Step> {
        let keyword = entry.key.as_ref();
        let location = self.at_key(entry);
        let action = self.action(keyword, &entry.value);
        if let Some(action) = &action {
            self.check_sources(action, &location);
        }
        self.names.borrow_mut().judging = true;
        let assume = map.read("assume", |n| {
            self.each(n, "`assume`", |n| Some(Located { value: self.pattern(n)?, location: self.at(n) }))
        });
        let expect = map.read("expect", |n| self.each(n, "`expect`", |n| self.expectation(n)));
        self.names.borrow_mut().judging = false;
        let (assume, expect) = (assume.unwrap_or_default(), expect.unwrap_or_default());
        let closes = matches!(&action, Some(Action::Authorize(a)) if a.decision == Some(Decision::Close));
        if let (true, Some(name)) = (closes, &beside.name) {
            let message = "a user who closes the page gets no answer";
            let place = name.location.clone();
            self.note(Diagnostic::new(place, message, "there is nothing to give a name to"));
            return None;
        }
        let said = self.check_judged(map, if closes { "close" } else { keyword }, walk)?;
        walk.expectations += map.entry("expect").map_or(0, |e| match &e.value.kind {
            Kind::List(items) => items.len(),
            _ => 1,
        });
        let patterns = || expect.iter().map(|e| &e.pattern).chain(assume.iter().map(|a| &a.value));
        if !matches!(keyword, "authorize" | "request") {
            patterns().for_each(|p| self.check_fits(p, keyword));
        }
        // A page that was closed shows neither that such requests work nor that they are refused.
        if closes {
        } else if said.is_none() || patterns().any(includes_success) {
            self.check_control(keyword, expect.iter().find_map(|e| refusal(&e.pattern)), walk);
            walk.proven.push(family(keyword).to_owned());
        } else {
            let clause = expect.iter().find_map(|e| refusal(&e.pattern).or_else(|| absence(&e.pattern)));
            self.check_control(keyword, clause, walk);
        }
        // Nobody takes anything up from a page that was closed.
        if keyword != "wait" && !walk.race && !closes {
            let mut names = self.names.borrow_mut();
            names.kinds.push(keyword.to_owned());
            names.steps.extend(beside.name.clone().map(|name| (name, keyword.to_owned())));
        }
        Some(Step {
            action: action?,
            keyword: entry.key.to_string(),
            name: beside.name.map(|n| n.value),
            needs: beside.needs,
            when: beside.when,
            assume,
            expect,
            location,
        })
    }

    /// What the step says of its outcome, if it may say something.
    fn check_judged<'n>(
        &self,
        map: &Map<'n, '_>,
        keyword: &str,
        walk: &Walk<'_>,
    ) -> Option<Option<&'n Entry<'n>>> {
        let (assume, expect) = (map.entry("assume"), map.entry("expect"));
        let Some(said) = assume.or(expect) else { return Some(None) };
        let (why, help) = match keyword {
            _ if walk.race => ("the step of a race is judged by `succeed`", "say there how many may succeed"),
            _ if walk.finally => ("what happens in `finally` is never judged", "move the step to `steps`"),
            "wait" => ("waiting has no outcome", "say it of the step after"),
            "close" => ("a user who closes the page gets no answer", "say it of the step after"),
            "parallel" | "use" => ("several steps have no common outcome", "say it of the steps inside"),
            "race" => ("a race is judged by `succeed`", "say there how many may succeed"),
            _ => return Some(Some(said)),
        };
        self.note(Diagnostic::new(self.at_key(said), why, "does not belong here").help(help));
        None
    }

    /// Notes what a refusal satisfies, expected of a request that nothing has shown to work otherwise.
    fn check_control(&self, keyword: &str, clause: Option<&Clause>, walk: &Walk<'_>) {
        let family = family(keyword);
        let proven = walk.proven.iter().any(|p| p == family || keyword == "request");
        if walk.control || self.names.borrow().unchecked || walk.finally || walk.race || proven {
            return;
        }
        let Some(clause) = clause else { return };
        let earlier = if keyword == "request" { "request" } else { family };
        let article = if earlier.starts_with(['a', 'i']) { "an" } else { "a" };
        self.note(
            Diagnostic::new(
                clause.location.clone(),
                "a refusal proves nothing while nothing shows that the same request is granted otherwise",
                format!("no `{earlier}` step before this one is known to succeed"),
            )
            .help(format!(
                "put {article} `{earlier}` step that succeeds before it, or name the case that has one: `control: suite/case`"
            ))
            .page("judging"),
        );
    }

    /// Notes a request that takes something from an earlier step when there is none.
    fn check_sources(&self, action: &Action, location: &Location) {
        let names = self.names.borrow();
        if names.unchecked {
            return;
        }
        let before = |kinds: &[&str]| names.kinds.iter().any(|k| kinds.contains(&k.as_str()));
        let set = |overrides: &Overrides, name: &str| {
            let is = |given: &Template| given.as_literal_text() == Some(name);
            let named = |list: &[(Template, Template)]| list.iter().any(|(n, _)| is(n));
            overrides.body.is_some()
                || named(&overrides.parameters)
                || named(&overrides.append)
                || named(&overrides.query)
                || overrides.remove.iter().any(is)
        };
        let is = |template: &Option<Template>, word: &str| matches!(template, Some(Template::Literal(Value::Text(t))) if t == word);
        let (missing, steps, key) = match action {
            Action::Token(t) if t.from.is_none() && t.code.is_none() && !set(&t.overrides, "code") => {
                let code = t.grant_type.is_none() || is(&t.grant_type, "authorization_code");
                (code && !before(&["authorize"]), "an `authorize` step", "code")
            }
            _ => (false, "", ""),
        };
        let (missing, steps, key) = match action {
            Action::Token(t) if is(&t.grant_type, "refresh_token") => {
                let given = t.refresh_token.is_some() || set(&t.overrides, "refresh_token");
                (!given && !before(&["token", "refresh"]), "a `token` step", "refresh_token")
            }
            Action::Introspect(q) | Action::Revoke(q) => {
                let given = q.token.is_some() || set(&q.overrides, "token");
                (!given && !before(&["token", "refresh", "authorize"]), "a `token` step", "token")
            }
            Action::Resource(r) | Action::Userinfo(r) => {
                let given = r.access_token.is_some() || r.via == Some(Choice::Said(BearerMethod::None));
                (!given && !before(&["token", "refresh", "authorize"]), "a `token` step", "access_token")
            }
            _ => (missing, steps, key),
        };
        if missing {
            self.note(
                Diagnostic::new(
                    location.clone(),
                    format!("there is nothing to take the {} from", key.replace('_', " ")),
                    format!("no step before this one is {steps}"),
                )
                .help(format!("put {steps} before it, or give `{key}`")),
            );
        }
    }

    fn parallel(
        &self,
        map: &Map<'_, '_>,
        entry: &Entry,
        beside: Beside,
        walk: &mut Walk<'_>,
    ) -> Option<Step> {
        self.check_judged(map, "parallel", walk)?;
        let nodes = self.list(&entry.value, "`parallel`")?;
        if nodes.len() < 2 {
            self.wrong(&entry.value, "nothing is parallel to one step", "expected at least two steps");
            return None;
        }
        self.check_depth(&entry.value, walk)?;
        walk.inside.push(String::new());
        // Steps that happen together do not know one another's outcomes; those after them know all.
        let (proven, kinds, named) =
            (walk.proven.len(), self.names.borrow().kinds.len(), self.names.borrow().steps.len());
        let (mut new_proven, mut new_kinds, mut new_named) = (Vec::new(), Vec::new(), Vec::new());
        let mut steps = Vec::with_capacity(nodes.len());
        let mut complete = true;
        for node in nodes {
            complete &= self.step(node, walk, &mut steps).is_some();
            let mut names = self.names.borrow_mut();
            new_proven.extend(walk.proven.drain(proven..));
            new_kinds.extend(names.kinds.drain(kinds..));
            new_named.extend(names.steps.drain(named..));
        }
        walk.inside.pop();
        walk.proven.extend(new_proven);
        let mut names = self.names.borrow_mut();
        names.kinds.extend(new_kinds);
        names.steps.extend(new_named);
        drop(names);
        complete.then(|| self.composed(Action::Parallel(steps), entry, beside))
    }

    fn race(&self, map: &Map<'_, '_>, entry: &Entry, beside: Beside, walk: &mut Walk<'_>) -> Option<Step> {
        self.check_judged(map, "race", walk)?;
        if walk.finally {
            self.wrong(
                &entry.value,
                "what happens in `finally` is never judged",
                "a race is there to be judged",
            );
            return None;
        }
        self.check_depth(&entry.value, walk)?;
        let race = self.record(&entry.value, &steps::RACE)?;
        let times = race.need("times", |n| self.integer(n, "`times`", 2, 50));
        let requirement = race.need("for", |n| self.requirement(n));
        let succeed = race.need("succeed", |n| {
            let value = self.succeed(n, times)?;
            Some(Located { value, location: self.at(n) })
        });
        walk.inside.push(String::new());
        let was = std::mem::replace(&mut walk.race, true);
        let mut steps = Vec::new();
        let read = race.need("step", |n| self.step(n, walk, &mut steps));
        walk.race = was;
        walk.inside.pop();
        walk.expectations += 1;
        let mut names = self.names.borrow_mut();
        names.steps.extend(beside.name.clone().map(|name| (name, "race".to_owned())));
        drop(names);
        race.finish()?;
        read?;
        let step = steps.pop()?;
        let sends = !matches!(
            step.action,
            Action::Handshake(_) | Action::Wait(_) | Action::Parallel(_) | Action::Race(_)
        );
        if matches!(step.action, Action::Register(_)) {
            let problem =
                Diagnostic::new(step.location, "a race leaves no client behind", "registers several");
            self.note(problem.help("register clients one after another, or with `parallel`"));
            return None;
        }
        if !steps.is_empty() || !sends {
            self.note(Diagnostic::new(
                step.location,
                "a race repeats one request",
                "expected an action that sends one",
            ));
            return None;
        }
        let race = Race {
            times: u32::try_from(times?).ok()?,
            step: Box::new(step),
            succeed: succeed?,
            requirement: requirement?,
        };
        Some(self.composed(Action::Race(race), entry, beside))
    }

    fn succeed(&self, node: &Node, times: Option<u64>) -> Option<Succeed> {
        let most = times.unwrap_or(50);
        match &node.kind {
            Kind::Text(word) if word == "all" => Some(Succeed::All),
            Kind::Map(_) => {
                let map = self.record(node, &steps::SUCCEED)?;
                let count = map.need("at_most", |n| self.integer(n, "`at_most`", 0, most));
                map.finish()?;
                count.and_then(|c| u32::try_from(c).ok()).map(Succeed::AtMost)
            }
            Kind::Number(_) => {
                let count = self.integer(node, "`succeed`", 0, most)?;
                u32::try_from(count).ok().map(Succeed::Exactly)
            }
            _ => {
                self.wrong(
                    node,
                    "`succeed` says how many may succeed",
                    "expected a number, `{ at_most: 1 }` or `all`",
                );
                None
            }
        }
    }

    /// The steps of a fragment, each under the conditions of the `use`.
    fn used(
        &self,
        map: &Map<'_, '_>,
        entry: &Entry,
        beside: &Beside,
        walk: &mut Walk<'_>,
        steps: &mut Vec<Step>,
    ) -> Option<()> {
        self.check_judged(map, "use", walk)?;
        let name = self.text(&entry.value, "`use`")?;
        let fragments = walk.fragments;
        let Some((nodes, place)) = fragments.get(&name) else {
            let message = format!("this suite has no fragment `{name}`");
            let problem = Diagnostic::new(self.at(&entry.value), message, "not under `fragments:`");
            self.note(problem.suggest(nearest(&name, fragments.keys().map(String::as_str))));
            self.names.borrow_mut().unchecked = true;
            return None;
        };
        if walk.inside.contains(&name) {
            self.note(
                Diagnostic::new(
                    self.at(&entry.value),
                    format!("the fragment `{name}` uses itself"),
                    "without end",
                )
                .second(place.clone(), "the fragment"),
            );
            return None;
        }
        self.check_depth(&entry.value, walk)?;
        walk.inside.push(name);
        let from = steps.len();
        let mut complete = true;
        for node in *nodes {
            complete &= self.step(node, walk, steps).is_some();
        }
        walk.inside.pop();
        for step in steps.iter_mut().skip(from) {
            step.needs.extend(beside.needs.iter().cloned());
            step.when = match (step.when.take(), &beside.when) {
                (Some(own), Some(common)) => Some(Located {
                    value: Expression::Binary(
                        Box::new(common.value.clone()),
                        Operator::And,
                        Box::new(own.value),
                    ),
                    location: own.location,
                }),
                (own, common) => own.or_else(|| common.clone()),
            };
        }
        complete.then_some(())
    }

    fn check_depth(&self, node: &Node, walk: &Walk<'_>) -> Option<()> {
        if walk.inside.len() < DEEPEST {
            return Some(());
        }
        self.wrong(node, "steps are nested too deeply", format!("at most {DEEPEST} levels"));
        None
    }

    fn composed(&self, action: Action, entry: &Entry, beside: Beside) -> Step {
        Step {
            action,
            keyword: entry.key.to_string(),
            name: beside.name.map(|n| n.value),
            needs: beside.needs,
            when: beside.when,
            assume: Vec::new(),
            expect: Vec::new(),
            location: self.at_key(entry),
        }
    }
}

/// The words that make a step, in the order of the reference.
fn actions() -> impl Iterator<Item = &'static str> {
    steps::ACTIONS.iter().map(|field| field.key)
}

fn is_action(word: &str) -> bool {
    actions().any(|action| action == word)
}

/// Which requests show that others of the kind work.
fn family(keyword: &str) -> &str {
    if keyword == "refresh" { "token" } else { keyword }
}
