use super::consent::{Consent, decision_buttons, has_approval};
use super::document::{Control, Document, Form};
use super::submission::Filled;
use super::words::{Meaning, meaning};
use crate::model::{Decision, FormHints, User};

/// What the user would do on a page.
#[derive(Debug)]
pub(super) enum Errand<'a> {
    /// Write into a form and send it.
    Submit {
        /// Its place in the document.
        form: usize,
        filled: Filled<'a>,
        purpose: Purpose,
    },
    /// Follow a link.
    Follow(String),
    /// Nothing: the page asks for nothing.
    Rest,
    /// Close the page.
    Leave,
    /// Something that is not known; what is wrong, and the name of the hint that could help.
    Puzzled(&'static str, Option<&'static str>),
}

/// What a form is sent for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The first page of a login that has two.
    UserName,
    /// The login, password included.
    Password,
    /// Consent or refusal.
    Decision,
}

/// The user before the page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Visitor<'a> {
    pub(super) user: &'a User,
    pub(super) decision: Decision,
    pub(super) hints: &'a FormHints,
    /// Whether the user's name, or name and password, were sent already.
    pub(super) has_said_name: bool,
}

impl<'a> Visitor<'a> {
    /// What to do on a page that came with that status.
    pub(super) fn errand(&self, document: &Document, status: u16) -> Errand<'a> {
        if let Some(login) = self.login(document) {
            return login;
        }
        // An error page may have a search box, a way to sign out or to try again: none of it is answered.
        if status >= 400 {
            return Errand::Rest;
        }
        // A button that just goes on may belong to another way of logging in.
        let first_half = self.first_half_of_login(document);
        let asks_for_name = first_half.is_some() && !has_approval(document);
        let decision = || self.decide(document);
        let errand = if asks_for_name { first_half } else { decision().or(first_half) };
        errand.or_else(|| self.choose_account(document)).unwrap_or_else(|| rest(document))
    }

    fn login(&self, document: &Document) -> Option<Errand<'a>> {
        let hint = self.hints.password_field.as_deref();
        let hinted = |form: &Form| form.place(|c| hint.is_some_and(|h| c.is_named(h)));
        let password =
            |form: &Form| hinted(form).or_else(|| form.place(|c| c.kind == "password" && !c.disabled));
        let candidates = document.forms.iter().enumerate();
        let (_, index, at) = candidates
            .filter_map(|(index, form)| {
                let at = password(form)?;
                let score = if hinted(form).is_some() { i32::MAX } else { likeness_to_login(form) };
                // The first of equals.
                Some((score, std::cmp::Reverse(index), at))
            })
            .max()?;
        let form = document.forms.get(index.0)?;
        let mut filled = Filled { checks: form.boxes(|c| c.required), ..Filled::default() };
        filled.pressed = login_button(form);
        if let Some((approve, deny)) = decision_buttons(form) {
            if self.decision == Decision::Close {
                return Some(Errand::Leave);
            }
            let is_approval = matches!(self.decision, Decision::Approve | Decision::Forge);
            filled.pressed = Some(if is_approval { approve } else { deny });
            filled.checks.extend(form.boxes(|c| is_approval && c.stands_for_grant()));
        }
        filled.texts.push((at, &self.user.password));
        if let Some(name) = self.name_field(form, Some(at)) {
            filled.texts.push((name, &self.user.username));
        }
        Some(Errand::Submit { form: index.0, filled, purpose: Purpose::Password })
    }

    /// A form that asks for the user's name alone; only once, and only before anything else was said.
    fn first_half_of_login(&self, document: &Document) -> Option<Errand<'a>> {
        if self.has_said_name {
            return None;
        }
        document.forms.iter().enumerate().find_map(|(index, form)| {
            let by_hint = self.hinted_name(form);
            let found =
                by_hint.or_else(|| form.place(|c| c.takes_text() && !c.read_only && c.is_name_field()));
            let leads_elsewhere = || form.controls.iter().any(|c| c.intent() == Some(Meaning::Elsewhere));
            let name = found.filter(|_| by_hint.is_some() || !leads_elsewhere())?;
            let mut filled = Filled { pressed: login_button(form), ..Filled::default() };
            filled.texts.push((name, &self.user.username));
            Some(Errand::Submit { form: index, filled, purpose: Purpose::UserName })
        })
    }

    /// A page that lists accounts: the button that bears the user's name.
    fn choose_account(&self, document: &Document) -> Option<Errand<'a>> {
        let name = self.user.username.to_lowercase();
        let bears_name = |c: &Control| {
            let is_other = matches!(c.intent(), Some(Meaning::Deny | Meaning::Elsewhere));
            c.submits() && !is_other && c.label.to_lowercase().contains(&name)
        };
        let mut forms = document.forms.iter().enumerate().filter(|_| name.len() > 2);
        let (form, button) = forms.find_map(|(form, f)| Some((form, f.place(bears_name)?)))?;
        let filled = Filled { pressed: Some(button), ..Filled::default() };
        Some(Errand::Submit { form, filled, purpose: Purpose::Decision })
    }

    /// The field for the user's name in a login form; one that the page has filled and closed stays as it is.
    fn name_field(&self, form: &Form, password: Option<usize>) -> Option<usize> {
        let open = |c: &Control| c.takes_text() && !c.read_only;
        let before = form.controls.get(..password.unwrap_or_default()).unwrap_or_default();
        self.hinted_name(form)
            .or_else(|| form.place(|c| open(c) && c.is_autocompleted_name()))
            .or_else(|| form.place(|c| open(c) && c.is_name_field()))
            .or_else(|| before.iter().position(open))
            .or_else(|| form.place(open).filter(|_| !self.has_said_name))
    }

    fn hinted_name(&self, form: &Form) -> Option<usize> {
        let hint = self.hints.username_field.as_deref()?;
        form.place(|c| c.is_named(hint) && !c.disabled)
    }

    fn decide(&self, document: &Document) -> Option<Errand<'a>> {
        Some(Consent::read(document, self.hints)?.answer(self.decision))
    }
}

/// How much a form with a password looks like a login, rather than like a registration.
fn likeness_to_login(form: &Form) -> i32 {
    let passwords = form.controls.iter().filter(|c| c.kind == "password");
    let mut score = 0;
    for password in passwords.clone() {
        score += i32::from(password.autocomplete == "current-password");
        score -= 3 * i32::from(password.autocomplete == "new-password");
    }
    score -= 3 * i32::from(passwords.count() > 1);
    let means = |wanted: Meaning| form.controls.iter().any(|c| c.is_button() && c.intent() == Some(wanted));
    score += 2 * i32::from(means(Meaning::LogIn));
    score -= 3 * i32::from(means(Meaning::Elsewhere) && !means(Meaning::LogIn));
    let address = format!("{} {}", form.action.as_deref().unwrap_or_default(), form.id);
    score + i32::from(meaning(&address) == Some(Meaning::LogIn))
}

fn login_button(form: &Form) -> Option<usize> {
    let submits = |wanted: fn(Option<Meaning>) -> bool| form.place(|c| c.submits() && wanted(c.intent()));
    submits(|m| m == Some(Meaning::LogIn))
        .or_else(|| submits(|m| !matches!(m, Some(Meaning::Deny | Meaning::Elsewhere))))
        .or_else(|| submits(|m| m != Some(Meaning::Deny)))
}

/// What a page that asks for neither login nor consent is.
fn rest<'a>(document: &Document) -> Errand<'a> {
    if document.cut {
        return Errand::Puzzled("the page is too long or too deeply nested to be read", None);
    }
    if document.forms.iter().any(is_question) {
        return Errand::Puzzled("the page asks for something that was not recognised", Some("approve"));
    }
    if document.stray_fields > 0 {
        return Errand::Puzzled("the page has fields outside of any form, which need JavaScript", None);
    }
    let goes_on = document.forms.is_empty() && document.text.len() < 300 && moves_by_script(&document.script);
    if document.needs_script || goes_on {
        return Errand::Puzzled("the page needs JavaScript", None);
    }
    Errand::Rest
}

/// Whether a form wants an answer from this user. Searching, choosing a language and signing out do not.
fn is_question(form: &Form) -> bool {
    let has = |test: fn(&Control) -> bool| form.controls.iter().any(test);
    let for_looking = form.method == "GET"
        && has(|c| c.is_visible() && (c.takes_text() || matches!(c.kind.as_str(), "search" | "select")));
    let buttons = || form.controls.iter().filter(|c| c.is_button() && !c.disabled);
    let elsewhere = buttons().next().is_some() && buttons().all(|c| c.intent() == Some(Meaning::Elsewhere));
    !for_looking && !elsewhere && has(|c| c.is_visible())
}

fn moves_by_script(script: &str) -> bool {
    let script: String = script.chars().filter(|c| !c.is_whitespace()).collect();
    let assigns = |target: &str| script.split(target).skip(1).any(|after| !after.starts_with('='));
    ["location.replace(", "location.assign("].iter().any(|call| script.contains(call))
        || assigns("location=")
        || assigns("location.href=")
}
