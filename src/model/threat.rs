use serde::{Deserialize, Serialize};

use super::Location;

/// An attack, and which requirements have to be broken, one by one or together, before it is possible.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Threat {
    /// Stable slug, for example `code-replay`.
    pub id: String,
    /// The attack's name, as the literature has it.
    pub title: String,
    /// What an attacker can do, in one sentence.
    pub attack: String,
    /// Where it is described: documents and sections, papers.
    pub sources: Vec<String>,
    /// What opens it.
    pub opens: Opening,
    /// Where the catalogue has it.
    pub location: Location,
}

/// Which broken requirements open a threat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Opening {
    /// That one, by id.
    Broken(String),
    /// All of these together.
    AllOf(Vec<Opening>),
    /// Any of these alone.
    AnyOf(Vec<Opening>),
}

impl Opening {
    /// Whether it is open when `is_broken` tells which requirements are broken.
    pub fn is_open(&self, is_broken: &dyn Fn(&str) -> bool) -> bool {
        match self {
            Self::Broken(id) => is_broken(id),
            Self::AllOf(parts) => parts.iter().all(|part| part.is_open(is_broken)),
            Self::AnyOf(parts) => parts.iter().any(|part| part.is_open(is_broken)),
        }
    }

    /// All requirements that it names, in order.
    pub fn requirements(&self) -> Vec<&str> {
        match self {
            Self::Broken(id) => vec![id],
            Self::AllOf(parts) | Self::AnyOf(parts) => parts.iter().flat_map(Self::requirements).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_attacks_need_several_faults() {
        let broken = |id: &str| Opening::Broken(id.to_owned());
        let opening = Opening::AllOf(vec![broken("a"), Opening::AnyOf(vec![broken("b"), broken("c")])]);
        assert!(opening.is_open(&|id| ["a", "c"].contains(&id)));
        assert!(!opening.is_open(&|id| id == "a"));
        assert!(!opening.is_open(&|id| ["b", "c"].contains(&id)));
        assert_eq!(opening.requirements(), ["a", "b", "c"]);
    }
}
