use proptest::test_runner::TestRng;
use rand::RngExt as _;
use rand::seq::SliceRandom as _;

use super::shrinking::{Shrinking, Steps};
use super::trials::{Source, Tree};
use crate::model::Value;

/// Near misses of a text: one place of it altered, at the ends first and then anywhere.
#[derive(Debug)]
pub(super) struct Alterations {
    text: Vec<char>,
    undealt: Vec<Kind>,
}

/// What happens to one place of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Another character of the same kind stands there.
    Changed,
    /// Everything from there on is gone.
    Cut,
    /// A character is inserted there.
    Inserted,
    /// The character is gone.
    Left,
    /// The letter has the other case.
    Case,
    /// The character and the next have changed places.
    Swapped,
}

impl Kind {
    const ALL: [Self; 6] = [Self::Changed, Self::Cut, Self::Inserted, Self::Left, Self::Case, Self::Swapped];
}

/// One near miss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Alteration {
    kind: Kind,
    place: usize,
}

impl Alterations {
    /// At least one character, all of them ASCII: what is altered stays a text of the same alphabet.
    pub(super) fn new(text: &str) -> Self {
        Self { text: text.chars().collect(), undealt: Vec::new() }
    }
}

impl Source for Alterations {
    fn draw(&mut self, trial: usize, rng: &mut TestRng) -> Tree {
        if self.undealt.is_empty() {
            self.undealt = Kind::ALL.to_vec();
            self.undealt.shuffle(rng);
        }
        let kind = self.undealt.pop().unwrap_or(Kind::Changed);
        let round = trial / Kind::ALL.len();
        let last = self.text.len() - 1;
        let mut drawn = match round {
            0 => Alteration { kind, place: last },
            1 => Alteration { kind, place: 0 },
            _ => Alteration { kind, place: rng.random_range(0..=last) },
        };
        // Not every place can be altered in every way; changing a character always works.
        if altered(&self.text, drawn).is_none() {
            drawn.kind = Kind::Changed;
        }
        let earlier = Earlier { text: self.text.clone(), low: 0, tried: 0, begun: false };
        Box::new(Shrinking::new(earlier, drawn))
    }
}

/// Shrinks to the first place at which the same alteration goes unnoticed, by bisection: a server that
/// compares only a beginning is found out by the character behind it.
#[derive(Debug)]
struct Earlier {
    text: Vec<char>,
    /// Places before it were noticed.
    low: usize,
    tried: usize,
    begun: bool,
}

impl Steps for Earlier {
    type Item = Alteration;

    fn propose(&mut self, best: &Alteration) -> Option<Alteration> {
        while self.low < best.place {
            self.tried = if self.begun { self.low + (best.place - self.low) / 2 } else { 0 };
            self.begun = true;
            let earlier = Alteration { place: self.tried, ..*best };
            if altered(&self.text, earlier).is_some() {
                return Some(earlier);
            }
            self.low = self.tried + 1;
        }
        None
    }

    fn learn(&mut self, failed: bool) {
        if !failed {
            self.low = self.tried + 1;
        }
    }

    fn value(&self, item: &Alteration) -> Value {
        let text = altered(&self.text, *item).unwrap_or_default();
        let place = item.place + 1;
        let mutation = match item.kind {
            Kind::Changed => format!("character {place} is another"),
            Kind::Cut => format!("nothing from character {place} on"),
            Kind::Inserted => format!("one more character before character {place}"),
            Kind::Left => format!("without character {place}"),
            Kind::Case => format!("character {place} in the other case"),
            Kind::Swapped => format!("characters {place} and {} in each other's place", place + 1),
        };
        let members = [("text", text.into()), ("mutation", mutation.into())];
        Value::Map(members.into_iter().map(|(name, value): (&str, Value)| (name.to_owned(), value)).collect())
    }
}

/// The text with that alteration; `None` where it would stay the same or be empty.
fn altered(text: &[char], alteration: Alteration) -> Option<String> {
    let place = alteration.place;
    let character = *text.get(place)?;
    let mut altered = text.to_vec();
    match alteration.kind {
        Kind::Changed => altered[place] = another(character),
        Kind::Cut => altered.truncate(place),
        Kind::Inserted => altered.insert(place, another(character)),
        Kind::Left => drop(altered.remove(place)),
        Kind::Case if character.is_ascii_lowercase() => altered[place] = character.to_ascii_uppercase(),
        Kind::Case => altered[place] = character.to_ascii_lowercase(),
        Kind::Swapped if place + 1 < text.len() => altered.swap(place, place + 1),
        Kind::Swapped => return None,
    }
    (altered != text && !altered.is_empty()).then(|| altered.into_iter().collect())
}

/// A character of the same kind.
fn another(character: char) -> char {
    match character {
        '0'..='8' | 'a'..='y' | 'A'..='Y' => char::from_u32(character as u32 + 1).unwrap_or('x'),
        '9' => '0',
        'z' => 'a',
        'Z' => 'A',
        _ => 'x',
    }
}
