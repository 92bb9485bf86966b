//! The console: a line per row while running, what went wrong in full at the end, then how every
//! requirement stands.

mod block;
mod danger;
mod folding;
mod options;
mod overview;
mod page;
mod stream;
mod wire;

pub(super) use block::plain_block;
pub use options::{ConsoleOptions, FailureOutput, StatusLevel};
pub use stream::Console;
