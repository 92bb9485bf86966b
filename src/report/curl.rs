use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::shell::{Piece, dollar_quoted, printf_format, word, word_of};
use crate::http::Exchange;

/// A command for curl that sends the exchange's request again when it is pasted into a shell, showing the
/// whole answer and following no redirect.
///
/// What was masked when the exchange was recorded (`‹code:3f9a›`) becomes a shell variable: the one that
/// `names` gives for that mask, otherwise one named for its class (`$CODE`). A comment on a line before the
/// command then lists them.
pub fn curl(exchange: &Exchange, names: &BTreeMap<String, String>) -> String {
    let request = &exchange.request;
    let mut variables = Variables { given: names, names: Vec::new() };
    let mut words = vec!["curl".to_owned(), "-i".to_owned(), "-sS".to_owned()];

    match (request.method.as_str(), request.body.is_empty()) {
        ("GET", true) => {}
        ("HEAD", true) => words.push("--head".to_owned()),
        (method, _) => words.extend(["--request".to_owned(), word(method)]),
    }
    if request.url.contains(['[', ']', '{', '}']) {
        words.push("--globoff".to_owned());
    }
    if has_dot_segments(&request.url) {
        words.push("--path-as-is".to_owned());
    }
    for (name, value) in &request.headers.0 {
        if is_made_by_curl(name) {
            continue;
        }
        let field = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
        words.extend(["--header".to_owned(), word_of(&variables.split(&field))]);
    }
    if !request.body.is_empty() && request.headers.first("content-type").is_none() {
        words.extend(["--header".to_owned(), "Content-Type:".to_owned()]);
    }
    let piped = request.body.contains(&0);
    if piped {
        words.extend(["--data-binary".to_owned(), "@-".to_owned()]);
    } else {
        body(exchange, &mut variables, &mut words);
    }
    words.push(word_of(&variables.split(&request.url)));

    let mut command = words.join(" ");
    if piped {
        command = format!("printf {} | {command}", printf_format(&request.body));
    }
    match variables.names.as_slice() {
        [] => command,
        names => {
            let names: Vec<&str> = names.iter().map(|(_, name)| name.as_str()).collect();
            format!("# masked in this report, set first: {}\n{command}", names.join(" "))
        }
    }
}

/// A form is cut at its masks, so that curl encodes the values that the reader fills in; everything else
/// goes as it was.
fn body(exchange: &Exchange, variables: &mut Variables<'_>, words: &mut Vec<String>) {
    let request = &exchange.request;
    if request.body.is_empty() {
        return;
    }
    let Ok(text) = std::str::from_utf8(&request.body) else {
        words.extend(["--data-raw".to_owned(), dollar_quoted(&request.body)]);
        return;
    };
    let is_form = request
        .headers
        .first("content-type")
        .is_some_and(|value| value.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded"));
    if !is_form {
        words.extend(["--data-raw".to_owned(), word_of(&variables.split(text))]);
        return;
    }
    let mut plain: Vec<&str> = Vec::new();
    for parameter in text.split('&') {
        let pieces = variables.split(parameter);
        if !pieces.iter().any(|piece| matches!(piece, Piece::Variable(_))) {
            plain.push(parameter);
            continue;
        }
        flush(&mut plain, words);
        // Only a whole value is curl's to encode; a mask inside of one stands among encoded text.
        let whole = matches!(pieces.as_slice(), [Piece::Literal(name), Piece::Variable(_)]
            if name.iter().position(|b| *b == b'=') == Some(name.len() - 1) && name.len() > 1);
        words.extend([if whole { "--data-urlencode" } else { "--data-raw" }.to_owned(), word_of(&pieces)]);
    }
    flush(&mut plain, words);
}

fn flush(plain: &mut Vec<&str>, words: &mut Vec<String>) {
    if !plain.is_empty() {
        words.extend(["--data-raw".to_owned(), word(&plain.join("&"))]);
        plain.clear();
    }
}

/// Header fields that curl writes itself, the same way.
fn is_made_by_curl(name: &str) -> bool {
    ["host", "content-length", "connection", "transfer-encoding"]
        .iter()
        .any(|own| name.eq_ignore_ascii_case(own))
}

fn has_dot_segments(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.split('/').skip(3).any(|segment| segment == "." || segment == "..")
}

/// A mask with its class, or a JWT whose payload and signature are masked. The classes are those of the
/// redactor and no others: a server could send a mask that it made up, and would be sent what the reader's
/// shell has under that name.
static MASK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x) (?: eyJ[A-Za-z0-9_-]*\. )? ‹ (?<class>
            access_token | assertion | client_secret | code | code_verifier | cookie | csrf_token | id_token
            | password | personal_access_token | refresh_token ) : [0-9a-f]+ ›",
    )
    .expect("the pattern is constant and right")
});

/// The shell variables of one command, each mask with its own.
struct Variables<'a> {
    given: &'a BTreeMap<String, String>,
    names: Vec<(String, String)>,
}

impl Variables<'_> {
    fn split(&mut self, text: &str) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut rest = 0;
        for found in MASK.captures_iter(text) {
            let (Some(mask), Some(class)) = (found.get(0), found.name("class")) else { continue };
            if mask.start() > rest {
                pieces.push(Piece::Literal(text[rest..mask.start()].into()));
            }
            // Credentials of HTTP Basic are masked as a whole, id and secret in base64.
            let is_pair = text[..mask.start()].to_ascii_lowercase().ends_with("basic ");
            let class = if is_pair { "basic_credentials" } else { class.as_str() };
            pieces.push(Piece::Variable(self.name(mask.as_str(), class)));
            rest = mask.end();
        }
        if rest < text.len() {
            pieces.push(Piece::Literal(text[rest..].into()));
        }
        pieces
    }

    fn name(&mut self, mask: &str, class: &str) -> String {
        if let Some((_, name)) = self.names.iter().find(|(known, _)| known == mask) {
            return name.clone();
        }
        let wanted = match self.given.get(mask) {
            Some(name) => name.clone(),
            None => class.to_ascii_uppercase(),
        };
        let name = (1..)
            .map(|n| if n == 1 { wanted.clone() } else { format!("{wanted}_{n}") })
            .find(|name| self.names.iter().all(|(_, taken)| taken != name))
            .unwrap_or(wanted);
        self.names.push((mask.to_owned(), name.clone()));
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{Endpoint, Headers, Request, Response};

    fn sent(method: &str, url: &str, headers: &[(&str, &str)], body: &[u8]) -> String {
        let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let request =
            Request { method: method.into(), url: url.into(), headers: Headers(headers), body: body.into() };
        let exchange = Exchange {
            id: 1,
            endpoint: Endpoint::Token,
            started_ms: 0.0,
            duration_ms: 0.0,
            request,
            result: Ok(Response::default()),
        };
        curl(&exchange, &BTreeMap::from([("‹password:0001›".to_owned(), "USER_PASSWORD".to_owned())]))
    }

    const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

    #[test]
    fn a_form_keeps_its_order_and_its_masks_become_variables() {
        assert_eq!(
            sent(
                "POST",
                "https://as.example/token",
                &[FORM, ("Host", "as.example")],
                "grant_type=authorization_code&code=‹code:3f9a›&a=%20+&client_secret=‹client_secret:00ff›&b="
                    .as_bytes()
            ),
            "# masked in this report, set first: CODE CLIENT_SECRET\n\
             curl -i -sS --request POST --header 'Content-Type: application/x-www-form-urlencoded' \
             --data-raw grant_type=authorization_code --data-urlencode \"code=$CODE\" --data-raw a=%20+ \
             --data-urlencode \"client_secret=$CLIENT_SECRET\" --data-raw b= https://as.example/token"
        );
    }

    #[test]
    fn two_secrets_of_one_class_have_two_names_and_given_names_are_used() {
        let command = sent(
            "POST",
            "https://as.example/token",
            &[FORM],
            "code=‹code:01›&code=‹code:02›&code=‹code:01›&password=‹password:0001›".as_bytes(),
        );
        assert!(command.starts_with("# masked in this report, set first: CODE CODE_2 USER_PASSWORD\n"));
        assert!(command.contains(
            r#""code=$CODE" --data-urlencode "code=$CODE_2" --data-urlencode "code=$CODE" --data-urlencode "password=$USER_PASSWORD""#
        ));
    }

    #[test]
    fn a_masked_jwt_is_one_variable() {
        let command = sent(
            "GET",
            "https://as.example/me",
            &[("Authorization", "Bearer eyJhbGciOiJSUzI1NiJ9.‹access_token:aa›")],
            b"",
        );
        assert!(command.ends_with(
            r#"curl -i -sS --header "Authorization: Bearer $ACCESS_TOKEN" https://as.example/me"#
        ));
    }

    #[test]
    fn what_stands_before_a_mask_is_sent() {
        let command = sent("GET", "https://as.example/‹code:aa›/x.‹code:bb›", &[], b"");
        assert!(command.ends_with(r#"curl -i -sS "https://as.example/$CODE/x.$CODE_2""#), "{command}");
    }

    #[test]
    fn a_server_cannot_ask_for_the_readers_variables() {
        let command = sent("GET", "https://as.example/?a=‹path:00ff›&b=‹AWS_SECRET:00ff›", &[], b"");
        assert_eq!(command, "curl -i -sS 'https://as.example/?a=‹path:00ff›&b=‹AWS_SECRET:00ff›'");
    }

    #[test]
    fn basic_credentials_are_told_from_the_secret() {
        let command =
            sent("POST", "https://as.example/token", &[("Authorization", "Basic ‹client_secret:aa›")], b"");
        assert!(command.contains(r#""Authorization: Basic $BASIC_CREDENTIALS""#), "{command}");
    }

    #[test]
    fn any_byte_reaches_the_server() {
        assert!(
            sent("POST", "https://as.example/", &[("Content-Type", "text/plain")], b"it's\x1b\xff%")
                .contains(r"--data-raw $'it\047s\033\377%' https")
        );
        assert!(sent("POST", "https://as.example/", &[], b"a\0%'").starts_with(
            r"printf 'a\000\045\047' | curl -i -sS --request POST --header Content-Type: --data-binary @-"
        ));
    }

    #[test]
    fn curl_is_kept_from_improving_the_url() {
        assert_eq!(
            sent("GET", "https://as.example/a/../b?x[]={1}", &[("X-Empty", "")], b""),
            "curl -i -sS --globoff --path-as-is --header 'X-Empty;' 'https://as.example/a/../b?x[]={1}'"
        );
        assert_eq!(sent("HEAD", "https://as.example/", &[], b""), "curl -i -sS --head https://as.example/");
    }

    #[test]
    fn hostile_parameters_cannot_leave_their_quotes() {
        let command = sent("GET", "https://as.example/?state=';id;'$(id)`id`\n", &[], b"");
        assert_eq!(command, r"curl -i -sS $'https://as.example/?state=\047;id;\047$(id)`id`\n'");
    }
}
