use std::collections::BTreeSet;
use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
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
                write!(out, "{comma}{}", escape_json(&entry(result, exchange, start).to_string()))?;
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

fn entry(result: &CaseResult, exchange: &Exchange, start: OffsetDateTime) -> Value {
    let time = positive(exchange.duration_ms);
    let mut entry = json!({
        "pageref": result.id(),
        "startedDateTime": moment(start, exchange.started_ms),
        "time": time,
        "request": request(&exchange.request),
        "response": response(exchange.response()),
        "cache": {},
        "timings": { "send": 0, "wait": time, "receive": 0 },
        "comment": format!("exchange {}, {} endpoint", exchange.id, exchange.endpoint.as_str()),
    });
    if let (Err(fault), Some(members)) = (&exchange.result, entry.as_object_mut()) {
        members.insert("_error".into(), fault.to_string().into());
    }
    entry
}

fn request(request: &Request) -> Value {
    let query = request.url.split_once('?').map_or("", |(_, query)| query.split('#').next().unwrap_or(query));
    let mut value = json!({
        "method": request.method,
        "url": encoded(&request.url),
        "httpVersion": "HTTP/1.1",
        "cookies": cookies(&request.headers, "cookie"),
        "headers": headers(&request.headers),
        "queryString": pairs(query.as_bytes()),
        "headersSize": -1,
        "bodySize": request.body.len(),
    });
    if let (false, Some(members)) = (request.body.is_empty(), value.as_object_mut()) {
        let kind = request.headers.first("content-type").unwrap_or_default();
        let post = json!({ "mimeType": kind, "text": String::from_utf8_lossy(&request.body) });
        members.insert("postData".into(), post);
    }
    value
}

fn response(response: Option<&Response>) -> Value {
    let Some(response) = response else {
        return json!({
            "status": 0, "statusText": "", "httpVersion": "", "cookies": [], "headers": [],
            "content": { "size": 0, "mimeType": "x-unknown" },
            "redirectURL": "", "headersSize": -1, "bodySize": -1,
        });
    };
    let mut content = json!({
        "size": response.body.len(),
        "mimeType": response.headers.first("content-type").unwrap_or("x-unknown"),
    });
    if let Some(members) = content.as_object_mut() {
        match std::str::from_utf8(&response.body) {
            Ok(text) => members.insert("text".into(), text.into()),
            Err(_) => {
                members.insert("encoding".into(), "base64".into());
                members.insert("text".into(), STANDARD.encode(&response.body).into())
            }
        };
        if response.truncated {
            members.insert("comment".into(), "more was received than is kept".into());
        }
    }
    json!({
        "status": response.status,
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "cookies": cookies(&response.headers, "set-cookie"),
        "headers": headers(&response.headers),
        "content": content,
        "redirectURL": response.headers.first("location").unwrap_or_default(),
        "headersSize": -1,
        "bodySize": if response.truncated { -1 } else { i64::try_from(response.body.len()).unwrap_or(-1) },
    })
}

fn headers(headers: &Headers) -> Vec<Value> {
    headers.0.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect()
}

fn pairs(encoded: &[u8]) -> Vec<Value> {
    form_urlencoded::parse(encoded).map(|(name, value)| json!({ "name": name, "value": value })).collect()
}

/// Names and values only; the rest of a `Set-Cookie` stands in its header.
fn cookies(headers: &Headers, field: &str) -> Vec<Value> {
    let whole = headers.all(field);
    let each: Vec<&str> = match field {
        "cookie" => whole.flat_map(|value| value.split(';')).collect(),
        _ => whole.filter_map(|value| value.split(';').next()).collect(),
    };
    each.into_iter()
        .filter_map(|pair| pair.trim().split_once('='))
        .map(|(name, value)| json!({ "name": name, "value": value }))
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
