use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The server's time: the system's at start, then a monotonic clock, plus whatever it was advanced by.
///
/// Every lifetime of the server is measured by it, so that a test can live through 180 days at
/// once. Clones share one clock.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    started: Instant,
    /// Unix time at `started`.
    epoch: Duration,
    manual: bool,
    /// Nanoseconds, enough for 584 years.
    advanced: AtomicU64,
}

impl Clock {
    /// A clock that runs with the real one.
    pub fn running() -> Self {
        Self::new(false)
    }

    /// A clock that stands still except for [`Clock::advance`].
    pub fn manual() -> Self {
        Self::new(true)
    }

    /// A manual clock that begins at this Unix time, so that answers can be compared.
    #[cfg(test)]
    pub(crate) fn manual_from(epoch: Duration) -> Self {
        Self::from_epoch(epoch, true)
    }

    fn new(manual: bool) -> Self {
        Self::from_epoch(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(), manual)
    }

    fn from_epoch(epoch: Duration, manual: bool) -> Self {
        Self(Arc::new(Inner { started: Instant::now(), epoch, manual, advanced: AtomicU64::new(0) }))
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let nanoseconds = u64::try_from(by.as_nanos()).unwrap_or(u64::MAX);
        // Saturates: a clock that wrapped round would bring expired tokens back to life.
        let moved = |before: u64| Some(before.saturating_add(nanoseconds));
        let _ = self.0.advanced.fetch_update(Ordering::SeqCst, Ordering::SeqCst, moved);
    }

    /// Takes back every [`Clock::advance`].
    pub fn reset(&self) {
        self.0.advanced.store(0, Ordering::SeqCst);
    }

    /// The time since 1970-01-01T00:00:00Z.
    pub fn now(&self) -> Duration {
        let run = if self.0.manual { Duration::ZERO } else { self.0.started.elapsed() };
        self.0.epoch + run + Duration::from_nanos(self.0.advanced.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let clock = Clock::manual();
        let start = clock.now();
        assert_eq!(clock.now(), start);
        clock.clone().advance(Duration::from_millis(1500));
        assert_eq!(clock.now(), start + Duration::from_millis(1500));
        clock.reset();
        assert_eq!(clock.now(), start);
    }

    #[test]
    fn advancing_beyond_the_end_of_time_stays_there() {
        let clock = Clock::manual();
        clock.advance(Duration::MAX);
        let end = clock.now();
        clock.advance(Duration::from_secs(1));
        assert_eq!(clock.now(), end);
    }
}
