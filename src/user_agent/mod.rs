//! The browser and its user: walks from an authorization request to the end, over HTTP and HTML forms alone.
//!
//! It runs no JavaScript and never fetches anything outside of the origins that it was given. Where it does not
//! know how to go on it says so, with the page and the reason: a page that nobody understood judges nothing.

mod arena;
mod browser;
mod consent;
mod cookies;
mod document;
mod intent;
mod landing;
mod puzzle;
mod reader;
mod recognise;
mod relay;
mod submission;
mod words;

#[cfg(test)]
mod walks;

pub use browser::{Browser, Visit};
