//! Time as cases see it: real, or the target's own, moved by its hook.
//!
//! On the target's clock nothing waits: when every running case waits, the clock is moved to the earliest
//! deadline. A case wakes exactly when its wait is over, because no other step takes time there.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, oneshot};

/// Where waits go.
#[derive(Clone, Debug)]
pub(super) struct Clock(Option<Arc<Virtual>>);

#[derive(Debug, Default)]
struct Virtual {
    state: Mutex<State>,
    /// Told when the last running case begins to wait.
    idle: Notify,
}

#[derive(Debug, Default)]
struct State {
    now: Duration,
    /// Cases (and branches of cases) that are running and not waiting.
    active: usize,
    /// By deadline and order of arrival.
    sleepers: BTreeMap<(Duration, u64), oneshot::Sender<Result<(), String>>>,
    arrivals: u64,
}

/// Keeps the clock from being moved while it lives: something is running.
#[derive(Debug)]
pub(super) struct Activity(Option<Arc<Virtual>>);

impl Clock {
    /// Waits take the time they take.
    pub(super) fn real() -> Self {
        Self(None)
    }

    /// Waits move the target's clock; [`Self::drive`] must run beside the cases.
    pub(super) fn of_target() -> Self {
        Self(Some(Arc::default()))
    }

    pub(super) fn is_virtual(&self) -> bool {
        self.0.is_some()
    }

    /// By how much the target's clock was moved.
    pub(super) fn advanced(&self) -> Duration {
        self.0.as_ref().map(|clock| clock.lock().now).unwrap_or_default()
    }

    /// Announces something that runs.
    pub(super) fn begin(&self) -> Activity {
        if let Some(clock) = &self.0 {
            clock.lock().active += 1;
        }
        Activity(self.0.clone())
    }

    /// Lets time pass. The caller holds an [`Activity`], which does not count while it waits here.
    ///
    /// # Errors
    ///
    /// The clock hook's failure, in words.
    pub(super) async fn wait(&self, duration: Duration) -> Result<(), String> {
        let Some(clock) = &self.0 else {
            tokio::time::sleep(duration).await;
            return Ok(());
        };
        let woken = {
            let mut state = clock.lock();
            let (sender, receiver) = oneshot::channel();
            let deadline = (state.now + duration, state.arrivals);
            state.arrivals += 1;
            state.sleepers.insert(deadline, sender);
            state.active = state.active.saturating_sub(1);
            if state.active == 0 {
                clock.idle.notify_one();
            }
            receiver
        };
        woken.await.unwrap_or_else(|_| Err("the run ended".to_owned()))
    }

    /// Moves the target's clock whenever everybody waits, until dropped. `advance` asks the target to let so
    /// much time pass.
    pub(super) async fn drive<F>(&self, advance: impl Fn(Duration) -> F)
    where
        F: Future<Output = Result<(), String>>,
    {
        let Some(clock) = &self.0 else {
            return std::future::pending().await;
        };
        loop {
            clock.idle.notified().await;
            let Some(step) = clock.next_step() else {
                continue;
            };
            let outcome = advance(step).await;
            clock.wake(step, &outcome);
        }
    }
}

impl Virtual {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How far it is to the earliest deadline; `None` while somebody runs or nobody waits.
    fn next_step(&self) -> Option<Duration> {
        let state = self.lock();
        if state.active > 0 {
            return None;
        }
        let ((deadline, _), _) = state.sleepers.first_key_value()?;
        Some(deadline.saturating_sub(state.now))
    }

    fn wake(&self, step: Duration, outcome: &Result<(), String>) {
        let mut state = self.lock();
        state.now += step;
        let now = state.now;
        while let Some(entry) = state.sleepers.first_entry()
            && entry.key().0 <= now
        {
            let sender = entry.remove();
            state.active += 1;
            if sender.send(outcome.clone()).is_err() {
                state.active -= 1;
            }
        }
        if state.active == 0 && !state.sleepers.is_empty() {
            self.idle.notify_one();
        }
    }
}

impl Drop for Activity {
    fn drop(&mut self) {
        let Some(clock) = &self.0 else {
            return;
        };
        let mut state = clock.lock();
        state.active = state.active.saturating_sub(1);
        if state.active == 0 {
            clock.idle.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three cases with waits of 70 s, 50 s + 20 s and 181 days: each wakes at its own time, none sleeps.
    #[tokio::test]
    async fn everybody_wakes_at_their_own_time() {
        let clock = Clock::of_target();
        let now = Arc::new(Mutex::new(Duration::ZERO));
        let case = |waits: Vec<u64>| {
            let (clock, now, activity) = (clock.clone(), now.clone(), clock.begin());
            async move {
                let mut woken = Vec::new();
                for wait in waits {
                    clock.wait(Duration::from_secs(wait)).await.unwrap();
                    woken.push(now.lock().unwrap().as_secs());
                }
                drop(activity);
                woken
            }
        };
        let (a, b, c) = (case(vec![70]), case(vec![50, 20]), case(vec![181 * 86_400]));
        let drive = clock.drive(|step| {
            *now.lock().unwrap() += step;
            std::future::ready(Ok(()))
        });
        tokio::select! {
            woken = async { tokio::join!(a, b, c) } => {
                assert_eq!(woken, (vec![70], vec![50, 70], vec![181 * 86_400]));
            }
            () = drive => unreachable!(),
        }
    }

    #[tokio::test]
    async fn a_failing_hook_fails_the_waits() {
        let clock = Clock::of_target();
        let _activity = clock.begin();
        tokio::select! {
            outcome = clock.wait(Duration::from_secs(1)) => assert_eq!(outcome, Err("404".to_owned())),
            () = clock.drive(|_| std::future::ready(Err("404".to_owned()))) => unreachable!(),
        }
    }
}
