use std::fmt::Write as _;
use std::io::Write as _;

use serde_json::json;

use crate::plan::{self, Fate, LeftOut, Plan, Reason, requirements_of};

use super::arguments::{self, ListFormat};
use super::failure::Failure;
use super::library::library;
use super::run::{known_profile, nothing, selection};
use super::{Exit, reference, target};

/// Prints the plan without touching the server. Metadata is not asked for, so what only metadata would claim
/// counts as not claimed.
pub(super) fn list(arguments: &arguments::List, color: bool) -> Result<Exit, Failure> {
    let library = library(&arguments.choice.suites, color)?;
    let (target, own_profile) = match &arguments.choice.target {
        Some(path) => {
            let target = target::load(path, &library, color)?.target;
            let profile = target.profile.as_ref().map(|p| p.value.clone());
            (target, profile)
        }
        None => {
            let profile = arguments.choice.profile.as_deref().unwrap_or(reference::PROFILE);
            known_profile(&library, profile)?;
            (reference::target_of(&library, profile)?, None)
        }
    };
    let profile = arguments.choice.profile.clone().or(own_profile);
    let profile = profile.unwrap_or_else(|| reference::PROFILE.to_owned());
    known_profile(&library, &profile)?;
    let selection = selection(&arguments.choice);
    let plan = plan::plan(&library, &profile, &target, None, &selection).map_err(Failure::usage)?;
    let text = match arguments.format {
        ListFormat::Text => text(&plan, arguments.all),
        ListFormat::Json => json_of(&plan),
    };
    if plan.entries.is_empty() && plan.invariants.is_empty() {
        return Err(nothing(&selection, &library, &plan));
    }
    // A closed pipe (`oauthspec list | head`) is no failure.
    let _ = std::io::stdout().write_all(text.as_bytes());
    std::mem::forget(library); // the process ends, and taking it apart takes a tenth of its time
    Ok(Exit::Conforms)
}

fn text(plan: &Plan, names_all: bool) -> String {
    let mut text = String::new();
    let mut suite = String::new();
    let (mut runs, mut left_out) = (0, 0);
    let mut index = 0;
    // Writing to a string cannot fail.
    while let Some(entry) = plan.entries.get(index) {
        let case = &entry.case;
        let instances = plan.entries[index..].iter().take_while(|e| e.case.full_id == case.full_id).count();
        let group = &plan.entries[index..index + instances];
        index += instances;
        let of = case.full_id.rsplit_once('/').map_or("", |(s, _)| s);
        if of != suite {
            of.clone_into(&mut suite);
            let _ = writeln!(text, "\n{suite}");
        }
        let running = group.iter().filter(|e| e.fate == Fate::Run).count();
        runs += running;
        left_out += instances - running;
        let mut remarks = Vec::new();
        if case.is_property() {
            remarks.push("property".to_owned());
        }
        if instances > 1 {
            remarks.push(format!("{instances} instances"));
        }
        if entry.only_as_control {
            remarks.push("as control".to_owned());
        }
        remarks.extend(case.replaces.as_ref().map(|replaced| format!("replaces {}", replaced.value)));
        remarks.extend(case.tags.iter().filter(|t| **t != suite).map(|t| format!("#{t}")));
        let remarks = if remarks.is_empty() { String::new() } else { format!(" ({})", remarks.join(", ")) };
        let mark = if running > 0 { ' ' } else { '-' };
        let _ = writeln!(text, "  {mark} {}{remarks}\n      {}", case.full_id, case.title);
        if running < instances {
            let reason = group.iter().find_map(|e| match &e.fate {
                Fate::Run => None,
                Fate::Inapplicable(reason) => Some(format!("inapplicable: {reason}")),
                Fate::Blocked(reason) => Some(format!("blocked: {reason}")),
            });
            let how_many =
                if running == 0 { String::new() } else { format!("{} of them ", instances - running) };
            let _ = writeln!(text, "      {how_many}{}", reason.unwrap_or_default());
        }
    }
    if !plan.invariants.is_empty() {
        let _ = writeln!(text, "\ninvariants, on every exchange");
        for planned in &plan.invariants {
            let (mark, reason) = match &planned.fate {
                Fate::Run => (' ', None),
                Fate::Inapplicable(reason) | Fate::Blocked(reason) => ('-', Some(reason)),
            };
            let _ =
                writeln!(text, "  {mark} {}\n      {}", planned.invariant.full_id, planned.invariant.title);
            if let Some(reason) = reason {
                let _ = writeln!(text, "      {reason}");
            }
        }
    }
    // What somebody has decided is always told; what is only not asked for, on demand.
    let decided = |l: &&LeftOut| matches!(l.reason, Reason::Replaced { .. } | Reason::Excluded(_));
    let told: Vec<&LeftOut> = plan.left_out.iter().filter(|l| names_all || decided(l)).collect();
    if !told.is_empty() {
        text.push_str("\nleft out\n");
    }
    for left_out in &told {
        let _ = writeln!(text, "  - {}\n      {}", left_out.id, left_out.reason);
    }
    let _ = writeln!(
        text,
        "\nprofile {}: {runs} run, {left_out} do not apply, {} invariants; {} cases left out by profile and filters{}",
        plan.profile.id,
        plan.invariants.len(),
        plan.left_out.len(),
        if told.len() < plan.left_out.len() { " (`--all` names them)" } else { "" }
    );
    text.trim_start().to_owned()
}

fn json_of(plan: &Plan) -> String {
    let fate = |fate: &Fate| match fate {
        Fate::Run => json!("run"),
        Fate::Inapplicable(reason) => json!({ "inapplicable": reason }),
        Fate::Blocked(reason) => json!({ "blocked": reason }),
    };
    let entries: Vec<_> = plan
        .entries
        .iter()
        .map(|entry| {
            json!({
                "case": entry.case.full_id,
                "instance": entry.instance,
                "title": entry.case.title,
                "tags": entry.case.tags,
                "requirements": requirements_of(&entry.case.script.steps),
                "property": entry.case.is_property(),
                "needs": entry.case.needs.iter().map(|n| n.value.as_str()).collect::<Vec<_>>(),
                "replaces": entry.case.replaces.as_ref().map(|r| &r.value),
                "control": entry.case.control.as_ref().map(|c| &c.value),
                "only_as_control": entry.only_as_control,
                "location": entry.case.location.to_string(),
                "fate": fate(&entry.fate),
            })
        })
        .collect();
    let invariants: Vec<_> = plan
        .invariants
        .iter()
        .map(|planned| {
            json!({
                "invariant": planned.invariant.full_id,
                "title": planned.invariant.title,
                "requirements": planned.invariant.expect.iter().map(|e| &e.requirement.value).collect::<Vec<_>>(),
                "location": planned.invariant.location.to_string(),
                "fate": fate(&planned.fate),
            })
        })
        .collect();
    let left_out: Vec<_> = plan
        .left_out
        .iter()
        .map(|left_out| {
            let why = match left_out.reason {
                Reason::Replaced { .. } => "replaced",
                Reason::Excluded(_) => "excluded",
                Reason::NotIncluded => "not-included",
                Reason::Disruptive => "disruptive",
                Reason::Filtered(_) => "filtered",
            };
            json!({ "id": left_out.id, "title": left_out.title, "why": why, "reason": left_out.reason.to_string() })
        })
        .collect();
    let whole = json!({
        "profile": plan.profile.id,
        "entries": entries,
        "invariants": invariants,
        "left_out": left_out,
    });
    format!("{whole:#}\n")
}
