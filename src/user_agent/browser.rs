use url::Url;

use super::cookies::Cookies;
use super::document::{Document, Form};
use super::landing::{Boundary, Way};
use super::puzzle::{puzzle, without_query};
use super::recognise::{Errand, Purpose, Visitor};
use super::relay::{refresh, relay};
use super::submission::{Filled, Submission, SubmissionError};
use crate::http::{Channel, Endpoint, Request, Response};
use crate::model::{Decision, FormHints, Outcome, Page, User};

/// The most redirects that are followed in one visit.
const MOST_REDIRECTS: usize = 20;

/// The most pages that are answered in one visit.
const MOST_PAGES: usize = 12;

/// Where a forged form comes from.
const ELSEWHERE: &str = "https://evil.example";

/// What a browser accepts; servers answer `application/json` otherwise.
const ACCEPT: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// A browser with its cookies, as one user has it before them; for one case and session.
#[derive(Debug)]
pub struct Browser {
    channel: Channel,
    hints: FormHints,
    origins: Vec<String>,
    cookies: Cookies,
}

/// One way from the authorization endpoint to wherever it ends.
#[derive(Clone, Debug)]
pub struct Visit<'a> {
    /// The authorization request, `GET` or `POST`.
    pub request: Request,
    /// The redirect URI as it was sent, if one was.
    pub redirect_uri: Option<&'a str>,
    /// The client's registered redirect URIs.
    pub registered: &'a [String],
    /// Who logs in.
    pub user: &'a User,
    /// What they answer when asked for consent.
    pub decision: Decision,
    /// The consent form to send instead of their own, where they [forge](Decision::Forge).
    pub forged: Option<Request>,
}

impl Browser {
    /// A browser without cookies. `origins` are those whose pages belong to the server; those of the hints are
    /// added, and allowed on the channel.
    pub fn new(channel: Channel, hints: FormHints, origins: Vec<String>) -> Self {
        for origin in &hints.origins {
            channel.transport().allow(origin);
        }
        let all = origins.iter().chain(&hints.origins);
        let origins =
            all.filter_map(|o| Url::parse(o).ok()).map(|url| url.origin().ascii_serialization()).collect();
        Self { channel, hints, origins, cookies: Cookies::default() }
    }

    /// Walks from the authorization request to the end: follows redirects, logs in, answers the consent page.
    /// Ends [redirected](Outcome::Redirected) to the client or away from the server, on a
    /// [page](Outcome::Page), [closed](Outcome::Closed) by its user, [stuck](Outcome::Stuck), or with the server [unreachable](Outcome::Unreachable).
    pub async fn visit(&self, visit: Visit<'_>) -> Outcome {
        let mut walk = self.set_out(&visit);
        let is_unwilling = visit.decision != Decision::Approve;
        let mut request = visit.request;
        loop {
            request = match walk.step(request).await {
                Next::Send(request) => request,
                Next::Consent(form) => match (&visit.forged, visit.decision) {
                    (Some(forged), Decision::Forge) => {
                        walk.is_forged = true;
                        forged.clone()
                    }
                    _ => form,
                },
                Next::End(outcome) if is_unwilling && !walk.has_decided => return never_asked(*outcome),
                Next::End(outcome) => return *outcome,
            };
        }
    }

    /// Walks to the consent page, and gives the form that consents instead of sending it, as a page of somebody
    /// else would have it sent: with that page as its origin.
    pub async fn consent_form(&self, visit: Visit<'_>) -> Result<Request, Outcome> {
        let mut walk = self.set_out(&visit);
        let mut request = visit.request;
        loop {
            request = match walk.step(request).await {
                Next::Send(request) => request,
                Next::Consent(mut form) => {
                    form.headers.0.retain(|(name, _)| !matches!(name.as_str(), "Origin" | "Referer"));
                    form.headers.push("Origin", ELSEWHERE);
                    form.headers.push("Referer", format!("{ELSEWHERE}/"));
                    return Ok(form);
                }
                Next::End(outcome) => return Err(*outcome),
            };
        }
    }

    fn set_out<'a>(&'a self, visit: &Visit<'a>) -> Walk<'a> {
        Walk {
            browser: self,
            boundary: Boundary {
                origins: &self.origins,
                redirect_uri: visit.redirect_uri,
                registered: visit.registered,
            },
            visitor: Visitor {
                user: visit.user,
                decision: visit.decision,
                hints: &self.hints,
                has_said_name: false,
            },
            redirects: 0,
            pages: 0,
            answered: Vec::new(),
            has_decided: false,
            is_forged: false,
            is_over: false,
        }
    }

    /// Sends a request as a browser would, and keeps the cookies of the answer. A page of another site gets
    /// fewer cookies along.
    async fn send(&self, mut request: Request, is_across_sites: bool) -> Result<(Url, Response), Outcome> {
        let address = Url::parse(&request.url);
        for (name, value) in [("Accept", ACCEPT), ("Accept-Language", "en")] {
            if request.headers.first(name).is_none() {
                request.headers.push(name, value);
            }
        }
        let cookies = address.as_ref().ok().and_then(|url| match is_across_sites {
            true => self.cookies.header_across_sites(url),
            false => self.cookies.header(url),
        });
        if let Some(cookies) = cookies.filter(|_| request.headers.first("Cookie").is_none()) {
            request.headers.push("Cookie", cookies);
        }
        let exchange = self.channel.send(Endpoint::Authorization, request).await;
        match (exchange.result, address) {
            (Ok(response), Ok(url)) => {
                self.cookies.keep(&response, &url);
                Ok((url, response))
            }
            (Err(fault), _) => Err(Outcome::Unreachable(fault)),
            (Ok(_), Err(_)) => Err(Outcome::Stuck { reason: "the URL cannot be read".into(), page: None }),
        }
    }
}

/// What comes after an answer.
enum Next {
    Send(Request),
    /// The user consents by sending this.
    Consent(Request),
    End(Box<Outcome>),
}

impl From<Outcome> for Next {
    fn from(outcome: Outcome) -> Self {
        Self::End(Box::new(outcome))
    }
}

/// A visit under way.
struct Walk<'a> {
    browser: &'a Browser,
    boundary: Boundary<'a>,
    visitor: Visitor<'a>,
    redirects: usize,
    pages: usize,
    /// Login forms that were sent, to know them when they come back.
    answered: Vec<(Purpose, Vec<String>)>,
    /// Whether the user was asked for consent and has answered.
    has_decided: bool,
    /// Whether the request to come is sent by a page of another site.
    is_forged: bool,
    /// Whether it was sent: whatever page comes is the end then.
    is_over: bool,
}

/// A page as it is before the user.
struct Sight {
    url: Url,
    page: Page,
    document: Document,
}

impl Walk<'_> {
    async fn step(&mut self, request: Request) -> Next {
        let is_across_sites = std::mem::take(&mut self.is_forged);
        self.is_over |= is_across_sites;
        let (url, response) = match self.browser.send(request.clone(), is_across_sites).await {
            Ok(answer) => answer,
            Err(outcome) => return outcome.into(),
        };
        if let Some(location) = location(&response) {
            return match self.boundary.way(location, &url) {
                Way::Out => {
                    Outcome::Redirected(self.boundary.landing(location, &url, response.status)).into()
                }
                Way::On(next) => self.redirect(redirected(&request, response.status, &next), &url),
            };
        }
        let sight = look(url, response).await;
        self.page(sight)
    }

    fn page(&mut self, sight: Sight) -> Next {
        let status = sight.page.status;
        let errand = self.visitor.errand(&sight.document, status);
        let is_idle = matches!(errand, Errand::Rest | Errand::Puzzled(..));
        let relay = relay(&sight.document, &self.boundary, &sight.url);
        if let Some(relay) = relay.filter(|relay| relay.is_certain || is_idle) {
            return self.relayed(&sight, relay.submission);
        }
        if let Some(location) = refresh(&sight.document).filter(|_| is_idle) {
            return match self.boundary.way(&location, &sight.url) {
                Way::Out => Outcome::Redirected(self.boundary.landing(&location, &sight.url, status)).into(),
                // An error page that goes home after a while is still the end.
                Way::On(_) if status >= 400 => Outcome::Page(sight.page).into(),
                Way::On(next) => self.redirect(get(&next, &sight.url), &sight.url),
            };
        }
        match errand {
            _ if self.is_over => Outcome::Page(sight.page).into(),
            Errand::Rest => Outcome::Page(sight.page).into(),
            Errand::Leave => Outcome::Closed.into(),
            Errand::Puzzled(what, hint) => puzzle(what, hint, &sight.page, &sight.document).into(),
            Errand::Follow(href) => {
                self.has_decided = true;
                match self.boundary.way(&href, &sight.url) {
                    Way::Out => Outcome::Redirected(self.boundary.landing(&href, &sight.url, status)).into(),
                    Way::On(next) => self.redirect(get(&next, &sight.url), &sight.url),
                }
            }
            Errand::Submit { form, filled, purpose } => self.submit(&sight, form, &filled, purpose),
        }
    }

    /// Goes on by a redirect, unless there have been too many.
    fn redirect(&mut self, request: Request, from: &Url) -> Next {
        self.redirects += 1;
        if self.redirects > MOST_REDIRECTS {
            let place = without_query(from.as_str());
            let reason = format!("at {place}: the server has redirected {MOST_REDIRECTS} times in one visit");
            return Outcome::Stuck { reason, page: None }.into();
        }
        Next::Send(request)
    }

    /// A form that sends itself: to the client as a response, or to another page of the server.
    fn relayed(&mut self, sight: &Sight, submission: Submission) -> Next {
        let address = match submission.address(&sight.url, &sight.document) {
            Ok(address) => address,
            Err(error) => return unsent(sight, &error),
        };
        match self.boundary.way(address.as_str(), &sight.url) {
            Way::Out => self.leave(sight, submission, &address),
            Way::On(next) => self.redirect(submission.request(&next, &sight.url), &sight.url),
        }
    }

    fn submit(&mut self, sight: &Sight, index: usize, filled: &Filled<'_>, purpose: Purpose) -> Next {
        let Some(form) = sight.document.forms.get(index) else {
            return puzzle("the page's form is gone", None, &sight.page, &sight.document).into();
        };
        let sent =
            Submission::of(form, filled).and_then(|s| Ok((s.address(&sight.url, &sight.document)?, s)));
        let (address, submission) = match sent {
            Ok(sent) => sent,
            Err(error) => return unsent(sight, &error),
        };
        self.has_decided |= purpose == Purpose::Decision;
        if purpose != Purpose::Decision {
            let known = (purpose, fields(form));
            if self.answered.contains(&known) {
                let what = match purpose {
                    Purpose::UserName => "the login page came back after the user name was sent",
                    _ => "the login page came back after the password was sent",
                };
                return puzzle(what, None, &sight.page, &sight.document).into();
            }
            self.answered.push(known);
            self.visitor.has_said_name = true;
        }
        self.pages += 1;
        if self.pages > MOST_PAGES {
            return puzzle("there is no end of pages", None, &sight.page, &sight.document).into();
        }
        match self.boundary.way(address.as_str(), &sight.url) {
            Way::On(next) => {
                let mut request = submission.request(&next, &sight.url);
                request.headers.push("Referer", referer(&sight.url, &next));
                if purpose == Purpose::Decision { Next::Consent(request) } else { Next::Send(request) }
            }
            Way::Out if purpose == Purpose::Decision && self.visitor.decision == Decision::Forge => {
                let what = "the consent form goes to the client, who can send it without a forgery";
                puzzle(what, None, &sight.page, &sight.document).into()
            }
            Way::Out if purpose == Purpose::Decision => self.leave(sight, submission, &address),
            Way::Out => {
                let what = format!(
                    "the login form goes to {}, which is not the server's",
                    without_query(address.as_str())
                );
                puzzle(&what, Some("origins"), &sight.page, &sight.document).into()
            }
        }
    }

    /// A form leaves for the client.
    fn leave(&self, sight: &Sight, submission: Submission, address: &Url) -> Next {
        let status = sight.page.status;
        Outcome::Redirected(if submission.method == "POST" {
            self.boundary.form_post(&submission.action, submission.fields, &sight.url, status)
        } else {
            self.boundary.landing(address.as_str(), &sight.url, status)
        })
        .into()
    }
}

/// A user who was not asked could neither refuse nor leave: that the client got what it wanted says nothing.
fn never_asked(outcome: Outcome) -> Outcome {
    match &outcome {
        Outcome::Redirected(redirected)
            if ["code", "access_token"].iter().any(|name| redirected.parameter(name).is_some()) =>
        {
            let reason =
                "the user was not asked for consent, so there was nothing to refuse or to close".to_owned();
            Outcome::Stuck { reason, page: None }
        }
        _ => outcome,
    }
}

/// The fields that a user writes into: the same ones make the same login, whatever is around them.
fn fields(form: &Form) -> Vec<String> {
    let written = form.controls.iter().filter(|c| c.takes_text() || c.kind == "password");
    let mut names: Vec<String> = written.map(|c| c.name.clone()).collect();
    names.sort_unstable();
    names
}

fn unsent(sight: &Sight, error: &SubmissionError) -> Next {
    puzzle(&error.to_string(), None, &sight.page, &sight.document).into()
}

/// The address that a redirect names, if it is one that browsers follow (RFC 9110 section 15.4).
fn location(response: &Response) -> Option<&str> {
    if !matches!(response.status, 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    response.headers.first("location").map(str::trim).filter(|location| !location.is_empty())
}

/// The request that follows a redirect: 307 and 308 repeat it, all others ask with `GET`.
fn redirected(request: &Request, status: u16, to: &Url) -> Request {
    let mut next = Request { method: "GET".into(), url: to.to_string(), ..Request::default() };
    if matches!(status, 307 | 308) {
        next.method.clone_from(&request.method);
        next.body.clone_from(&request.body);
        for name in ["Content-Type", "Origin"] {
            if let Some(value) = request.headers.first(name) {
                next.headers.push(name, value);
            }
        }
    }
    next
}

fn get(to: &Url, from: &Url) -> Request {
    let mut request = Request { method: "GET".into(), url: to.to_string(), ..Request::default() };
    request.headers.push("Referer", referer(from, to));
    request
}

/// What browsers tell of the page that a request comes from: all of it only to the same origin.
fn referer(from: &Url, to: &Url) -> String {
    let mut from = from.clone();
    from.set_fragment(None);
    if from.origin() == to.origin() {
        from.to_string()
    } else {
        format!("{}/", from.origin().ascii_serialization())
    }
}

/// A page of so many bytes is read in a moment, however hostile.
const SMALL: usize = 16 << 10;

/// Reads a response as a page. A large one off the runtime's threads: a hostile page takes its time.
async fn look(url: Url, response: Response) -> Sight {
    let media_type = response.media_type().unwrap_or_default();
    let body = response.text().into_owned();
    let is_html = match media_type.as_str() {
        "text/html" | "application/xhtml+xml" => true,
        "" => body.trim_start().starts_with('<'),
        _ => false,
    };
    let mut document = Document::default();
    if is_html {
        document = if body.len() <= SMALL {
            Document::parse(&body)
        } else {
            let html = body.clone();
            let unread = Document { cut: true, ..Document::default() };
            tokio::task::spawn_blocking(move || Document::parse(&html)).await.unwrap_or(unread)
        };
        document.cut |= response.truncated;
    } else {
        let words: Vec<&str> = body.split_whitespace().take(1000).collect();
        document.text = words.join(" ").chars().take(4000).collect();
    }
    let by_header = response.headers.first("refresh").map(str::to_owned);
    document.refresh = document.refresh.or(by_header);
    let page = Page {
        status: response.status,
        url: url.to_string(),
        title: document.title.clone(),
        text: document.text.clone(),
        body,
        media_type,
    };
    Sight { url, page, document }
}
