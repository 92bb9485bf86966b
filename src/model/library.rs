use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Profile, Requirement, Suite, Threat};

/// Everything that was loaded: suites, the catalogue of requirements, profiles. Consistent: every id that
/// one of them names is there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Library {
    /// In order of their files.
    pub suites: Vec<Arc<Suite>>,
    /// By id.
    pub requirements: BTreeMap<String, Requirement>,
    /// By id.
    pub profiles: BTreeMap<String, Profile>,
    /// In order of their files.
    pub threats: Vec<Threat>,
}
