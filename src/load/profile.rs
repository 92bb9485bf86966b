use globset::Glob;

use super::decode::Decoder;
use super::diagnostic::Diagnostic;
use super::tree::Node;
use crate::model::{Located, Profile};

/// Reads a profile. Its id is answered even if the profile is wrong.
pub(super) fn profile(decoder: &Decoder<'_>, root: &Node) -> (Option<Profile>, Option<Located<String>>) {
    let Some(map) = decoder.map(root, "a profile") else { return (None, None) };
    let id = map.need("profile", |n| {
        let value = decoder.slug(n, "the id of a profile", &['.'])?;
        Some(Located { value, location: decoder.at(n) })
    });
    let location = map.entry("profile").map(|e| decoder.at_key(e));
    let title = map.need("title", |n| decoder.sentence(n, "`title`"));
    let policy = map.read("policy", |n| decoder.policy(n)).unwrap_or_default();
    let include = map.need("include", |n| {
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
    let finished = map.finish();
    let profile = id.clone().zip(title).zip(include).zip(location).filter(|_| finished.is_some());
    let profile = profile.map(|(((id, title), include), location)| Profile {
        id: id.value,
        title,
        policy,
        include,
        exclude,
        location,
    });
    (profile, id)
}

fn excluded(decoder: &Decoder<'_>, node: &Node) -> Option<(Located<String>, String)> {
    let map = decoder.map(node, "each of `exclude`")?;
    let case = map.need("case", |n| glob(decoder, n));
    let reason = map.need("reason", |n| decoder.sentence(n, "`reason`"));
    map.finish()?;
    case.zip(reason)
}

fn glob(decoder: &Decoder<'_>, node: &Node) -> Option<Located<String>> {
    let text = decoder.located(node, "a glob")?;
    match Glob::new(&text.value) {
        Ok(_) => Some(text),
        Err(error) => {
            decoder.note(Diagnostic::new(text.location, "this is no glob", error.kind().to_string()));
            None
        }
    }
}
