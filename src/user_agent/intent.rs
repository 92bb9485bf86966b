use super::document::{Control, Form};
use super::words::{Meaning, is_grant, is_match, is_username, meaning};

/// What controls are there for, as far as their words and names tell.
impl Control {
    /// What a button does: by its words, then its value, name and id. "Yes" is nothing definite, but one named
    /// `accept` is.
    pub(super) fn intent(&self) -> Option<Meaning> {
        if !self.is_button() {
            return None;
        }
        let by_words = meaning(&self.label);
        let mut others = [&self.value, &self.name, &self.id].into_iter().filter_map(|text| meaning(text));
        match by_words {
            None => others.next(),
            Some(Meaning::Proceed) => others.find(|m| *m == Meaning::Approve).or(by_words),
            _ => by_words,
        }
    }

    /// Whether it is a box that can be ticked.
    pub(super) fn is_box(&self) -> bool {
        self.kind == "checkbox" && !self.disabled
    }

    /// Whether a box stands for something that is granted.
    pub(super) fn stands_for_grant(&self) -> bool {
        self.required || [&self.name, &self.id, &self.label].into_iter().any(|text| is_grant(text))
    }

    /// Whether the page says outright that it takes a user's name.
    pub(super) fn is_autocompleted_name(&self) -> bool {
        self.autocomplete.split_ascii_whitespace().any(|word| matches!(word, "username" | "email"))
    }

    /// Whether it takes a user's name.
    pub(super) fn is_name_field(&self) -> bool {
        self.is_autocompleted_name()
            || self.kind == "email"
            || [&self.name, &self.id].into_iter().any(|text| is_username(text))
    }

    /// Whether a hint names this field.
    pub(super) fn is_named(&self, hint: &str) -> bool {
        self.name == hint || (!self.id.is_empty() && self.id == hint)
    }

    /// Whether a hint means this button.
    pub(super) fn is_called(&self, hint: &str) -> bool {
        is_match(hint, &[&self.label, &self.name, &self.value, &self.id], &self.label)
    }
}

impl Form {
    /// The number of the first control that passes a test.
    pub(super) fn place(&self, test: impl Fn(&Control) -> bool) -> Option<usize> {
        self.controls.iter().position(test)
    }

    /// Ticks for the boxes that pass a test.
    pub(super) fn boxes(&self, test: impl Fn(&Control) -> bool) -> Vec<(usize, bool)> {
        let boxes = self.controls.iter().enumerate().filter(|(_, c)| c.is_box() && test(c));
        boxes.map(|(index, _)| (index, true)).collect()
    }
}
