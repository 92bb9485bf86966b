//! Inputs of properties: drawn from a seed, and made simpler for as long as they still fail.
//!
//! Drawing is not blind: the edges of every range come first, and rare characters and kinds of mutation are
//! dealt like cards, so that a run of a few dozen trials meets them all. Shrinking does not wander: it looks
//! for the length at which a server changes its mind by bisection, and for the few characters that matter.
//!
//! The files: `trials` is the door, `shrinking` the loop that all trees share, then one file per generator.

mod alteration;
mod arrangement;
mod integer;
mod junk;
mod near_miss;
mod one_of;
mod scope_words;
mod shrinking;
#[cfg(test)]
mod tests;
mod text;
mod trials;

pub use trials::{GenerateError, Problem, Trial, Trials};
