use std::fs::{self, OpenOptions};
use std::hash::{BuildHasher as _, RandomState};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::failure::Failure;

/// The file with the certificate by which a server is trusted whose certificate nobody else knows.
#[derive(Debug)]
pub(super) struct CaFile {
    path: PathBuf,
    /// Whether it goes away with the server.
    is_temporary: bool,
}

impl CaFile {
    /// Writes a certificate to the path that was asked for, or to a new file in the temporary directory.
    pub(super) fn write(pem: &str, wanted: Option<&Path>) -> Result<Self, Failure> {
        let is_temporary = wanted.is_none();
        let path = match wanted {
            Some(path) => path.to_owned(),
            None => {
                std::env::temp_dir().join(format!("oauthspec-{:016x}.pem", RandomState::new().hash_one(0)))
            }
        };
        let failed = |error: std::io::Error| {
            Failure::usage(format!("failed to write the certificate to {}: {error}", path.display()))
                .help("`--ca-file PATH` writes it elsewhere")
        };
        // In a directory that everybody may write to, a file that is there already is somebody else's.
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .create_new(is_temporary)
            .open(&path)
            .map_err(failed)?;
        file.write_all(pem.as_bytes()).map_err(failed)?;
        // Absolute, so that the target file may lie anywhere.
        let path = fs::canonicalize(&path).map_err(failed)?;
        Ok(Self { path, is_temporary })
    }

    /// Its absolute path.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for CaFile {
    fn drop(&mut self) {
        if self.is_temporary {
            // Somebody has been tidier.
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_temporary_file_goes_away_and_a_wanted_one_stays() {
        let temporary = CaFile::write("pem", None).unwrap();
        let path = temporary.path().to_owned();
        assert_eq!(fs::read_to_string(&path).unwrap(), "pem");
        drop(temporary);
        assert!(!path.exists());

        drop(CaFile::write("a longer pem", Some(&path)).unwrap());
        drop(CaFile::write("pem", Some(&path)).unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "pem");
        fs::remove_file(&path).unwrap();
        assert!(CaFile::write("pem", Some(&std::env::temp_dir())).is_err(), "a directory is no file");
    }
}
