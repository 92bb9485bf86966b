use std::collections::BTreeSet;

use serde::Serialize;

use super::record::Standing;
use crate::model::{Event, Opening, Threat};

/// Repairs that are named at most.
const REPAIRS: usize = 3;

/// What an attacker can do after a run, and what to repair first.
#[derive(Clone, Debug, PartialEq)]
pub struct Danger {
    /// The threats that are open, in the catalogue's order.
    pub open: Vec<Threat>,
    /// At most three, that close the most of these.
    pub repairs: Vec<Repair>,
}

/// What to repair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Repair {
    /// The requirements to be kept again: all of them, since any of these alone leaves the threats open.
    pub requirements: Vec<String>,
    /// Ids of the threats that close with it, after the repairs before it; at least one.
    pub closes: Vec<String>,
}

/// What the findings of a run let an attacker do.
pub fn danger(events: impl IntoIterator<Item = Event>) -> Danger {
    let mut threats = Vec::new();
    let events = events.into_iter().inspect(|event| {
        if let Event::RunStarted(run) = event {
            threats.clone_from(&run.threats);
        }
    });
    let standings = super::record::standings(events);
    let broken: BTreeSet<&str> =
        standings.iter().filter(|(_, s)| **s >= Standing::Warned).map(|(id, _)| id.as_str()).collect();
    let open = open_threats(&threats, &broken);
    let repairs = repairs(&open, &broken);
    Danger { open: open.into_iter().cloned().collect(), repairs }
}

/// The threats that what is broken opens.
pub(super) fn open_threats<'t>(threats: &'t [Threat], broken: &BTreeSet<&str>) -> Vec<&'t Threat> {
    threats.iter().filter(|threat| threat.opens.is_open(&|id| broken.contains(id))).collect()
}

/// Of what opens a threat, what is broken.
pub(super) fn opened_by<'t>(threat: &'t Threat, broken: &BTreeSet<&str>) -> Vec<&'t str> {
    let named: BTreeSet<&str> = threat.opens.requirements().into_iter().collect();
    named.into_iter().filter(|id| broken.contains(id)).collect()
}

/// One after the other, the repair that closes the most of what is still open; among equals the one that asks for
/// the fewest requirements, then the first by their ids. The three that close the most together could be others,
/// but nobody repairs three at once.
pub(super) fn repairs(open: &[&Threat], broken: &BTreeSet<&str>) -> Vec<Repair> {
    let mut left: Vec<&Threat> = open.to_vec();
    let mut broken = broken.clone();
    let mut repairs = Vec::new();
    while repairs.len() < REPAIRS {
        let candidates: BTreeSet<BTreeSet<&str>> =
            left.iter().map(|threat| remedy(&threat.opens, &broken)).collect();
        let closed = |remedy: &BTreeSet<&str>| {
            let still = |id: &str| broken.contains(id) && !remedy.contains(id);
            left.iter().filter(|threat| !threat.opens.is_open(&still)).count()
        };
        let best = candidates.into_iter().max_by(|a, b| {
            closed(a).cmp(&closed(b)).then_with(|| b.len().cmp(&a.len())).then_with(|| b.cmp(a))
        });
        let Some(best) = best else { break };
        broken.retain(|id| !best.contains(id));
        let (still, closed): (Vec<&Threat>, Vec<&Threat>) =
            left.into_iter().partition(|threat| threat.opens.is_open(&|id| broken.contains(id)));
        left = still;
        repairs.push(Repair {
            requirements: best.into_iter().map(str::to_owned).collect(),
            closes: closed.iter().map(|threat| threat.id.clone()).collect(),
        });
    }
    repairs
}

/// The fewest of the broken requirements that have to be kept again before this is no longer open; none where it is
/// not.
fn remedy<'t>(opening: &'t Opening, broken: &BTreeSet<&str>) -> BTreeSet<&'t str> {
    match opening {
        Opening::Broken(id) if broken.contains(id.as_str()) => BTreeSet::from([id.as_str()]),
        Opening::Broken(_) => BTreeSet::new(),
        Opening::AnyOf(parts) => parts.iter().flat_map(|part| remedy(part, broken)).collect(),
        Opening::AllOf(parts) => {
            parts.iter().map(|part| remedy(part, broken)).min_by_key(BTreeSet::len).unwrap_or_default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Location;

    fn threat(id: &str, opens: Opening) -> Threat {
        Threat {
            id: id.to_owned(),
            title: String::new(),
            attack: String::new(),
            sources: Vec::new(),
            opens,
            location: Location::default(),
        }
    }

    fn any(ids: &[&str]) -> Opening {
        Opening::AnyOf(ids.iter().map(|id| Opening::Broken((*id).to_owned())).collect())
    }

    fn all(ids: &[&str]) -> Opening {
        Opening::AllOf(ids.iter().map(|id| Opening::Broken((*id).to_owned())).collect())
    }

    /// Joined by `+` what is to be kept again, and what closes with it.
    fn repaired(threats: &[Threat], broken: &[&str]) -> Vec<(String, String)> {
        let broken = broken.iter().copied().collect();
        let open = open_threats(threats, &broken);
        let repairs = repairs(&open, &broken).into_iter();
        repairs.map(|r| (r.requirements.join("+"), r.closes.join("+"))).collect()
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    }

    #[test]
    fn what_closes_most_comes_first() {
        let threats = [
            threat("one", any(&["a"])),
            threat("two", all(&["c", "b"])),
            threat("three", all(&["c", "d"])),
            threat("closed", all(&["a", "z"])),
        ];
        let repairs = repaired(&threats, &["a", "b", "c", "d"]);
        assert_eq!(repairs, pairs(&[("c", "two+three"), ("a", "one")]));
    }

    #[test]
    fn what_takes_several_requirements_is_one_repair() {
        let threats =
            [threat("one", any(&["a", "b", "z"])), threat("two", any(&["b"])), threat("three", any(&["c"]))];
        let repairs = repaired(&threats, &["a", "b", "c"]);
        assert_eq!(repairs, pairs(&[("a+b", "one+two"), ("c", "three")]));
    }

    #[test]
    fn there_are_at_most_three() {
        let threats = ["a", "b", "c", "d"].map(|id| threat(id, any(&[id])));
        assert_eq!(repaired(&threats, &["a", "b", "c", "d"]), pairs(&[("a", "a"), ("b", "b"), ("c", "c")]));
    }

    #[test]
    fn nothing_broken_opens_nothing() {
        assert_eq!(repaired(&[threat("one", any(&["a"]))], &[]), []);
    }
}
