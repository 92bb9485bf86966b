use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, Once, PoisonError};

use libtest_mimic::{Arguments, Failed, Trial};

use crate::model::{CaseResult, Event, RunStarted, Verdict};
use crate::plan::{Plan, Selection};
use crate::report::{ReportError, Reporter, clean_lines, curl};

use super::audience::Audience;
use super::failure::Failure;
use super::run::{Session, runtime};

/// Presents every row as a test of `cargo test` or `cargo nextest`: a target of yours without a harness
/// (`[[test]] name = "conformance"`, `harness = false`) with
///
/// ```no_run
/// fn main() -> std::process::ExitCode {
///     oauthspec::cli::Conformance::of_target("oauthspec.yaml").main()
/// }
/// ```
///
/// in it. The names are those of `oauthspec list`, so that `cargo test --test conformance -- state/echoed` runs what
/// it says and the positive controls that this needs, and no more. One engine plays all rows at once; a test waits for
/// its row. Rows that do not apply pass; what is blocked, in error or broken fails, a broken SHOULD does not.
#[derive(Clone, Debug, Default)]
pub struct Conformance {
    target: Option<PathBuf>,
    profile: Option<String>,
    suites: Vec<PathBuf>,
    seed: Option<u64>,
}

impl Conformance {
    /// Of the embedded reference server.
    pub fn of_reference() -> Self {
        Self::default()
    }

    /// Of the server of a target file, which may say how to start it.
    pub fn of_target(path: impl Into<PathBuf>) -> Self {
        Self { target: Some(path.into()), ..Self::default() }
    }

    /// By that profile instead of the target file's.
    #[must_use]
    pub fn profile(mut self, id: impl Into<String>) -> Self {
        self.profile = Some(id.into());
        self
    }

    /// With further suites from that directory.
    #[must_use]
    pub fn suites(mut self, directory: impl Into<PathBuf>) -> Self {
        self.suites.push(directory.into());
        self
    }

    /// With these random choices.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Reads the arguments of `cargo test`, runs what they select, and answers for the process.
    pub fn main(self) -> ExitCode {
        let arguments = Arguments::from_args();
        let prepared = Session::of(&self.suites, Selection::default(), self.profile.clone(), false)
            .and_then(|session| Ok((session.plan(self.target.as_deref())?, session)));
        let (plan, session) = match prepared {
            Ok(prepared) => prepared,
            Err(failure) => return failure.tell(false).into(),
        };
        let names = names(&plan);
        let chosen: BTreeSet<String> =
            names.iter().map(|(name, _)| name).filter(|name| is_chosen(&arguments, name)).cloned().collect();
        let rows = (chosen.len() < names.len()).then_some(chosen);
        let run = Arc::new(Run {
            session: session.seeded(self.seed).only(rows),
            target: self.target,
            board: Arc::default(),
            begun: Once::new(),
        });
        let trials = names
            .into_iter()
            .map(|(name, kind)| {
                let (run, id) = (run.clone(), name.clone());
                Trial::test(name, move || run.verdict(&id)).with_kind(kind)
            })
            .collect();
        libtest_mimic::run(&arguments, trials).exit_code()
    }
}

/// Every row with the kind that stands before it in a list, none for a plain case.
fn names(plan: &Plan) -> Vec<(String, &'static str)> {
    let kind = |is_property: bool| if is_property { "property" } else { "" };
    let entries = plan.entries.iter().map(|entry| (entry.id(), kind(entry.case.is_property())));
    let invariants = plan.invariants.iter().map(|i| (i.invariant.full_id.clone(), "invariant"));
    entries.chain(invariants).collect()
}

/// As `libtest_mimic` will decide: the run must begin before it asks for the first test.
fn is_chosen(arguments: &Arguments, name: &str) -> bool {
    let fits =
        |filter: &String| if arguments.exact { name == filter } else { name.contains(filter.as_str()) };
    arguments.filter.as_ref().is_none_or(fits) && !arguments.skip.iter().any(fits)
}

struct Run {
    session: Session,
    target: Option<PathBuf>,
    board: Arc<Board>,
    begun: Once,
}

impl Run {
    /// The row's verdict, as soon as it has one. The first that asks begins the run.
    fn verdict(self: &Arc<Self>, id: &str) -> Result<(), Failed> {
        self.begun.call_once(|| {
            let run = self.clone();
            std::thread::spawn(move || {
                let failure = run.play().err().map(|failure| failure.to_string());
                run.board.close(failure.unwrap_or_else(|| "the run ended without this row".to_owned()));
            });
        });
        self.board.result(id)
    }

    fn play(&self) -> Result<(), Failure> {
        let mut audience = Audience::of(Box::new(Clerk { board: self.board.clone(), run: None }));
        runtime()?.block_on(self.session.judge(self.target.as_deref().map(Path::new), &mut audience))
    }
}

/// Where results are put and waited for.
#[derive(Default)]
struct Board {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// By name; a failure with its message.
    results: BTreeMap<String, Result<(), String>>,
    /// Why no more will come.
    closed: Option<String>,
}

impl Board {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, id: String, result: Result<(), String>) {
        self.lock().results.insert(id, result);
        self.changed.notify_all();
    }

    fn close(&self, why: String) {
        self.lock().closed = Some(why);
        self.changed.notify_all();
    }

    fn result(&self, id: &str) -> Result<(), Failed> {
        let mut state = self.lock();
        loop {
            if let Some(result) = state.results.get(id) {
                return result.clone().map_err(Failed::from);
            }
            if let Some(why) = &state.closed {
                return Err(why.clone().into());
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Puts every result on the board.
struct Clerk {
    board: Arc<Board>,
    run: Option<RunStarted>,
}

impl Reporter for Clerk {
    fn handle(&mut self, event: &Event) -> Result<(), ReportError> {
        match event {
            Event::RunStarted(run) => self.run = Some(run.clone()),
            Event::CaseFinished(result) => {
                let put = match result.verdict {
                    Verdict::Pass | Verdict::Warn | Verdict::Inapplicable => Ok(()),
                    Verdict::Blocked | Verdict::Fail | Verdict::Error => Err(self.message(result)),
                };
                self.board.put(result.id(), put);
            }
            _ => {}
        }
        Ok(())
    }
}

impl Clerk {
    /// What broke, where it stands, and the request that shows it.
    fn message(&self, result: &CaseResult) -> String {
        let mut text = format!("{}: {}\n", result.verdict, result.title);
        for finding in result.findings.iter().filter(|finding| finding.verdict > Verdict::Pass) {
            let requirement = self.run.as_ref().and_then(|run| run.requirements.get(&finding.requirement));
            let summary = requirement.map_or("", |requirement| requirement.summary.as_str());
            text.push_str(&format!(
                "\n{}: {summary}\n  expected  {}\n  seen      {}\n  at        {}\n",
                finding.requirement, finding.expected, finding.seen, finding.location
            ));
            let exchange = result.exchanges.iter().find(|exchange| Some(exchange.id) == finding.exchange);
            if let Some(exchange) = exchange {
                text.push_str(&format!("  {}\n", curl(exchange, &BTreeMap::new())));
            }
        }
        if let Some(reason) = &result.reason {
            text.push_str(&format!("\n{reason}\n"));
        }
        clean_lines(&text)
    }
}
