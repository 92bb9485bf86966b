use std::collections::BTreeSet;

use serde::Serialize;

use super::super::record::{Judged, Record, Standing};
use super::super::threats::{Repair, open_threats, opened_by, repairs};
use crate::model::Threat;

/// The page's view of what an attacker can do.
#[derive(Debug, Serialize)]
pub(super) struct Threats<'a> {
    /// Those that are open first, then those of which the run cannot say.
    all: Vec<Row<'a>>,
    repairs: Vec<Repair>,
}

#[derive(Debug, Serialize)]
struct Row<'a> {
    id: &'a str,
    title: &'a str,
    attack: &'a str,
    sources: &'a [String],
    state: State,
    /// Ids of the broken requirements that open it.
    opened_by: Vec<&'a str>,
    /// Ids of all requirements that it hangs on.
    requirements: BTreeSet<&'a str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Open,
    /// Requirements that would open it were not judged.
    Unknown,
    Closed,
}

impl<'a> Threats<'a> {
    /// As the requirements stand.
    pub(super) fn new(record: &'a Record, standings: &[Judged<'a>]) -> Self {
        let threats = record.run.as_ref().map_or(&[][..], |run| &run.threats);
        let ids = |holds: fn(Standing) -> bool| -> BTreeSet<&str> {
            let all = standings.iter().filter(|judged| holds(judged.standing));
            all.map(|judged| judged.requirement.id.as_str()).collect()
        };
        let broken = ids(|standing| standing >= Standing::Warned);
        let kept = ids(|standing| standing == Standing::Kept);
        let open = open_threats(threats, &broken);
        let mut all: Vec<Row<'a>> = threats.iter().map(|threat| row(threat, &broken, &kept)).collect();
        all.sort_by_key(|row| row.state);
        Self { all, repairs: repairs(&open, &broken) }
    }
}

fn row<'a>(threat: &'a Threat, broken: &BTreeSet<&str>, kept: &BTreeSet<&str>) -> Row<'a> {
    let Threat { id, title, attack, sources, opens, .. } = threat;
    let state = match () {
        () if opens.is_open(&|id| broken.contains(id)) => State::Open,
        () if opens.is_open(&|id| !kept.contains(id)) => State::Unknown,
        () => State::Closed,
    };
    let opened_by = if state == State::Open { opened_by(threat, broken) } else { Vec::new() };
    Row {
        id,
        title,
        attack,
        sources,
        state,
        opened_by,
        requirements: opens.requirements().into_iter().collect(),
    }
}
