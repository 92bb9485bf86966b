//! The kinds of near miss. Every one has been seen to deceive some server's comparison.

use super::mutation::{Component, Edit, Mutation, NearMiss};
use super::uri::{Authority, Uri};

/// A host that nobody has (RFC 6761 section 6.5) and that is only ever looked for, never asked.
const FOREIGN: &str = "evil.example";
/// What stands for something appended.
const WORD: &str = "FAKEPATH";
/// Suffix lengths around which buffers end.
const LENGTHS: [usize; 3] = [2048, 4096, 8192];

/// All mutations of the registered URI, one class behind the other.
///
/// Left out are those that are no other value of `redirect_uri` and so no near miss: the parameter sent twice,
/// empty or not at all. Of a loopback host the port is left alone, because it may vary there.
pub(super) fn mutations(registered: &Uri) -> Vec<Mutation> {
    let mut list = List { registered, mutations: Vec::new() };
    list.path();
    list.query_and_fragment();
    if let (Some(host), Some(authority)) = (registered.host(), &registered.authority) {
        list.hosts(host, authority);
        list.confused_hosts(host, authority);
        list.ports(host, authority);
        list.whole(host);
    }
    list.scheme();
    list.text();
    list.mutations.retain(|m| NearMiss(vec![m.clone()]).misses(registered));
    list.mutations
}

/// The simplest near misses that could stand for this one, simplest first: for what begins with the registered
/// URI the registered URI and one more character, for what has its host in it that host with one more.
pub(super) fn simpler(mutation: &Mutation, registered: &Uri) -> Vec<Mutation> {
    let mut list = List { registered, mutations: Vec::new() };
    let text = NearMiss(vec![mutation.clone()]).decoded(registered);
    if let Some(suffix) = text.strip_prefix(&registered.to_string()) {
        list.appended(mutation, suffix, Edit::Append);
    } else if let Edit::AppendPath(suffix) = &mutation.edit {
        list.appended(mutation, suffix, Edit::AppendPath);
    }
    if let (Edit::Authority(_), Some(host), Some(authority)) =
        (&mutation.edit, registered.host(), &registered.authority)
        && mutation.component == Component::Host
    {
        list.host("host-affix", &format!("x{host}"), authority);
        list.host("subdomain", &format!("a.{host}"), authority);
        list.host("host-affix", &format!("{host}x"), authority);
    }
    list.mutations.retain(|m| NearMiss(vec![m.clone()]).misses(registered));
    list.mutations
}

struct List<'a> {
    registered: &'a Uri,
    mutations: Vec<Mutation>,
}

impl List<'_> {
    fn made(&self, class: &'static str, component: Component, edit: Edit) -> Mutation {
        Mutation { class, component, words: edit.to_string(), edit, raw: false }
    }

    fn add(&mut self, class: &'static str, component: Component, edit: Edit) {
        self.mutations.push(self.made(class, component, edit));
    }

    /// As the value, and as it stands on the wire.
    fn both(&mut self, class: &'static str, component: Component, edit: Edit) {
        let mut raw = Mutation { raw: true, ..self.made(class, component, edit.clone()) };
        raw.words.push_str(", escapes on the wire");
        self.add(class, component, edit);
        self.mutations.push(raw);
    }

    /// Behind the path, which is behind everything where there is no query.
    fn path_edit(&self, text: &str) -> Edit {
        if self.registered.query.is_none() && self.registered.fragment.is_none() {
            Edit::Append(text.to_owned())
        } else {
            Edit::AppendPath(text.to_owned())
        }
    }

    /// What could be appended instead of `suffix`.
    fn appended(&mut self, mutation: &Mutation, suffix: &str, edit: fn(String) -> Edit) {
        for character in ["x", "/"] {
            self.behind(character, edit);
        }
        let mut lengths = Vec::new();
        let mut length = suffix.chars().count() / 2;
        while length > 16 && mutation.class == "length" {
            lengths.insert(0, length);
            length /= 2;
        }
        for length in lengths {
            self.add("length", mutation.component, edit(format!("/{}", "a".repeat(length))));
        }
        if let Some(first) = suffix.chars().next() {
            self.behind(&first.to_string(), edit);
        }
        if let Edit::Append(own) | Edit::AppendPath(own) = &mutation.edit
            && mutation.raw
            && own.starts_with('%')
            && let Some(escape) = own.get(..3)
        {
            let escape = self.made(mutation.class, mutation.component, edit(escape.to_owned()));
            self.mutations.push(Mutation { raw: true, ..escape });
        }
    }

    /// One character more, in the component that it falls into.
    fn behind(&mut self, character: &str, edit: fn(String) -> Edit) {
        let edit = edit(character.to_owned());
        let in_query = matches!(edit, Edit::Append(_)) && self.registered.query.is_some();
        let (class, component) = match character {
            "#" => ("fragment", Component::Fragment),
            "?" | "&" => ("query", Component::Query),
            _ if in_query => ("query", Component::Query),
            _ => ("path-append", Component::Path),
        };
        self.add(class, component, edit);
    }

    fn path(&mut self) {
        for text in [format!("/{WORD}"), WORD.to_owned(), "/".to_owned()] {
            self.add("path-append", Component::Path, self.path_edit(&text));
        }
        for text in [format!("/../{WORD}"), format!("/{WORD}/.."), "/./".to_owned()] {
            self.add("dot-segments", Component::Path, self.path_edit(&text));
        }
        if let Some((parent, last)) = self.registered.path.rsplit_once('/') {
            self.add("dot-segments", Component::Path, Edit::Path(format!("{parent}/./{last}")));
            self.add("dot-segments", Component::Path, Edit::Path(format!("{parent}/{WORD}/../{last}")));
            self.add("slash-count", Component::Path, Edit::Path(format!("{parent}//{last}")));
        }
        let escapes = [
            ("encoded-slash", format!("%2F{WORD}")),
            ("encoded-slash", format!("%2F{WORD}%2F..")),
            ("encoded-dots", format!("/%2e%2e%2F{WORD}")),
            ("encoded-dots", format!("/%2E%2e/{WORD}")),
            ("double-encoding", format!("/%252e%252e%252F{WORD}")),
            ("double-encoding", format!("%252F{WORD}")),
            ("double-encoding", format!("%25252F{WORD}")),
            ("path-parameters", format!("/%3B%2F..%2F{WORD}")),
            ("control-characters", format!("%0A%0D/../../{WORD}")),
            ("control-characters", "%09".to_owned()),
            ("control-characters", "%0d%0aSet-Cookie:x=1".to_owned()),
            ("null-byte", format!("%00.{FOREIGN}")),
            ("null-byte", "%00/x".to_owned()),
            ("backslash", "%5C..%5Cx".to_owned()),
            ("backslash", "%EF%BC%BCx".to_owned()),
        ];
        for (class, text) in escapes {
            self.both(class, Component::Path, self.path_edit(&text));
        }
        for text in [format!("/;/../../{WORD}"), format!("/..;/{WORD}"), ";x=1".to_owned()] {
            self.add("path-parameters", Component::Path, self.path_edit(&text));
        }
        for length in LENGTHS {
            let text = format!("/{}", "a".repeat(length - 1));
            self.add("length", Component::Path, self.path_edit(&text));
        }
    }

    fn query_and_fragment(&mut self) {
        let own = self.registered.query.clone();
        let joint = if own.is_some() { '&' } else { '?' };
        let mut appended = vec![("query", "extra=1"), ("query", "")];
        // A response has these parameters itself: who wins is anybody's guess.
        for text in ["code=attacker", "state=x", "response=x", "iss=https%3A%2F%2Fevil.example"] {
            appended.push(("reserved-parameter", text));
        }
        for (class, text) in appended {
            self.add(class, Component::Query, Edit::Append(format!("{joint}{text}")));
        }
        let escaped = if own.is_some() { "%26code%3Dattacker" } else { "%3Fcode%3Dattacker" };
        self.both("reserved-parameter", Component::Query, Edit::Append(escaped.to_owned()));
        match own {
            None => self.add("query", Component::Query, Edit::Append("&x=1".to_owned())),
            Some(own) => {
                let mut parameters: Vec<&str> = own.split('&').collect();
                parameters.reverse();
                self.add("query", Component::Query, Edit::Query(Some(parameters.join("&"))));
                self.add("query", Component::Query, Edit::Query(None));
            }
        }
        for text in ["#", "#x"] {
            self.add("fragment", Component::Fragment, Edit::Append(text.to_owned()));
        }
        self.both("fragment", Component::Fragment, Edit::Append("%23x".to_owned()));
    }

    fn host(&mut self, class: &'static str, host: &str, authority: &Authority) {
        let text = Authority { host: host.to_owned(), ..authority.clone() }.to_string();
        self.add(class, Component::Host, Edit::Authority(text));
    }

    fn hosts(&mut self, host: &str, authority: &Authority) {
        self.host("foreign-host", FOREIGN, authority);
        for other in [format!("{host}.{FOREIGN}"), format!("evil{host}"), format!("x{host}")] {
            self.host("host-affix", &other, authority);
        }
        if let Some((end, _)) = host.char_indices().next_back().filter(|(end, _)| *end > 0) {
            self.host("host-affix", &host[..end], authority);
        }
        for other in [format!("a.{host}"), format!("a.b.{host}")] {
            self.host("subdomain", &other, authority);
        }
        if let Some((label, parent)) = host.split_once('.') {
            self.host("subdomain", parent, authority);
            self.host("regex-dot", &format!("{label}X{parent}"), authority);
        }
        if let Some((label, rest)) = host.split_once('.') {
            self.host("host-case", &format!("{}.{rest}", label.to_ascii_uppercase()), authority);
        } else {
            self.host("host-case", &host.to_ascii_uppercase(), authority);
        }
        self.host("host-dots", &format!("{host}."), authority);
        self.host("host-dots", &format!(".{host}"), authority);
    }

    /// What one parser takes for the host and another does not.
    fn confused_hosts(&mut self, host: &str, authority: &Authority) {
        for text in
            [format!("{host}\\@{FOREIGN}"), format!("{FOREIGN}\\@{authority}"), format!("{host}\\.{FOREIGN}")]
        {
            self.add("backslash", Component::Host, Edit::Authority(text));
        }
        for text in [
            format!("{host}@{FOREIGN}"),
            format!("{host}:80@{FOREIGN}"),
            format!("a:b@{authority}"),
            format!("[{FOREIGN}]@{authority}"),
            format!("{host}%40{FOREIGN}"),
        ] {
            self.add("userinfo", Component::Userinfo, Edit::Authority(text));
        }
        if let Some((label, rest)) = host.split_once('.') {
            self.host("whitespace", &format!("{label}\t.{rest}"), authority);
        }
    }

    fn ports(&mut self, host: &str, authority: &Authority) {
        let default = match self.registered.scheme.as_str() {
            "https" => "443",
            "http" => "80",
            _ => "",
        };
        let mut port = |class, port: Option<&str>| {
            let port = port.map(str::to_owned);
            let text = Authority { port, host: host.to_owned(), ..authority.clone() }.to_string();
            self.add(class, Component::Port, Edit::Authority(text));
        };
        match authority.port.as_deref() {
            None if !default.is_empty() => port("default-port", Some(default)),
            Some(own) if own == default => port("default-port", None),
            Some(_) => port("other-port", None),
            None => {}
        }
        for other in ["8443", "80", "0", "abc", "443x"] {
            port("other-port", Some(other));
        }
        if self.registered.is_loopback() {
            self.mutations.retain(|m| m.component != Component::Port);
        }
    }

    fn scheme(&mut self) {
        let scheme = &self.registered.scheme;
        let switched = if scheme == "http" { "https" } else { "http" };
        self.add("scheme-case", Component::Scheme, Edit::Scheme(scheme.to_ascii_uppercase()));
        for other in [switched, "ftp", "app"] {
            self.add("scheme", Component::Scheme, Edit::Scheme(other.to_owned()));
        }
        let place = format!("{}{}", self.registered.host().unwrap_or_default(), self.registered.path);
        for text in [
            format!("javascript:alert(1)//{place}"),
            format!("data:text/html,{place}"),
            format!("vbscript:x//{place}"),
        ] {
            self.add("dangerous-scheme", Component::Scheme, Edit::Whole(text));
        }
    }

    fn whole(&mut self, host: &str) {
        let registered = self.registered.to_string();
        let scheme = self.registered.scheme.clone();
        let behind = registered.split_once("://").map(|(_, rest)| rest.to_owned()).unwrap_or_default();
        let path = self.registered.path.clone();
        for text in
            [format!("{scheme}:///{behind}"), format!("{scheme}:/{behind}"), format!("//{FOREIGN}{path}")]
        {
            self.add("slash-count", Component::Whole, Edit::Whole(text));
        }
        for text in [format!("https://{FOREIGN}/?u={registered}"), format!("https://{FOREIGN}/{host}{path}")]
        {
            self.add("nested-target", Component::Whole, Edit::Whole(text));
        }
        let text = format!("https://{FOREIGN}#{registered}");
        self.add("fragment", Component::Whole, Edit::Whole(text));
        let origin = registered.split_at(registered.len() - behind.len()).0.to_owned();
        let authority = self.registered.authority.clone().unwrap_or_default();
        let text = format!("{origin}{authority}/logout?next=https://{FOREIGN}");
        self.add("client-open-redirect", Component::Path, Edit::Whole(text));
    }

    fn text(&mut self) {
        let registered = self.registered.to_string();
        self.add("whitespace", Component::Whole, Edit::Whole(format!(" {registered}")));
        self.add("whitespace", Component::Whole, Edit::Append(" ".to_owned()));
        self.both("whitespace", Component::Whole, Edit::Append("%20".to_owned()));
    }
}
