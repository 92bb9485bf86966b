//! The judge as a whole, against answers of every kind.

mod clauses;
mod handshakes;
mod judging;
mod matcher;
