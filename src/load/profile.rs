use std::collections::BTreeMap;

use super::decode::Decoder;
use super::diagnostic::{Diagnostic, nearest};
use super::language::files;
use super::tree::{Kind, Node};
use crate::model::{IdGlob, Located, Profile};

/// Reads a profile. Its id is answered even if the profile is wrong.
pub(super) fn profile(decoder: &Decoder<'_>, root: &Node) -> (Option<Profile>, Option<Located<String>>) {
    let Some(map) = decoder.record(root, &files::PROFILE) else { return (None, None) };
    let id = map.need("profile", |n| {
        let value = decoder.slug(n, "the id of a profile", &['.'])?;
        Some(Located { value, location: decoder.at(n) })
    });
    let location = map.entry("profile").map(|e| decoder.at_key(e));
    let title = map.need("title", |n| decoder.sentence(n, "`title`"));
    let policy = map.read("policy", |n| decoder.policy(n)).unwrap_or_default();
    let extends = map.read("extends", |n| decoder.located(n, "`extends`"));
    let include = map.read("include", |n| {
        let globs = decoder.each(n, "`include`", |n| glob(decoder, n))?;
        if globs.is_empty() {
            decoder.wrong(
                n,
                "the profile includes nothing",
                "expected at least one glob, `\"*\"` for everything",
            );
            return None;
        }
        Some(globs)
    });
    let exclude =
        map.read("exclude", |n| decoder.each(n, "`exclude`", |n| excluded(decoder, n))).unwrap_or_default();
    if map.optional("include").is_none() && extends.is_none() {
        map.fail();
        let place = location.clone().unwrap_or_default();
        decoder.note(Diagnostic::new(place, "`include` is missing", "the profile includes no case").help(
            "add `include: [\"*\"]` for everything, or `extends: PROFILE` for what another profile includes",
        ));
    }
    let finished = map.finish();
    let profile = id.clone().zip(title).zip(location).filter(|_| finished.is_some());
    let profile = profile.map(|((id, title), location)| Profile {
        id: id.value,
        title,
        extends,
        policy,
        include: include.unwrap_or_default(),
        exclude,
        location,
    });
    (profile, id)
}

/// Puts what profiles extend before what they say themselves. `ids` are those of all profiles, even of those
/// that could not be read.
pub(super) fn extend(
    profiles: &mut BTreeMap<String, Profile>,
    ids: &[Located<String>],
    problems: &mut Vec<Diagnostic>,
) {
    let read = profiles.clone();
    for profile in profiles.values_mut() {
        let mut above = vec![profile.id.clone()];
        let mut next = profile.extends.clone();
        while let Some(extends) = next.take() {
            let problem = |message: String, label: &str| {
                Diagnostic::new(extends.location.clone(), message, label).page("overlays")
            };
            if above.contains(&extends.value) {
                // Every profile of the circle is one's own start.
                if extends.value == profile.id {
                    problems.push(problem("the profile extends itself".to_owned(), "without end"));
                }
                break;
            }
            let Some(base) = read.get(&extends.value) else {
                let known = || ids.iter().map(|id| id.value.as_str());
                // It is there but wrong, or named by another profile, which is told of it.
                if !known().any(|id| id == extends.value) && above.len() == 1 {
                    let message = format!("there is no profile `{}`", extends.value);
                    let problem = problem(message, "not a known profile");
                    problems.push(problem.suggest(nearest(&extends.value, known())));
                }
                break;
            };
            profile.policy = profile.policy.over(&base.policy);
            profile.include.splice(0..0, base.include.iter().cloned());
            profile.exclude.splice(0..0, base.exclude.iter().cloned());
            above.push(extends.value.clone());
            next.clone_from(&base.extends);
        }
    }
}

fn excluded(decoder: &Decoder<'_>, node: &Node) -> Option<(Located<String>, String)> {
    if let Kind::Text(text) = &node.kind {
        let problem = Diagnostic::new(decoder.at(node), "what is excluded has a reason", "expected a map");
        decoder.note(problem.help(format!("write `{{ case: \"{text}\", reason: … }}`")).page("exclude"));
        return None;
    }
    let map = decoder.record(node, &files::EXCLUDE)?;
    let case = map.need("case", |n| glob(decoder, n));
    let reason = map.need("reason", |n| decoder.sentence(n, "`reason`"));
    map.finish()?;
    case.zip(reason)
}

fn glob(decoder: &Decoder<'_>, node: &Node) -> Option<Located<String>> {
    let text = decoder.located(node, "a glob")?;
    match IdGlob::new(&text.value) {
        Ok(_) => Some(text),
        Err(reason) => {
            decoder.note(Diagnostic::new(text.location, "this is no glob", reason));
            None
        }
    }
}
