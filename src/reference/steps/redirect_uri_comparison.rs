use crate::reference::context::Context;
use crate::reference::defect::Defect;
use crate::reference::form::percent_decode;
use crate::reference::uri::{Uri, without_dot_segments};

/// Simple string comparison (RFC 3986 section 6.2.1, RFC 9700 section 4.1.3), with the port of a
/// loopback IP literal free where the policy says so (RFC 8252 section 7.3).
pub(crate) fn is_same(ctx: &Context, registered: &str, presented: &str) -> bool {
    let scheme = Uri::split(registered).scheme;
    let refused = [
        (Defect::RefusesPrivateUseScheme, !matches!(scheme, "http" | "https")),
        (Defect::RefusesLoopback, scheme == "http"),
        (Defect::RefusesClaimedHttps, scheme == "https" && ctx.known_client().is_ok_and(|c| c.is_public())),
    ];
    if registered == presented {
        return !refused.into_iter().any(|(defect, concerned)| concerned && ctx.has(defect));
    }
    let is_ipv6 = presented.starts_with("http://[::1]");
    let loopback =
        ctx.policy().redirect_uri.loopback_port_free && differ_in_loopback_port(registered, presented);
    if loopback && is_ipv6 && ctx.has(Defect::FreesPortOfIpv4Alone) {
        return false;
    }
    if loopback && !ctx.has(Defect::RefusesOtherLoopbackPort) {
        return true;
    }
    if loopback {
        return false;
    }
    LOOSE.iter().any(|(defect, matches)| ctx.has(*defect) && matches(registered, presented))
}

fn differ_in_loopback_port(registered: &str, presented: &str) -> bool {
    ["http://127.0.0.1", "http://[::1]"].iter().any(|literal| {
        let rest =
            |uri: &str| uri.strip_prefix(literal).and_then(|rest| without_port(rest).map(str::to_owned));
        rest(registered).is_some_and(|path| rest(presented) == Some(path))
    })
}

/// What follows a port, if there is a port that may be one.
fn without_port(rest: &str) -> Option<&str> {
    let Some(port) = rest.strip_prefix(':') else {
        return rest.is_empty().then_some(rest).or_else(|| rest.starts_with(['/', '?']).then_some(rest));
    };
    let digits = port.find(|c: char| !c.is_ascii_digit()).unwrap_or(port.len());
    let (port, rest) = port.split_at(digits);
    let proper = port.parse::<u16>().is_ok() && (rest.is_empty() || rest.starts_with(['/', '?']));
    proper.then_some(rest)
}

/// Whether `presented` passes for `registered`.
type Matcher = fn(registered: &str, presented: &str) -> bool;

/// The ways of comparing loosely, each a defect. None of them is asked when the strings are equal.
const LOOSE: &[(Defect, Matcher)] = &[
    (Defect::AcceptsMoreOfPrivateUseScheme, |r, p| r.starts_with("com.") && p.starts_with(r)),
    (Defect::AcceptsAnyPathOfIpv6Loopback, |r, p| {
        r.starts_with("http://[::1]") && p.starts_with("http://[::1]:")
    }),
    (Defect::AcceptsAnyRedirectUri, |_, _| true),
    // Pieces of the string.
    (Defect::MatchesRedirectUriByPrefix, |r, p| p.starts_with(r)),
    (Defect::MatchesRedirectUriBySuffix, |r, p| p.ends_with(r)),
    (Defect::FindsRedirectUriAnywhere, |r, p| p.contains(r)),
    (Defect::AcceptsShortenedRedirectUri, |r, p| r.starts_with(p)),
    (Defect::AcceptsPathBelowRedirectUri, |r, p| p.strip_prefix(r).is_some_and(|rest| rest.starts_with('/'))),
    (Defect::AcceptsLongerLastSegment, |r, p| {
        p.strip_prefix(r).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
    }),
    (Defect::TakesAsteriskForAnyText, |r, p| {
        let ends = |(before, after): (&str, &str)| p.starts_with(before) && p.ends_with(after);
        r.split_once('*').is_some_and(ends)
    }),
    (Defect::TakesMissingPathForAnyPath, |r, p| {
        let whole = Uri::split(r);
        !whole.host.is_empty() && whole.tail.is_empty() && Uri::split(p).authority == whole.authority
    }),
    (Defect::TakesSchemeAloneForAnyUri, |r, p| r.ends_with(':') && p.starts_with(r)),
    (Defect::CutsLongRedirectUri, |r, p| p.len() > 2048 && p.starts_with(r)),
    (Defect::ReadsDotAsAnyCharacter, |r, p| {
        let same = r.bytes().zip(p.bytes()).all(|(r, p)| r == p || r == b'.');
        r.len() == p.len() && same
    }),
    // Scheme.
    (Defect::IgnoresSchemeCase, |r, p| {
        let (r, p) = (Uri::split(r), Uri::split(p));
        p.scheme.eq_ignore_ascii_case(r.scheme) && p.after_scheme == r.after_scheme
    }),
    (Defect::IgnoresScheme, |r, p| Uri::split(r).after_scheme == Uri::split(p).after_scheme),
    (Defect::AcceptsHttpForHttps, |r, p| r.strip_prefix("https:") == p.strip_prefix("http:")),
    (Defect::AcceptsDangerousScheme, |r, p| {
        let dangerous =
            ["javascript", "data", "vbscript"].iter().any(|s| Uri::split(p).scheme.eq_ignore_ascii_case(s));
        dangerous && p.contains(Uri::split(r).host)
    }),
    // Authority.
    (Defect::ComparesOnlyHost, |r, p| Uri::split(r).host == Uri::split(p).host),
    (Defect::IgnoresHostCase, |r, p| {
        let (r, p) = (Uri::split(r), Uri::split(p));
        p.authority.eq_ignore_ascii_case(r.authority) && (p.scheme, p.tail) == (r.scheme, r.tail)
    }),
    (Defect::MatchesHostBySuffix, |r, p| with_host(r, p, |r, p| p.ends_with(r))),
    (Defect::MatchesHostByPrefix, |r, p| with_host(r, p, |r, p| p.starts_with(r))),
    (Defect::AcceptsSubdomains, |r, p| {
        with_host(r, p, |r, p| p.strip_suffix(r).is_some_and(|sub| sub.ends_with('.')))
    }),
    (Defect::AcceptsParentDomain, |r, p| {
        with_host(r, p, |r, p| r.strip_suffix(p).is_some_and(|sub| sub.ends_with('.')) && !p.is_empty())
    }),
    (Defect::IgnoresTrailingDotOfHost, |r, p| with_host(r, p, |r, p| p.strip_suffix('.') == Some(r))),
    (Defect::IgnoresPort, |r, p| {
        let (r, p) = (Uri::split(r), Uri::split(p));
        p.port != r.port && (p.scheme, p.userinfo, p.host, p.tail) == (r.scheme, r.userinfo, r.host, r.tail)
    }),
    (Defect::IgnoresDefaultPort, |r, p| {
        let (r, p) = (Uri::split(r), Uri::split(p));
        let default =
            [("https", Some("443")), ("http", Some("80"))].contains(&(p.scheme, p.port)) && r.port.is_none();
        default && (p.scheme, p.userinfo, p.host, p.tail) == (r.scheme, r.userinfo, r.host, r.tail)
    }),
    (Defect::IgnoresUserinfo, |r, p| {
        let (r, p) = (Uri::split(r), Uri::split(p));
        p.userinfo.is_some() && (p.scheme, p.host, p.port, p.tail) == (r.scheme, r.host, r.port, r.tail)
    }),
    (Defect::TakesUserinfoForHost, |r, p| {
        let host = Uri::split(p).userinfo.map(|userinfo| userinfo.split(':').next().unwrap_or_default());
        host == Some(Uri::split(r).host)
    }),
    (Defect::AcceptsLocalhostForLoopback, |r, p| {
        is_loopback(Uri::split(r).host) && with_host(r, p, |_, p| p == "localhost")
    }),
    (Defect::ComparesOnlyLoopbackHost, |r, p| {
        is_loopback(Uri::split(r).host) && Uri::split(r).host == Uri::split(p).host
    }),
    // Path.
    (Defect::IgnoresPath, |r, p| {
        let (r, p) = (Uri::split(r), Uri::split(p));
        (p.scheme, p.authority, p.query) == (r.scheme, r.authority, r.query)
    }),
    (Defect::IgnoresPathCase, |r, p| {
        let (r, p) = (Uri::split(r), Uri::split(p));
        let rest =
            (p.scheme, p.authority, p.query, p.fragment) == (r.scheme, r.authority, r.query, r.fragment);
        rest && p.path.eq_ignore_ascii_case(r.path)
    }),
    (Defect::IgnoresTrailingSlash, |r, p| p.strip_suffix('/') == Some(r) || r.strip_suffix('/') == Some(p)),
    (Defect::ResolvesDotSegments, |r, p| {
        with_path(r, p, |path| {
            path.contains("/.").then(|| without_dot_segments(path).trim_end_matches('/').to_owned())
        })
    }),
    (Defect::CollapsesSlashes, |r, p| collapse_slashes(r) == collapse_slashes(p)),
    (Defect::StripsPathParameters, |r, p| {
        with_path(r, p, |path| {
            let bare: Vec<&str> =
                path.split('/').map(|segment| segment.split(';').next().unwrap_or_default()).collect();
            Some(bare.join("/").trim_end_matches('/').to_owned())
        })
    }),
    (Defect::ReadsBackslashAsSlash, |r, p| {
        p.contains('\\') && Uri::split(&p.replace('\\', "/")).host == Uri::split(r).host
    }),
    // Query and fragment.
    (Defect::IgnoresQuery, |r, p| {
        let (r, p) = (Uri::split(r), Uri::split(p));
        (p.scheme, p.authority, p.path, p.fragment) == (r.scheme, r.authority, r.path, r.fragment)
    }),
    (Defect::AcceptsExtraQuery, |r, p| {
        let joint = if r.contains('?') { '&' } else { '?' };
        p.strip_prefix(r).is_some_and(|rest| rest.starts_with(joint))
    }),
    (Defect::AcceptsReservedNamesInQuery, |r, p| {
        let reserved = ["code=", "state=", "error=", "iss=", "response=", "access_token=", "id_token="];
        let added = p.strip_prefix(r).and_then(|rest| rest.strip_prefix(['?', '&']));
        added.is_some_and(|added| reserved.iter().any(|name| added.starts_with(name)))
    }),
    (Defect::StripsFragment, |r, p| p.split_once('#').is_some_and(|(before, _)| before == r)),
    // Characters.
    (Defect::DecodesRedirectUriOnceMore, |r, p| {
        decode_times(p, 1).is_some_and(|decoded| decoded != p && decoded.starts_with(r))
    }),
    (Defect::DecodesRedirectUriTwiceMore, |r, p| {
        let (once, twice) = (decode_times(p, 1), decode_times(p, 2));
        twice.is_some_and(|twice| once.as_ref() != Some(&twice) && twice.starts_with(r))
    }),
    (Defect::StripsControlCharacters, |r, p| {
        p.contains(char::is_control) && p.replace(char::is_control, "").starts_with(r)
    }),
    (Defect::CutsRedirectUriAtLineBreak, |r, p| p.split(['\r', '\n']).next() == Some(r)),
    (Defect::CutsRedirectUriAtNul, |r, p| p.split('\0').next() == Some(r)),
    (Defect::TrimsRedirectUri, |r, p| p.trim() == r),
    (Defect::FoldsFullwidthCharacters, |r, p| {
        let folded: String = p.chars().map(fold_fullwidth).collect();
        folded != p && Uri::split(&folded).host == Uri::split(r).host
    }),
    (Defect::NormalisesRedirectUriLikeABrowser, |r, p| match (url::Url::parse(r), url::Url::parse(p)) {
        (Ok(r), Ok(p)) => r == p,
        _ => false,
    }),
];

/// Compares hosts by `same` and all the rest exactly.
fn with_host(registered: &str, presented: &str, same: fn(&str, &str) -> bool) -> bool {
    let (r, p) = (Uri::split(registered), Uri::split(presented));
    (p.scheme, p.userinfo, p.port, p.tail) == (r.scheme, r.userinfo, r.port, r.tail) && same(r.host, p.host)
}

/// Compares what `changed` makes of the presented path, and all the rest exactly.
fn with_path(registered: &str, presented: &str, changed: impl Fn(&str) -> Option<String>) -> bool {
    let (r, p) = (Uri::split(registered), Uri::split(presented));
    let rest = (p.scheme, p.authority, p.query, p.fragment) == (r.scheme, r.authority, r.query, r.fragment);
    rest && changed(p.path).as_deref() == Some(r.path)
}

fn is_loopback(host: &str) -> bool {
    matches!(host, "127.0.0.1" | "[::1]")
}

fn collapse_slashes(uri: &str) -> String {
    let mut collapsed = String::with_capacity(uri.len());
    for c in uri.chars() {
        if !(c == '/' && collapsed.ends_with('/')) {
            collapsed.push(c);
        }
    }
    collapsed
}

fn decode_times(uri: &str, times: usize) -> Option<String> {
    (0..times).try_fold(uri.to_owned(), |text, _| percent_decode(text.as_bytes()).ok())
}

fn fold_fullwidth(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3002}' => '.',
        '\u{2044}' => '/',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const R: &str = "https://client.example/cb";

    fn matching(presented: &str) -> Vec<Defect> {
        let found = LOOSE.iter().filter(|(_, matches)| matches(R, presented));
        found.map(|(defect, _)| *defect).filter(|defect| *defect != Defect::AcceptsAnyRedirectUri).collect()
    }

    #[test]
    fn each_loose_way_accepts_its_own_example() {
        for (defect, presented) in [
            (Defect::MatchesRedirectUriByPrefix, "https://client.example/cb@evil.example"),
            (Defect::MatchesRedirectUriBySuffix, "https://evil.example/?u=https://client.example/cb"),
            (Defect::FindsRedirectUriAnywhere, "https://evil.example#https://client.example/cb#"),
            (Defect::AcceptsShortenedRedirectUri, "https://client.example/c"),
            (Defect::AcceptsPathBelowRedirectUri, "https://client.example/cb/FAKEPATH"),
            (Defect::AcceptsLongerLastSegment, "https://client.example/cbFAKEPATH"),
            (Defect::ReadsDotAsAnyCharacter, "https://clientXexample/cb"),
            (Defect::IgnoresSchemeCase, "HTTPS://client.example/cb"),
            (Defect::IgnoresScheme, "ftp://client.example/cb"),
            (Defect::AcceptsHttpForHttps, "http://client.example/cb"),
            (Defect::AcceptsDangerousScheme, "javascript:alert(1)//client.example/"),
            (Defect::ComparesOnlyHost, "https://client.example:8443/logout?next=x"),
            (Defect::IgnoresHostCase, "https://CLIENT.example/cb"),
            (Defect::MatchesHostBySuffix, "https://evilclient.example/cb"),
            (Defect::MatchesHostByPrefix, "https://client.example.evil.example/cb"),
            (Defect::AcceptsSubdomains, "https://a.client.example/cb"),
            (Defect::AcceptsParentDomain, "https://example/cb"),
            (Defect::IgnoresTrailingDotOfHost, "https://client.example./cb"),
            (Defect::IgnoresPort, "https://client.example:8443/cb"),
            (Defect::IgnoresDefaultPort, "https://client.example:443/cb"),
            (Defect::IgnoresUserinfo, "https://a:b@client.example/cb"),
            (Defect::TakesUserinfoForHost, "https://client.example:80@evil.example/cb"),
            (Defect::IgnoresPath, "https://client.example/other"),
            (Defect::IgnoresPathCase, "https://client.example/CB"),
            (Defect::IgnoresTrailingSlash, "https://client.example/cb/"),
            (Defect::ResolvesDotSegments, "https://client.example/cb/FAKEPATH/.."),
            (Defect::CollapsesSlashes, "https://client.example//cb"),
            (Defect::StripsPathParameters, "https://client.example/cb;x=1"),
            (Defect::ReadsBackslashAsSlash, "https://client.example\\@evil.example/"),
            (Defect::IgnoresQuery, "https://client.example/cb?a=1"),
            (Defect::AcceptsExtraQuery, "https://client.example/cb?a=1"),
            (Defect::AcceptsReservedNamesInQuery, "https://client.example/cb?code=attacker"),
            (Defect::StripsFragment, "https://client.example/cb#x"),
            (Defect::DecodesRedirectUriOnceMore, "https://client.example/cb%2FFAKEPATH"),
            (Defect::DecodesRedirectUriTwiceMore, "https://client.example/cb%252FFAKEPATH"),
            (Defect::StripsControlCharacters, "https://client.example/c\tb"),
            (Defect::CutsRedirectUriAtLineBreak, "https://client.example/cb\n\r/../../FAKEPATH"),
            (Defect::CutsRedirectUriAtNul, "https://client.example/cb\0.evil.example"),
            (Defect::TrimsRedirectUri, " https://client.example/cb "),
            (Defect::FoldsFullwidthCharacters, "https://client.example\u{ff0f}x"),
            (Defect::NormalisesRedirectUriLikeABrowser, "https://client.example:443/./cb"),
        ] {
            let found = matching(presented);
            assert!(found.contains(&defect), "{presented}: {found:?}");
        }
        let long = format!("{R}{}", "x".repeat(2048));
        assert!(matching(&long).contains(&Defect::CutsLongRedirectUri));
    }

    #[test]
    fn a_foreign_host_is_accepted_only_by_accepting_anything() {
        assert_eq!(matching("https://evil.example/other"), []);
    }

    #[test]
    fn only_the_port_of_a_loopback_literal_is_free() {
        let registered = "http://127.0.0.1/cb";
        assert!(differ_in_loopback_port(registered, "http://127.0.0.1:51004/cb"));
        assert!(differ_in_loopback_port("http://127.0.0.1:80/cb", "http://127.0.0.1/cb"));
        assert!(differ_in_loopback_port("http://[::1]/cb", "http://[::1]:61023/cb"));
        for other in [
            "http://127.0.0.1:1/other",
            "https://127.0.0.1:1/cb",
            "http://127.0.0.1.evil.example/cb",
            "http://127.0.0.1:80@evil.example/cb",
            "http://127.0.0.1:/cb",
            "http://127.0.0.1:65536/cb",
            "http://127.1/cb",
            "http://localhost/cb",
            "http://[::1]/cb",
        ] {
            assert!(!differ_in_loopback_port(registered, other), "{other}");
        }
        assert!(!differ_in_loopback_port("https://client.example/cb", "https://client.example:1/cb"));
    }
}
