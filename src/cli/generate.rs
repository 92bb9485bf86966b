use std::io::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::load::{self, FileKind};

use super::Exit;
use super::arguments::{self, Generate, SchemaKind};
use super::failure::Failure;

/// Prints or writes what is made from the program itself.
pub(super) fn generate(arguments: &arguments::Generate) -> Result<Exit, Failure> {
    let Generate::Schema { kind, out } = arguments;
    let kinds: Vec<SchemaKind> = match kind {
        Some(kind) => vec![*kind],
        None => SchemaKind::ALL.to_vec(),
    };
    let Some(directory) = out else {
        let text = match kind {
            Some(kind) => pretty(&kind.schema()),
            // All of them as one object by kind: still one JSON text.
            None => {
                let member = |kind: &SchemaKind| (kind.name().to_owned(), kind.schema());
                pretty(&Value::Object(kinds.iter().map(member).collect()))
            }
        };
        // A closed pipe is no failure.
        let _ = std::io::stdout().write_all(text.as_bytes());
        return Ok(Exit::Conforms);
    };
    std::fs::create_dir_all(directory).map_err(|error| unwritable(directory, &error))?;
    for kind in kinds {
        let path = directory.join(format!("{}.json", kind.name()));
        std::fs::write(&path, pretty(&kind.schema())).map_err(|error| unwritable(&path, &error))?;
        let _ = writeln!(std::io::stdout(), "{}", path.display());
    }
    Ok(Exit::Conforms)
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("failed to write {}: {error}", path.display()))
}

fn pretty(schema: &Value) -> String {
    format!("{schema:#}\n")
}

impl SchemaKind {
    const ALL: [Self; 6] =
        [Self::Suite, Self::Target, Self::Profile, Self::Requirement, Self::Threat, Self::Baseline];

    /// As it is typed, and the name of its file.
    fn name(self) -> &'static str {
        match self {
            Self::Suite => "suite",
            Self::Target => "target",
            Self::Profile => "profile",
            Self::Requirement => "requirement",
            Self::Threat => "threat",
            Self::Baseline => "baseline",
        }
    }

    fn schema(self) -> Value {
        load::schema(match self {
            Self::Suite => FileKind::Suite,
            Self::Target => FileKind::Target,
            Self::Profile => FileKind::Profile,
            Self::Requirement => FileKind::Requirements,
            Self::Threat => FileKind::Threats,
            Self::Baseline => FileKind::Baseline,
        })
    }
}
