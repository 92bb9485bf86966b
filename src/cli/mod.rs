//! What was typed, and what it means: the only room that sees all others.

mod arguments;
mod ca_file;
mod check;
mod coverage;
mod embedded;
mod exit;
mod explain;
mod failure;
mod generate;
mod interruption;
mod library;
mod list;
mod narrate;
mod reference;
mod reports;
mod run;
mod serve;
mod target;
mod verdicts;

pub use coverage::{Coverage, DocumentCoverage, How, RequirementCoverage, Totals};
pub use exit::Exit;
pub use library::built_in_library;
pub use reference::{Setting, judge_reference};

use arguments::{Arguments, Command};

/// Parses the command line, does what it says, and answers with the exit code.
pub fn main() -> Exit {
    let arguments = match Arguments::read() {
        Ok(arguments) => arguments,
        Err(exit) => return exit,
    };
    let color = arguments.color();
    let done = match arguments.command {
        Command::Check(arguments) => check::check(&arguments, color),
        Command::Coverage(arguments) => coverage::coverage(&arguments, color),
        Command::Explain(arguments) => explain::explain(&arguments, color),
        Command::Generate(arguments) => generate::generate(&arguments),
        Command::List(arguments) => list::list(&arguments, color),
        Command::Run(arguments) => run::run(&arguments, color),
        Command::Serve(arguments) => serve::serve(&arguments, color),
    };
    done.unwrap_or_else(|failure| failure.tell(color))
}
