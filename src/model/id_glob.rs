use globset::{Glob, GlobMatcher};

/// A glob over ids such as `suite/case`. Nearly all are ids or `suite/*`, for which no regular expression is made.
#[derive(Clone, Debug)]
pub struct IdGlob {
    text: String,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Exact,
    /// Bytes of the text that the id begins with.
    Prefix(usize),
    Glob(Box<GlobMatcher>),
}

impl IdGlob {
    /// Reads a glob.
    ///
    /// # Errors
    ///
    /// What is wrong with it, as a lower-case fragment.
    pub fn new(text: &str) -> Result<Self, String> {
        let kind = match text.find(['*', '?', '[', ']', '{', '}', '\\']) {
            None => Kind::Exact,
            Some(at) if &text[at..] == "*" => Kind::Prefix(at),
            Some(_) => {
                let glob = Glob::new(text).map_err(|error| error.kind().to_string())?;
                Kind::Glob(Box::new(glob.compile_matcher()))
            }
        };
        Ok(Self { text: text.to_owned(), kind })
    }

    /// The glob as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the id fits.
    pub fn matches(&self, id: &str) -> bool {
        match &self.kind {
            Kind::Exact => id == self.text,
            Kind::Prefix(length) => id.starts_with(&self.text[..*length]),
            Kind::Glob(glob) => glob.is_match(id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_ways_agree_with_the_long_one() {
        let ids = ["", "a", "a/", "a/b", "a/b/c", "ab", "b", "a*", "a/*"];
        for text in ["a", "a/b", "a/*", "*", "a*", "a/**", "a/?", "a/[bc]", "{a,b}", "a\\*", "*/b"] {
            let (short, long) = (IdGlob::new(text).unwrap(), Glob::new(text).unwrap().compile_matcher());
            for id in ids {
                assert_eq!(short.matches(id), long.is_match(id), "`{text}` and `{id}`");
            }
        }
        assert!(IdGlob::new("a/[").is_err());
    }
}
