use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Arc;

use crate::reference::{Defect, LogLine};
use crate::report::clean_text;

use super::Exit;
use super::arguments::{self, Log};
use super::failure::Failure;
use super::library::library;
use super::reference::{Embedded, Setting, Wishes};
use super::run::known_profile;

/// Serves the reference server until Ctrl-C.
pub(super) fn serve(arguments: &arguments::Serve, color: bool) -> Result<Exit, Failure> {
    if arguments.list_defects {
        say(&defects());
        return Ok(Exit::Conforms);
    }
    let library = library(&[], color)?;
    known_profile(&library, &arguments.profile)?;
    let defects =
        arguments.defect.iter().map(|name| name.parse::<Defect>()).collect::<Result<Vec<_>, _>>().map_err(
            |error| Failure::usage(error).help("`oauthspec serve --list-defects` prints all of them"),
        )?;
    let wishes = Wishes {
        port: arguments.port,
        defects: defects.clone(),
        setting: Setting::Web,
        running_clock: true,
        no_clock: !arguments.clock,
        log: log(arguments.log),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::unreachable(format!("failed to start the runtime: {error}")))?;
    runtime.block_on(async {
        let embedded = Embedded::start(&library, &arguments.profile, &wishes).await?;
        say(&welcome(&embedded, arguments, &defects));
        // Without Ctrl-C to listen to there is nothing to wait for.
        let _ = tokio::signal::ctrl_c().await;
        embedded.stop().await;
        say("\nstopped\n");
        Ok(Exit::Conforms)
    })
}

fn welcome(embedded: &Embedded, arguments: &arguments::Serve, defects: &[Defect]) -> String {
    let mut text = format!("The reference server is at {}\n", embedded.issuer());
    // Writing to a string cannot fail.
    let _ = writeln!(text, "It keeps the promises of profile `{}`.", arguments.profile);
    for defect in defects {
        let _ = writeln!(text, "Defect {}: {}", defect.name(), defect.sentence());
    }
    let _ = writeln!(
        text,
        "\nA target file for it; save it as target.yaml and say `oauthspec run target.yaml`:\n"
    );
    for line in embedded.text.lines() {
        let _ = writeln!(text, "{line}");
    }
    let _ = writeln!(text, "\nCtrl-C stops it.");
    text
}

fn defects() -> String {
    let mut text = String::new();
    for defect in Defect::ALL {
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
        Log::Text => Some(Arc::new(|line| {
            let names: Vec<&str> = line.defects.iter().map(|d| d.name()).collect();
            let defects = if names.is_empty() { String::new() } else { format!("  [{}]", names.join(", ")) };
            let (method, path) = (clean_text(&line.method), clean_text(&line.path));
            say(&format!("{} {method} {path}{defects}\n", line.status));
        })),
        Log::Json => Some(Arc::new(|line| {
            let names: Vec<&str> = line.defects.iter().map(|d| d.name()).collect();
            let line = serde_json::json!({
                "method": line.method,
                "path": line.path,
                "status": line.status,
                "defects": names,
            });
            say(&format!("{line}\n"));
        })),
    }
}

/// A closed pipe must not stop the server.
fn say(text: &str) {
    let mut out = std::io::stdout();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}
