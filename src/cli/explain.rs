use std::fmt::Write as _;
use std::io::Write as _;

use crate::load::{self, Source};
use crate::model::{Case, Invariant, Library, Profile, Requirement};
use crate::plan::{nearest, requirements_of};
use crate::reference::Defect;
use crate::report::clean_text;

use super::Exit;
use super::arguments;
use super::failure::Failure;
use super::library::sources;
use super::narrate;
use super::verdicts::{self, Verdicts};

/// Explains whatever has that id, or prints the table of defects and cases.
pub(super) fn explain(arguments: &arguments::Explain, color: bool) -> Result<Exit, Failure> {
    let sources = sources(&arguments.suites, color)?;
    let library = load::library(&sources).map_err(|diagnostics| Failure::drawn(diagnostics.render(color)))?;
    let verdicts = Verdicts::embedded();
    let text = match &arguments.id {
        Some(id) => explain_id(id.split('[').next().unwrap_or_default(), &library, &verdicts, &sources)?,
        None => verdicts.matrix(&library),
    };
    // A closed pipe is no failure.
    let _ = std::io::stdout().write_all(text.as_bytes());
    Ok(Exit::Conforms)
}

fn explain_id(
    id: &str,
    library: &Library,
    verdicts: &Verdicts,
    sources: &[Source],
) -> Result<String, Failure> {
    let case = library.suites.iter().flat_map(|s| &s.cases).find(|c| c.full_id == id);
    let invariant = library.suites.iter().flat_map(|s| &s.invariants).find(|i| i.full_id == id);
    let defect = Defect::ALL.iter().copied().find(|d| d.name() == id);
    Ok(match (case, invariant, library.requirements.get(id), library.profiles.get(id), defect) {
        (Some(case), ..) => explain_case(case, library, verdicts, sources),
        (_, Some(invariant), ..) => explain_invariant(invariant, library, verdicts),
        (_, _, Some(requirement), ..) => explain_requirement(requirement, library),
        (_, _, _, Some(profile), _) => explain_profile(profile),
        (_, _, _, _, Some(defect)) => explain_defect(defect, library, verdicts),
        _ => return Err(unknown(id, library)),
    })
}

fn explain_case(case: &Case, library: &Library, verdicts: &Verdicts, sources: &[Source]) -> String {
    let mut text = format!("{}\n{}\n  --> {}\n", case.full_id, case.title, case.location);
    // Writing to a string cannot fail.
    if let Some(replaced) = &case.replaces {
        let _ = writeln!(text, "\nreplaces {}", replaced.value);
    }
    if let Some(by) = &case.replaced_by {
        let _ = writeln!(text, "\nreplaced by {}, and never run\n  --> {}", by.value, by.location);
    }
    let needs: Vec<&str> = case.needs.iter().map(|n| n.value.as_str()).collect();
    if !needs.is_empty() {
        let _ = writeln!(text, "\nneeds: {}", needs.join(", "));
    }
    if let Some(condition) = &case.when {
        let _ = writeln!(text, "applies when: {}", condition.location.excerpt());
    }
    if let Some(control) = &case.control {
        let _ = writeln!(text, "counts only if this passes in the same run: {}", control.value);
    }
    for axis in &case.matrix {
        let _ = writeln!(text, "for each of {} values of ${}", axis.values.len(), axis.name);
    }
    if !case.table.is_empty() {
        let names: Vec<&str> = case.table.iter().map(|r| r.name.as_str()).collect();
        let _ = writeln!(text, "for each row: {}", names.join(", "));
    }
    if let Some(property) = &case.forall {
        let names: Vec<String> = property.variables.iter().map(|(n, _)| format!("${n}")).collect();
        let _ = writeln!(
            text,
            "for {} generated values of {}; a failure is shrunk in at most {} further runs; at most {} requests",
            property.trials,
            names.join(", "),
            property.shrinks,
            property.budget
        );
    }
    let _ = writeln!(text, "\nsteps:");
    narrate::steps(&case.script.steps, 1, library, &mut text);
    if !case.script.finally.is_empty() {
        let _ = writeln!(text, "\nin any event, and never judged:");
        narrate::steps(&case.script.finally, 1, library, &mut text);
    }
    let _ = writeln!(text, "\nrequirements:");
    cited(&requirements_of(&case.script.steps), library, &mut text);
    proofs(&case.full_id, verdicts, &mut text);
    lines(case, sources, &mut text);
    text
}

/// The defects that show that the case can fail.
fn proofs(id: &str, verdicts: &Verdicts, text: &mut String) {
    let mut proving = verdicts.proving(id).peekable();
    if proving.peek().is_some() {
        text.push_str("\nproven by the reference server's defects:\n");
    }
    for (defect, row, verdict) in proving {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "  {} ({verdict} under profile {})\n    {}",
            defect.name(),
            row.profile,
            defect.sentence()
        );
    }
}

/// The lines of its file that are the case.
fn lines(case: &Case, sources: &[Source], text: &mut String) {
    let Some(source) = sources.iter().find(|source| source.name == *case.location.file) else { return };
    let indentation = |line: &str| line.len() - line.trim_start().len();
    let all: Vec<&str> = source.text.lines().collect();
    // The id need not be the first of the case's keys: it begins with the dash that is further left.
    let mut first = (case.location.line - 1).min(all.len().saturating_sub(1));
    let own = case.location.text.find(|c: char| !matches!(c, ' ' | '-')).unwrap_or_default();
    while first > 0 && !(all[first].trim_start().starts_with('-') && indentation(all[first]) < own) {
        first -= 1;
    }
    let Some(line) = all.get(first) else { return };
    let depth = indentation(line);
    let belongs = |line: &&&str| line.trim().is_empty() || indentation(line) > depth;
    let rest: Vec<&&str> = all[first + 1..].iter().take_while(belongs).collect();
    // A blank line, or a comment about what comes next, is not the case's.
    let end = rest.iter().rposition(|line| !line.trim().is_empty()).map_or(0, |last| last + 1);
    let _ = writeln!(text, "\nas written:");
    for (number, line) in std::iter::once(&all[first]).chain(rest.into_iter().take(end)).enumerate() {
        let _ =
            writeln!(text, "{:>5} | {}", first + 1 + number, clean_text(line.get(depth..).unwrap_or(line)));
    }
}

fn explain_invariant(invariant: &Invariant, library: &Library, verdicts: &Verdicts) -> String {
    let mut text = format!(
        "{}\n{}\n  --> {}\n\nexamined on every exchange that is `{}`\n\nrequirements:\n",
        invariant.full_id,
        invariant.title,
        invariant.location,
        match invariant.on.endpoint {
            Some(endpoint) => format!("{}.{:?}", endpoint.as_str(), invariant.on.answers).to_lowercase(),
            None => format!("any.{:?}", invariant.on.answers).to_lowercase(),
        }
    );
    let ids: Vec<String> = invariant.expect.iter().map(|e| e.requirement.value.clone()).collect();
    cited(&ids, library, &mut text);
    proofs(&invariant.full_id, verdicts, &mut text);
    text
}

fn cited(ids: &[String], library: &Library, text: &mut String) {
    let mut seen: Vec<&String> = Vec::new();
    for id in ids.iter().filter(|id| !id.is_empty()) {
        if seen.contains(&id) {
            continue;
        }
        seen.push(id);
        let Some(requirement) = library.requirements.get(id) else {
            continue;
        };
        let _ = writeln!(text, "  {id}\n    {}", heading(requirement));
        let _ = writeln!(text, "    {}", requirement.summary);
        let defects: Vec<&str> =
            Defect::ALL.iter().filter(|d| d.requirement() == id).map(|d| d.name()).collect();
        if !defects.is_empty() {
            let _ = writeln!(text, "    broken by the defects: {}", defects.join(", "));
        }
    }
}

fn heading(requirement: &Requirement) -> String {
    let link = requirement.link.as_ref().map(|l| format!(" · {l}")).unwrap_or_default();
    format!("{} · {} · {}{link}", requirement.document, requirement.section, requirement.level)
}

fn explain_requirement(requirement: &Requirement, library: &Library) -> String {
    let mut text = format!(
        "{}\n{}\n{}\n  --> {}\n",
        requirement.id,
        heading(requirement),
        requirement.summary,
        requirement.location
    );
    if let Some(reason) = &requirement.unobservable {
        let _ = writeln!(text, "\ncannot be seen from outside: {reason}");
    }
    if let Some(want) = requirement.unchecked {
        let _ = writeln!(text, "\nnot judged yet, for want of {}", want.describe());
    }
    if !requirement.restates.is_empty() {
        let _ = writeln!(text, "\nsays the same as these together, and is judged where they are:");
        for id in &requirement.restates {
            let _ = writeln!(text, "  {id}");
        }
    }
    if requirement.counts_as() != requirement.level {
        let _ = writeln!(text, "\nbinds the client: a server that does not insist on it is only warned of");
    }
    let _ = writeln!(text, "\njudged by:");
    for suite in &library.suites {
        for case in suite.cases.iter().filter(|c| requirements_of(&c.script.steps).contains(&requirement.id))
        {
            let _ = writeln!(text, "  {}: {}", case.full_id, case.title);
        }
        let judges = |i: &Invariant| i.expect.iter().any(|e| e.requirement.value == requirement.id);
        for invariant in suite.invariants.iter().filter(|i| judges(i)) {
            let _ = writeln!(text, "  {}: {} (on every exchange)", invariant.full_id, invariant.title);
        }
    }
    let defects: Vec<Defect> =
        Defect::ALL.iter().copied().filter(|d| d.requirement() == requirement.id).collect();
    if !defects.is_empty() {
        let _ = writeln!(text, "\nbroken by the defects:");
        for defect in defects {
            let _ = writeln!(text, "  {}: {}", defect.name(), defect.sentence());
        }
    }
    text
}

fn explain_profile(profile: &Profile) -> String {
    let mut text = format!("{}\n{}\n  --> {}\n", profile.id, profile.title, profile.location);
    if let Some(base) = &profile.extends {
        let _ = writeln!(text, "\nextends {}, which is in what follows", base.value);
    }
    text.push_str("\nincludes:\n");
    for glob in &profile.include {
        let _ = writeln!(text, "  {}", glob.value);
    }
    if !profile.exclude.is_empty() {
        let _ = writeln!(text, "\nleaves out:");
    }
    for (glob, reason) in &profile.exclude {
        let _ = writeln!(text, "  {}: {reason}", glob.value);
    }
    text
}

fn explain_defect(defect: Defect, library: &Library, verdicts: &Verdicts) -> String {
    let mut text = format!("{}\n{}\n", defect.name(), defect.sentence());
    let _ = writeln!(text, "\nin the reference server's step `{}`\nbreaks:", defect.step());
    cited(&[defect.requirement().to_owned()], library, &mut text);
    let mut profile = String::new();
    for row in verdicts.of(defect) {
        let _ = writeln!(text, "\nunder profile {} exactly these must not pass:", row.profile);
        text.push_str(&verdicts::cases(row));
        profile = format!(" --profile {}", row.profile.split(' ').next().unwrap_or_default());
    }
    let _ = writeln!(text, "\ntry it: oauthspec serve{profile} --defect {}", defect.name());
    text
}

fn unknown(id: &str, library: &Library) -> Failure {
    let known: Vec<String> = library
        .suites
        .iter()
        .flat_map(|s| {
            let cases = s.cases.iter().map(|c| c.full_id.clone());
            cases.chain(s.invariants.iter().map(|i| i.full_id.clone())).collect::<Vec<_>>()
        })
        .chain(library.requirements.keys().cloned())
        .chain(library.profiles.keys().cloned())
        .chain(Defect::ALL.iter().map(|d| d.name().to_owned()))
        .collect();
    let failure = Failure::usage(format!("no case, requirement, profile or defect is called `{id}`"));
    match nearest(id, known.iter()) {
        Some(near) => failure.help(format!("did you mean `{near}`?")),
        None => failure.help("`oauthspec list` prints cases, `oauthspec serve --list-defects` defects"),
    }
}
