//! The HTML that people see. Whatever came from outside is escaped; nothing is loaded from elsewhere.

use super::context::Context;
use super::reply::Reply;

/// Asks for username and password. The hint stands in the field of the username as it is: the caller escapes it.
pub(crate) fn login(client: &str, flow: &str, csrf_token: &str, hint: &str, problem: Option<&str>) -> String {
    let problem = problem.map(|text| format!("<p role=\"alert\">{}</p>", escape(text))).unwrap_or_default();
    let body = format!(
        "<h1>Sign in</h1><p>to go on to <strong>{client}</strong></p>{problem}\
         <form method=\"post\" action=\"/login\">{fields}\
         <label>Username <input name=\"username\" value=\"{hint}\" autocomplete=\"username\" required autofocus></label>\
         <label>Password <input name=\"password\" type=\"password\" autocomplete=\"current-password\" required></label>\
         <button type=\"submit\">Sign in</button></form>",
        client = escape(client),
        fields = hidden_fields(flow, csrf_token),
    );
    page("Sign in", &body)
}

/// Asks whether the client may have the scopes.
pub(crate) fn consent(client: &str, user: &str, scopes: &[String], flow: &str, csrf_token: &str) -> String {
    let scopes: String = scopes.iter().map(|scope| format!("<li>{}</li>", escape(scope))).collect();
    let body = format!(
        "<h1>Allow access?</h1><p>You are signed in as <strong>{user}</strong>.</p>\
         <p><strong>{client}</strong> asks for:</p><ul>{scopes}</ul>\
         <form method=\"post\" action=\"/consent\">{fields}\
         <button type=\"submit\" name=\"decision\" value=\"approve\">Allow</button>\
         <button type=\"submit\" name=\"decision\" value=\"deny\">Deny</button></form>",
        user = escape(user),
        client = escape(client),
        fields = hidden_fields(flow, csrf_token),
    );
    page("Allow access?", &body)
}

/// Says what is wrong.
pub(crate) fn error(title: &str, detail: &str) -> String {
    error_unescaped(&escape(title), &escape(detail))
}

/// The same with the texts put in as they are.
pub(crate) fn error_unescaped(title: &str, detail: &str) -> String {
    page(title, &format!("<h1>{title}</h1><p>{detail}</p>"))
}

/// A form that submits itself to the client (OAuth 2.0 Form Post Response Mode section 2).
pub(crate) fn form_post(target: &str, parameters: &[(&'static str, String)], nonce: &str) -> String {
    let escaped: Vec<_> = parameters.iter().map(|(name, value)| (*name, escape(value))).collect();
    form_post_unescaped(&escape(target), &escaped, nonce)
}

/// The same with the values put in as they are.
pub(crate) fn form_post_unescaped(
    target: &str,
    parameters: &[(&'static str, String)],
    nonce: &str,
) -> String {
    let field =
        |(name, value): &(&str, String)| format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">");
    let fields: String = parameters.iter().map(field).collect();
    let body = format!(
        "<form method=\"post\" action=\"{target}\">{fields}\
         <noscript><button type=\"submit\">Continue</button></noscript></form>\
         <script nonce=\"{nonce}\">document.forms[0].submit()</script>"
    );
    page("Continue", &body)
}

/// The interaction's id and the session's CSRF token, which every form carries.
pub(crate) fn form_fields(ctx: &Context) -> Result<(String, String), Reply> {
    match (&ctx.interaction, &ctx.session) {
        (Some(flow), Some((_, csrf_token))) => Ok((flow.clone(), csrf_token.clone())),
        _ => Err(Reply::server_error("no step has established the interaction")),
    }
}

/// Makes a text safe between tags and in quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // An HTML parser would make them line feeds.
            '\r' => escaped.push_str("&#13;"),
            '\n' => escaped.push_str("&#10;"),
            other => escaped.push(other),
        }
    }
    escaped
}

fn hidden_fields(flow: &str, csrf_token: &str) -> String {
    format!(
        "<input type=\"hidden\" name=\"flow\" value=\"{}\"><input type=\"hidden\" name=\"csrf_token\" value=\"{}\">",
        escape(flow),
        escape(csrf_token),
    )
}

fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title><style>{STYLE}</style></head>\
         <body><main>{body}</main></body></html>"
    )
}

const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;margin:0;background:#f4f5f7;color:#1c2430}\
    main{max-width:24rem;margin:12vh auto;padding:2rem;background:#fff;border:1px solid #d9dde3;border-radius:.5rem}\
    h1{margin-top:0;font-size:1.4rem}label{display:block;margin:1rem 0}input{display:block;width:100%;box-sizing:border-box;padding:.5rem}\
    button{padding:.6rem 1.4rem;margin-right:.5rem}[role=alert]{color:#a4161a}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_becomes_markup() {
        let hostile = "\"><script>'&";
        let pages = [
            login(hostile, hostile, hostile, &escape(hostile), Some(hostile)),
            consent(hostile, hostile, &[hostile.to_owned()], hostile, hostile),
            error(hostile, hostile),
            form_post(hostile, &[("state", hostile.to_owned())], "n"),
        ];
        for page in pages {
            assert!(!page.contains("\"><script>'"), "{page}");
            assert!(page.contains("&quot;&gt;&lt;script&gt;&#39;&amp;"), "{page}");
        }
    }
}
