use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::model::{CaseKind, Event, FailedInput, Verdict};

use super::failure::Failure;

/// Inputs of properties that failed in earlier runs, kept in a file beside the target's.
///
/// The file names inputs by seed and number and holds nothing of them: no secret can be in it.
#[derive(Debug)]
pub(super) struct Failures {
    path: PathBuf,
    /// Whether the user named the file: only then it is a failure that it cannot be written.
    named: bool,
    target: String,
    kept: File,
    changed: bool,
}

/// By target, then by `suite/case[instance]`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct File {
    about: String,
    targets: BTreeMap<String, BTreeMap<String, FailedInput>>,
}

const ABOUT: &str = "inputs on which properties failed, by seed and number; oauthspec run tries them first and forgets those that pass";

/// Beside a target file.
const USUAL: &str = ".oauthspec/failures.json";

impl Failures {
    /// Reads the named file, or the one beside the target file; `None` where there is neither. A file that does
    /// not exist yet remembers nothing.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, or is another.
    pub(super) fn read(
        named: Option<&Path>,
        target_file: Option<&Path>,
        target: &str,
    ) -> Result<Option<Self>, Failure> {
        let path = match (named, target_file) {
            (Some(path), _) => path.to_owned(),
            (None, Some(file)) => file.with_file_name(USUAL),
            (None, None) => return Ok(None),
        };
        let kept = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| {
                Failure::usage(format!("failed to read {}: {error}", path.display())).help(
                    "it remembers inputs on which properties failed; delete it, and nothing is remembered",
                )
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => File::default(),
            Err(error) => return Err(Failure::usage(format!("failed to read {}: {error}", path.display()))),
        };
        Ok(Some(Self { path, named: named.is_some(), target: target.to_owned(), kept, changed: false }))
    }

    /// What is remembered of this target.
    pub(super) fn remembered(&self) -> BTreeMap<String, FailedInput> {
        self.kept.targets.get(&self.target).cloned().unwrap_or_default()
    }

    /// Remembers what fails, and forgets what passes.
    pub(super) fn observe(&mut self, event: &Event) {
        let Event::CaseFinished(result) = event else { return };
        if result.kind != CaseKind::Property {
            return;
        }
        let kept = self.kept.targets.entry(self.target.clone()).or_default();
        let failed = result.property.as_ref().and_then(|property| property.failed);
        let before = match (result.verdict, failed) {
            (Verdict::Pass, _) => kept.remove(&result.id()),
            (Verdict::Warn | Verdict::Fail, Some(failed)) => {
                kept.insert(result.id(), failed).filter(|before| *before == failed)
            }
            _ => return,
        };
        self.changed |= before.is_some() == (result.verdict == Verdict::Pass);
    }

    /// Writes the file if anything has changed. In a directory that cannot be written to nothing is remembered,
    /// unless the user named the file.
    ///
    /// # Errors
    ///
    /// The named file cannot be written.
    pub(super) fn write(mut self) -> Result<(), Failure> {
        if !self.changed {
            return Ok(());
        }
        self.kept.about = ABOUT.to_owned();
        self.kept.targets.retain(|_, kept| !kept.is_empty());
        match self.replace() {
            Err(error) if self.named => {
                Err(Failure::usage(format!("failed to write {}: {error}", self.path.display())))
            }
            _ => Ok(()),
        }
    }

    /// The file is whole at any time, whoever interrupts.
    fn replace(&self) -> std::io::Result<()> {
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let text = serde_json::to_string_pretty(&self.kept)?;
        let beside = self.path.with_extension("json.new");
        std::fs::write(&beside, text + "\n")?;
        std::fs::rename(&beside, &self.path)
    }
}
