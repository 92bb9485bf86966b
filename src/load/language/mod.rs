//! The language described: every map with its keys, what each takes and means, and an example of it. Three
//! things are made from this one description, so that none of them can rot: what the loader knows and
//! misses (`decode::Map` holds a [`Record`] and, in tests, insists that reader and description agree), the
//! JSON Schemas, and the reference in `docs/suite-language.md`. Every example is loaded by a test.
//!
//! Adding a key: a [`Field`] here and a `map.read` or `map.need` in the reader; tests find whatever is
//! missing of the two. Then `UPDATE_GOLDEN=1 cargo test --test language`.

mod examples;
pub(super) mod files;
pub(super) mod outcomes;
pub(super) mod policy;
mod record;
mod reference;
mod schema;
pub(super) mod steps;
pub(super) mod suites;
pub(super) mod targets;
pub(super) mod values;

pub use examples::examples;
pub(super) use record::{Among, Field, Record, Shape, field};
pub use reference::reference;
pub use schema::schema;
