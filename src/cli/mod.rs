//! What was typed, and what it means: the only room that sees all others.

mod arguments;
mod audience;
mod ca_file;
mod check;
mod compare;
mod conformance;
mod coverage;
mod embedded;
mod exit;
mod explain;
mod failure;
mod failures;
mod fleet;
mod generate;
mod interruption;
mod library;
mod list;
mod narrate;
mod part;
mod reference;
mod report;
mod reports;
mod run;
mod serve;
mod signing;
mod target;
mod verdicts;
mod watching;

pub use conformance::Conformance;
pub use coverage::{Coverage, DocumentCoverage, How, RequirementCoverage, Totals};
pub use exit::Exit;
pub use library::built_in_library;
pub use reference::{Circumstances, Setting, judge_reference, judge_reference_in};

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
        Command::Compare(arguments) => compare::compare(&arguments, color),
        Command::Generate(arguments) => generate::generate(&arguments),
        Command::List(arguments) => list::list(&arguments, color),
        Command::Report(arguments) => report::report(&arguments, color),
        Command::Run(arguments) => run::run(&arguments, color),
        Command::Serve(arguments) => serve::serve(&arguments, color),
    };
    done.unwrap_or_else(|failure| failure.tell(color))
}
