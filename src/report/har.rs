use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Map, Value, json};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};
use url::form_urlencoded;

use super::record::Record;
use super::text::{clean_text, escape_json};
use super::uri::encoded;
use crate::http::{Exchange, Headers, Request, Response};
use crate::model::{CaseResult, RunFinished};

/// Writes an HTTP Archive 1.2 of all exchanges, masked as everywhere: a page per row, an entry per exchange. A
/// request that got no response has status 0 and the reason in `_error`, as browsers do it.
pub(super) fn write(record: &Record, _finished: &RunFinished, out: &mut dyn Write) -> io::Result<()> {
    let start = record
        .run
        .as_ref()
        .and_then(|run| OffsetDateTime::parse(&run.started, &Rfc3339).ok())
        .unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let version = record.run.as_ref().map_or_else(String::new, |run| clean_text(&run.oauthspec));
    let creator = json!({ "name": "oauthspec", "version": version });
    write!(out, "{{\"log\":{{\"version\":\"1.2\",\"creator\":{creator},\"pages\":[")?;
    let mut comma = "\n";
    for result in record.results.iter().filter(|result| !result.exchanges.is_empty()) {
        write!(out, "{comma}{}", escape_json(&page(result, start).to_string()))?;
        comma = ",\n";
    }
    write!(out, "\n],\"entries\":[")?;
    comma = "\n";
    let mut told: BTreeSet<u64> = BTreeSet::new();
    for result in &record.results {
        for exchange in &result.exchanges {
            // Invariants show exchanges of cases again.
            if told.insert(exchange.id) {
                let told = serde_json::to_string(&entry(result, exchange, start))?;
                write!(out, "{comma}{}", escape_json(&told))?;
                comma = ",\n";
            }
        }
    }
    writeln!(out, "\n]}}}}")
}

fn page(result: &CaseResult, start: OffsetDateTime) -> Value {
    json!({
        "startedDateTime": moment(start, result.started_ms),
        "id": result.id(),
        "title": result.title,
        "pageTimings": {},
        "comment": result.verdict.as_str(),
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    pageref: String,
    started_date_time: String,
    time: f64,
    request: Asked<'a>,
    response: Answered<'a>,
    cache: Map<String, Value>,
    timings: Timings,
    comment: String,
    #[serde(rename = "_error", skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

#[derive(Serialize)]
struct Timings {
    send: u8,
    wait: f64,
    receive: u8,
}

#[derive(Serialize)]
struct Pair<'a> {
    name: Cow<'a, str>,
    value: Cow<'a, str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked<'a> {
    method: &'a str,
    url: String,
    http_version: &'static str,
    cookies: Vec<Pair<'a>>,
    headers: Vec<Pair<'a>>,
    query_string: Vec<Pair<'a>>,
    headers_size: i8,
    body_size: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    post_data: Option<PostData<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PostData<'a> {
    mime_type: &'a str,
    text: Cow<'a, str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answered<'a> {
    status: u16,
    status_text: &'static str,
    http_version: &'static str,
    cookies: Vec<Pair<'a>>,
    headers: Vec<Pair<'a>>,
    content: Content<'a>,
    #[serde(rename = "redirectURL")]
    redirect_url: &'a str,
    headers_size: i8,
    body_size: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Content<'a> {
    size: usize,
    mime_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<&'static str>,
}

fn entry<'a>(result: &CaseResult, exchange: &'a Exchange, start: OffsetDateTime) -> Entry<'a> {
    let time = positive(exchange.duration_ms);
    Entry {
        pageref: result.id(),
        started_date_time: moment(start, exchange.started_ms),
        time,
        request: request(&exchange.request),
        response: response(exchange.response()),
        cache: Map::new(),
        timings: Timings { send: 0, wait: time, receive: 0 },
        comment: format!("exchange {}, {} endpoint", exchange.id, exchange.endpoint.as_str()),
        error: exchange.result.as_ref().err().map(ToString::to_string),
    }
}

fn request(request: &Request) -> Asked<'_> {
    let query = request.url.split_once('?').map_or("", |(_, query)| query.split('#').next().unwrap_or(query));
    Asked {
        method: &request.method,
        url: encoded(&request.url),
        http_version: "HTTP/1.1",
        cookies: cookies(&request.headers, "cookie"),
        headers: headers(&request.headers),
        query_string: pairs(query.as_bytes()),
        headers_size: -1,
        body_size: request.body.len(),
        post_data: (!request.body.is_empty()).then(|| PostData {
            mime_type: request.headers.first("content-type").unwrap_or_default(),
            text: String::from_utf8_lossy(&request.body),
        }),
    }
}

fn response(response: Option<&Response>) -> Answered<'_> {
    let Some(response) = response else {
        let content = Content { size: 0, mime_type: "x-unknown", encoding: None, text: None, comment: None };
        return Answered {
            status: 0,
            status_text: "",
            http_version: "",
            cookies: Vec::new(),
            headers: Vec::new(),
            content,
            redirect_url: "",
            headers_size: -1,
            body_size: -1,
        };
    };
    let (encoding, text) = match std::str::from_utf8(&response.body) {
        Ok(text) => (None, Cow::Borrowed(text)),
        Err(_) => (Some("base64"), Cow::Owned(STANDARD.encode(&response.body))),
    };
    Answered {
        status: response.status,
        status_text: "",
        http_version: "HTTP/1.1",
        cookies: cookies(&response.headers, "set-cookie"),
        headers: headers(&response.headers),
        content: Content {
            size: response.body.len(),
            mime_type: response.headers.first("content-type").unwrap_or("x-unknown"),
            encoding,
            text: Some(text),
            comment: response.truncated.then_some("more was received than is kept"),
        },
        redirect_url: response.headers.first("location").unwrap_or_default(),
        headers_size: -1,
        body_size: if response.truncated { -1 } else { i64::try_from(response.body.len()).unwrap_or(-1) },
    }
}

fn headers(headers: &Headers) -> Vec<Pair<'_>> {
    headers.0.iter().map(|(name, value)| Pair { name: name.into(), value: value.into() }).collect()
}

fn pairs(encoded: &[u8]) -> Vec<Pair<'_>> {
    form_urlencoded::parse(encoded).map(|(name, value)| Pair { name, value }).collect()
}

/// Names and values only; the rest of a `Set-Cookie` stands in its header.
fn cookies<'a>(headers: &'a Headers, field: &'a str) -> Vec<Pair<'a>> {
    let whole = headers.all(field);
    let each: Vec<&str> = match field {
        "cookie" => whole.flat_map(|value| value.split(';')).collect(),
        _ => whole.filter_map(|value| value.split(';').next()).collect(),
    };
    each.into_iter()
        .filter_map(|pair| pair.trim().split_once('='))
        .map(|(name, value)| Pair { name: name.into(), value: value.into() })
        .collect()
}

fn moment(start: OffsetDateTime, milliseconds: f64) -> String {
    start
        .checked_add(Duration::microseconds((positive(milliseconds) * 1000.0) as i64))
        .and_then(|moment| moment.format(&Rfc3339).ok())
        .unwrap_or_else(|| "1970-01-01T00:00:00Z".to_owned())
}

/// Durations of a damaged journal may be anything.
fn positive(milliseconds: f64) -> f64 {
    if milliseconds.is_finite() { milliseconds.clamp(0.0, 1e12) } else { 0.0 }
}
