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
use oauthspec::cli::{Circumstances, Setting, built_in_library, judge_reference_in};
use oauthspec::model::{Event, Library, Verdict};
use oauthspec::plan::Selection;
use oauthspec::reference::Defect;
use tokio::runtime::Builder;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TABLE: &str = "fixtures/verdicts.yaml";

/// Where defects are looked for, in this order: a profile, and how the clients are registered. A defect's home
/// is the first that sees it.
const HOMES: [(&str, Setting); 12] = [
    ("bcp", Setting::Web),
    ("taskade", Setting::Web),
    ("tasknation", Setting::Web),
    ("bcp declared", Setting::Declared),
    ("bcp native", Setting::Native),
    ("bcp query", Setting::Query),
    ("rfc6749", Setting::Web),
    ("rfc6749 query", Setting::Query),
    ("oauth-2.1", Setting::Web),
    ("bcp tls", Setting::Tls),
    ("rfc6749 disruptive", Setting::Web),
    ("taskade disruptive", Setting::Web),
];

/// Seeds with which the sound server is judged.
const SEEDS: [u64; 2] = [1, 987_654_321];

/// What does not pass: the worst verdict of each case and invariant.
type Rows = BTreeMap<String, Verdict>;

/// Of every defect, by home: the rows there, or `None` where a run cannot even begin because the server answers
/// nothing that says where it is.
type Table = BTreeMap<String, BTreeMap<String, Option<Rows>>>;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let library = Arc::new(built_in_library().unwrap_or_else(|diagnostics| panic!("{diagnostics}")));
    let updating = std::env::var_os("UPDATE_GOLDEN").is_some_and(|v| v == "1");
    if updating {
        assert!(std::env::var_os("CI").is_none(), "golden files are not written under CI");
    }
    let table = Arc::new(read_table());
    // What is not run now stays as it is, so that single defects can be written anew.
    let written: Arc<Mutex<Table>> = Arc::new(Mutex::new(Table::clone(&table)));

    let mut trials = Vec::new();
    for (home, _) in HOMES {
        let library = library.clone();
        let name = format!("sound::{}", home.replace(' ', "::"));
        trials.push(Trial::test(name, move || sound(&library, home)));
    }
    for defect in Defect::ALL.iter().copied() {
        let known = table.get(defect.name()).cloned().unwrap_or_default();
        if updating {
            let (library, written) = (library.clone(), written.clone());
            trials.push(Trial::test(format!("defect::{}", defect.name()), move || {
                let found = write_anew(&library, defect, &known)?;
                written.lock().unwrap().insert(defect.name().to_owned(), found);
                Ok(())
            }));
            continue;
        }
        if known.is_empty() {
            trials.push(Trial::test(format!("defect::{}", defect.name()), || {
                Err(format!("{TABLE} does not list it").into())
            }));
        }
        for (home, rows) in known {
            let library = library.clone();
            let name = format!("defect::{}::{}", defect.name(), home.replace(' ', "::"));
            trials.push(Trial::test(name, move || {
                let seen = judge(&library, &home, &[defect], SEEDS[0])?;
                compare(rows.as_ref(), seen.as_ref())
            }));
        }
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
fn sound(library: &Library, home: &str) -> Result<(), Failed> {
    for seed in SEEDS {
        let rows = judge(library, home, &[], seed)?.ok_or("the run cannot begin")?;
        if !rows.is_empty() {
            return Err(format!("with seed {seed} the sound server is accused:\n{}", draw(&rows)).into());
        }
    }
    Ok(())
}

/// Every case and invariant is failed (or warned of) under some defect of the table.
fn all_broken(library: &Library, table: &Table) -> Result<(), Failed> {
    let judged = |v: &Verdict| matches!(v, Verdict::Fail | Verdict::Warn);
    let rows = table.values().flat_map(BTreeMap::values).flatten().flatten();
    let broken: BTreeSet<&String> = rows.filter(|(_, v)| judged(v)).map(|(id, _)| id).collect();
    let cases = library.suites.iter().flat_map(|s| s.cases.iter().map(|c| &c.full_id));
    let invariants = library.suites.iter().flat_map(|s| s.invariants.iter().map(|i| &i.full_id));
    let unbroken: Vec<&str> =
        cases.chain(invariants).filter(|id| !broken.contains(id)).map(String::as_str).collect();
    match unbroken.is_empty() {
        true => Ok(()),
        false => Err(format!("no defect can break these:\n  {}", unbroken.join("\n  ")).into()),
    }
}

fn no_strangers(table: &Table) -> Result<(), Failed> {
    let known: BTreeSet<&str> = Defect::ALL.iter().map(|d| d.name()).collect();
    let strange: Vec<&str> = table.keys().map(String::as_str).filter(|name| !known.contains(name)).collect();
    match strange.is_empty() {
        true => Ok(()),
        false => Err(format!("{TABLE} lists what is no defect: {}", strange.join(", ")).into()),
    }
}

/// The rows of the homes that the table has for the defect already, or of the first home that sees it.
fn write_anew(
    library: &Library,
    defect: Defect,
    known: &BTreeMap<String, Option<Rows>>,
) -> Result<BTreeMap<String, Option<Rows>>, Failed> {
    let is_caught =
        |rows: &Option<Rows>| rows.as_ref().is_none_or(|rows| rows.values().any(|v| *v != Verdict::Blocked));
    let mut found = BTreeMap::new();
    for home in known.keys() {
        let rows = judge(library, home, &[defect], SEEDS[0])?;
        if is_caught(&rows) {
            found.insert(home.clone(), rows);
        }
    }
    for (home, _) in HOMES {
        if !found.is_empty() {
            return Ok(found);
        }
        let rows = judge(library, home, &[defect], SEEDS[0])?;
        if is_caught(&rows) {
            found.insert(home.to_owned(), rows);
        }
    }
    if found.is_empty() { Err("no case catches it, wherever it is judged".into()) } else { Ok(found) }
}

fn judge(library: &Library, home: &str, defects: &[Defect], seed: u64) -> Result<Option<Rows>, Failed> {
    let (_, setting) = HOMES.into_iter().find(|(name, _)| *name == home).ok_or("no such home")?;
    let profile = home.split(' ').next().unwrap_or_default();
    let as_users_see_it = defects.is_empty() && seed == SEEDS[0];
    let how = Circumstances {
        profile: profile.to_owned(),
        setting,
        defects: defects.to_vec(),
        seed,
        selection: Selection { disruptive: home.ends_with("disruptive"), ..Selection::default() },
        // With the first seed the sound server is judged as users see it: over the network, with every word and
        // every transcript. All others are asked in this process, and for verdicts only.
        terse: !as_users_see_it,
        nearby: !as_users_see_it,
        ..Circumstances::default()
    };
    let run = judge_reference_in(library, &how);
    // Harness and server share one thread: there are as many trials at once as there are cores.
    let runtime = Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
    let Ok(events) = runtime.block_on(run) else {
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

fn read_table() -> Table {
    let text = fs::read_to_string(TABLE).unwrap_or_else(|e| panic!("{TABLE}: {e}"));
    serde_saphyr::from_str(&text).unwrap_or_else(|e| panic!("{TABLE}: {e}"))
}

fn draw_table(table: &Table) -> String {
    let mut text = String::from(
        "# Of every defect of the reference server: where it is judged (a profile, and how server and clients are\n\
         # set up, where that is unusual), and what must not pass there; everything else must. Compared exactly by\n\
         # tests/defects.rs; `UPDATE_GOLDEN=1 cargo test --test defects` writes it anew, for the places that it has.\n",
    );
    for (name, homes) in table {
        let _ = writeln!(text, "{name}:");
        for (home, rows) in homes {
            let _ = match rows {
                Some(rows) => write!(text, "  {home}:\n{}", draw(rows)),
                None => writeln!(text, "  {home}: null # the run cannot begin"),
            };
        }
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
