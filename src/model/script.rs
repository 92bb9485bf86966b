use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, LazyLock};

use super::Step;

/// What a case does.
#[derive(Clone, Debug, PartialEq)]
pub struct Script {
    /// What happens.
    pub steps: Vec<Step>,
    /// What happens afterwards in any event; never judged.
    pub finally: Vec<Step>,
}

/// The scripts of a file's cases in their order, read when any of them is first asked for.
pub type Scripts = LazyLock<Vec<Arc<Script>>, Box<dyn FnOnce() -> Vec<Arc<Script>> + Send>>;

/// A case's script, which may not have been read yet.
#[derive(Clone)]
pub struct Scripted(Held);

#[derive(Clone)]
enum Held {
    Read(Arc<Script>),
    Later(Arc<Scripts>, usize),
}

impl Scripted {
    /// One of a file's scripts, by its place among them, counted from 0.
    pub fn later(scripts: Arc<Scripts>, index: usize) -> Self {
        Self(Held::Later(scripts, index))
    }

    /// The script itself.
    fn read(&self) -> &Arc<Script> {
        match &self.0 {
            Held::Read(script) => script,
            Held::Later(scripts, index) => &scripts[*index],
        }
    }

    /// The same for other owners.
    pub fn shared(&self) -> Arc<Script> {
        self.read().clone()
    }
}

impl From<Script> for Scripted {
    fn from(script: Script) -> Self {
        Self(Held::Read(Arc::new(script)))
    }
}

impl Deref for Scripted {
    type Target = Script;

    fn deref(&self) -> &Script {
        self.read()
    }
}

impl fmt::Debug for Scripted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl PartialEq for Scripted {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}
