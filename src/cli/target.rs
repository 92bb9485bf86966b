use std::path::{Path, PathBuf};

use crate::engine::{self, Server};
use crate::load;
use crate::model::{Client, Library, Located, Target};

use super::failure::Failure;
use super::library::read;

/// A target file, loaded; its server not started yet.
pub(super) struct Loaded {
    pub(super) target: Target,
    /// The port set aside for the server that the file says how to start.
    port: Option<u16>,
    directory: PathBuf,
}

/// Loads a target file.
pub(super) fn load(path: &Path, library: &Library, color: bool) -> Result<Loaded, Failure> {
    if !path.exists() {
        return Err(missing(path));
    }
    let source = read(path, color)?;
    // Whether the file needs a port is only known once it is read.
    let port = match source.text.contains("$port") || source.text.contains("${port}") {
        true => Some(
            engine::free_port()
                .map_err(|error| Failure::unreachable(format!("failed to find a free port: {error}")))?,
        ),
        false => None,
    };
    let environment = |name: &str| std::env::var(name).ok();
    let mut target = load::target(&source, &environment, port, library)
        .map_err(|diagnostics| Failure::drawn(diagnostics.render(color)))?;
    let directory = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
    if let Some(ca) = &mut target.ca {
        *ca = directory.join(&*ca).display().to_string();
    }
    read_keys(&mut target, &directory)?;
    Ok(Loaded { target, port, directory })
}

impl Loaded {
    /// Starts the server, if the file says how, and waits for it.
    pub(super) async fn start(&self) -> Result<Option<Server>, Failure> {
        let Some(start) = &self.target.start else {
            return Ok(None);
        };
        let port = match self.port {
            Some(port) => port,
            None => engine::free_port().map_err(Failure::unreachable)?,
        };
        let log = PathBuf::from("reports").join(format!("{}-server.log", self.target.name));
        Server::start(start, port, &self.directory, &log).await.map(Some).map_err(|error| {
            Failure::unreachable(error).help(format!("its whole output is in {}", log.display()))
        })
    }
}

/// Reads the private keys that are in files of their own.
fn read_keys(target: &mut Target, directory: &Path) -> Result<(), Failure> {
    let named = |(name, client): &(String, Client)| Some((name.clone(), client.key_file.clone()?));
    let files: Vec<(String, Located<String>)> = target.clients.iter().filter_map(named).collect();
    for (name, file) in files {
        let path = directory.join(&file.value);
        let help = format!("`private_key_file` of the client `{name}`, {}", file.location);
        let text = std::fs::read_to_string(&path).map_err(|error| {
            Failure::usage(format!("failed to read the private key {}: {error}", path.display())).help(&help)
        })?;
        target.give_key(&name, &text).map_err(|error| {
            Failure::usage(format!("failed to use the private key {}: {error}", path.display())).help(&help)
        })?;
    }
    Ok(())
}

fn missing(path: &Path) -> Failure {
    let failure = Failure::usage(format!("there is no target file {}", path.display()));
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let wanted = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let names: Vec<String> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
        .filter(|name| name.ends_with(".yaml") || name.ends_with(".yml"))
        .collect();
    match crate::plan::nearest(&wanted, names.iter()) {
        Some(near) => failure.help(format!("did you mean {}?", folder.join(near).display())),
        None => failure
            .help("`oauthspec serve` prints a target file to start from; without one, `oauthspec run` tests the embedded reference server"),
    }
}
