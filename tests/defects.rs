//! The proof that the harness judges: every case is green on the sound server, every defect turns exactly those
//! cases red that `fixtures/verdicts.yaml` lists, and every case is turned red by some defect.
//!
//! `UPDATE_GOLDEN=1 cargo test --test defects` writes the table anew, for review; never under `CI`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use libtest_mimic::{Arguments, Failed, Trial};
use oauthspec::cli::{Registration, built_in_library, judge_reference};
use oauthspec::model::{Event, Library, Verdict};
use oauthspec::reference::Defect;
use tokio::runtime::Runtime;

const TABLE: &str = "fixtures/verdicts.yaml";

/// Where defects are looked for, in this order: a profile, and how the clients are registered. A defect's home
/// is the first that sees it.
const HOMES: [(&str, Registration); 7] = [
    ("tasknation", Registration::Web),
    ("taskade", Registration::Web),
    ("bcp", Registration::Web),
    ("bcp native", Registration::Native),
    ("bcp query", Registration::Query),
    ("rfc6749", Registration::Web),
    ("rfc6749 query", Registration::Query),
];

/// Seeds with which the sound server is judged.
const SEEDS: [u64; 3] = [1, 20_061_012, 987_654_321];

/// What does not pass: the worst verdict of each case and invariant.
type Rows = BTreeMap<String, Verdict>;

/// Of every defect: its home, and the rows there.
#[derive(Clone, Debug, PartialEq)]
struct Expected {
    home: String,
    /// `None` where a run cannot even begin, because the server answers nothing that says where it is.
    rows: Option<Rows>,
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let library = Arc::new(built_in_library().unwrap_or_else(|diagnostics| panic!("{diagnostics}")));
    let runtime = Arc::new(Runtime::new().expect("a runtime"));
    let updating = std::env::var_os("UPDATE_GOLDEN").is_some_and(|v| v == "1");
    if updating {
        assert!(std::env::var_os("CI").is_none(), "golden files are not written under CI");
    }
    let table = Arc::new(if updating { BTreeMap::new() } else { read_table() });
    let written: Arc<Mutex<BTreeMap<String, Expected>>> = Arc::default();

    let mut trials = Vec::new();
    for (home, _) in HOMES {
        let (library, runtime) = (library.clone(), runtime.clone());
        let name = format!("sound::{}", home.replace(' ', "::"));
        trials.push(Trial::test(name, move || sound(&library, &runtime, home)));
    }
    for defect in Defect::ALL.iter().copied() {
        let (library, runtime, table, written) =
            (library.clone(), runtime.clone(), table.clone(), written.clone());
        trials.push(Trial::test(format!("defect::{}", defect.name()), move || {
            if updating {
                let found = find_home(&library, &runtime, defect)?;
                let found = found.ok_or_else(|| Failed::from("no case in any profile catches it"))?;
                written.lock().unwrap().insert(defect.name().to_owned(), found);
                return Ok(());
            }
            let expected = table.get(defect.name());
            let expected = expected.ok_or_else(|| Failed::from(format!("{TABLE} does not list it")))?;
            let rows = judge(&library, &runtime, &expected.home, &[defect], SEEDS[0])?;
            compare(expected.rows.as_ref(), rows.as_ref())
        }));
    }
    if !updating {
        let (library, all, table) = (library.clone(), table.clone(), table.clone());
        trials.push(Trial::test("table::every_case_can_be_broken", move || all_broken(&library, &all)));
        trials.push(Trial::test("table::every_row_is_of_a_defect", move || no_strangers(&table)));
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    if updating {
        let all = written.lock().unwrap();
        fs::write(TABLE, draw_table(&all)).expect("the table can be written");
    }
    conclusion.exit_code()
}

/// Nothing but pass and inapplicable, whatever the seed.
fn sound(library: &Library, runtime: &Runtime, home: &str) -> Result<(), Failed> {
    for seed in SEEDS {
        let rows = judge(library, runtime, home, &[], seed)?.ok_or("the run cannot begin")?;
        if !rows.is_empty() {
            return Err(format!("with seed {seed} the sound server is accused:\n{}", draw(&rows)).into());
        }
    }
    Ok(())
}

/// Every case and invariant is failed (or warned of) under some defect of the table.
fn all_broken(library: &Library, table: &BTreeMap<String, Expected>) -> Result<(), Failed> {
    let judged = |v: &Verdict| matches!(v, Verdict::Fail | Verdict::Warn);
    let broken: BTreeSet<&String> = table
        .values()
        .flat_map(|e| e.rows.iter().flatten())
        .filter(|(_, v)| judged(v))
        .map(|(id, _)| id)
        .collect();
    let cases = library.suites.iter().flat_map(|s| s.cases.iter().map(|c| &c.full_id));
    let invariants = library.suites.iter().flat_map(|s| s.invariants.iter().map(|i| &i.full_id));
    let unbroken: Vec<&str> =
        cases.chain(invariants).filter(|id| !broken.contains(id)).map(String::as_str).collect();
    match unbroken.is_empty() {
        true => Ok(()),
        false => Err(format!("no defect can break these:\n  {}", unbroken.join("\n  ")).into()),
    }
}

fn no_strangers(table: &BTreeMap<String, Expected>) -> Result<(), Failed> {
    let known: BTreeSet<&str> = Defect::ALL.iter().map(|d| d.name()).collect();
    let strange: Vec<&str> = table.keys().map(String::as_str).filter(|name| !known.contains(name)).collect();
    match strange.is_empty() {
        true => Ok(()),
        false => Err(format!("{TABLE} lists what is no defect: {}", strange.join(", ")).into()),
    }
}

fn find_home(library: &Library, runtime: &Runtime, defect: Defect) -> Result<Option<Expected>, Failed> {
    for (home, _) in HOMES {
        let rows = judge(library, runtime, home, &[defect], SEEDS[0])?;
        if rows.as_ref().is_none_or(|rows| rows.values().any(|v| *v != Verdict::Blocked)) {
            return Ok(Some(Expected { home: home.to_owned(), rows }));
        }
    }
    Ok(None)
}

fn judge(
    library: &Library,
    runtime: &Runtime,
    home: &str,
    defects: &[Defect],
    seed: u64,
) -> Result<Option<Rows>, Failed> {
    let (_, registration) = HOMES.into_iter().find(|(name, _)| *name == home).ok_or("no such home")?;
    let profile = home.split(' ').next().unwrap_or_default();
    let Ok(events) = runtime.block_on(judge_reference(library, profile, registration, defects, seed)) else {
        return Ok(None);
    };
    if !matches!(events.last(), Some(Event::RunFinished(f)) if f.unfinished.is_empty() && !f.interrupted) {
        return Err("the run did not come to its end".into());
    }
    let mut rows = Rows::new();
    for event in events {
        let Event::CaseFinished(result) = event else {
            continue;
        };
        if matches!(result.verdict, Verdict::Pass | Verdict::Inapplicable) {
            continue;
        }
        let row = rows.entry(result.case.clone()).or_insert(result.verdict);
        *row = (*row).max(result.verdict);
    }
    Ok(Some(rows))
}

fn compare(expected: Option<&Rows>, seen: Option<&Rows>) -> Result<(), Failed> {
    let (Some(expected), Some(seen)) = (expected, seen) else {
        let same = expected.is_none() == seen.is_none();
        return if same { Ok(()) } else { Err(format!("begins or not, otherwise than {TABLE} says").into()) };
    };
    let mut differences = String::new();
    let ids: BTreeSet<&String> = expected.keys().chain(seen.keys()).collect();
    for id in ids {
        let (wanted, got) = (expected.get(id), seen.get(id));
        if wanted != got {
            let word = |v: Option<&Verdict>| v.map_or("pass", |v| v.as_str());
            let _ = writeln!(differences, "  {id}: expected {}, got {}", word(wanted), word(got));
        }
    }
    match differences.is_empty() {
        true => Ok(()),
        false => Err(format!("rows differ from {TABLE}:\n{differences}").into()),
    }
}

fn read_table() -> BTreeMap<String, Expected> {
    #[derive(serde::Deserialize)]
    struct Row {
        profile: String,
        cases: Option<Rows>,
    }
    let text = fs::read_to_string(TABLE).unwrap_or_else(|e| panic!("{TABLE}: {e}"));
    let table: BTreeMap<String, Row> =
        serde_saphyr::from_str(&text).unwrap_or_else(|e| panic!("{TABLE}: {e}"));
    table.into_iter().map(|(name, r)| (name, Expected { home: r.profile, rows: r.cases })).collect()
}

fn draw_table(table: &BTreeMap<String, Expected>) -> String {
    let mut text = String::from(
        "# Of every defect of the reference server: the profile under which it is judged (and how the clients are\n\
         # registered, where that is not as web applications), and what must not\n\
         # pass there; everything else must. Compared exactly by tests/defects.rs; written anew by\n\
         # `UPDATE_GOLDEN=1 cargo test --test defects`.\n",
    );
    for (name, expected) in table {
        let _ = write!(text, "{name}:\n  profile: {}\n", expected.home);
        let _ = match &expected.rows {
            Some(rows) => write!(text, "  cases:\n{}", draw(rows)),
            None => writeln!(text, "  cases: null # the run cannot begin"),
        };
    }
    text
}

fn draw(rows: &Rows) -> String {
    let mut text = String::new();
    for (id, verdict) in rows {
        let _ = writeln!(text, "    {id}: {verdict}");
    }
    text
}
