use std::path::{Path, PathBuf};

use crate::results::{Claims, SigningKey, VerifyingKey};

use super::Exit;
use super::arguments::Verify;
use super::failure::Failure;
use super::report::journal;
use super::reports::parsed;
use crate::model::Event;
use crate::report::Format;

/// A key, and the journals that it signs once they are written.
pub(super) struct Signing {
    key: SigningKey,
    journals: Vec<PathBuf>,
}

impl Signing {
    /// Reads the key before the run, so that a wrong one does not cost a run.
    pub(super) fn new(key: &Path, reports: &[String]) -> Result<Self, Failure> {
        let pem = std::fs::read(key)
            .map_err(|error| Failure::usage(format!("failed to read the key {}: {error}", key.display())))?;
        let key = SigningKey::from_pem(&pem)
            .map_err(|error| Failure::usage(format!("{} cannot sign: {error}", key.display())))?;
        let mut journals = Vec::new();
        for wanted in reports {
            if let (Format::Journal, path) = parsed(wanted)? {
                journals.push(PathBuf::from(path));
            }
        }
        if journals.is_empty() {
            return Err(Failure::usage("`--sign` needs a journal to sign")
                .help("add `--report journal=results.ndjson`"));
        }
        Ok(Self { key, journals })
    }

    /// Writes the signature of every journal beside it.
    pub(super) fn sign(&self) -> Result<(), Failure> {
        for path in &self.journals {
            let jws = self.key.sign(&claims(path)?).map_err(Failure::usage)?;
            let to = beside(path);
            std::fs::write(&to, jws + "\n")
                .map_err(|error| Failure::usage(format!("failed to write {}: {error}", to.display())))?;
        }
        Ok(())
    }
}

/// Says whether a journal is the one that was signed.
pub(super) fn verify(arguments: &Verify) -> Result<Exit, Failure> {
    let read = |path: &Path| {
        std::fs::read(path)
            .map_err(|error| Failure::usage(format!("failed to read {}: {error}", path.display())))
    };
    let key = VerifyingKey::from_pem(&read(&arguments.key)?)
        .map_err(|error| Failure::usage(format!("{} cannot verify: {error}", arguments.key.display())))?;
    let to = arguments.signature.clone().unwrap_or_else(|| beside(&arguments.journal));
    let jws = String::from_utf8_lossy(&read(&to)?).trim().to_owned();
    let claims = claims(&arguments.journal)?;
    key.verify(&jws, &claims).map_err(|error| {
        Failure::broken(format!(
            "{} is not what {} signs: {error}",
            arguments.journal.display(),
            to.display()
        ))
    })?;
    let said = format!(
        "{} is unchanged since it was signed\n  target   {}\n  profile  {}\n  version  oauthspec {}\n  suites   {}\n  journal  {}\n",
        arguments.journal.display(),
        crate::report::clean_text(&claims.target),
        crate::report::clean_text(&claims.profile),
        crate::report::clean_text(&claims.oauthspec),
        crate::report::clean_text(&claims.suites),
        claims.journal
    );
    use std::io::Write as _;
    // A closed pipe changes no verdict.
    let _ = std::io::stdout().write_all(said.as_bytes());
    Ok(Exit::Conforms)
}

fn claims(path: &Path) -> Result<Claims, Failure> {
    let events = journal(path)?;
    let bytes = std::fs::read(path)
        .map_err(|error| Failure::usage(format!("failed to read {}: {error}", path.display())))?;
    match events.into_iter().next() {
        Some(Event::RunStarted(run)) => Ok(Claims::new(&bytes, &run)),
        _ => Err(Failure::usage(format!("{} is no journal", path.display()))),
    }
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().map(std::ffi::OsStr::to_owned).unwrap_or_default();
    name.push(".jws");
    path.with_file_name(name)
}
