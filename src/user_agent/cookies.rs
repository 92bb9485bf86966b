use std::sync::{Mutex, PoisonError};

use cookie_store::CookieStore;
use url::Url;

use crate::http::Response;

/// The most cookies that are kept, and the longest `Set-Cookie` that is read: about what browsers do.
const MOST: usize = 180;
const LONGEST: usize = 4096;

/// A browser's cookies.
#[derive(Debug, Default)]
pub(super) struct Cookies {
    store: Mutex<CookieStore>,
}

impl Cookies {
    /// Keeps what a response sets. What is not a cookie, or too much, is passed over.
    pub(super) fn keep(&self, response: &Response, url: &Url) {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        for text in response.headers.all("set-cookie").filter(|text| text.len() <= LONGEST) {
            if store.iter_any().count() < MOST {
                // An error tells that the cookie is another site's, or has expired and is gone.
                let _ = store.parse(text, url);
            }
        }
    }

    /// The `Cookie` header for a request (RFC 6265 section 5.4: longer paths first).
    pub(super) fn header(&self, url: &Url) -> Option<String> {
        self.header_of(url, |_| true)
    }

    /// The same for a form that a page of another site sends: without those that are kept from it (RFC 6265bis
    /// section 5.6.7). Those that say nothing go along, as not every browser takes them for `Lax`.
    pub(super) fn header_across_sites(&self, url: &Url) -> Option<String> {
        self.header_of(url, |cookie| cookie.same_site().is_none_or(|site| site.is_none()))
    }

    fn header_of(&self, url: &Url, goes: impl Fn(&cookie_store::Cookie<'_>) -> bool) -> Option<String> {
        let store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let mut cookies = store.matches(url);
        cookies.retain(|cookie| goes(cookie));
        cookies.sort_by(|a, b| {
            let path = |c: &cookie_store::Cookie<'_>| String::from(&c.path).len();
            path(b).cmp(&path(a)).then_with(|| a.name().cmp(b.name()))
        });
        let pairs: Vec<String> = cookies.iter().map(|c| format!("{}={}", c.name(), c.value())).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(cookies: &[String]) -> Response {
        let mut response = Response::default();
        for cookie in cookies {
            response.headers.push("Set-Cookie", cookie);
        }
        response
    }

    #[test]
    fn cookies_go_where_they_belong() {
        let url = Url::parse("http://127.0.0.1:8080/login").unwrap();
        let cookies = Cookies::default();
        let set = ["a=1; Path=/", "b=2; Path=/login; Secure; HttpOnly", "c=3; Domain=other.example", "d", ""];
        cookies.keep(&response(&set.map(String::from)), &url);
        assert_eq!(cookies.header(&url).as_deref(), Some("b=2; a=1"));
        assert_eq!(cookies.header(&Url::parse("http://127.0.0.1:8080/").unwrap()).as_deref(), Some("a=1"));
        assert_eq!(cookies.header(&Url::parse("http://localhost/").unwrap()), None);
        cookies.keep(&response(&["a=; Path=/; Max-Age=0".into()]), &url);
        assert_eq!(cookies.header(&url).as_deref(), Some("b=2"));
    }

    #[test]
    fn cookies_of_one_site_are_not_for_forms_of_another() {
        let url = Url::parse("http://127.0.0.1/").unwrap();
        let cookies = Cookies::default();
        let set = ["a=1; SameSite=Lax", "b=2; SameSite=Strict", "c=3", "d=4; SameSite=None; Secure"];
        cookies.keep(&response(&set.map(String::from)), &url);
        assert_eq!(cookies.header_across_sites(&url).as_deref(), Some("c=3; d=4"));
        assert_eq!(cookies.header(&url).as_deref(), Some("a=1; b=2; c=3; d=4"));
    }

    #[test]
    fn a_bomb_of_cookies_is_bounded() {
        let url = Url::parse("http://127.0.0.1/").unwrap();
        let cookies = Cookies::default();
        let mut bomb: Vec<String> = (0..1000).map(|i| format!("n{i}=v")).collect();
        bomb.push(format!("long={}", "x".repeat(10_000)));
        cookies.keep(&response(&bomb), &url);
        assert_eq!(cookies.header(&url).unwrap().split("; ").count(), MOST);
    }
}
