use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::process::{Child, Command};

use crate::http::{Endpoint, Headers, Request, Transport, TransportOptions};
use crate::model::Start;

/// A server that the target file told us to start; stopped by [`Server::stop`], or at the latest when dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    group: Option<u32>,
    /// Where its output goes.
    pub log: PathBuf,
}

/// Why the server is not there.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The log or the process could not be made.
    #[error("failed to start `{command}`: {reason}")]
    Spawn {
        /// The command.
        command: String,
        /// The system's words.
        reason: String,
    },
    /// It ended by itself before it was ready.
    #[error("`{command}` ended with {status} before it was ready; its last words:\n{output}")]
    Ended {
        /// The command.
        command: String,
        /// How it ended.
        status: String,
        /// The end of its output.
        output: String,
    },
    /// It is not ready in time.
    #[error("`{command}` was not ready at {url} within {patience:?}; its last words:\n{output}")]
    NotReady {
        /// The command.
        command: String,
        /// What was asked.
        url: String,
        /// How long it was given.
        patience: Duration,
        /// The end of its output.
        output: String,
    },
}

/// A port on the loopback interface that was free a moment ago.
///
/// # Errors
///
/// When the system has none.
pub fn free_port() -> std::io::Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

impl Server {
    /// Starts the command in a process group of its own and waits until it answers. `$port` in the command is
    /// the port.
    ///
    /// # Errors
    ///
    /// A command that cannot be started, ends, or is not ready in time.
    pub async fn start(start: &Start, port: u16, directory: &Path, log: &Path) -> Result<Self, ServerError> {
        let spawn_error =
            |e: std::io::Error| ServerError::Spawn { command: start.command.clone(), reason: e.to_string() };
        if let Some(parent) = log.parent() {
            std::fs::create_dir_all(parent).map_err(spawn_error)?;
        }
        let output = std::fs::File::create(log).map_err(spawn_error)?;
        let mut directory = directory.to_owned();
        if let Some(inner) = &start.directory {
            directory.push(inner);
        }
        let child = Command::new("sh")
            .args(["-c", &start.command])
            .env("port", port.to_string())
            .current_dir(directory)
            .stdin(Stdio::null())
            .stdout(output.try_clone().map_err(spawn_error)?)
            .stderr(output)
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(spawn_error)?;
        let mut server = Self { group: child.id(), child, log: log.to_owned() };
        server.wait_until_ready(start, port).await?;
        Ok(server)
    }

    /// Asks it to end, and makes it end after five seconds.
    pub async fn stop(mut self) {
        self.signal("TERM");
        if tokio::time::timeout(Duration::from_secs(5), self.child.wait()).await.is_err() {
            self.signal("KILL");
        }
    }

    async fn wait_until_ready(&mut self, start: &Start, port: u16) -> Result<(), ServerError> {
        let url = start.ready.replace("${port}", &port.to_string()).replace("$port", &port.to_string());
        let origin = url::Url::parse(&url).map(|u| u.origin().ascii_serialization()).unwrap_or_default();
        let transport = Transport::new(TransportOptions {
            concurrency: 1,
            requests_per_second: None,
            timeout: Duration::from_secs(2),
            body_limit: 1 << 16,
            certificate_authorities: Vec::new(),
            origins: vec![origin],
        });
        let transport = transport
            .map_err(|e| ServerError::Spawn { command: start.command.clone(), reason: e.to_string() })?;
        let began = Instant::now();
        loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(ServerError::Ended {
                    command: start.command.clone(),
                    status: status.to_string(),
                    output: self.last_words(),
                });
            }
            let request = Request {
                method: "GET".to_owned(),
                url: url.clone(),
                headers: Headers::default(),
                body: Vec::new(),
            };
            let exchange = transport.send(Endpoint::Other, request).await;
            if exchange.response().is_some_and(|r| r.status < 500) {
                return Ok(());
            }
            if began.elapsed() > start.patience {
                self.signal("KILL");
                return Err(ServerError::NotReady {
                    command: start.command.clone(),
                    url,
                    patience: start.patience,
                    output: self.last_words(),
                });
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    fn last_words(&self) -> String {
        let text = std::fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(12)..].join("\n")
    }

    /// Signals the whole process group: a shell's children too.
    fn signal(&self, signal: &str) {
        if let Some(group) = self.group {
            // Nothing is to be done about a group that is gone already.
            let _ = std::process::Command::new("kill")
                .args([&format!("-{signal}"), "--", &format!("-{group}")])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.signal("KILL");
        }
    }
}
