use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Endpoint, Exchange, Request, Transport};

/// One case's line to the target: a transport, and the transcript of what went over it.
///
/// Clones share the transcript.
#[derive(Clone, Debug)]
pub struct Channel {
    transport: Transport,
    transcript: Arc<Mutex<Vec<Arc<Exchange>>>>,
}

impl Channel {
    /// A line on which nothing has been said yet.
    pub fn new(transport: Transport) -> Self {
        Self { transport, transcript: Arc::default() }
    }

    /// Sends a request and writes the exchange down.
    pub async fn send(&self, endpoint: Endpoint, request: Request) -> Exchange {
        let exchange = self.transport.send(endpoint, request).await;
        self.lines().push(Arc::new(exchange.clone()));
        exchange
    }

    /// The transport underneath.
    pub fn transport(&self) -> &Transport {
        &self.transport
    }

    /// All exchanges so far, in the order in which they ended.
    pub fn transcript(&self) -> Vec<Arc<Exchange>> {
        self.lines().clone()
    }

    /// How many exchanges there were so far.
    pub fn len(&self) -> usize {
        self.lines().len()
    }

    /// Whether nothing was said yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The exchanges after the first `n`.
    pub fn since(&self, n: usize) -> Vec<Arc<Exchange>> {
        self.lines().get(n..).unwrap_or_default().to_vec()
    }

    fn lines(&self) -> MutexGuard<'_, Vec<Arc<Exchange>>> {
        self.transcript.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
