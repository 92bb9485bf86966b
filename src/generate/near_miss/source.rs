use proptest::test_runner::TestRng;
use rand::RngExt as _;
use rand::seq::SliceRandom as _;

use super::catalogue::{mutations, simpler};
use super::mutation::{Component, Edit, Mutation, NearMiss};
use super::uri::Uri;
use crate::generate::shrinking::{Shrinking, Steps};
use crate::generate::trials::{Problem, Source, Tree};
use crate::model::Value;

/// Near misses of one registered redirect URI: a mutation of every class in turn, now and then two at once.
#[derive(Debug)]
pub(in crate::generate) struct NearMisses {
    registered: Uri,
    allowed: Vec<Component>,
    mutations: Vec<Mutation>,
    undealt: Vec<Mutation>,
}

/// Every so many trials two mutations go together.
const COMPOUND: usize = 5;

impl NearMisses {
    /// Only the named components are touched; none named means any.
    ///
    /// # Errors
    ///
    /// The text is no absolute URI, a component has no such name, or nothing can be mutated.
    pub(in crate::generate) fn new(
        registered: &str,
        components: &[String],
        rng: &mut TestRng,
    ) -> Result<Self, Problem> {
        let uri = Uri::parse(registered)
            .ok_or_else(|| Problem::Kind(format!("{registered:?}"), "an absolute URI"))?;
        let allowed = allowed(components)?;
        let mut mutations = mutations(&uri);
        mutations.retain(|m| allowed.contains(&m.component));
        if mutations.is_empty() {
            return Err(Problem::NoMutation(format!("{registered:?}"), components.join(" or ")));
        }
        let mutations = shuffled(mutations, rng);
        Ok(Self { registered: uri, allowed, mutations, undealt: Vec::new() })
    }

    fn deal(&mut self, rng: &mut TestRng) -> Mutation {
        if self.undealt.is_empty() {
            self.undealt.clone_from(&self.mutations);
            self.undealt.reverse();
        }
        match self.undealt.pop() {
            Some(mutation) => mutation,
            None => self.mutations[rng.random_range(0..self.mutations.len())].clone(),
        }
    }

    /// A second mutation of another part, if there is one.
    fn partner(&self, first: &Mutation, rng: &mut TestRng) -> Option<Mutation> {
        let second = &self.mutations[rng.random_range(0..self.mutations.len())];
        let compound = NearMiss(vec![first.clone(), second.clone()]);
        (place(first)? != place(second)? && compound.misses(&self.registered)).then(|| second.clone())
    }
}

impl Source for NearMisses {
    fn draw(&mut self, trial: usize, rng: &mut TestRng) -> Tree {
        let first = self.deal(rng);
        let mut drawn = vec![first];
        if trial % COMPOUND == COMPOUND - 1 {
            drawn.extend(self.partner(&drawn[0], rng));
        }
        let steps = Simpler {
            registered: self.registered.clone(),
            allowed: self.allowed.clone(),
            queue: None,
            tried: Vec::new(),
        };
        Box::new(Shrinking::new(steps, NearMiss(drawn)))
    }
}

fn allowed(components: &[String]) -> Result<Vec<Component>, Problem> {
    if components.is_empty() {
        return Ok(Component::ALL.to_vec());
    }
    let named = |name: &String| {
        Component::ALL
            .into_iter()
            .find(|c| c.as_str() == name)
            .ok_or_else(|| Problem::Kind(format!("{name:?}"), "a component of a URI"))
    };
    components.iter().map(named).collect()
}

/// The classes in some order, and one mutation of every class before the next of any. Every other class begins
/// with the mutation that the catalogue puts first, because it deceives most.
fn shuffled(mutations: Vec<Mutation>, rng: &mut TestRng) -> Vec<Mutation> {
    let mut classes: Vec<Vec<Mutation>> = Vec::new();
    for mutation in mutations {
        match classes.iter_mut().find(|class| class[0].class == mutation.class) {
            Some(class) => class.push(mutation),
            None => classes.push(vec![mutation]),
        }
    }
    classes.shuffle(rng);
    let mut numbered: Vec<(usize, Mutation)> = Vec::new();
    for mut class in classes {
        let fixed = usize::from(rng.random_bool(0.5));
        class[fixed..].shuffle(rng);
        numbered.extend(class.into_iter().enumerate());
    }
    numbered.sort_by_key(|(round, _)| *round);
    numbered.into_iter().map(|(_, mutation)| mutation).collect()
}

/// Which part of the text an edit takes; two edits of the same part, or one of the whole, cannot go together.
fn place(mutation: &Mutation) -> Option<u8> {
    Some(match mutation.edit {
        Edit::Scheme(_) => 0,
        Edit::Authority(_) => 1,
        Edit::Path(_) => 2,
        Edit::AppendPath(_) | Edit::Append(_) => 3,
        Edit::Query(_) => 4,
        Edit::Whole(_) => return None,
    })
}

/// Shrinks two mutations to one, and one to the simplest that deceives the server in the same way.
#[derive(Debug)]
struct Simpler {
    registered: Uri,
    allowed: Vec<Component>,
    /// What is left to try instead of the best, simplest last; `None` where that is to be found anew.
    queue: Option<Vec<NearMiss>>,
    /// What has been tried.
    tried: Vec<NearMiss>,
}

impl Simpler {
    fn candidates(&self, best: &NearMiss) -> Vec<NearMiss> {
        let singles = match best.0.as_slice() {
            [only] => simpler(only, &self.registered),
            several => several.to_vec(),
        };
        let mut candidates: Vec<NearMiss> = Vec::new();
        for single in singles {
            let candidate = NearMiss(vec![single]);
            if self.allowed.contains(&candidate.0[0].component)
                && self.cost(&candidate) < self.cost(best)
                && !candidates.contains(&candidate)
                && !self.tried.contains(&candidate)
            {
                candidates.push(candidate);
            }
        }
        candidates.reverse();
        candidates
    }

    /// Fewer mutations, then a shorter text, then a plainer one.
    fn cost(&self, near_miss: &NearMiss) -> (usize, usize, usize) {
        let text = near_miss.text(&self.registered);
        let odd = text.chars().filter(|c| !c.is_ascii_alphanumeric()).count();
        (near_miss.0.len(), text.chars().count(), odd)
    }
}

impl Steps for Simpler {
    type Item = NearMiss;

    fn propose(&mut self, best: &NearMiss) -> Option<NearMiss> {
        let mut queue = match self.queue.take() {
            Some(queue) => queue,
            None => self.candidates(best),
        };
        let next = queue.pop();
        self.queue = Some(queue);
        self.tried.extend(next.clone());
        next
    }

    fn learn(&mut self, failed: bool) {
        if failed {
            self.queue = None;
        }
    }

    fn value(&self, item: &NearMiss) -> Value {
        item.value(&self.registered)
    }
}
