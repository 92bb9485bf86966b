use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;

use crate::check;
use crate::engine::case::{Played, Player, Stop};
use crate::model::{Outcome, Race, Step, Value};

use super::{Memory, Performed, prepare};

/// Sends the same request `times` times at once.
pub(super) async fn race(player: &Player, race: &Race) -> Result<Performed, Stop> {
    let message = prepare(player, &race.step.action)?;
    let parameters = message.parameters.clone();
    let attempts = (0..race.times).map(|_| message.clone().send(player));
    let outcomes: Vec<Outcome> = join_all(attempts).await.into_iter().map(|p| p.outcome).collect();
    let succeeded =
        outcomes.iter().filter(|o| matches!(check::succeeded(o), check::Success::Yes)).count() as u32;
    let bound = Value::Map(vec![("succeeded".to_owned(), Value::integer(succeeded.into()))]);
    let outcome = Outcome::Race { succeeded, outcomes };
    Ok(Performed { outcome, request: parameters, bound, memory: Memory::Nothing })
}

/// Plays each step in a branch of its own, all at the same time.
pub(in crate::engine) async fn play_parallel(player: &mut Player, steps: &[Step], at: usize) -> Played {
    let branches: Vec<Player> = steps.iter().map(|_| player.fork()).collect();
    // Every branch but one counts as something that runs; the last to end hands back to the player.
    let running = AtomicUsize::new(steps.len());
    let clock = &player.world.clock;
    let activities: Vec<_> = steps.iter().skip(1).map(|_| clock.begin()).collect();
    let activities = std::sync::Mutex::new(activities);
    let branches = branches.into_iter().zip(steps).map(|(mut branch, step)| {
        let (running, activities) = (&running, &activities);
        async move {
            let played = branch.play(std::slice::from_ref(step), at).await;
            if running.fetch_sub(1, Ordering::SeqCst) > 1 {
                let mut activities = activities.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                drop(activities.pop());
            }
            (branch, played)
        }
    });
    let mut whole = Played::default();
    for (branch, played) in join_all(branches).await {
        player.join(branch);
        whole.append(played);
    }
    whole
}
