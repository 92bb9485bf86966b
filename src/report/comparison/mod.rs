//! Two servers laid side by side: as text for a terminal, as one HTML file to send on, as JSON.

mod file;
mod page;
mod text;

pub use file::{ComparisonFile, ComparisonFormat};
pub use text::comparison_text;
