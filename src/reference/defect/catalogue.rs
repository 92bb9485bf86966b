use std::fmt;
use std::str::FromStr;

use super::authorization::authorization_defects;
use super::client::client_defects;
use super::code::code_defects;
use super::http::http_defects;
use super::metadata::metadata_defects;
use super::redirect_uri::redirect_uri_defects;
use super::refresh::refresh_defects;
use super::registration::registration_defects;
use super::resource::resource_defects;
use super::scope::scope_defects;
use super::state::state_defects;
use super::token::token_defects;
use super::transport::transport_defects;

/// Hands the rows collected so far to the next area's macro, and all of them to `define!` at last.
macro_rules! chain {
    ([] $($rows:tt)*) => { define! { $($rows)* } };
    ([$next:ident $($others:ident)*] $($rows:tt)*) => { $next! { [$($others)*] $($rows)* } };
}

/// Makes the enum and its tables out of the rows.
macro_rules! define {
    ($($step:ident { $(#[doc = $sentence:literal] $variant:ident = $name:literal, breaks $requirement:literal;)+ })+) => {
        /// A misbehaviour that the server can be told to have. Each changes one behaviour, at one
        /// step, and breaks one requirement that can be seen broken from outside.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Defect {
            $($(#[doc = $sentence] $variant,)+)+
        }

        impl Defect {
            /// Every defect, grouped by step.
            pub const ALL: &'static [Self] = &[$($(Self::$variant,)+)+];

            /// The name on the command line: what the server does, in kebab case.
            pub fn name(self) -> &'static str {
                match self { $($(Self::$variant => $name,)+)+ }
            }

            /// What the server does, in one sentence.
            pub fn sentence(self) -> &'static str {
                match self { $($(Self::$variant => $sentence.trim_ascii(),)+)+ }
            }

            /// The id of the requirement it breaks.
            pub fn requirement(self) -> &'static str {
                match self { $($(Self::$variant => $requirement,)+)+ }
            }

            /// The step that misbehaves: the name of its file under `steps`.
            pub fn step(self) -> &'static str {
                match self { $($(Self::$variant => stringify!($step),)+)+ }
            }
        }
    };
}

chain! {
    [authorization_defects state_defects redirect_uri_defects scope_defects client_defects
     code_defects refresh_defects token_defects resource_defects metadata_defects http_defects
     registration_defects transport_defects]
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Defect {
    type Err = UnknownDefect;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        if let Some(defect) = Self::ALL.iter().find(|defect| defect.name() == name) {
            return Ok(*defect);
        }
        let likeness = |defect: &&Self| strsim::jaro_winkler(name, defect.name());
        let nearest = Self::ALL.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
        let nearest = nearest.filter(|defect| likeness(defect) > 0.7).copied();
        Err(UnknownDefect { name: name.to_owned(), nearest })
    }
}

/// A name that is no defect's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownDefect {
    /// What was asked for.
    pub name: String,
    /// The defect whose name is most like it, if any is.
    pub nearest: Option<Defect>,
}

impl fmt::Display for UnknownDefect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no defect is called `{}`", self.name)?;
        match self.nearest {
            Some(nearest) => write!(f, ", did you mean `{nearest}`?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for UnknownDefect {}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    use super::*;

    #[test]
    fn names_are_unique_and_say_what_the_variant_says() {
        let names: BTreeSet<_> = Defect::ALL.iter().map(|defect| defect.name()).collect();
        assert_eq!(names.len(), Defect::ALL.len());
        for defect in Defect::ALL {
            let plain = defect.name().replace('-', "");
            assert_eq!(plain, format!("{defect:?}").to_ascii_lowercase());
            assert_eq!(defect.name().parse::<Defect>(), Ok(*defect));
        }
    }

    #[test]
    fn each_row_is_a_sentence_about_a_requirement() {
        for defect in Defect::ALL {
            let sentence = defect.sentence();
            assert!(sentence.ends_with('.') && sentence.starts_with(char::is_uppercase), "{sentence}");
            let slug = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
            assert!(defect.requirement().chars().all(slug), "{}", defect.requirement());
        }
    }

    #[test]
    fn a_misspelt_name_is_answered_with_the_nearest() {
        let error = "accept-reused-code".parse::<Defect>().unwrap_err();
        assert_eq!(error.nearest, Some(Defect::AcceptsReusedCode));
        let text = "no defect is called `accept-reused-code`, did you mean `accepts-reused-code`?";
        assert_eq!(error.to_string(), text);
        assert_eq!("zzz".parse::<Defect>().unwrap_err().nearest, None);
    }

    /// Each defect is one branch in the file of its step.
    #[test]
    fn each_defect_is_read_once_and_in_its_step() {
        let steps = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/reference/steps");
        let mut sites: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for entry in std::fs::read_dir(steps).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let step = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let product = text.split("#[cfg(test)]").next().unwrap();
            for rest in product.split("Defect::").skip(1) {
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
                sites.entry(rest[..end].to_owned()).or_default().push(step.clone());
            }
        }
        for defect in Defect::ALL {
            let seen = sites.remove(&format!("{defect:?}")).unwrap_or_default();
            assert_eq!(seen, [defect.step()], "{defect:?}");
        }
        assert!(sites.is_empty(), "{sites:?}");
    }
}
