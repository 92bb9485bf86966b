//! Suites × target × metadata × selection: what will run, what will not, and why. Pure; nothing is sent.

mod capabilities;
mod instances;
mod part;
mod planner;
mod selection;
mod surroundings;

pub use capabilities::Capabilities;
pub use planner::{Entry, Fate, LeftOut, Plan, PlanError, PlannedInvariant, Reason, nearest, plan};
pub use selection::{DISRUPTIVE, Selection, SelectionError, folded, requirements_of};
pub use surroundings::{Names, Surroundings};
