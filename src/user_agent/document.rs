use super::arena::Arena;
use super::reader::Reader;

/// What a page shows to a user and offers to do.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) title: String,
    /// Visible text, white space folded.
    pub(super) text: String,
    pub(super) forms: Vec<Form>,
    pub(super) links: Vec<Link>,
    /// `content` of the first `meta http-equiv=refresh`.
    pub(super) refresh: Option<String>,
    /// `href` of `base`.
    pub(super) base: Option<String>,
    /// Text of scripts and of the body's `onload`.
    pub(super) script: String,
    /// Whether all that is seen stands in `noscript`, and there are scripts.
    pub(super) needs_script: bool,
    /// Fields that a user could fill, outside of any form.
    pub(super) stray_fields: usize,
    /// Whether the page was not read to its end.
    pub(super) cut: bool,
}

/// A form and the controls that it owns, in the order of the page.
#[derive(Debug, Default)]
pub(super) struct Form {
    pub(super) action: Option<String>,
    /// `GET`, `POST` or `DIALOG`.
    pub(super) method: String,
    pub(super) enctype: Option<String>,
    pub(super) id: String,
    pub(super) controls: Vec<Control>,
}

/// A link with an address.
#[derive(Debug, Default)]
pub(super) struct Link {
    pub(super) href: String,
    pub(super) text: String,
    pub(super) id: String,
}

/// A field or button.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Control {
    /// `text`, `password`, `hidden`, `checkbox`, …; `select`, `textarea`; a `button` element's type too.
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) value: String,
    pub(super) id: String,
    /// A button's own words, or a field's label.
    pub(super) label: String,
    pub(super) autocomplete: String,
    pub(super) placeholder: String,
    /// Whether it is checked, or an option of a `select` is chosen.
    pub(super) checked: bool,
    pub(super) disabled: bool,
    pub(super) read_only: bool,
    pub(super) required: bool,
    pub(super) form_action: Option<String>,
    pub(super) form_method: Option<String>,
    pub(super) form_enctype: Option<String>,
    pub(super) options: Vec<Choice>,
    pub(super) multiple: bool,
}

/// An `option` of a `select`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Choice {
    pub(super) value: Option<String>,
    pub(super) text: String,
    pub(super) selected: bool,
    pub(super) disabled: bool,
}

impl Control {
    /// Whether pressing it submits its form.
    pub(super) fn submits(&self) -> bool {
        matches!(self.kind.as_str(), "submit" | "image") && !self.disabled
    }

    /// Whether it is a button of any kind.
    pub(super) fn is_button(&self) -> bool {
        matches!(self.kind.as_str(), "submit" | "image" | "button" | "reset")
    }

    /// Whether a user writes a line of text into it.
    pub(super) fn takes_text(&self) -> bool {
        !self.disabled
            && !self.is_button()
            && !matches!(
                self.kind.as_str(),
                "hidden"
                    | "password"
                    | "checkbox"
                    | "radio"
                    | "select"
                    | "textarea"
                    | "search"
                    | "file"
                    | "range"
                    | "color"
                    | "date"
                    | "time"
                    | "output"
            )
    }

    /// Whether a user can see and use it.
    pub(super) fn is_visible(&self) -> bool {
        self.kind != "hidden" && !self.disabled
    }
}

impl Document {
    /// Reads a page. Takes time for long or deep pages, but never long: see `arena.rs`.
    pub(super) fn parse(html: &str) -> Self {
        Reader::read(&Arena::parse(html))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_user_sees() {
        let document = Document::parse(
            "<title> Sign \n in </title><body><p>Hello <b>wor</b>ld</p><p hidden>no</p><script>var x=1</script>
             <div style='display: none'>nor this</div><noscript>but this</noscript><a href=/x>Cancel</a>",
        );
        assert_eq!(document.title, "Sign in");
        assert_eq!(document.text, "Hello world but this Cancel");
        assert_eq!(document.links[0].text, "Cancel");
        assert!(!document.needs_script);
        assert!(document.script.contains("var x=1"));
    }

    #[test]
    fn an_application_in_script_shows_nothing() {
        let html =
            "<body><noscript>Enable JavaScript</noscript><div id=root></div><script src=a.js></script>";
        assert!(Document::parse(html).needs_script);
    }

    #[test]
    fn controls_with_their_labels_and_owners() {
        let document = Document::parse(
            "<form id=f method=post><label for=u>Name</label><input id=u name=u required>
             <label>Pass <input type=PASSWORD name=p></label><fieldset disabled><input name=d></fieldset>
             <select name=s><option value=1>One<option selected>Two</select><textarea name=t>
a &amp; b</textarea></form><button form=f name=go value=1><i></i> Go <span>now</span></button><input name=stray>",
        );
        let [form] = &document.forms[..] else { panic!("{:?}", document.forms) };
        let seen: Vec<_> =
            form.controls.iter().map(|c| (c.kind.as_str(), c.name.as_str(), c.label.as_str())).collect();
        let expected = [
            ("text", "u", "Name"),
            ("password", "p", "Pass"),
            ("text", "d", ""),
            ("select", "s", ""),
            ("textarea", "t", ""),
            ("submit", "go", "Go now"),
        ];
        assert_eq!(seen, expected);
        assert!(form.controls[0].required && form.controls[2].disabled);
        assert_eq!(form.controls[4].value, "a & b");
        assert_eq!(form.controls[3].options[1].text, "Two");
        assert_eq!(document.stray_fields, 1);
        assert_eq!(document.text, "Name Pass a & b Go now");
    }
}
