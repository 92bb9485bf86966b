//! The page on which a run is watched: what it says while the run goes on and when it is over, and to whom.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use oauthspec::model::Event;
use oauthspec::report::{Format, LivePage, Reporter};
use serde_json::Value;
use tokio::runtime::Runtime;

use super::{data_blocks, events, obeyed_or_unseen, written_from};

/// A page that has been told some events, and how to tell it more.
struct Watched {
    runtime: Runtime,
    page: LivePage,
    reporter: Box<dyn Reporter>,
}

impl Watched {
    fn of(events: &[Event]) -> Self {
        let runtime = Runtime::new().unwrap();
        let page = runtime.block_on(LivePage::serve(0, None)).unwrap();
        let mut watched = Self { reporter: page.reporter(), runtime, page };
        watched.tell(events);
        watched
    }

    fn tell(&mut self, events: &[Event]) {
        events.iter().for_each(|event| self.reporter.handle(event).unwrap());
    }

    fn get(&self, path: &str) -> Answer {
        asked(&self.page.url(), "GET", path, None)
    }

    fn state(&self, after: u64, done: u64) -> Value {
        serde_json::from_str(&self.get(&format!("/state?after={after}&done={done}")).body).unwrap()
    }

    /// How long it takes to end.
    fn end(self) -> Duration {
        let begun = Instant::now();
        self.runtime.block_on(self.page.end(Duration::from_secs(5)));
        begun.elapsed()
    }
}

struct Answer {
    status: u16,
    head: String,
    body: String,
}

fn asked(url: &str, method: &str, path: &str, host: Option<&str>) -> Answer {
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(address).unwrap();
    let host = host.unwrap_or(address);
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head: head.to_lowercase(), body: body.to_owned() }
}

#[test]
fn a_page_opened_late_shows_all_so_far() {
    let all = events("mixed");
    let half = all.len() / 2;
    let watched = Watched::of(&all[..half]);
    let answer = watched.get("/");
    assert_eq!(answer.status, 200, "{}", answer.head);
    let blocks = data_blocks(&answer.body);
    assert_eq!(blocks.len(), 2, "the lists and how far it is, and no case");
    let (lists, live): (Value, Value) =
        (serde_json::from_str(&blocks[0]).unwrap(), serde_json::from_str(&blocks[1]).unwrap());
    let told: Vec<String> = all[..half]
        .iter()
        .filter_map(|event| match event {
            Event::CaseFinished(result) => Some(result.id()),
            _ => None,
        })
        .collect();
    let shown: Vec<&str> =
        lists["cases"].as_array().unwrap().iter().map(|c| c["id"].as_str().unwrap()).collect();
    assert_eq!(shown.len(), told.len());
    assert!(told.iter().all(|id| shown.contains(&id.as_str())));
    assert_eq!((live["done"].as_u64(), live["planned"].as_u64()), (Some(told.len() as u64), Some(29)));
    assert_eq!(live["latest"][0], told.last().unwrap().as_str());
    assert!(!live["running"].as_array().unwrap().is_empty(), "{live}");
    assert!(answer.body.contains("requirements are broken so far"), "a broken requirement is told at once");
    // Its policy, in itself and in its head, allows what the file's does, and to ask where it comes from.
    assert!(answer.head.contains("frame-ancestors 'none'") && answer.head.contains("connect-src 'self'"));
    for forbidden in ["unsafe", "http:", "https:", "*"] {
        let policy = answer.head.lines().find(|line| line.starts_with("content-security-policy")).unwrap();
        assert!(!policy.contains(forbidden), "{policy}");
    }
    let id = "authorization-code/code-single-use";
    let case = watched.get(&format!("/case?id={}", id.replace('/', "%2F")));
    assert_eq!(case.status, 200);
    let case: Value = serde_json::from_str(&case.body).unwrap();
    assert_eq!(case["findings"][0]["verdict"], "fail");
    assert_eq!(watched.get("/case?id=no-such").status, 404);
    assert!(watched.end() < Duration::from_secs(2), "nobody was watching");
}

#[test]
fn news_come_when_there_are_some_and_the_end_is_the_files_page() {
    let all = events("mixed");
    let (last, before) = all.split_last().unwrap();
    let mut watched = Watched::of(&before[..12]);
    let blocks = data_blocks(&watched.get("/").body);
    let live: Value = serde_json::from_str(&blocks[1]).unwrap();
    let (version, done) = (live["version"].as_u64().unwrap(), live["done"].as_u64().unwrap());
    let url = watched.page.url();
    let waiting = std::thread::spawn(move || {
        asked(&url, "GET", &format!("/state?after={version}&done={done}"), None).body
    });
    watched.tell(&before[12..]);
    let news: Value = serde_json::from_str(&waiting.join().unwrap()).unwrap();
    assert_eq!(news["over"], false);
    assert_eq!(news["data"]["cases"].as_array().map(Vec::len), Some(29));
    assert_eq!(news["live"]["done"], 29);
    assert!(news["sentence"].as_str().unwrap().contains("29 of 29 rows"), "{news}");
    // What is known is not sent again.
    let again = watched.state(0, 29);
    assert!(again.get("data").is_none(), "{again}");

    let url = watched.page.url();
    let follower = std::thread::spawn(move || {
        let state = asked(&url, "GET", "/state?after=1000000&done=29", None).body;
        (state, asked(&url, "GET", "/", None))
    });
    while watched.state(0, 29)["live"]["version"].is_null() {}
    watched.tell(std::slice::from_ref(last));
    let (state, page) = follower.join().unwrap();
    assert_eq!(serde_json::from_str::<Value>(&state).unwrap()["over"], true);
    assert!(page.body == written_from(&all, Format::Html), "the page is not the file's");
    assert!(!page.head.contains("connect-src"), "{}", page.head);
    assert!(watched.end() < Duration::from_secs(5), "everybody has the whole page");
}

#[test]
fn only_its_own_pages_are_answered() {
    let watched = Watched::of(&events("mixed")[..20]);
    let url = watched.page.url();
    let port = url.trim_end_matches('/').rsplit(':').next().unwrap().to_owned();
    assert_eq!(asked(&url, "GET", "/", Some(&format!("localhost:{port}"))).status, 200);
    for host in ["evil.example", "127.0.0.1", &format!("evil.example:{port}"), ""] {
        let answer = asked(&url, "GET", "/", Some(host));
        assert!(matches!(answer.status, 400 | 421), "{host}: {}", answer.status);
        assert!(!answer.body.contains("tasknation"), "{host}");
    }
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        assert_eq!(asked(&url, method, "/", None).status, 405, "{method}");
    }
    for path in ["/state?after=x", "/state?done=-1&after=0", "/nowhere", "/case", "/case?id=%00%ff"] {
        assert!(asked(&url, "GET", path, None).status < 500, "{path}");
    }
    let answer = asked(&url, "GET", "/", None);
    for line in ["x-content-type-options: nosniff", "cache-control: no-store", "referrer-policy: no-referrer"]
    {
        assert!(answer.head.contains(line), "{line} is not in {}", answer.head);
    }
    assert!(!answer.head.contains("access-control"), "no other site may read it");
}

#[test]
fn what_a_server_sent_stays_text() {
    let all = events("hostile");
    let watched = Watched::of(&all[..all.len() - 1]);
    let page = watched.get("/").body;
    assert_eq!(page.matches("<script").count(), 3);
    let lists: Value = serde_json::from_str(&data_blocks(&page)[0]).unwrap();
    let mut texts = vec![page];
    for case in lists["cases"].as_array().unwrap() {
        let id: String =
            url::form_urlencoded::byte_serialize(case["id"].as_str().unwrap().as_bytes()).collect();
        let answer = watched.get(&format!("/case?id={id}"));
        texts.push(answer.body);
    }
    texts.push(watched.get("/state?after=0").body);
    for text in &texts {
        assert_eq!(text.chars().find(|c| obeyed_or_unseen(*c)), None);
    }
    for json in &texts[1..] {
        assert!(!json.contains(['<', '>', '&']), "{json}");
    }
}
