use super::document::{Control, Document, Form, Link};
use super::recognise::{Errand, Purpose};
use super::submission::Filled;
use super::words::{Meaning, approves, is_about_consent, is_match, meaning};
use crate::model::{Decision, FormHints};

/// A page that asks the user to consent, and the ways it gives to answer.
#[derive(Debug)]
pub(super) struct Consent<'d> {
    document: &'d Document,
    approve: Option<Place>,
    deny: Option<Place>,
    deny_link: Option<&'d str>,
    /// A form whose refusing button works by script, but whose boxes can be left empty.
    deny_by_boxes: Option<usize>,
}

/// Where a button is: its form and itself, by number.
type Place = (usize, usize);

impl<'d> Consent<'d> {
    /// `None` for a page that asks for something else.
    pub(super) fn read(document: &'d Document, hints: &FormHints) -> Option<Self> {
        let buttons = Buttons::of(document);
        let hinted_approve = buttons.called(hints.approve.as_deref());
        let hinted_deny = buttons.called(hints.deny.as_deref());
        let deny_link = refusing_link(document, hints.deny.as_deref());
        let by_script = buttons.refusing_by_script();
        let can_deny = buttons.first(Meaning::Deny).is_some() || deny_link.is_some() || by_script.is_some();

        let approve = hinted_approve
            .or_else(|| buttons.approving())
            .or_else(|| {
                let (form, _) = radio_choice(document, Decision::Approve)?;
                sending_button(document, form)
            })
            .or_else(|| {
                let asks = can_deny || is_about_consent(&document.text) || is_about_consent(&document.title);
                buttons.first(Meaning::Proceed).filter(|at| asks && !buttons.asks_for_text(*at))
            })
            .or_else(|| buttons.rival_of_refusal(deny_link.is_some()));
        if approve.is_none() && hinted_deny.is_none() {
            return None;
        }
        // Rather the refusal that stands beside the approval.
        let beside = approve.and_then(|(form, _)| buttons.first_in(form, Meaning::Deny));
        let deny = hinted_deny.or(beside).or_else(|| buttons.first(Meaning::Deny));
        let has_boxes =
            |form: &usize| document.forms.get(*form).is_some_and(|f| f.place(Control::is_box).is_some());
        let deny_by_boxes = by_script.map(|(form, _)| form).filter(has_boxes);
        Some(Self { document, approve, deny, deny_link, deny_by_boxes })
    }

    /// The way to answer so.
    pub(super) fn answer<'a>(&self, decision: Decision) -> Errand<'a> {
        match decision {
            Decision::Approve | Decision::Forge => self.approve(),
            Decision::Deny => self.deny(),
            Decision::Close => Errand::Leave,
        }
    }

    fn approve<'a>(&self) -> Errand<'a> {
        let Some((form, button)) = self.approve else {
            return Errand::Puzzled("no button that consents was recognised", Some("approve"));
        };
        let mut checks =
            self.document.forms.get(form).map(|f| f.boxes(Control::stands_for_grant)).unwrap_or_default();
        checks.extend(choices(self.document, form, Decision::Approve));
        submit(form, Some(button), checks)
    }

    fn deny<'a>(&self) -> Errand<'a> {
        if let Some((form, button)) = self.deny {
            return submit(form, Some(button), choices(self.document, form, Decision::Deny));
        }
        if let Some((form, _)) = radio_choice(self.document, Decision::Deny) {
            let button = sending_button(self.document, form).map(|(_, button)| button);
            return submit(form, button, choices(self.document, form, Decision::Deny));
        }
        if let Some(href) = self.deny_link {
            return Errand::Follow(href.to_owned());
        }
        if let Some((index, form)) = self.deny_by_boxes.and_then(|i| Some((i, self.document.forms.get(i)?))) {
            let unticked = form.boxes(|_| true).into_iter().map(|(place, _)| (place, false));
            return submit(index, None, unticked.collect());
        }
        Errand::Puzzled("no button or link that refuses was recognised", Some("deny"))
    }
}

/// Whether a page has a button that clearly consents.
pub(super) fn has_approval(document: &Document) -> bool {
    Buttons::of(document).approving().is_some()
}

/// The buttons of a login form that asks for consent on the same page, to approve and to deny. Only words count
/// here, as the button of a plain login may well be named `accept`.
pub(super) fn decision_buttons(form: &Form) -> Option<(usize, usize)> {
    let says_yes = |c: &Control| meaning(&c.label) != Some(Meaning::Deny) && approves(&c.label);
    let approve = form.place(|c| c.submits() && says_yes(c))?;
    let deny = form.place(|c| c.submits() && c.intent() == Some(Meaning::Deny))?;
    Some((approve, deny))
}

/// All buttons of a page that may be about consent.
struct Buttons<'d> {
    document: &'d Document,
    buttons: Vec<(Place, &'d Control, Option<Meaning>)>,
}

impl<'d> Buttons<'d> {
    fn of(document: &'d Document) -> Self {
        let forms = document.forms.iter().enumerate().filter(|(_, form)| may_be_consent(form));
        let controls = forms.flat_map(|(f, form)| {
            form.controls.iter().enumerate().map(move |(c, control)| ((f, c), control))
        });
        let buttons = controls.filter(|(_, control)| control.is_button());
        Self { document, buttons: buttons.map(|(at, control)| (at, control, control.intent())).collect() }
    }

    fn submitting(&self) -> impl Iterator<Item = &(Place, &'d Control, Option<Meaning>)> {
        self.buttons.iter().filter(|(_, control, _)| control.submits())
    }

    fn first(&self, wanted: Meaning) -> Option<Place> {
        self.submitting().find(|(_, _, meaning)| *meaning == Some(wanted)).map(|(at, ..)| *at)
    }

    fn first_in(&self, form: usize, wanted: Meaning) -> Option<Place> {
        let mut within = self.submitting().filter(|(at, ..)| at.0 == form);
        within.find(|(_, _, meaning)| *meaning == Some(wanted)).map(|(at, ..)| *at)
    }

    fn called(&self, hint: Option<&str>) -> Option<Place> {
        let hint = hint?;
        self.submitting().find(|(_, control, _)| control.is_called(hint)).map(|(at, ..)| *at)
    }

    /// A button that consents, rather one that has its rival beside it.
    fn approving(&self) -> Option<Place> {
        let has_rival = |form: usize| {
            self.buttons.iter().any(|(at, _, meaning)| at.0 == form && *meaning == Some(Meaning::Deny))
        };
        let mut approvals = self.submitting().filter(|(.., meaning)| *meaning == Some(Meaning::Approve));
        let beside = approvals.find(|(at, ..)| has_rival(at.0)).map(|(at, ..)| *at);
        beside.or_else(|| self.first(Meaning::Approve))
    }

    fn refusing_by_script(&self) -> Option<Place> {
        let by_script = |control: &Control| control.kind == "button" && !control.disabled;
        let mut buttons = self.buttons.iter();
        buttons.find(|(_, c, meaning)| by_script(c) && *meaning == Some(Meaning::Deny)).map(|(at, ..)| *at)
    }

    /// Beside a button or link that refuses, the only one whose words are not known must be the other one.
    fn rival_of_refusal(&self, has_link: bool) -> Option<Place> {
        let refusing = self.first(Meaning::Deny).map(|(form, _)| form);
        let mut unknown = self
            .submitting()
            .filter(|(at, _, meaning)| meaning.is_none() && (has_link || refusing == Some(at.0)));
        let (at, ..) = unknown.next()?;
        (unknown.next().is_none() && !self.asks_for_text(*at)).then_some(*at)
    }

    fn asks_for_text(&self, (form, _): Place) -> bool {
        let form = self.document.forms.get(form);
        form.is_some_and(|f| f.controls.iter().any(|c| c.takes_text() && !c.read_only))
    }
}

fn submit<'a>(form: usize, pressed: Option<usize>, checks: Vec<(usize, bool)>) -> Errand<'a> {
    let filled = Filled { checks, pressed, ..Filled::default() };
    Errand::Submit { form, filled, purpose: Purpose::Decision }
}

/// Whether a form could be about consent to the client, rather than about cookies or searching.
fn may_be_consent(form: &Form) -> bool {
    let about_cookies = |text: &str| text.to_lowercase().contains("cookie");
    !about_cookies(form.action.as_deref().unwrap_or_default())
        && !about_cookies(&form.id)
        && !form.controls.iter().any(|c| c.kind == "search" || about_cookies(&c.name))
}

fn sending_button(document: &Document, form: usize) -> Option<Place> {
    let sends = |c: &Control| c.submits() && !matches!(c.intent(), Some(Meaning::Deny | Meaning::Elsewhere));
    Some((form, document.forms.get(form)?.place(sends)?))
}

/// The first radio button on the page that stands for a decision, in a group that offers the other one too.
fn radio_choice(document: &Document, decision: Decision) -> Option<Place> {
    document.forms.iter().enumerate().find_map(|(index, form)| Some((index, radio_in(form, decision)?)))
}

fn radio_in(form: &Form, decision: Decision) -> Option<usize> {
    let says = |c: &Control| {
        if c.kind != "radio" || c.disabled {
            return None;
        }
        let mut meanings = [&c.label, &c.value, &c.id].into_iter().filter_map(|text| meaning(text));
        match meanings.next()? {
            Meaning::Deny => Some(Decision::Deny),
            Meaning::Approve | Meaning::Proceed => Some(Decision::Approve),
            Meaning::LogIn | Meaning::Elsewhere => None,
        }
    };
    let has_rival = |c: &Control| {
        form.controls.iter().any(|r| r.name == c.name && says(r).is_some_and(|d| d != decision))
    };
    form.place(|c| says(c) == Some(decision) && has_rival(c))
}

/// How to set the radio buttons of a form for a decision.
fn choices(document: &Document, form: usize, decision: Decision) -> Vec<(usize, bool)> {
    let Some(form) = document.forms.get(form) else { return Vec::new() };
    let Some(chosen) = radio_in(form, decision) else { return Vec::new() };
    let name = form.controls.get(chosen).map(|c| c.name.as_str());
    let group = form.controls.iter().enumerate();
    group
        .filter(|(_, c)| c.kind == "radio" && Some(c.name.as_str()) == name)
        .map(|(index, _)| (index, index == chosen))
        .collect()
}

fn refusing_link<'d>(document: &'d Document, hint: Option<&str>) -> Option<&'d str> {
    let leads = |link: &&Link| {
        let href = link.href.trim().to_ascii_lowercase();
        !href.is_empty() && !href.starts_with('#') && !href.starts_with("javascript:")
    };
    let called = |link: &&Link| hint.is_some_and(|hint| is_match(hint, &[&link.text, &link.id], &link.text));
    let links = || document.links.iter().filter(leads);
    let refuses = |link: &&Link| meaning(&link.text) == Some(Meaning::Deny);
    links().find(called).or_else(|| links().find(refuses)).map(|link| link.href.trim())
}
