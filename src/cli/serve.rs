use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Arc;

use serde_json::json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::reference::{Defect, LogLine};
use crate::report::clean_text;

use super::Exit;
use super::arguments::{self, Log};
use super::failure::Failure;
use super::library::library;
use super::reference::{Embedded, Setting, Wishes};
use super::run::known_profile;

/// Serves the reference server until Ctrl-C or SIGTERM.
pub(super) fn serve(arguments: &arguments::Serve, color: bool) -> Result<Exit, Failure> {
    if let Some(word) = &arguments.list_defects {
        let text = list(word);
        if text.is_empty() {
            let failure =
                Failure::nothing(format!("no defect has `{word}` in its name, sentence or requirement"));
            return Err(failure.help("`oauthspec serve --list-defects` prints all of them"));
        }
        say(&text);
        return Ok(Exit::Conforms);
    }
    let library = library(&arguments.suites, color)?;
    known_profile(&library, &arguments.profile)?;
    let defects = defects(&arguments.defect)?;
    visible(&defects, arguments)?;
    let wishes = Wishes {
        port: arguments.port,
        defects: defects.clone(),
        setting: Setting::Web,
        running_clock: true,
        no_clock: !arguments.clock,
        tls: arguments.tls,
        plain_http: arguments.plain_http,
        ca_file: arguments.ca_file.clone(),
        log: log(arguments.log),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::unreachable(format!("failed to start the runtime: {error}")))?;
    runtime.block_on(async {
        // Listened for before anything is said, so that whoever reads the first line may already send one.
        let asked = asked_to_stop();
        let embedded = Embedded::start(&library, &arguments.profile, &wishes).await?;
        if let Some(path) = &arguments.target_file {
            std::fs::write(path, &embedded.text).map_err(|error| {
                Failure::usage(format!("failed to write the target file {}: {error}", path.display()))
            })?;
        }
        say(&match arguments.log {
            Log::Json => started(&embedded, arguments, &defects),
            Log::Text | Log::None => welcome(&embedded, arguments, &defects),
        });
        asked.await;
        embedded.stop().await;
        say(match arguments.log {
            Log::Json => "{\"event\":\"stopped\"}\n",
            Log::Text | Log::None => "\nstopped\n",
        });
        Ok(Exit::Conforms)
    })
}

/// The defects of those names, each once; every unknown name is told at once.
fn defects(names: &[String]) -> Result<Vec<Defect>, Failure> {
    let mut defects = Vec::new();
    let mut unknown = Vec::new();
    for name in names {
        match name.parse::<Defect>() {
            Ok(defect) if defects.contains(&defect) => {}
            Ok(defect) => defects.push(defect),
            Err(error) => unknown.push(error.to_string()),
        }
    }
    if unknown.is_empty() {
        return Ok(defects);
    }
    Err(Failure::usage(unknown.join("; ")).help("`oauthspec serve --list-defects` prints all of them"))
}

/// A defect that nobody could see would be taken for one that nothing catches.
fn visible(defects: &[Defect], arguments: &arguments::Serve) -> Result<(), Failure> {
    let first = |steps: &[&str]| defects.iter().find(|defect| steps.contains(&defect.step()));
    if let Some(defect) = first(&["cleartext"]).filter(|_| arguments.plain_http.is_none()) {
        return Err(Failure::usage(format!(
            "`{defect}` shows only beside TLS, where there is plain HTTP too"
        ))
        .help("add `--tls --plain-http 0`"));
    }
    let defect = first(&["handshake", "strict_transport"])
        .or_else(|| defects.iter().find(|defect| **defect == Defect::OmitsSecureFromCookie));
    match defect.filter(|_| !arguments.tls) {
        Some(defect) => {
            Err(Failure::usage(format!("`{defect}` shows only where the server speaks TLS"))
                .help("add `--tls`"))
        }
        None => Ok(()),
    }
}

/// Ends at Ctrl-C (SIGINT) or SIGTERM, for which it listens from this call on.
#[cfg(unix)]
fn asked_to_stop() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};

    let (interrupt, terminate) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    async move {
        match (interrupt, terminate) {
            (Ok(mut interrupt), Ok(mut terminate)) => {
                tokio::select! { _ = interrupt.recv() => {} _ = terminate.recv() => {} }
            }
            // Without signals the system ends the process its own way.
            _ => std::future::pending().await,
        }
    }
}

/// Ends at Ctrl-C.
#[cfg(not(unix))]
async fn asked_to_stop() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}

/// What people read when it has started.
fn welcome(embedded: &Embedded, arguments: &arguments::Serve, defects: &[Defect]) -> String {
    let issuer = embedded.issuer();
    let mut text = format!(
        "The reference server is at {issuer}\nIt keeps the promises of profile `{}`.\n",
        arguments.profile
    );
    // Writing to a string cannot fail.
    if let Some(path) = embedded.ca_file() {
        let _ = writeln!(
            text,
            "Its certificate is known to nobody; clients that trust this one reach it:\n  {}",
            path.display()
        );
    }
    let _ = writeln!(
        text,
        "\nEndpoints\n  metadata       {issuer}/.well-known/oauth-authorization-server\n  \
         authorization  {issuer}/oauth2/auth\n  token          {issuer}/oauth2/token\n  \
         resource       {issuer}/api/me"
    );
    text.push_str("\nUsers, with their passwords\n");
    for user in &embedded.users {
        let _ = writeln!(text, "  {:<14}  {}", user.name, user.password);
    }
    text.push_str("\nClients, with their secrets and redirect URIs\n");
    for client in &embedded.clients {
        let secret = client.secret.as_deref().unwrap_or("no secret: a public client");
        let _ = writeln!(text, "  {:<14}  {secret}", client.id);
        for uri in &client.redirect_uris {
            let _ = writeln!(text, "  {:<14}  {uri}", "");
        }
    }
    match defects {
        [] => text.push_str(
            "\nNo defects. `--defect NAME` makes it break a rule on purpose, `--list-defects` prints the names.\n",
        ),
        _ => text.push_str("\nDefects\n"),
    }
    for defect in defects {
        let _ =
            writeln!(text, "  {}: {}\n    breaks {}", defect.name(), defect.sentence(), defect.requirement());
    }
    if let Some(admin) = embedded.admin_url() {
        let _ = writeln!(
            text,
            "\nIts clock goes by itself and can be moved ahead; a reset forgets every session and token:\n  \
             curl -d advance_seconds=3600 {admin}/clock\n  curl -X POST {admin}/reset"
        );
    }
    match &arguments.target_file {
        Some(path) => {
            let _ = writeln!(
                text,
                "\nIts target file is written; judge it with\n  oauthspec run {}",
                path.display()
            );
        }
        None => {
            let _ = writeln!(
                text,
                "\nA target file for it; save it as target.yaml and say `oauthspec run target.yaml`:\n"
            );
            text.push_str(&embedded.text);
        }
    }
    text.push_str("\nCtrl-C stops it.\n");
    text
}

/// The same for programs.
fn started(embedded: &Embedded, arguments: &arguments::Serve, defects: &[Defect]) -> String {
    let line = json!({
        "event": "started",
        "issuer": embedded.issuer(),
        "profile": arguments.profile,
        "defects": names(defects),
        "ca_file": embedded.ca_file(),
        "admin": embedded.admin_url(),
        "target_file": embedded.text,
    });
    format!("{line}\n")
}

fn list(word: &str) -> String {
    let mut text = String::new();
    let word = word.to_lowercase();
    let has = |defect: &Defect| {
        let words = [defect.name(), defect.sentence(), defect.requirement()];
        words.iter().any(|words| words.to_lowercase().contains(&word))
    };
    for defect in Defect::ALL.iter().filter(|defect| has(defect)) {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{}\n    {}\n    breaks {}",
            defect.name(),
            defect.sentence(),
            defect.requirement()
        );
    }
    text
}

fn log(kind: Log) -> Option<Arc<dyn Fn(LogLine) + Send + Sync>> {
    match kind {
        Log::None => None,
        Log::Text => Some(Arc::new(|line| say(&log_text(&line)))),
        Log::Json => Some(Arc::new(|line| {
            let line = json!({
                "event": "request",
                "time": OffsetDateTime::now_utc().format(&Rfc3339).ok(),
                "method": line.method,
                "path": line.path,
                "status": line.status,
                "error": line.error,
                "defects": names(&line.defects),
            });
            say(&format!("{line}\n"));
        })),
    }
}

fn log_text(line: &LogLine) -> String {
    let mut text = format!("{} {} {}", line.status, clean_text(&line.method), clean_text(&line.path));
    // Writing to a string cannot fail.
    if let Some(error) = &line.error {
        let _ = write!(text, "  {}", clean_text(error));
    }
    if !line.defects.is_empty() {
        let _ = write!(text, "  [{}]", names(&line.defects).join(", "));
    }
    text.push('\n');
    text
}

fn names(defects: &[Defect]) -> Vec<&'static str> {
    defects.iter().map(|defect| defect.name()).collect()
}

/// A closed pipe must not stop the server.
fn say(text: &str) {
    let mut out = std::io::stdout();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_once_and_all_unknown_ones_told() {
        let of = |names: &[&str]| defects(&names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>());
        let twice = ["accepts-reused-code", "ignores-denial", "accepts-reused-code"];
        assert_eq!(of(&twice).unwrap(), [Defect::AcceptsReusedCode, Defect::IgnoresDenial]);
        let told = of(&["accept-reused-code", "ignores-denail"]).unwrap_err().to_string();
        assert!(told.contains("`accepts-reused-code`") && told.contains("`ignores-denial`"), "{told}");
    }

    #[test]
    fn a_line_of_the_log_says_what_went_wrong_and_obeys_nobody() {
        let line = LogLine {
            method: "POST".to_owned(),
            path: "/oauth2/token".to_owned(),
            status: 400,
            error: Some("invalid_grant: \u{1b}[2J".to_owned()),
            defects: vec![Defect::AcceptsReusedCode],
        };
        assert_eq!(
            log_text(&line),
            "400 POST /oauth2/token  invalid_grant: \\u{1b}[2J  [accepts-reused-code]\n"
        );
    }
}
