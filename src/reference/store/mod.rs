//! What the server remembers, all of it in memory: clients, users, sessions, codes, tokens.
//!
//! One lock guards everything that changes. Steps hold it for a few map operations at a time,
//! never while signing and never across an await, and each decision that must be made once
//! (redeeming a code, using a refresh token) is made under it.

mod authorization;
mod client;
mod memory;
mod token;

pub use client::{Client, User};

pub(crate) use authorization::{
    Authorization, Challenge, Code, Guesses, Interaction, Session, Spent, Trimmings,
};
pub(crate) use memory::{Memory, Store};
pub(crate) use token::{AccessToken, Family, RefreshToken, RefreshUse};
