use serde::Serialize;

use super::super::record::{Conclusion, Record, Standing};
use super::super::text::count;
use super::detail::Detail;
use super::index::Index;
use super::script_data::script_data;
use super::told::Told;
use crate::model::RunFinished;

/// How far a run has come.
#[derive(Clone, Debug, Default, Serialize)]
pub(in super::super) struct Live {
    /// Grows with every event.
    pub(in super::super) version: u64,
    /// Rows that have reported.
    pub(in super::super) done: usize,
    /// Rows that will have reported at the end.
    pub(in super::super) planned: usize,
    /// Seconds since the run began.
    pub(in super::super) elapsed_s: f64,
    /// What is running, with the seconds that it has taken so far; the longest first.
    pub(in super::super) running: Vec<(String, f64)>,
    /// The rows that reported last, the last first.
    pub(in super::super) latest: Vec<String>,
}

/// What a live page asks for again and again.
#[derive(Debug, Serialize)]
struct State<'a> {
    over: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    live: Option<&'a Live>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sentence: Option<String>,
    /// The lists, where they have changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Index<'a>>,
}

impl Live {
    /// What can be said so far. A broken requirement stays broken.
    pub(super) fn outcome(&self, record: &Record) -> (Conclusion, String) {
        let target = record.run.as_ref().map_or("the target", |run| run.target.as_str());
        let so_far = format!("{} of {}", self.done, count(self.planned, "row"));
        let standings = record.standings();
        let broken = standings.iter().filter(|judged| judged.standing == Standing::Broken).count();
        match broken {
            0 => (
                Conclusion::Undecided,
                format!("{target} is being judged, {so_far}: nothing is broken so far."),
            ),
            n => {
                let what =
                    if n == 1 { "1 requirement is".to_owned() } else { format!("{n} requirements are") };
                (Conclusion::Broken, format!("{target} is being judged, {so_far}: {what} broken so far."))
            }
        }
    }
}

/// How far the run has come, as JSON; with the lists where `is_new`.
pub(in super::super) fn state(
    record: &Record,
    live: &Live,
    so_far: &RunFinished,
    is_new: bool,
) -> serde_json::Result<String> {
    script_data(&State {
        over: false,
        live: Some(live),
        sentence: Some(live.outcome(record).1),
        data: is_new.then(|| Index::new(record, so_far, &Told::All)),
    })
}

/// That the run is over, as JSON.
pub(in super::super) fn over() -> serde_json::Result<String> {
    script_data(&State { over: true, live: None, sentence: None, data: None })
}

/// What is shown of the row with that id when it is opened, as JSON; `None` where it has not reported.
pub(in super::super) fn case(record: &Record, id: &str) -> Option<serde_json::Result<String>> {
    let result = record.results.iter().find(|result| result.id() == id)?;
    Some(script_data(&Detail::new(record, result)))
}
