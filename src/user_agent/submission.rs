use url::{Url, form_urlencoded};

use super::document::{Control, Document, Form};
use crate::http::{Headers, Request};

/// What the user has done to a form before it goes.
#[derive(Debug, Default)]
pub(super) struct Filled<'a> {
    /// What is written into fields, by their place in the form.
    pub(super) texts: Vec<(usize, &'a str)>,
    /// Boxes and radio buttons that are set otherwise than the page has them.
    pub(super) checks: Vec<(usize, bool)>,
    /// The button that is pressed.
    pub(super) pressed: Option<usize>,
}

/// Where a form would be sent, as the page wrote it, and with what.
#[derive(Debug, PartialEq)]
pub(super) struct Submission {
    /// The action as written; empty for the page itself.
    pub(super) action: String,
    /// `GET` or `POST`.
    pub(super) method: String,
    pub(super) fields: Vec<(String, String)>,
}

/// Why a form cannot be sent.
#[derive(Debug, PartialEq, thiserror::Error)]
pub(super) enum SubmissionError {
    #[error("its form is sent as {0}, which this user agent does not write")]
    Encoding(String),
    #[error("its form has the method dialog, which only JavaScript understands")]
    Dialog,
    #[error("its form goes to {0:?}, which is no address for HTTP")]
    Action(String),
}

impl Submission {
    /// What a browser would send (HTML, form submission algorithm).
    pub(super) fn of(form: &Form, filled: &Filled<'_>) -> Result<Self, SubmissionError> {
        let pressed = filled.pressed.and_then(|index| form.controls.get(index));
        let method = pressed.and_then(|b| b.form_method.as_ref()).unwrap_or(&form.method).clone();
        let enctype = pressed.and_then(|b| b.form_enctype.as_ref()).or(form.enctype.as_ref());
        let unwritten = enctype.filter(|e| matches!(e.as_str(), "multipart/form-data" | "text/plain"));
        match (method.as_str(), unwritten) {
            ("DIALOG", _) => return Err(SubmissionError::Dialog),
            ("POST", Some(enctype)) => return Err(SubmissionError::Encoding(enctype.clone())),
            _ => {}
        }
        let action = pressed.and_then(|b| b.form_action.as_ref()).or(form.action.as_ref());
        let mut fields = Vec::new();
        for (index, control) in form.controls.iter().enumerate() {
            if !control.disabled {
                entries(index, control, filled, &mut fields);
            }
        }
        for (name, value) in &mut fields {
            break_lines(name);
            break_lines(value);
        }
        Ok(Self { action: action.map(|a| a.trim().to_owned()).unwrap_or_default(), method, fields })
    }

    /// The address that it goes to. An action that is absent, empty or `#` is the page's own.
    pub(super) fn address(&self, page: &Url, document: &Document) -> Result<Url, SubmissionError> {
        let mut url = if self.action.is_empty() || self.action == "#" {
            page.clone()
        } else {
            let base = document.base.as_ref().and_then(|base| page.join(base).ok());
            base.as_ref()
                .unwrap_or(page)
                .join(&self.action)
                .map_err(|_| SubmissionError::Action(self.action.clone()))?
        };
        url.set_fragment(None);
        if self.method == "GET" {
            url.set_query(Some(&self.encoded()));
        }
        Ok(url)
    }

    /// The request to that address, from that page.
    pub(super) fn request(&self, url: &Url, page: &Url) -> Request {
        let mut request = Request { method: self.method.clone(), url: url.to_string(), ..Request::default() };
        if self.method == "POST" {
            request.body = self.encoded().into_bytes();
            request.headers = Headers(vec![
                ("Content-Type".into(), "application/x-www-form-urlencoded".into()),
                ("Origin".into(), page.origin().ascii_serialization()),
            ]);
        }
        request
    }

    fn encoded(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.fields).finish()
    }
}

/// A form is sent with CRLF for every line break (HTML, converting to a list of name-value pairs); reading the
/// page has made line feeds of most of them.
fn break_lines(text: &mut String) {
    if text.contains(['\r', '\n']) {
        *text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n");
    }
}

/// The entries that a control contributes (HTML, constructing the entry list).
fn entries(index: usize, control: &Control, filled: &Filled<'_>, fields: &mut Vec<(String, String)>) {
    let name = &control.name;
    if control.is_button() {
        if filled.pressed != Some(index) {
            return;
        }
        if control.kind == "image" {
            let prefix = if name.is_empty() { String::new() } else { format!("{name}.") };
            fields.extend(["x", "y"].map(|axis| (format!("{prefix}{axis}"), "0".to_owned())));
        } else if !name.is_empty() {
            fields.push((name.clone(), control.value.clone()));
        }
        return;
    }
    if name.is_empty() {
        return;
    }
    match control.kind.as_str() {
        "checkbox" | "radio" => {
            let set = filled.checks.iter().rev().find(|(i, _)| *i == index);
            if set.map_or(control.checked, |(_, checked)| *checked) {
                let value = if control.value.is_empty() { "on" } else { &control.value };
                fields.push((name.clone(), value.to_owned()));
            }
        }
        "select" => {
            let mut chosen: Vec<_> = control.options.iter().filter(|o| o.selected && !o.disabled).collect();
            if !control.multiple {
                let first = control.options.iter().find(|o| !o.disabled);
                chosen = chosen.pop().or(first).into_iter().collect();
            }
            for option in chosen {
                fields.push((name.clone(), option.value.clone().unwrap_or_else(|| option.text.clone())));
            }
        }
        "file" => fields.push((name.clone(), String::new())),
        _ => {
            let written = filled.texts.iter().rev().find(|(i, _)| *i == index);
            let text = written.map_or(control.value.as_str(), |(_, text)| *text);
            fields.push((name.clone(), text.to_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> Url {
        Url::parse("http://as.example/dir/login?next=%2Fx#top").unwrap()
    }

    fn submit(html: &str, press: &str) -> (String, Vec<(String, String)>) {
        let document = Document::parse(html);
        let form = &document.forms[0];
        let pressed = form.controls.iter().position(|c| c.submits() && c.label == press);
        let submission = Submission::of(form, &Filled { pressed, ..Filled::default() }).unwrap();
        (submission.address(&page(), &document).unwrap().to_string(), submission.fields)
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn only_what_is_successful_is_sent() {
        let html = "<form method=post><input name=h type=hidden value=1><input name=x disabled value=2>
            <input type=checkbox name=a checked><input type=checkbox name=b value=2>
            <input type=radio name=r value=1><input type=radio name=r value=2 checked>
            <select name=s><option value=p>P<option>Q</select><select name=m multiple><option selected>1<option>2<option selected>3</select>
            <input value=nameless><button name=deny value=0>No</button><button name=ok value=1>Yes</button></form>";
        let (_, fields) = submit(html, "Yes");
        let expected = [("h", "1"), ("a", "on"), ("r", "2"), ("s", "p"), ("m", "1"), ("m", "3"), ("ok", "1")];
        assert_eq!(fields, pairs(&expected));
    }

    #[test]
    fn actions() {
        let login = "http://as.example/dir/login?next=%2Fx";
        for (form, expected) in [
            ("<form method=post>", login),
            ("<form method=post action>", login),
            ("<form method=post action='#'>", login),
            ("<form method=post action='/do?x=1#f'>", "http://as.example/do?x=1"),
            ("<form method=post action=do>", "http://as.example/dir/do"),
            ("<form method=POST action=' do '>", "http://as.example/dir/do"),
            ("<base href=/b/><form method=post action=do>", "http://as.example/b/do"),
            ("<base href=/b/><form method=post>", login),
            ("<form action=/s?old=1>", "http://as.example/s?q=1+%2B"),
        ] {
            let (url, _) = submit(&format!("{form}<input name=q value='1 +'></form>"), "");
            assert_eq!(url, expected, "{form}");
        }
    }

    #[test]
    fn a_button_may_have_its_own_mind() {
        let html = "<form action=/a><button formaction=/b formmethod=post name=n value=v>Go</button></form>";
        assert_eq!(submit(html, "Go"), ("http://as.example/b".into(), pairs(&[("n", "v")])));
        let html = "<form method=post action=/a><input type=image name=i alt=Go></form>";
        assert_eq!(submit(html, "Go").1, pairs(&[("i.x", "0"), ("i.y", "0")]));
    }

    #[test]
    fn line_breaks_are_those_of_forms() {
        let html = "<form method=post action=/a><input type=hidden name=s value='a\r\nb\nc&#13;d&#13;&#10;e'></form>";
        let document = Document::parse(html);
        let submission = Submission::of(&document.forms[0], &Filled::default()).unwrap();
        let request = submission.request(&page(), &page());
        assert_eq!(request.body, b"s=a%0D%0Ab%0D%0Ac%0D%0Ad%0D%0Ae");
    }

    #[test]
    fn what_cannot_be_written_is_said() {
        let of = |html: &str| Submission::of(&Document::parse(html).forms[0], &Filled::default());
        let multipart = of("<form method=post enctype=multipart/form-data>").unwrap_err();
        assert_eq!(multipart, SubmissionError::Encoding("multipart/form-data".into()));
        assert_eq!(of("<form method=dialog>").unwrap_err(), SubmissionError::Dialog);
        assert!(of("<form enctype=multipart/form-data>").is_ok(), "without meaning for GET");
    }
}
