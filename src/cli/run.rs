use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::path::Path;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::engine::{self, DiscoveryError, RunOptions};
use crate::model::{Event, Library, Target};
use crate::plan::{self, Plan, Selection};

use super::Exit;
use super::arguments::{self, Choice};
use super::failure::Failure;
use super::failures::Failures;
use super::interruption::interruption;
use super::library::library;
use super::reference::{self, Embedded, Wishes};
use super::reports::Reports;
use super::target;

/// Runs the suites and reports.
pub(super) fn run(arguments: &arguments::Run, color: bool) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::unreachable(format!("failed to start the runtime: {error}")))?;
    let library = library(&arguments.choice.suites, color)?;
    let mut reports = Reports::open(arguments, color)?;
    runtime.block_on(async {
        match &arguments.choice.target {
            Some(path) => {
                let loaded = target::load(path, &library, color)?;
                let profile = match (&arguments.choice.profile, &loaded.target.profile) {
                    (Some(profile), _) => profile.clone(),
                    (None, Some(profile)) => profile.value.clone(),
                    (None, None) => return Err(no_profile(path, &library)),
                };
                known_profile(&library, &profile)?;
                let server = loaded.start().await?;
                let judged = judge(arguments, &library, &profile, loaded.target, &mut reports).await;
                if let Some(server) = server {
                    server.stop().await;
                }
                judged
            }
            None => {
                let profile = arguments.choice.profile.as_deref().unwrap_or(reference::PROFILE);
                known_profile(&library, profile)?;
                let wishes = Wishes { running_clock: arguments.real_clock, ..Wishes::default() };
                let embedded = Embedded::start(&library, profile, &wishes).await?;
                let judged = judge(arguments, &library, profile, embedded.target.clone(), &mut reports).await;
                embedded.stop().await;
                judged
            }
        }
    })
}

async fn judge(
    arguments: &arguments::Run,
    library: &Library,
    profile: &str,
    mut target: Target,
    reports: &mut Reports,
) -> Result<Exit, Failure> {
    if arguments.real_clock {
        target.clock = None;
    }
    if let Some(jobs) = arguments.jobs {
        target.limits.concurrency = jobs.into();
    }
    let discovered = engine::discover(target).await.map_err(of_discovery)?;
    let selection = selection(&arguments.choice);
    let plan = plan::plan(library, profile, &discovered.target, discovered.metadata.as_ref(), &selection)
        .map_err(Failure::usage)?;
    if plan.entries.is_empty() && plan.invariants.is_empty() {
        return Err(nothing(&arguments.choice, library, &plan));
    }
    let seed = arguments.seed.unwrap_or_else(any_seed);
    let mut failures = Failures::read(
        arguments.failures.as_deref(),
        arguments.choice.target.as_deref(),
        &discovered.target.name,
    )?;
    let remembered = failures.as_ref().map(Failures::remembered).unwrap_or_default();
    let options = RunOptions { seed, strict: arguments.strict, again: again(arguments, profile), remembered };
    let cancel = CancellationToken::new();
    let interrupt = cancel.clone();
    let listener = tokio::spawn(interruption(interrupt));
    let (sender, receiver) = mpsc::unbounded_channel();
    let running = engine::run(plan, discovered, library, &options, cancel, sender);
    let remember = |event: &Event| failures.iter_mut().for_each(|failures| failures.observe(event));
    let (finished, told) = tokio::join!(running, reports.tell(receiver, remember));
    listener.abort();
    failures.map_or(Ok(()), Failures::write)?;
    Ok(told.exit(Exit::of_run(&finished, arguments.strict)))
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
    }
}

/// The words after `oauthspec run` that lead here again.
fn again(arguments: &arguments::Run, profile: &str) -> Vec<String> {
    let mut words = Vec::new();
    if let Some(target) = &arguments.choice.target {
        words.push(target.display().to_string());
    }
    if arguments.choice.profile.is_some() {
        words.extend(["--profile".to_owned(), profile.to_owned()]);
    }
    for directory in &arguments.choice.suites {
        words.extend(["--suites".to_owned(), directory.display().to_string()]);
    }
    words
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

/// Nothing was selected: says what the filters are and what there is.
fn nothing(choice: &Choice, library: &Library, plan: &Plan) -> Failure {
    let failure = Failure::nothing(format!(
        "nothing is selected: none of the {} cases of profile `{}` passes the filters",
        plan.left_out.len(),
        plan.profile.id
    ));
    let ids: Vec<String> = library
        .suites
        .iter()
        .flat_map(|s| {
            let cases = s.cases.iter().map(|c| c.full_id.clone());
            cases.chain(s.invariants.iter().map(|i| i.full_id.clone())).chain([s.id.clone()])
        })
        .collect();
    let near = choice.only.iter().find_map(|only| plan::nearest(only, ids.iter()));
    match near {
        Some(near) => failure.help(format!("did you mean `--only {near}`? `oauthspec list` prints all ids")),
        None => failure.help("`oauthspec list` prints all ids, tags and requirements"),
    }
}
