use super::decode::Decoder;
use super::diagnostic::Diagnostic;
use super::tree::{Kind, Node};

/// Fills in what a target file takes from outside: `$env.NAME`, `${env.NAME}`, `$port`, `${port}`.
#[derive(Debug)]
pub(super) struct Filling<'f, Env: Fn(&str) -> Option<String> + ?Sized> {
    /// Looks up an environment variable.
    pub environment: &'f Env,
    /// The free port; `None` if nobody will start the server, which reads as port 0.
    pub port: Option<u16>,
    /// Whether the target is one that is started.
    pub started: bool,
    /// Variables that were used, with their values.
    pub used: Vec<(String, String)>,
}

impl<Env: Fn(&str) -> Option<String> + ?Sized> Filling<'_, Env> {
    /// Fills in a value and everything in it.
    pub fn fill(&mut self, decoder: &Decoder<'_>, node: &mut Node, shell: bool) {
        match &mut node.kind {
            Kind::List(items) => items.iter_mut().for_each(|i| self.fill(decoder, i, shell)),
            Kind::Map(entries) => {
                for entry in entries {
                    let shell = entry.key == "command";
                    self.fill(decoder, &mut entry.value, shell);
                }
            }
            Kind::Text(text) if text.contains('$') => {
                let text = std::mem::take(text);
                let filled = self.text(decoder, node, &text, shell);
                node.kind = if filled == text { Kind::Text(text) } else { Kind::Filled(filled.into()) };
            }
            _ => {}
        }
    }

    fn text(&mut self, decoder: &Decoder<'_>, node: &Node, text: &str, shell: bool) -> String {
        if let Some(name) = text.strip_prefix("$env.").filter(|name| is_name(name)) {
            return self.variable(decoder, node, text, name, 0, text.len());
        }
        let mut filled = String::with_capacity(text.len());
        let mut at = 0;
        while let Some(found) = text[at..].find('$') {
            let dollar = at + found;
            filled.push_str(&text[at..dollar]);
            let rest = &text[dollar..];
            let after = &rest[1..];
            if rest.starts_with("$${") || dollar == 0 && rest.starts_with("$$") {
                filled.push('$');
                at = dollar + 2;
                if rest.starts_with("$${") {
                    filled.push('{');
                    at += 1;
                }
                continue;
            }
            let braced = after.strip_prefix('{').and_then(|r| r.split_once('}')).map(|(name, _)| name);
            let plain = &after
                [..after.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(after.len())];
            let (name, length) = match braced {
                Some(name) => (name, name.len() + 3),
                None => (plain, plain.len() + 1),
            };
            if name == "port" {
                filled.push_str(&self.port(decoder, node, text, dollar, dollar + length));
            } else if let Some(variable) = braced.and_then(|b| b.strip_prefix("env.")).filter(|v| is_name(v))
            {
                filled.push_str(&self.variable(decoder, node, text, variable, dollar, dollar + length));
            } else {
                if !shell {
                    self.check_meant(decoder, node, text, dollar);
                }
                filled.push_str(&text[dollar..dollar + length]);
            }
            at = dollar + length;
        }
        filled.push_str(&text[at..]);
        filled
    }

    fn variable(
        &mut self,
        decoder: &Decoder<'_>,
        node: &Node,
        text: &str,
        name: &str,
        start: usize,
        end: usize,
    ) -> String {
        match (self.environment)(name) {
            Some(value) => {
                if !self.used.iter().any(|(used, _)| used == name) {
                    self.used.push((name.to_owned(), value.clone()));
                }
                value
            }
            None => {
                let message = format!("the environment variable `{name}` is not set");
                let place = decoder.within(node, text, start, end);
                decoder.note(
                    Diagnostic::new(place, message, "nothing to fill in").help(format!("`export {name}=…`")),
                );
                String::new()
            }
        }
    }

    fn port(&self, decoder: &Decoder<'_>, node: &Node, text: &str, start: usize, end: usize) -> String {
        if !self.started {
            let place = decoder.within(node, text, start, end);
            let problem = Diagnostic::new(
                place,
                "`$port` is known only where the server is started",
                "no `start:` in this file",
            );
            decoder.note(
                problem.help(
                    "write the port that the server listens on, or add `start: { command: …, ready: … }`",
                ),
            );
        }
        self.port.unwrap_or_default().to_string()
    }

    /// `$CLIENT_ID`, `${CLIENT_ID}`, `$ENV.CLIENT_ID` or `$env.CLIENT_ID` inside a text are hardly meant as they
    /// stand.
    fn check_meant(&self, decoder: &Decoder<'_>, node: &Node, text: &str, dollar: usize) {
        let rest = &text[dollar + 1..];
        let (inner, braces) = match rest.strip_prefix('{').and_then(|r| r.split_once('}')) {
            Some((inner, _)) => (inner, 2),
            None => (&rest[..rest.find(|c: char| !(is_letter(c) || c == '.')).unwrap_or(rest.len())], 0),
        };
        let end = dollar + 1 + inner.len() + braces;
        let prefix =
            inner.get(..4).filter(|p| p.eq_ignore_ascii_case("env.") || p.eq_ignore_ascii_case("env:"));
        let variable = prefix.map_or(inner, |_| &inner[4..]);
        let shouted = variable.starts_with(|c: char| c.is_ascii_uppercase())
            && variable.chars().all(|c| is_letter(c) && !c.is_ascii_lowercase());
        let whole = dollar == 0 && end == text.len();
        if !is_name(variable) || prefix.is_none() && !(shouted && (whole || braces > 0)) {
            return;
        }
        let right = if whole { format!("$env.{variable}") } else { format!("${{env.{variable}}}") };
        let place = decoder.within(node, text, dollar, end);
        let problem =
            Diagnostic::new(place, "this is not filled in as it stands", "a reference to the environment?");
        decoder.note(problem.help(format!("write `{right}`; for the text itself begin with `$$`")));
    }
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// A variable's name, as shells have them.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(is_letter)
}
