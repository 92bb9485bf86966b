use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Query, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::earlier::Earlier;
use super::html::{self, Live};
use super::record::Record;
use super::{ReportError, Reporter};
use crate::model::{Event, RunFinished, Verdict};

/// Between two answers to one page at the least; a page that takes long to make is made more seldom.
const PAUSE: Duration = Duration::from_millis(250);
/// After which a page hears something even where nothing has happened.
const PATIENCE: Duration = Duration::from_secs(10);
const HTML: &str = "text/html; charset=utf-8";
/// Rows that are named as the latest.
const LATEST: usize = 8;

/// A page on this host's loopback interface that shows a run while it goes on: what is running, what has turned, what is
/// broken first. Opened late it shows all so far. When the run is over, it is the page that [`Format::Html`] writes,
/// byte for byte, and open pages turn into it by themselves, so that they need the server no longer.
///
/// [`Format::Html`]: super::Format::Html
#[derive(Debug)]
pub struct LivePage {
    shared: Arc<Shared>,
    address: SocketAddr,
    stop: CancellationToken,
    server: JoinHandle<io::Result<()>>,
}

#[derive(Debug)]
struct Shared {
    told: Mutex<Told>,
    version: watch::Sender<u64>,
    /// What a browser may call the server by; any other name is some other site's that was made to lead here.
    hosts: [String; 2],
}

/// What the run has told so far.
#[derive(Debug, Default)]
struct Told {
    record: Record,
    running: BTreeMap<String, Instant>,
    latest: Vec<String>,
    verdicts: BTreeMap<Verdict, usize>,
    begun: Option<Instant>,
    /// The whole page, once the run is over.
    page: Option<Bytes>,
    /// Pages that wait for news at this moment.
    waiting: usize,
    /// When a page last asked for news, or got some.
    last_asked: Option<Instant>,
    /// What it took to make the last answer.
    took: Duration,
    /// How often the whole page was given away.
    given: usize,
}

impl LivePage {
    /// Serves it on that port of 127.0.0.1; 0 for any. Has to be called inside a runtime of tokio's.
    ///
    /// # Errors
    /// The port cannot be had.
    pub async fn serve(port: u16, earlier: Option<Arc<Earlier>>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let told = Told { record: Record { earlier, ..Record::default() }, ..Told::default() };
        let shared = Arc::new(Shared {
            told: Mutex::new(told),
            version: watch::Sender::new(0),
            hosts: [format!("127.0.0.1:{}", address.port()), format!("localhost:{}", address.port())],
        });
        let stop = CancellationToken::new();
        let router = Router::new()
            .route("/", get(page))
            .route("/state", get(state))
            .route("/case", get(case))
            .layer(middleware::from_fn_with_state(Arc::clone(&shared), guarded))
            .with_state(Arc::clone(&shared));
        let stopped = stop.clone().cancelled_owned();
        let server =
            tokio::spawn(async move { axum::serve(listener, router).with_graceful_shutdown(stopped).await });
        Ok(Self { shared, address, stop, server })
    }

    /// Where a browser finds it.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// What has to be told the run's events.
    pub fn reporter(&self) -> Box<dyn Reporter> {
        Box::new(Teller(Arc::clone(&self.shared)))
    }

    /// Ends the server, after open pages have been given the whole page, or that much time.
    pub async fn end(self, patience: Duration) {
        let followers = {
            let told = self.shared.told();
            // Between two questions a page is busy drawing.
            let is_busy = told.last_asked.is_some_and(|asked| asked.elapsed() < Duration::from_secs(2));
            told.waiting.max(usize::from(is_busy))
        };
        let mut version = self.shared.version.subscribe();
        let all_given =
            async { while self.shared.told().given < followers && version.changed().await.is_ok() {} };
        if followers > 0 {
            // Whoever is late has what was told before.
            let _ = timeout(patience, all_given).await;
        }
        self.stop.cancel();
        let _ = timeout(patience, self.server).await;
    }
}

impl Shared {
    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell_all(&self) {
        self.version.send_modify(|version| *version += 1);
    }

    /// Returns when there is news since that version and some time has gone by in which more may have come, when the run
    /// is over, or when nothing happens.
    async fn news(&self, after: u64) {
        let _waiting = Waiting::new(self);
        let mut version = self.version.subscribe();
        let mut is_over = self.told().page.is_some();
        if !is_over {
            // Either way there is an answer.
            let _ = timeout(PATIENCE, version.wait_for(|version| *version > after)).await;
        }
        let enough = sleep(PAUSE.max(self.told().took * 4));
        tokio::pin!(enough);
        while !is_over {
            tokio::select! {
                () = &mut enough => break,
                _ = version.changed() => is_over = self.told().page.is_some(),
            }
        }
    }
}

/// A page that waits, for as long as it does.
struct Waiting<'a>(&'a Shared);

impl<'a> Waiting<'a> {
    fn new(shared: &'a Shared) -> Self {
        let mut told = shared.told();
        told.waiting += 1;
        told.last_asked = Some(Instant::now());
        Self(shared)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut told = self.0.told();
        told.waiting -= 1;
        told.last_asked = Some(Instant::now());
    }
}

impl Told {
    /// What can be shown of it, and the end that it would have now.
    fn so_far(&self) -> RunFinished {
        let took = self.begun.map_or(Duration::ZERO, |begun| begun.elapsed());
        let is_strict = self.record.run.as_ref().is_some_and(|run| run.strict);
        let mut known: BTreeMap<Verdict, usize> = BTreeMap::new();
        for result in self.record.results.iter().filter(|result| result.is_known(is_strict)) {
            *known.entry(result.verdict).or_default() += 1;
        }
        RunFinished {
            interrupted: false,
            verdicts: self.verdicts.clone(),
            duration_ms: took.as_secs_f64() * 1000.0,
            requests: self.record.results.iter().map(|result| result.exchanges.len() as u64).sum(),
            unfinished: Vec::new(),
            known,
            stale: Vec::new(),
            flaky: self.record.results.iter().filter(|result| result.is_flaky()).count(),
        }
    }

    fn live(&self, version: u64) -> Live {
        let mut running: Vec<(String, f64)> =
            self.running.iter().map(|(id, since)| (id.clone(), since.elapsed().as_secs_f64())).collect();
        running.sort_by(|a, b| b.1.total_cmp(&a.1));
        Live {
            version,
            done: self.record.results.len(),
            planned: self.record.run.as_ref().map_or(0, |run| run.planned),
            elapsed_s: self.begun.map_or(0.0, |begun| begun.elapsed().as_secs_f64()),
            running,
            latest: self.latest.clone(),
        }
    }
}

struct Teller(Arc<Shared>);

impl Reporter for Teller {
    fn handle(&mut self, event: &Event) -> Result<(), ReportError> {
        let mut told = self.0.told();
        if told.page.is_some() {
            return Ok(());
        }
        told.record.take(event);
        match event {
            Event::RunStarted(_) => told.begun = Some(Instant::now()),
            Event::CaseStarted { id } => {
                told.running.insert(id.clone(), Instant::now());
            }
            Event::CaseFinished(result) => {
                let id = result.id();
                told.running.remove(&id);
                *told.verdicts.entry(result.verdict).or_default() += 1;
                told.latest.insert(0, id);
                told.latest.truncate(LATEST);
            }
            Event::RunFinished(finished) => {
                told.record.finish();
                let mut page = Vec::new();
                html::write(&told.record, finished, &mut page)
                    .map_err(|reason| ReportError::Write { to: "the page to watch".to_owned(), reason })?;
                told.page = Some(page.into());
            }
            Event::ClockAdvanced { .. } | Event::Note { .. } => {}
        }
        drop(told);
        self.0.tell_all();
        Ok(())
    }

    fn tick(&mut self, _elapsed: Duration) -> Result<(), ReportError> {
        self.0.tell_all();
        Ok(())
    }
}

/// Answers only requests for this server by its own name, and lets no other page embed or guess at the answers.
async fn guarded(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let is_ours = host.is_some_and(|host| shared.hosts.iter().any(|known| known == host));
    let mut response = match () {
        () if !is_ours => StatusCode::MISDIRECTED_REQUEST.into_response(),
        () if !matches!(*request.method(), Method::GET | Method::HEAD) => {
            ([(header::ALLOW, "GET, HEAD")], StatusCode::METHOD_NOT_ALLOWED).into_response()
        }
        () => next.run(request).await,
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    response
}

async fn page(State(shared): State<Arc<Shared>>) -> Response {
    let whole = {
        let mut told = shared.told();
        told.given += usize::from(told.page.is_some());
        told.page.clone()
    };
    if let Some(whole) = whole {
        shared.tell_all();
        return answer(HTML, html::policy(false), Body::from(whole));
    }
    let written = made(&shared, |record, live, so_far| {
        let mut page = Vec::new();
        html::write_live(record, live, so_far, &mut page).map(|()| page)
    });
    match written.await {
        Ok(page) => answer(HTML, html::policy(true), Body::from(page)),
        Err(status) => status.into_response(),
    }
}

/// Answers when there is something new: `after` is the version that is known, `done` the number of rows.
async fn state(State(shared): State<Arc<Shared>>, Query(known): Query<BTreeMap<String, String>>) -> Response {
    let number = |name: &str| known.get(name).and_then(|number| number.parse::<u64>().ok());
    let (after, done) = (number("after").unwrap_or(0), number("done"));
    shared.news(after).await;
    if shared.told().page.is_some() {
        return data(html::over());
    }
    let written = made(&shared, move |record, live, so_far| {
        let is_new = done != u64::try_from(live.done).ok();
        Ok(html::state(record, live, so_far, is_new)?)
    });
    match written.await {
        Ok(json) => data(Ok(json)),
        Err(status) => status.into_response(),
    }
}

async fn case(State(shared): State<Arc<Shared>>, Query(asked): Query<BTreeMap<String, String>>) -> Response {
    let record = shared.told().record.clone();
    let id = asked.get("id").cloned().unwrap_or_default();
    match spawn_blocking(move || html::case(&record, &id)).await {
        Ok(Some(json)) => data(json),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// What is made of all that was told so far, on a thread where that may take its time, and without keeping the run
/// waiting.
async fn made<T: Send + 'static>(
    shared: &Arc<Shared>,
    make: impl FnOnce(&Record, &Live, &RunFinished) -> io::Result<T> + Send + 'static,
) -> Result<T, StatusCode> {
    let shared = Arc::clone(shared);
    let made = spawn_blocking(move || {
        let begun = Instant::now();
        let (mut record, live, so_far) = {
            let told = shared.told();
            let version = *shared.version.borrow();
            (told.record.clone(), told.live(version), told.so_far())
        };
        record.finish();
        let made = make(&record, &live, &so_far);
        shared.told().took = begun.elapsed();
        made
    });
    made.await.ok().and_then(Result::ok).ok_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn data(json: serde_json::Result<String>) -> Response {
    match json {
        Ok(json) => answer("application/json", "default-src 'none'".to_owned(), Body::from(json)),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The policy of a page stands in itself too; `frame-ancestors` only counts here.
fn answer(kind: &'static str, policy: String, body: Body) -> Response {
    let policy = format!("{policy}; frame-ancestors 'none'");
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_SECURITY_POLICY, policy)], body)
        .into_response()
}
