//! A server for tests that answers byte for byte what it is told to, on a free port of this host.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::AbortOnDropHandle;

/// What goes out on a connection before it is closed.
pub(crate) enum Answer {
    /// These bytes.
    Bytes(Vec<u8>),
    /// The first, then the second without end.
    Endless(Vec<u8>, Vec<u8>),
    /// Nothing, and the connection stays open.
    Silence,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.head.lines().filter_map(|line| line.split_once(": "));
        fields.find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// The server; it ends with its value.
pub(crate) struct Loopback {
    pub(crate) origin: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    _task: AbortOnDropHandle<()>,
}

impl Loopback {
    pub(crate) async fn serve(answer: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let (answer, log) = (Arc::new(answer), Arc::clone(&seen));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answer, log) = (Arc::clone(&answer), Arc::clone(&log));
                tokio::spawn(async move {
                    let _ = talk(stream, &*answer, &log).await;
                });
            }
        });
        Self { origin, seen, _task: AbortOnDropHandle::new(task) }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

/// A whole response; header lines end in CR LF.
pub(crate) fn response(status: u16, headers: &str, body: &[u8]) -> Answer {
    let mut bytes = format!(
        "HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    Answer::Bytes(bytes)
}

pub(crate) fn page(status: u16, html: &str) -> Answer {
    response(status, "Content-Type: text/html; charset=utf-8\r\n", html.as_bytes())
}

pub(crate) fn redirect(location: &str) -> Answer {
    response(302, &format!("Location: {location}\r\n"), b"")
}

async fn talk(
    mut stream: TcpStream,
    answer: &(dyn Fn(&Seen) -> Answer + Send + Sync),
    log: &Mutex<Vec<Seen>>,
) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    let seen = loop {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(());
        }
        if let Some(seen) = read(&bytes) {
            break seen;
        }
    };
    let answer = answer(&seen);
    log.lock().unwrap().push(seen);
    match answer {
        Answer::Bytes(bytes) => stream.write_all(&bytes).await?,
        Answer::Endless(head, chunk) => {
            stream.write_all(&head).await?;
            loop {
                stream.write_all(&chunk).await?;
            }
        }
        Answer::Silence => std::future::pending::<()>().await,
    }
    stream.shutdown().await
}

/// The request, once all of it has come.
fn read(bytes: &[u8]) -> Option<Seen> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let mut start = head.lines().next()?.split(' ');
    let (method, target) = (start.next()?.to_owned(), start.next()?.to_owned());
    let seen = Seen { method, target, head: head.to_owned(), body: body.to_owned() };
    let length: usize = seen.header("content-length").map_or(0, |value| value.parse().unwrap());
    (seen.body.len() >= length).then_some(seen)
}
