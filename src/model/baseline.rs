use super::Location;

/// Failures that are known and borne until a day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Baseline {
    /// In order of the file.
    pub entries: Vec<BaselineEntry>,
}

/// One known failure.
#[derive(Clone, Debug, PartialEq)]
pub struct BaselineEntry {
    /// `suite/case[instance]`, or `suite/case` for all its instances, or a glob over either.
    pub case: String,
    /// The broken requirement.
    pub requirement: String,
    /// How what is seen begins; empty for anything.
    pub seen: String,
    /// Why it is borne.
    pub reason: String,
    /// The last day on which it is, as `2027-01-31`.
    pub expires: String,
    /// How many rows it may cover; given with a glob.
    pub at_most: Option<u64>,
    /// Of the entry.
    pub location: Location,
}
