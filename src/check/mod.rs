//! The judge: expectations and what was seen, to findings. Pure, without clock or network.
//!
//! Inside, everything has three values: it holds, it is broken, or it cannot be told. An answer that says
//! nothing about its request (no answer, 429, 5xx, a user agent that is stuck, a page where JSON is due) never
//! satisfies an expectation that does not ask for exactly that, and never breaks one either: the finding is an
//! error, so that a server that is down passes no negative test.
//!
//! The files: `judge` turns patterns into findings, `clause` knows what each clause means, `answer` what an
//! answer means in OAuth, `matcher` compares one value, `words`, `describe` and `expected` put it in words.

mod answer;
mod challenge;
mod clause;
mod concern;
mod describe;
mod expected;
#[cfg(test)]
mod fixtures;
mod json;
mod judge;
mod jwt;
mod lasts;
mod matcher;
mod race;
mod redirect;
mod scope;
mod sight;
mod signature;
mod structure;
#[cfg(test)]
mod tests;
mod words;

pub use answer::{Success, succeeded};
pub use concern::concerns;
pub use describe::describe_outcome;
pub use expected::describe_pattern;
pub use judge::{Evidence, Exhibit, Shortfall, applies, assume, judge};
pub use race::judge_race;
pub use structure::Structure;
