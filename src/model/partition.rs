use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One of several machines that share a run: `slice:2/5`, `hash:2/5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partition {
    /// How the parts are told apart.
    pub scheme: PartitionScheme,
    /// Which part, from 1.
    pub index: u32,
    /// Of how many.
    pub of: u32,
}

/// How a run is cut into parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartitionScheme {
    /// By turns, in the order of the suites: parts of one size.
    Slice,
    /// By the row's name: a row stays in its part when others come and go.
    Hash,
}

impl PartitionScheme {
    /// The word on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Slice => "slice",
            Self::Hash => "hash",
        }
    }
}

impl Partition {
    /// The most parts that a run can have.
    pub const MOST: u32 = 10_000;

    /// Part `index`, from 1, of `of`; `None` if there is no such part.
    pub fn new(scheme: PartitionScheme, index: u32, of: u32) -> Option<Self> {
        (1..=Self::MOST).contains(&of).then_some(())?;
        (1..=of).contains(&index).then_some(Self { scheme, index, of })
    }

    /// Whether the row of that name, at that place among all rows from 0, belongs to this part.
    pub fn has(self, place: usize, id: &str) -> bool {
        let part = match self.scheme {
            PartitionScheme::Slice => place as u64 % u64::from(self.of),
            PartitionScheme::Hash => fnv1a(id.as_bytes()) % u64::from(self.of),
        };
        part == u64::from(self.index - 1)
    }
}

/// Neither the platform nor the compiler's version may move a row to another part, so not the standard
/// library's hash: FNV-1a, 64 bits, its high half folded in because the low bits alone are weak.
fn fnv1a(bytes: &[u8]) -> u64 {
    let hash = bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x100_0000_01b3));
    hash ^ (hash >> 32)
}

impl std::fmt::Display for Partition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}/{}", self.scheme.as_str(), self.index, self.of)
    }
}

impl FromStr for Partition {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no part of a run; write `slice:2/5`, `hash:2/5` or `auto`");
        let (scheme, part) = text.split_once(':').ok_or_else(wrong)?;
        let scheme = match scheme {
            "slice" => PartitionScheme::Slice,
            "hash" => PartitionScheme::Hash,
            _ => return Err(wrong()),
        };
        let (index, of) = part.split_once('/').ok_or_else(wrong)?;
        let (index, of) = (index.parse().map_err(|_| wrong())?, of.parse().map_err(|_| wrong())?);
        Self::new(scheme, index, of).ok_or_else(|| {
            format!(
                "there is no part {index} of {of}: parts are counted from 1, and there are at most {}",
                Self::MOST
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_in_exactly_one_part_and_stays_there() {
        let ids: Vec<String> = (0..1000).map(|n| format!("suite/case-{}[x={}]", n / 7, n % 7)).collect();
        for scheme in [PartitionScheme::Slice, PartitionScheme::Hash] {
            let mut sizes = [0; 7];
            for (place, id) in ids.iter().enumerate() {
                let parts: Vec<usize> = (0..7)
                    .filter(|i| Partition::new(scheme, i + 1, 7).unwrap().has(place, id))
                    .map(|i| i as usize)
                    .collect();
                assert_eq!(parts.len(), 1);
                sizes[parts[0]] += 1;
            }
            assert!(sizes.iter().all(|size| (100..190).contains(size)), "{scheme:?} {sizes:?}");
        }
        // Where a row goes is a promise: shards of two versions must agree.
        let part: Partition = "hash:3/7".parse().unwrap();
        let mine: Vec<&str> = ids.iter().take(20).map(String::as_str).filter(|id| part.has(0, id)).collect();
        assert_eq!(mine, HASHED);
    }

    const HASHED: [&str; 4] =
        ["suite/case-0[x=6]", "suite/case-1[x=0]", "suite/case-1[x=6]", "suite/case-2[x=4]"];

    #[test]
    fn what_is_no_part_says_so() {
        assert_eq!("slice:2/5".parse::<Partition>().unwrap().to_string(), "slice:2/5");
        for text in ["", "2/5", "slice", "slice:2", "slice:a/5", "slices:2/5", "slice:-1/5", "slice:1/5/6"] {
            assert!(text.parse::<Partition>().unwrap_err().contains("write `slice:2/5`"), "{text}");
        }
        for text in ["slice:0/5", "hash:6/5", "slice:1/0", "hash:1/10001"] {
            assert!(text.parse::<Partition>().unwrap_err().contains("counted from 1"), "{text}");
        }
    }
}
