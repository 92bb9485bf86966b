//! What may stand after a `$`: references, arithmetic on numbers and durations, comparisons and a
//! handful of functions. No general programming.

mod evaluate;
mod functions;
mod template;

pub use evaluate::{Call, EvaluationError, Expression, Operator, Scope};
pub use functions::Function;
pub use template::{Alphabet, Template, TextPart};
