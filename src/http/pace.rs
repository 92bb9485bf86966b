use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use super::Response;

/// The longest `Retry-After` that is honoured: a longer one would stop the run.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How much of a second's requests may go at once before the rate is kept evenly.
const BURST: f64 = 0.2;

/// When requests may go: so many a second, and none to an origin that has asked for a pause.
///
/// Pure: it is told the time and says until when to wait.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// Seconds between two requests, if there is a rate.
    interval: Option<f64>,
    /// When the next request would go if all went evenly.
    due: Option<Instant>,
    pauses: HashMap<String, Instant>,
}

impl Pace {
    /// A pace of so many requests a second.
    pub(super) fn new(requests_per_second: Option<f64>) -> Self {
        Self { interval: requests_per_second.map(|rate| 1.0 / rate), ..Self::default() }
    }

    /// Takes the next place in the queue and says when it is due.
    pub(super) fn reserve(&mut self, now: Instant) -> Instant {
        let Some(interval) = self.interval else { return now };
        let due = self.due.map_or(now, |due| due.max(now));
        self.due = Some(due + Duration::from_secs_f64(interval));
        // A token bucket, seen as time: whoever is less than the burst ahead of an even pace may go.
        let burst = Duration::from_secs_f64((BURST - interval).max(0.0));
        due.checked_sub(burst).map_or(now, |at| at.max(now))
    }

    /// Until when no request may go to that origin.
    pub(super) fn paused_until(&self, origin: &str, now: Instant) -> Option<Instant> {
        self.pauses.get(origin).copied().filter(|until| *until > now)
    }

    /// Reads a request for a pause out of a response (RFC 9110 section 10.2.3, seconds only).
    pub(super) fn observe(&mut self, origin: &str, response: &Response, now: Instant) {
        if !matches!(response.status, 429 | 503) {
            return;
        }
        let seconds = response.headers.first("retry-after").and_then(|v| v.trim().parse::<u64>().ok());
        let Some(pause) = seconds.map(Duration::from_secs).filter(|p| *p <= LONGEST_PAUSE) else { return };
        let until = self.pauses.entry(origin.to_owned()).or_insert(now);
        *until = (*until).max(now + pause);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Headers;
    use super::*;

    fn busy(status: u16, retry_after: &str) -> Response {
        let headers = Headers(vec![("retry-after".into(), retry_after.into())]);
        Response { status, headers, ..Response::default() }
    }

    #[test]
    fn without_a_rate_everything_goes_at_once() {
        let now = Instant::now();
        let mut pace = Pace::new(None);
        assert!((0..1000).all(|_| pace.reserve(now) == now));
    }

    #[test]
    fn a_rate_is_kept_after_a_short_burst() {
        let now = Instant::now();
        let mut pace = Pace::new(Some(50.0));
        let at: Vec<Duration> = (0..101).map(|_| pace.reserve(now) - now).collect();
        assert_eq!(at.iter().filter(|d| d.is_zero()).count(), 10);
        assert!(
            at[100] > Duration::from_millis(1800) && at[100] <= Duration::from_millis(2000),
            "{:?}",
            at[100]
        );
        assert!(at.is_sorted());
    }

    #[test]
    fn a_slow_rate_has_no_burst() {
        let now = Instant::now();
        let mut pace = Pace::new(Some(0.5));
        assert_eq!(pace.reserve(now) - now, Duration::ZERO);
        assert_eq!(pace.reserve(now) - now, Duration::from_secs(2));
        let later = now + Duration::from_secs(60);
        assert_eq!(pace.reserve(later), later, "time without requests is not saved up");
        assert_eq!(pace.reserve(later) - later, Duration::from_secs(2));
    }

    #[test]
    fn retry_after_pauses_its_origin_only() {
        let now = Instant::now();
        let mut pace = Pace::new(None);
        pace.observe("http://a", &busy(429, "5"), now);
        assert_eq!(pace.paused_until("http://a", now), Some(now + Duration::from_secs(5)));
        assert_eq!(pace.paused_until("http://b", now), None);
        assert_eq!(pace.paused_until("http://a", now + Duration::from_secs(5)), None);
    }

    #[test]
    fn pauses_that_are_long_or_not_understood_are_not_honoured() {
        let now = Instant::now();
        let mut pace = Pace::new(None);
        for (status, value) in [(429, "31"), (429, "-1"), (503, "Fri, 31 Dec 1999 23:59:59 GMT"), (200, "3")]
        {
            pace.observe("http://a", &busy(status, value), now);
        }
        assert_eq!(pace.paused_until("http://a", now), None);
    }
}
