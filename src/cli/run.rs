use std::collections::BTreeSet;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::path::{Path, PathBuf};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::engine::{self, DiscoveryError, RunOptions};
use crate::load;
use crate::model::{Event, Library, Partition, Shard, Target};
use crate::plan::{self, Plan, Selection};

use super::arguments::{self, Choice, Flaky};
use super::audience::Audience;
use super::failure::Failure;
use super::failures::Failures;
use super::interruption::interruption;
use super::library::{digest, library};
use super::part::partition;
use super::reference::{self, Embedded, Wishes};
use super::signing::Signing;
use super::watching::Watching;
use super::{Exit, fleet, target};

/// Runs the suites and reports.
pub(super) fn run(arguments: &arguments::Run, color: bool) -> Result<Exit, Failure> {
    let session = Session::new(&arguments.choice, arguments, color)?;
    if !arguments.more.is_empty() {
        return fleet::run(&session, arguments, color);
    }
    if arguments.combined.is_some() {
        return Err(Failure::usage("`--combined` is for several targets, and there is only one"));
    }
    let signing = arguments.sign.as_deref().map(|key| Signing::new(key, &arguments.reporting.report));
    let signing = signing.transpose()?;
    let mut audience = Audience::new(&arguments.reporting, session.is_whole(), color)?;
    let runtime = runtime()?;
    let watching = runtime.block_on(Watching::begin(arguments, &mut audience, color))?;
    runtime.block_on(session.judge(arguments.choice.target.as_deref(), &mut audience))?;
    let exit = audience.exit()?;
    if let Some(signing) = signing {
        signing.sign()?;
    }
    if let Some(watching) = watching {
        runtime.block_on(watching.end());
    }
    Ok(exit)
}

pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::unreachable(format!("failed to start the runtime: {error}")))
}

/// What all targets of one call have in common.
pub(super) struct Session {
    pub(super) library: Library,
    suites: String,
    selection: Selection,
    profile: Option<String>,
    /// The words that lead here again, without the target.
    again: Vec<String>,
    color: bool,
    real_clock: bool,
    jobs: Option<u16>,
    options: RunOptions,
    seed: Option<u64>,
    partition: Option<Partition>,
    /// Where failed inputs of properties are remembered, if they are: in that file, or beside the target file.
    failures: Option<Option<PathBuf>>,
    /// Only these rows and invariants.
    rows: Option<BTreeSet<String>>,
    cancel: CancellationToken,
}

impl Session {
    fn new(choice: &Choice, arguments: &arguments::Run, color: bool) -> Result<Self, Failure> {
        let variable = |name: &str| std::env::var(name).ok();
        let partition = arguments.partition.as_deref().map(|text| partition(text, &variable)).transpose()?;
        let options = RunOptions {
            strict: arguments.strict,
            retries: arguments.retries,
            flaky_fails: arguments.flaky == Flaky::Fail,
            ..RunOptions::default()
        };
        Ok(Self {
            real_clock: arguments.real_clock,
            jobs: arguments.jobs,
            options,
            seed: arguments.seed,
            partition,
            // Several targets at once would write one file.
            failures: arguments.more.is_empty().then(|| arguments.failures.clone()),
            ..Self::of(&choice.suites, selection(choice), choice.profile.clone(), color)?
        })
    }

    /// A session of whole runs with nothing unusual about them.
    pub(super) fn of(
        suites: &[PathBuf],
        selection: Selection,
        profile: Option<String>,
        color: bool,
    ) -> Result<Self, Failure> {
        let again = suites.iter().flat_map(|path| ["--suites".to_owned(), path.display().to_string()]);
        let library = library(suites, color)?;
        load::read_ahead(&library);
        Ok(Self {
            library,
            suites: digest(suites)?,
            selection,
            again: again.collect(),
            profile,
            color,
            real_clock: false,
            jobs: None,
            options: RunOptions::default(),
            seed: None,
            partition: None,
            failures: None,
            rows: None,
            cancel: CancellationToken::new(),
        })
    }

    /// The same with that seed.
    #[must_use]
    pub(super) fn seeded(mut self, seed: Option<u64>) -> Self {
        self.seed = Some(seed.unwrap_or_else(any_seed));
        self
    }

    /// The same with only those rows and invariants.
    #[must_use]
    pub(super) fn only(mut self, rows: Option<BTreeSet<String>>) -> Self {
        self.rows = rows;
        self
    }

    /// Whether nothing is filtered out.
    pub(super) fn is_whole(&self) -> bool {
        !self.is_filtered() && self.partition.is_none()
    }

    fn is_filtered(&self) -> bool {
        let Selection { only, tags, without_tags, requirements, documents, levels, disruptive: _ } =
            &self.selection;
        [only, tags, without_tags, requirements, documents].iter().any(|filters| !filters.is_empty())
            || !levels.is_empty()
    }

    /// The plan, without touching the server. Metadata is not asked for, so what only metadata would claim
    /// counts as not claimed.
    pub(super) fn plan(&self, path: Option<&Path>) -> Result<Plan, Failure> {
        let (target, own) = match path {
            Some(path) => {
                let target = target::load(path, &self.library, self.color)?.target;
                let profile = target.profile.as_ref().map(|p| p.value.clone());
                (target, profile)
            }
            None => {
                let profile = self.profile.as_deref().unwrap_or(reference::PROFILE);
                known_profile(&self.library, profile)?;
                (reference::target_of(&self.library, profile)?, None)
            }
        };
        let profile = self.profile.clone().or(own).unwrap_or_else(|| reference::PROFILE.to_owned());
        known_profile(&self.library, &profile)?;
        plan::plan(&self.library, &profile, &target, None, &self.selection).map_err(Failure::usage)
    }

    /// Judges the server of that target file, starting it if the file says how; without one, the embedded
    /// reference server.
    pub(super) async fn judge(&self, path: Option<&Path>, audience: &mut Audience) -> Result<(), Failure> {
        match path {
            Some(path) => {
                let loaded = target::load(path, &self.library, self.color)?;
                let profile = match (&self.profile, &loaded.target.profile) {
                    (Some(profile), _) => profile.clone(),
                    (None, Some(profile)) => profile.value.clone(),
                    (None, None) => return Err(no_profile(path, &self.library)),
                };
                known_profile(&self.library, &profile)?;
                let server = loaded.start().await?;
                let judged = self.judge_target(Some(path), &profile, loaded.target, audience).await;
                if let Some(server) = server {
                    server.stop().await;
                }
                judged
            }
            None => {
                let profile = self.profile.as_deref().unwrap_or(reference::PROFILE);
                known_profile(&self.library, profile)?;
                let wishes = Wishes { running_clock: self.real_clock, ..Wishes::default() };
                let embedded = Embedded::start(&self.library, profile, &wishes).await?;
                let judged = self.judge_target(None, profile, embedded.target.clone(), audience).await;
                embedded.stop().await;
                judged
            }
        }
    }

    async fn judge_target(
        &self,
        path: Option<&Path>,
        profile: &str,
        mut target: Target,
        audience: &mut Audience,
    ) -> Result<(), Failure> {
        if self.real_clock {
            target.clock = None;
        }
        if let Some(jobs) = self.jobs {
            target.limits.concurrency = jobs.into();
        }
        let discovered = engine::discover(target).await.map_err(of_discovery)?;
        let metadata = discovered.metadata.as_ref();
        let plan = plan::plan(&self.library, profile, &discovered.target, metadata, &self.selection)
            .map_err(Failure::usage)?;
        if plan.entries.is_empty() && plan.invariants.is_empty() {
            return Err(nothing(&self.selection, &self.library, &plan));
        }
        let shard = self
            .partition
            .map(|partition| Shard { partition, whole: crate::results::sha256(plan.rows().as_bytes()) });
        let plan = match (self.partition, &self.rows) {
            (Some(partition), _) => plan.part(partition),
            (None, Some(rows)) => plan.only(rows),
            (None, None) => plan,
        };
        let mut failures = match &self.failures {
            Some(file) => Failures::read(file.as_deref(), path, &discovered.target.name)?,
            None => None,
        };
        let options = RunOptions {
            remembered: failures.as_ref().map(Failures::remembered).unwrap_or_default(),
            seed: self.seed(),
            again: self.again(path, profile),
            suites: self.suites.clone(),
            filtered: self.is_filtered(),
            shard,
            ..self.options.clone()
        };
        let listener = tokio::spawn(interruption(self.cancel.clone()));
        let (sender, receiver) = mpsc::unbounded_channel();
        let cancel = self.cancel.clone();
        let running = engine::run(plan, discovered, &self.library, &options, cancel, sender);
        let remember = |event: &Event| failures.iter_mut().for_each(|failures| failures.observe(event));
        tokio::join!(running, audience.listen(receiver, remember));
        listener.abort();
        failures.map_or(Ok(()), Failures::write)
    }

    /// Ends its runs, which still write their reports and put in order what they left behind.
    pub(super) fn give_up(&self) {
        self.cancel.cancel();
    }

    /// All parts of a run must have the same seed, so that it cannot be any: it comes from the suites.
    fn seed(&self) -> u64 {
        match (self.seed, self.partition) {
            (Some(seed), _) => seed,
            (None, Some(_)) => {
                let digits = self.suites.get(..8).and_then(|digits| u64::from_str_radix(digits, 16).ok());
                digits.unwrap_or_default() % 1_000_000_000
            }
            (None, None) => any_seed(),
        }
    }

    /// The words after `oauthspec run` that lead here again.
    fn again(&self, path: Option<&Path>, profile: &str) -> Vec<String> {
        let mut words: Vec<String> = path.iter().map(|path| path.display().to_string()).collect();
        if self.profile.is_some() {
            words.extend(["--profile".to_owned(), profile.to_owned()]);
        }
        words.extend(self.again.iter().cloned());
        if self.selection.disruptive {
            words.push("--disruptive".to_owned());
        }
        words
    }
}

/// Short enough to be typed.
fn any_seed() -> u64 {
    RandomState::new().build_hasher().finish() % 1_000_000_000
}

pub(super) fn selection(choice: &Choice) -> Selection {
    let mut without_tags = choice.skip_tag.clone();
    if choice.fast {
        without_tags.push("slow".to_owned());
    }
    Selection {
        only: choice.only.clone(),
        tags: choice.tag.clone(),
        without_tags,
        requirements: choice.requirement.clone(),
        documents: choice.document.clone(),
        levels: choice.level.clone(),
        disruptive: choice.disruptive,
    }
}

pub(super) fn known_profile(library: &Library, profile: &str) -> Result<(), Failure> {
    if library.profiles.contains_key(profile) {
        return Ok(());
    }
    let known = library.profiles.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    let failure = Failure::usage(format!("there is no profile `{profile}`"));
    Err(match plan::nearest(profile, library.profiles.keys()) {
        Some(near) => failure.help(format!("did you mean `{near}`? There are {known}")),
        None => failure.help(format!("there are {known}")),
    })
}

fn no_profile(path: &Path, library: &Library) -> Failure {
    let known = library.profiles.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    Failure::usage(format!("{} names no profile", path.display()))
        .help(format!("add `profile: NAME` to it, or say `--profile NAME`; there are {known}"))
}

fn of_discovery(error: DiscoveryError) -> Failure {
    match &error {
        DiscoveryError::Unreachable { help, .. } => {
            let help = *help;
            Failure::unreachable(error).help(help)
        }
        DiscoveryError::NoEndpoints { .. } => Failure::unreachable(error)
            .help("check `issuer`, or name the endpoints: `endpoints: { authorization: URL, token: URL }`"),
        DiscoveryError::CertificateAuthorities { .. } => Failure::usage(error),
        DiscoveryError::Transport(_) => Failure::unreachable(error),
    }
}

/// What to do about cases that the filters let through and that are left out for what they may do.
fn harm(plan: &Plan) -> Option<String> {
    let harmful = plan.left_out.iter().filter(|left_out| left_out.reason == plan::Reason::Disruptive);
    let first = &harmful.clone().next()?.id;
    let others = match harmful.count() - 1 {
        0 => String::new(),
        others => format!(" and {others} more"),
    };
    Some(format!("{first}{others} may harm a live server; `--disruptive` plays them"))
}

/// Nothing was selected: says what the filters are, and what there is that is spelt alike.
pub(super) fn nothing(selection: &Selection, library: &Library, plan: &Plan) -> Failure {
    let failure = Failure::nothing(format!(
        "nothing is selected: none of the {} cases of profile `{}` passes the filters",
        plan.left_out.len(),
        plan.profile.id
    ));
    if let Some(help) = harm(plan) {
        return failure.help(help);
    }
    let (cases, invariants) = (
        || library.suites.iter().flat_map(|s| &s.cases),
        || library.suites.iter().flat_map(|s| &s.invariants),
    );
    let suites = library.suites.iter().map(|s| s.id.clone());
    let ids = cases().map(|c| c.full_id.clone()).chain(invariants().map(|i| i.full_id.clone()));
    let tags = cases().flat_map(|c| c.tags.clone()).chain(invariants().flat_map(|i| i.tags.clone()));
    let documents = library.requirements.values().map(|r| plan::folded(&r.document));
    let requirements = library.requirements.keys().cloned();
    let near = alike("--only", &selection.only, ids.chain(suites).collect())
        .or_else(|| alike("--tag", &selection.tags, tags.collect()))
        .or_else(|| alike("--requirement", &selection.requirements, requirements.collect()))
        .or_else(|| alike("--document", &selection.documents, documents.collect()));
    match near {
        Some(near) => failure.help(format!("did you mean `{near}`? `oauthspec list` prints all ids")),
        None => {
            failure.help("`oauthspec list` prints all ids and tags, `oauthspec coverage` all requirements")
        }
    }
}

/// The filter as it may have been meant, if there is nothing of that name.
fn alike(filter: &str, given: &[String], known: BTreeSet<String>) -> Option<String> {
    let strange = given.iter().filter(|word| !known.contains(*word));
    let mut near = strange.filter_map(|word| plan::nearest(word, known.iter()));
    near.next().map(|near| format!("{filter} {near}"))
}
