use std::io::Write as _;

use super::Exit;

/// Why a command could not do its work, and what can be done about it.
#[derive(Debug)]
pub(super) struct Failure {
    exit: Exit,
    /// Lower-case fragment, or diagnostics already drawn.
    message: String,
    help: Option<String>,
    is_drawn: bool,
    kind: &'static str,
}

impl Failure {
    /// The user's input is wrong.
    pub(super) fn usage(message: impl ToString) -> Self {
        Self { exit: Exit::Usage, message: message.to_string(), help: None, is_drawn: false, kind: "error" }
    }

    /// The target cannot be reached or started.
    pub(super) fn unreachable(message: impl ToString) -> Self {
        Self { exit: Exit::Blocked, ..Self::usage(message) }
    }

    /// Something is not what it is said to be.
    pub(super) fn broken(message: impl ToString) -> Self {
        Self { exit: Exit::Broken, ..Self::usage(message) }
    }

    /// What the process would end with.
    pub(super) fn exit(&self) -> Exit {
        self.exit
    }

    /// The selection is empty.
    pub(super) fn nothing(message: impl ToString) -> Self {
        Self { exit: Exit::Nothing, ..Self::usage(message) }
    }

    /// Diagnostics of files, drawn with their carets.
    pub(super) fn drawn(diagnostics: String) -> Self {
        Self { is_drawn: true, ..Self::usage(diagnostics) }
    }

    /// Adds what can be done about it.
    pub(super) fn help(mut self, help: impl ToString) -> Self {
        self.help = Some(help.to_string());
        self
    }

    /// As something to know rather than a reason to end.
    pub(super) fn note(self) -> Self {
        Self { kind: "note", ..self }
    }

    /// Tells the user, on standard error.
    pub(super) fn tell(self, color: bool) -> Exit {
        let (red, bold, plain) = if color && self.kind == "note" {
            ("\u{1b}[1m", "\u{1b}[1m", "\u{1b}[0m")
        } else if color {
            ("\u{1b}[1;31m", "\u{1b}[1m", "\u{1b}[0m")
        } else {
            ("", "", "")
        };
        let mut text = match self.is_drawn {
            true => self.message,
            false => format!("{red}{}{plain}{bold}:{plain} {}", self.kind, self.message),
        };
        if let Some(help) = self.help {
            text.push_str(&format!("\n  {bold}help:{plain} {help}"));
        }
        // There is nobody left to tell when standard error is gone.
        let _ = writeln!(std::io::stderr(), "{}", text.trim_end());
        self.exit
    }
}

/// Without its help.
impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}
