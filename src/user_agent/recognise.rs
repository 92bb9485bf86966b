use super::document::{Control, Document, Form, Link};
use super::submission::Filled;
use super::words::{Meaning, approves, is_about_consent, is_grant, is_username, meaning};
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
        let hinted = |form: &Form| place(form, |c| hint.is_some_and(|h| is_named(c, h)));
        let password =
            |form: &Form| hinted(form).or_else(|| place(form, |c| c.kind == "password" && !c.disabled));
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
        let mut filled = Filled { checks: boxes(form, |c| c.required), ..Filled::default() };
        filled.pressed = login_button(form);
        if let Some((approve, deny)) = decision_buttons(form) {
            let is_approval = self.decision == Decision::Approve;
            filled.pressed = Some(if is_approval { approve } else { deny });
            filled.checks.extend(boxes(form, |c| is_approval && stands_for_grant(c)));
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
                by_hint.or_else(|| place(form, |c| c.takes_text() && !c.read_only && is_name_field(c)));
            let leads_elsewhere = || form.controls.iter().any(|c| intent(c) == Some(Meaning::Elsewhere));
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
            let is_other = matches!(intent(c), Some(Meaning::Deny | Meaning::Elsewhere));
            c.submits() && !is_other && c.label.to_lowercase().contains(&name)
        };
        let mut forms = document.forms.iter().enumerate().filter(|_| name.len() > 2);
        let (form, button) = forms.find_map(|(form, f)| Some((form, place(f, bears_name)?)))?;
        let filled = Filled { pressed: Some(button), ..Filled::default() };
        Some(Errand::Submit { form, filled, purpose: Purpose::Decision })
    }

    /// The field for the user's name in a login form; one that the page has filled and closed stays as it is.
    fn name_field(&self, form: &Form, password: Option<usize>) -> Option<usize> {
        let open = |c: &Control| c.takes_text() && !c.read_only;
        let before = form.controls.get(..password.unwrap_or_default()).unwrap_or_default();
        self.hinted_name(form)
            .or_else(|| place(form, |c| open(c) && is_autocompleted_name(c)))
            .or_else(|| place(form, |c| open(c) && is_name_field(c)))
            .or_else(|| before.iter().position(open))
            .or_else(|| place(form, open).filter(|_| !self.has_said_name))
    }

    fn hinted_name(&self, form: &Form) -> Option<usize> {
        let hint = self.hints.username_field.as_deref()?;
        place(form, |c| is_named(c, hint) && !c.disabled)
    }

    fn decide(&self, document: &Document) -> Option<Errand<'a>> {
        let page = Consent::read(document, self.hints)?;
        Some(match self.decision {
            Decision::Approve => page.approve(document),
            Decision::Deny => page.deny(document),
        })
    }
}

/// A button by the places of its form and of itself.
type Button = (usize, usize);

/// A page that asks for a decision.
#[derive(Debug, Default)]
struct Consent {
    approve: Option<Button>,
    deny: Option<Button>,
    deny_link: Option<String>,
    /// A form whose refusing button works by script, but whose boxes can be left empty.
    deny_by_boxes: Option<usize>,
}

impl Consent {
    /// `None` for a page that asks for something else.
    fn read(document: &Document, hints: &FormHints) -> Option<Self> {
        let buttons: Vec<(Button, &Control, Option<Meaning>)> = document
            .forms
            .iter()
            .enumerate()
            .filter(|(_, form)| may_be_consent(form))
            .flat_map(|(f, form)| form.controls.iter().enumerate().map(move |(c, control)| ((f, c), control)))
            .filter(|(_, control)| control.is_button())
            .map(|(at, control)| (at, control, intent(control)))
            .collect();
        let called = |hint: Option<&str>| {
            let hint = hint?;
            buttons.iter().find(|(_, c, _)| c.submits() && is_called(c, hint)).map(|(at, ..)| *at)
        };
        let first = |wanted: Meaning| {
            buttons.iter().find(|(_, c, m)| c.submits() && *m == Some(wanted)).map(|(at, ..)| *at)
        };
        // Rather one that has its rival beside it.
        let has_rival =
            |form: usize| buttons.iter().any(|(at, _, m)| at.0 == form && *m == Some(Meaning::Deny));
        let approvals = || {
            buttons.iter().filter(|(_, c, m)| c.submits() && *m == Some(Meaning::Approve)).map(|(at, ..)| *at)
        };
        let approval = approvals().find(|(f, _)| has_rival(*f)).or_else(|| approvals().next());
        let deny_by_script =
            buttons.iter().find(|(_, c, m)| c.kind == "button" && !c.disabled && *m == Some(Meaning::Deny));
        let deny_link = refusing_link(document, hints.deny.as_deref());
        let deny = called(hints.deny.as_deref()).or_else(|| first(Meaning::Deny));
        let can_deny = deny.is_some() || deny_link.is_some() || deny_by_script.is_some();

        let hinted = called(hints.approve.as_deref());
        let chosen = || radio_choice(document, Decision::Approve).and_then(|(f, _)| any_button(document, f));
        let proceed = || {
            let asks = can_deny || is_about_consent(&document.text) || is_about_consent(&document.title);
            first(Meaning::Proceed).filter(|(f, _)| asks && !asks_for_text(document, *f))
        };
        // Beside a button that refuses, one whose words are not known must be the other one.
        let unknown = || {
            let mut rest = buttons.iter().filter(|(at, c, m)| {
                c.submits() && m.is_none() && (deny.is_some_and(|(f, _)| f == at.0) || deny_link.is_some())
            });
            let only = rest.next().filter(|_| rest.next().is_none());
            only.map(|(at, ..)| *at).filter(|(f, _)| !asks_for_text(document, *f))
        };
        let approve = hinted.or(approval).or_else(chosen).or_else(proceed).or_else(unknown);
        if approve.is_none() && called(hints.deny.as_deref()).is_none() {
            return None;
        }
        let has_boxes = |f: &usize| document.forms.get(*f).is_some_and(|form| place(form, is_box).is_some());
        let deny_by_boxes = deny_by_script.map(|((f, _), ..)| *f).filter(has_boxes);
        Some(Self { approve, deny, deny_link, deny_by_boxes })
    }

    fn approve<'a>(&self, document: &Document) -> Errand<'a> {
        let Some((form, button)) = self.approve else {
            return Errand::Puzzled("no button that consents was recognised", Some("approve"));
        };
        let mut checks = document.forms.get(form).map(|f| boxes(f, stands_for_grant)).unwrap_or_default();
        checks.extend(choice_in(document, form, Decision::Approve));
        let filled = Filled { checks, pressed: Some(button), ..Filled::default() };
        Errand::Submit { form, filled, purpose: Purpose::Decision }
    }

    fn deny<'a>(&self, document: &Document) -> Errand<'a> {
        if let Some((form, button)) = self.deny {
            let checks = choice_in(document, form, Decision::Deny);
            let filled = Filled { checks, pressed: Some(button), ..Filled::default() };
            return Errand::Submit { form, filled, purpose: Purpose::Decision };
        }
        if let Some((form, _)) = radio_choice(document, Decision::Deny) {
            let checks = choice_in(document, form, Decision::Deny);
            let filled =
                Filled { checks, pressed: any_button(document, form).map(|b| b.1), ..Filled::default() };
            return Errand::Submit { form, filled, purpose: Purpose::Decision };
        }
        if let Some(href) = &self.deny_link {
            return Errand::Follow(href.clone());
        }
        if let Some(form) = self.deny_by_boxes {
            let controls = document.forms.get(form).map(|f| f.controls.as_slice()).unwrap_or_default();
            let boxes = controls.iter().enumerate().filter(|(_, c)| is_box(c));
            let checks = boxes.map(|(index, _)| (index, false)).collect();
            let filled = Filled { checks, ..Filled::default() };
            return Errand::Submit { form, filled, purpose: Purpose::Decision };
        }
        Errand::Puzzled("no button or link that refuses was recognised", Some("deny"))
    }
}

/// Whether a form could be about consent to the client, rather than about cookies or searching.
fn may_be_consent(form: &Form) -> bool {
    let about_cookies = |text: &str| text.to_lowercase().contains("cookie");
    !about_cookies(form.action.as_deref().unwrap_or_default())
        && !about_cookies(&form.id)
        && !form.controls.iter().any(|c| c.kind == "search" || about_cookies(&c.name))
}

fn has_approval(document: &Document) -> bool {
    let approves = |c: &Control| c.submits() && intent(c) == Some(Meaning::Approve);
    document.forms.iter().any(|form| may_be_consent(form) && form.controls.iter().any(approves))
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
    let elsewhere = buttons().next().is_some() && buttons().all(|c| intent(c) == Some(Meaning::Elsewhere));
    !for_looking && !elsewhere && has(|c| c.is_visible())
}

fn moves_by_script(script: &str) -> bool {
    let script: String = script.chars().filter(|c| !c.is_whitespace()).collect();
    let assigns = |target: &str| script.split(target).skip(1).any(|after| !after.starts_with('='));
    ["location.replace(", "location.assign("].iter().any(|call| script.contains(call))
        || assigns("location=")
        || assigns("location.href=")
}

/// What a button does: by its words, then its value, name and id. "Yes" is nothing definite, but one named
/// `accept` is.
pub(super) fn intent(control: &Control) -> Option<Meaning> {
    if !control.is_button() {
        return None;
    }
    let by_words = meaning(&control.label);
    let mut others =
        [&control.value, &control.name, &control.id].into_iter().filter_map(|text| meaning(text));
    match by_words {
        None => others.next(),
        Some(Meaning::Proceed) => others.find(|m| *m == Meaning::Approve).or(by_words),
        _ => by_words,
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
    let means = |wanted: Meaning| form.controls.iter().any(|c| c.is_button() && intent(c) == Some(wanted));
    score += 2 * i32::from(means(Meaning::LogIn));
    score -= 3 * i32::from(means(Meaning::Elsewhere) && !means(Meaning::LogIn));
    let address = format!("{} {}", form.action.as_deref().unwrap_or_default(), form.id);
    score + i32::from(meaning(&address) == Some(Meaning::LogIn))
}

fn login_button(form: &Form) -> Option<usize> {
    let submits = |wanted: fn(Option<Meaning>) -> bool| place(form, |c| c.submits() && wanted(intent(c)));
    submits(|m| m == Some(Meaning::LogIn))
        .or_else(|| submits(|m| !matches!(m, Some(Meaning::Deny | Meaning::Elsewhere))))
        .or_else(|| submits(|m| m != Some(Meaning::Deny)))
}

/// The buttons of a login form that asks for consent on the same page; only words count here, as the button
/// of a plain login may well be named `accept`.
fn decision_buttons(form: &Form) -> Option<(usize, usize)> {
    let approve =
        place(form, |c| c.submits() && meaning(&c.label) != Some(Meaning::Deny) && approves(&c.label))?;
    let deny = place(form, |c| c.submits() && intent(c) == Some(Meaning::Deny))?;
    Some((approve, deny))
}

fn any_button(document: &Document, form: usize) -> Option<Button> {
    let place = place(document.forms.get(form)?, |c| {
        c.submits() && !matches!(intent(c), Some(Meaning::Deny | Meaning::Elsewhere))
    });
    place.map(|button| (form, button))
}

/// The first radio button on the page that stands for a decision, in a group that offers the other one too.
fn radio_choice(document: &Document, decision: Decision) -> Option<Button> {
    document.forms.iter().enumerate().find_map(|(index, form)| Some((index, radio_in(form, decision)?)))
}

fn radio_in(form: &Form, decision: Decision) -> Option<usize> {
    let radio = |c: &Control| c.kind == "radio" && !c.disabled;
    let says = |c: &Control| {
        let meaning = meaning(&c.label).or_else(|| meaning(&c.value)).or_else(|| meaning(&c.id))?;
        match meaning {
            Meaning::Deny => Some(Decision::Deny),
            Meaning::Approve | Meaning::Proceed => Some(Decision::Approve),
            Meaning::LogIn | Meaning::Elsewhere => None,
        }
    };
    place(form, |c| {
        let rival = |r: &Control| radio(r) && r.name == c.name && says(r).is_some_and(|d| d != decision);
        radio(c) && says(c) == Some(decision) && form.controls.iter().any(rival)
    })
}

/// How to set the radio buttons of a form for a decision.
fn choice_in(document: &Document, form: usize, decision: Decision) -> Vec<(usize, bool)> {
    let Some(form) = document.forms.get(form) else { return Vec::new() };
    let Some(chosen) = radio_in(form, decision) else { return Vec::new() };
    let name = form.controls.get(chosen).map(|c| c.name.as_str());
    let group = form.controls.iter().enumerate();
    group
        .filter(|(_, c)| c.kind == "radio" && Some(c.name.as_str()) == name)
        .map(|(index, _)| (index, index == chosen))
        .collect()
}

fn refusing_link(document: &Document, hint: Option<&str>) -> Option<String> {
    let leads = |link: &&Link| {
        let href = link.href.trim().to_ascii_lowercase();
        !href.is_empty() && !href.starts_with('#') && !href.starts_with("javascript:")
    };
    let called = |link: &&Link| hint.is_some_and(|hint| is_match(hint, &[&link.text, &link.id], &link.text));
    let links = || document.links.iter().filter(leads);
    let refuses = |link: &&Link| meaning(&link.text) == Some(Meaning::Deny);
    links().find(called).or_else(|| links().find(refuses)).map(|link| link.href.trim().to_owned())
}

/// Ticks for the boxes that pass a test.
fn boxes(form: &Form, test: impl Fn(&Control) -> bool) -> Vec<(usize, bool)> {
    let boxes = form.controls.iter().enumerate().filter(|(_, c)| is_box(c) && test(c));
    boxes.map(|(index, _)| (index, true)).collect()
}

fn asks_for_text(document: &Document, form: usize) -> bool {
    document.forms.get(form).is_some_and(|f| f.controls.iter().any(|c| c.takes_text() && !c.read_only))
}

fn stands_for_grant(control: &Control) -> bool {
    control.required || [&control.name, &control.id, &control.label].into_iter().any(|text| is_grant(text))
}

fn is_box(control: &Control) -> bool {
    control.kind == "checkbox" && !control.disabled
}

fn is_autocompleted_name(control: &Control) -> bool {
    control.autocomplete.split_ascii_whitespace().any(|word| matches!(word, "username" | "email"))
}

fn is_name_field(control: &Control) -> bool {
    is_autocompleted_name(control)
        || control.kind == "email"
        || [&control.name, &control.id].into_iter().any(|text| is_username(text))
}

fn is_named(control: &Control, name: &str) -> bool {
    control.name == name || (!control.id.is_empty() && control.id == name)
}

fn is_called(control: &Control, hint: &str) -> bool {
    is_match(hint, &[&control.label, &control.name, &control.value, &control.id], &control.label)
}

/// Whether a hint is one of these, or part of the words.
fn is_match(hint: &str, whole: &[&str], words: &str) -> bool {
    let hint = hint.trim().to_lowercase();
    !hint.is_empty()
        && (whole.iter().any(|text| text.trim().to_lowercase() == hint)
            || words.to_lowercase().contains(&hint))
}

fn place(form: &Form, test: impl Fn(&Control) -> bool) -> Option<usize> {
    form.controls.iter().position(test)
}
