use crate::http::{Exchange, Fault, Handshake};

/// What came of an action, as the judge sees it.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The browser was sent away from the server, to the client or elsewhere.
    Redirected(Redirected),
    /// The browser was left on a page of the server that asks for nothing the user could do.
    Page(Page),
    /// The user has closed the page that asked for consent: nothing comes back.
    Closed,
    /// The user agent does not know how to go on: nothing can be judged.
    Stuck {
        /// Where and why.
        reason: String,
        /// The page it stands on.
        page: Option<Page>,
    },
    /// A direct answer, with the exchange that brought it.
    Answered(Box<Exchange>),
    /// What a server made of an offer of TLS.
    Handshake(Handshake),
    /// No answer at all.
    Unreachable(Fault),
    /// Time passed.
    Waited,
    /// Several at once: how many of a race succeeded, and what each came to.
    Race {
        /// Those that did what they are for.
        succeeded: u32,
        /// Each attempt.
        outcomes: Vec<Outcome>,
    },
}

/// The browser was sent to the client.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Redirected {
    /// The `Location`, or the form's action, as the server wrote it.
    pub location: String,
    /// The same without query parameters that the response added, without fragment.
    pub to: String,
    /// The response's parameters in order, decoded once, duplicates kept. Query parameters that the
    /// requested redirect URI had are not among them.
    pub parameters: Vec<(String, String)>,
    /// `query`, `fragment` or `form_post`.
    pub carrier: String,
    /// Status of the answer that sent it there.
    pub status: u16,
}

/// A page of the server.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// Status code.
    pub status: u16,
    /// Where it stands.
    pub url: String,
    /// Its title.
    pub title: String,
    /// Its visible text, white space folded, at most some thousand characters.
    pub text: String,
    /// The body as it came.
    pub body: String,
    /// Media type, lower case, without parameters.
    pub media_type: String,
}

impl Redirected {
    /// The first parameter of that name.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}
