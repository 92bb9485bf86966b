//! What can be seen of how codes and tokens are made, from many of them: repetition, counters, clocks, and how
//! much of them varies at all.
//!
//! Nobody outside can tell how random a value is. Two statements are certain: there is no more in it than the
//! characters that vary have room for, and there is at least as much as the absence of equal ones among so many
//! shows.

use std::cmp::Ordering;
use std::collections::BTreeSet;

/// So many values have to be there before anything is said.
pub const ENOUGH: usize = 16;

/// What is seen of a kind of value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Structure {
    /// How many there were.
    pub count: usize,
    /// How many of them had been there before.
    pub repeated: usize,
    /// Characters of the shortest.
    pub shortest: usize,
    /// Characters of the longest.
    pub longest: usize,
    /// In how many places they differ.
    pub varying: usize,
    /// How many of those places rise in the order of issue, as counters and clocks do.
    pub ordered: usize,
    /// Bits for which the other places have room: there cannot be more.
    pub room: u32,
    /// Bits that there are at least, because no two were alike (by the birthday bound, wrong once in twenty times).
    pub at_least: u32,
    /// Whether all are random UUIDs (RFC 9562 section 5.4), which have 122 bits.
    pub uuid: bool,
    /// Whether all are signed (RFC 7515): what protects those is no matter of length.
    pub signed: bool,
}

impl Structure {
    /// Of values in the order in which they were issued.
    pub fn of(values: &[String]) -> Self {
        let unique: BTreeSet<&String> = values.iter().collect();
        let characters: Vec<Vec<char>> = values.iter().map(|value| value.chars().collect()).collect();
        let length =
            |pick: fn(usize, usize) -> usize| characters.iter().map(Vec::len).reduce(pick).unwrap_or(0);
        let (shortest, longest) = (length(usize::min), length(usize::max));
        let varies = |place: &usize| {
            let at = |value: &Vec<char>| value.get(*place).copied();
            characters.windows(2).any(|pair| at(&pair[0]) != at(&pair[1]))
        };
        let varying: Vec<usize> = (0..longest).filter(varies).collect();
        let is_enough = values.len() >= ENOUGH;
        let ordered = if is_enough { ordered(&characters, &varying) } else { BTreeSet::new() };
        let free: Vec<usize> = varying.iter().copied().filter(|place| !ordered.contains(place)).collect();
        let pairs = values.len() * values.len().saturating_sub(1) / 2;
        Self {
            count: values.len(),
            repeated: values.len() - unique.len(),
            shortest,
            longest,
            varying: varying.len(),
            ordered: ordered.len(),
            room: room(&characters, &free),
            at_least: if unique.len() == values.len() { (pairs / 3).max(1).ilog2() } else { 0 },
            uuid: !values.is_empty() && values.iter().all(|value| is_random_uuid(value)),
            signed: !values.is_empty() && values.iter().all(|value| is_signed(value)),
        }
    }
}

impl std::fmt::Display for Structure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.count < ENOUGH {
            return write!(f, "{} of them, too few to tell", self.count);
        }
        let Self { count, shortest, longest, varying, room, at_least, .. } = self;
        let length =
            if shortest == longest { longest.to_string() } else { format!("{shortest} to {longest}") };
        write!(f, "{count} of {length} characters, {varying} of which vary")?;
        match (self.repeated, self.ordered) {
            (0, 0) => {}
            (0, ordered) => write!(f, " ({ordered} of these rise in the order of issue)")?,
            (repeated, _) => write!(f, "; {repeated} of them had been issued before")?,
        }
        if self.signed {
            return f.write_str("; signed, so that length says nothing");
        }
        write!(f, ": at least {at_least} bits, at most {room}; more cannot be told")
    }
}

/// The places that rise in the order of issue: beginning at a place where everything from there on does, as far
/// as is needed for it.
fn ordered(values: &[Vec<char>], varying: &[usize]) -> BTreeSet<usize> {
    // A few are enough for that, and each is compared with each.
    let step = values.len().div_ceil(96);
    let values: Vec<&Vec<char>> = values.iter().step_by(step).collect();
    let scales = [
        Scale::new(&values, u32::from, false),
        Scale::new(&values, base64, false),
        Scale::new(&values, u32::from, true),
    ];
    let mut found = BTreeSet::new();
    let mut begin = 0;
    while begin < varying.len() {
        let place = varying[begin];
        let rising = scales.iter().filter(|scale| scale.may_rise(place));
        let mut rising = rising.map(|scale| (scale, scale.rise(place, usize::MAX)));
        let Some((scale, whole)) = rising.find(|(_, rise)| *rise >= 0.8) else {
            begin += 1;
            continue;
        };
        let mut end = begin;
        while end + 1 < varying.len() && scale.rise(place, varying[end] + 1) < whole - 0.02 {
            end += 1;
        }
        found.extend(&varying[begin..=end]);
        begin = end + 1;
    }
    found
}

/// Values as they are compared with each other.
struct Scale {
    /// Of each value its characters, as numbers.
    values: Vec<Vec<u32>>,
    /// As numbers rise that have no leading zeros.
    shorter_first: bool,
}

impl Scale {
    fn new(values: &[&Vec<char>], number: fn(char) -> u32, shorter_first: bool) -> Self {
        let values = values.iter().map(|value| value.iter().copied().map(number).collect()).collect();
        Self { values, shorter_first }
    }

    /// Whether it is worth asking how well the part from `from` on rises: of those far apart nearly all have to.
    fn may_rise(&self, from: usize) -> bool {
        let half = self.values.len() / 2;
        let part = |value: &Vec<u32>| from.min(value.len());
        let rises = |(earlier, later): &(&Vec<u32>, &Vec<u32>)| {
            self.order(&earlier[part(earlier)..], &later[part(later)..]) == Ordering::Less
        };
        4 * self.values.iter().zip(&self.values[half..]).filter(rises).count() > 3 * half
    }

    /// How well the part from `from` to `to` follows the order of issue: 1 if it always rises, 0 if it does as
    /// it likes.
    fn rise(&self, from: usize, to: usize) -> f64 {
        let end = |value: &Vec<u32>| to.min(value.len());
        let parts: Vec<&[u32]> =
            self.values.iter().map(|v| v.get(from.min(end(v))..end(v)).unwrap_or_default()).collect();
        let ranks = self.ranks(&parts);
        let mut balance = 0_i64;
        let mut before: Vec<u32> = Vec::with_capacity(ranks.len());
        for rank in ranks {
            let smaller = before.partition_point(|earlier| *earlier < rank);
            let not_larger = before.partition_point(|earlier| *earlier <= rank);
            balance += smaller as i64 - (before.len() - not_larger) as i64;
            before.insert(smaller, rank);
        }
        let pairs = before.len() * before.len().saturating_sub(1) / 2;
        balance as f64 / pairs.max(1) as f64
    }

    fn order(&self, left: &[u32], right: &[u32]) -> Ordering {
        match self.shorter_first {
            true => left.len().cmp(&right.len()).then_with(|| left.cmp(right)),
            false => left.cmp(right),
        }
    }

    /// The place of each among all in order; equal ones share theirs.
    fn ranks(&self, parts: &[&[u32]]) -> Vec<u32> {
        let mut sorted: Vec<usize> = (0..parts.len()).collect();
        sorted.sort_unstable_by(|a, b| self.order(parts[*a], parts[*b]));
        let mut ranks = vec![0; parts.len()];
        for pair in sorted.windows(2) {
            let step = u32::from(self.order(parts[pair[0]], parts[pair[1]]) != Ordering::Equal);
            ranks[pair[1]] = ranks[pair[0]] + step;
        }
        ranks
    }
}

/// As the bytes rise that were written in base64 (RFC 4648 sections 4 and 5).
fn base64(character: char) -> u32 {
    match character {
        'A'..='Z' => character as u32 - 'A' as u32,
        'a'..='z' => character as u32 - 'a' as u32 + 26,
        '0'..='9' => character as u32 - '0' as u32 + 52,
        '+' | '-' => 62,
        '/' | '_' => 63,
        other => other as u32 + 64,
    }
}

/// Whether a character is in it, and how many are.
type Alphabet = (fn(&char) -> bool, f64);

/// The bits that so many places can hold, with the smallest alphabet that all characters in them come from.
fn room(values: &[Vec<char>], places: &[usize]) -> u32 {
    let seen: Vec<char> = values
        .iter()
        .flat_map(|value| places.iter().filter_map(|place| value.get(*place).copied()))
        .collect();
    let digit = |c: &char| c.is_ascii_digit();
    let alphabets: [Alphabet; 6] = [
        (|c| c.is_ascii_digit(), 10.0),
        (|c| c.is_ascii_digit() || matches!(c, 'a'..='f'), 16.0),
        (|c| c.is_ascii_digit() || matches!(c, 'A'..='F'), 16.0),
        (|c| c.is_ascii_digit() || c.is_ascii_lowercase(), 36.0),
        (|c| c.is_ascii_digit() || c.is_ascii_uppercase(), 36.0),
        (|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_' | '='), 64.0),
    ];
    // Of a few characters nothing can be concluded, unless they are many of the fewest.
    let is_enough = seen.len() >= 200 || seen.iter().all(digit) && seen.len() >= 2 * ENOUGH;
    let fitting = alphabets.iter().find(|(fits, _)| is_enough && seen.iter().all(fits));
    let size = fitting.map_or(94.0, |(_, size)| *size);
    (size.log2() * places.len() as f64).floor() as u32
}

fn is_random_uuid(value: &str) -> bool {
    let bytes = value.as_bytes();
    bytes.len() == 36
        && bytes.iter().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => *byte == b'-',
            14 => *byte == b'4',
            19 => matches!(byte, b'8' | b'9' | b'a' | b'b' | b'A' | b'B'),
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Three parts of base64url with a signature in the last.
fn is_signed(value: &str) -> bool {
    let parts: Vec<&str> = value.split('.').collect();
    let base64url = |part: &&str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    parts.len() == 3 && parts.iter().all(base64url) && value.starts_with("eyJ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that look random and are the same each time.
    fn noise(index: u64) -> u64 {
        let mut x = index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    fn structure(make: impl Fn(u64) -> String) -> Structure {
        Structure::of(&(0..120).map(make).collect::<Vec<_>>())
    }

    #[test]
    fn what_is_random_has_room_and_no_order() {
        let seen = structure(|i| format!("{:016x}{:016x}", noise(i), noise(i + 1000)));
        assert_eq!((seen.repeated, seen.varying, seen.ordered, seen.room), (0, 32, 0, 128));
        assert_eq!(seen.at_least, 11);
        assert_eq!(
            seen.to_string(),
            "120 of 32 characters, 32 of which vary: at least 11 bits, at most 128; more cannot be told"
        );
    }

    #[test]
    fn a_counter_and_a_clock_count_for_nothing() {
        let counter = structure(|i| format!("code-{i:06}"));
        assert_eq!((counter.ordered, counter.room), (counter.varying, 0));
        let bare = structure(|i| format!("code{}", 8 + i));
        assert_eq!((bare.ordered, bare.room), (bare.varying, 0));
        let clock = structure(|i| format!("{}{:04x}", 1_700_000_000_000 + i * 37, noise(i) & 0xffff));
        assert!(clock.ordered >= 2 && clock.room <= 32, "{clock}");
        let sorted = structure(|i| format!("{:08x}{:016x}{:016x}", 77 + i, noise(i), noise(i + 1000)));
        assert_eq!((sorted.ordered > 0, sorted.room), (true, 128));
    }

    #[test]
    fn a_few_out_of_order_are_a_counter_still() {
        let swapped = structure(|i| format!("code-{:06}", i ^ 1));
        assert_eq!(swapped.room, 0, "{swapped}");
    }

    #[test]
    fn repetition_is_counted_and_little_is_said_of_few() {
        let repeated = structure(|i| format!("{:016x}", noise(i % 60)));
        assert_eq!((repeated.repeated, repeated.at_least), (60, 0));
        let few = Structure::of(&["a".to_owned(), "b".to_owned()]);
        assert_eq!(few.to_string(), "2 of them, too few to tell");
        assert_eq!(Structure::of(&[]).room, 0);
    }

    #[test]
    fn uuids_and_signed_tokens_are_known() {
        let uuid = structure(|i| {
            let hex = format!("{:016x}{:016x}", noise(i), noise(i + 1000));
            format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[12..15], &hex[15..18], &hex[18..30])
        });
        assert!(uuid.uuid && !uuid.signed && uuid.room < 128, "{uuid}");
        assert!(structure(|i| format!("eyJhbGciOiJSUzI1NiJ9.e30.{:016x}", noise(i))).signed);
        assert!(!structure(|i| format!("{:016x}", noise(i))).signed);
    }
}
