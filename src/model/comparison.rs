use serde::Serialize;

/// Two runs laid side by side.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// What the two are called and where they are.
    pub sides: [Side; 2],
    /// How many rows both have.
    pub rows: usize,
    /// How many of these behave alike.
    pub alike: usize,
    /// What concerns a kind of answer first, then what a case and its step came to, in the order of places.
    pub differences: Vec<Difference>,
    /// Rows that only one side has.
    pub only: [Vec<String>; 2],
}

/// One of two runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Side {
    /// The target's name.
    pub target: String,
    /// Where it is.
    pub issuer: String,
    /// Reproduces its random choices.
    pub seed: u64,
}

/// A behaviour that is not the same.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// Where: a kind of answer (`token success`), or a case and its step.
    pub place: String,
    /// What: `status`, `header cache-control`, `member expires_in`, ...
    pub what: String,
    /// On either side.
    pub seen: [String; 2],
    /// Whether it brings another verdict.
    pub verdicts: bool,
    /// Where it shows.
    pub rows: Vec<String>,
}

impl Comparison {
    /// What to call the two, so that they can be told apart. Not cleaned.
    pub fn names(&self) -> [String; 2] {
        let [one, other] = &self.sides;
        if one.target != other.target {
            [one.target.clone(), other.target.clone()]
        } else if one.issuer != other.issuer {
            [one, other].map(|side| format!("{} at {}", side.target, side.issuer))
        } else {
            [format!("{} (first)", one.target), format!("{} (second)", other.target)]
        }
    }

    /// How many things differ, in one sentence. Not cleaned.
    pub fn sentence(&self) -> String {
        let [one, other] = self.names();
        match self.differences.len() {
            0 => format!("{one} and {other} behave alike"),
            1 => format!("{other} differs from {one} in 1 thing"),
            n => format!("{other} differs from {one} in {n} things"),
        }
    }
}
