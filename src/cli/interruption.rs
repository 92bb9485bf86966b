use tokio_util::sync::CancellationToken;

use super::Exit;

/// Cancels the run when the user or the machine asks for its end, so that its reports are still written; a second
/// time ends the process at once. It listens from the call on, not only once it is polled.
pub(super) fn interruption(cancel: CancellationToken) -> impl Future<Output = ()> {
    let requests = Requests::listen();
    async move {
        // Where there are no signals to listen to, nobody can send one.
        let Ok(mut requests) = requests else { return };
        requests.next().await;
        cancel.cancel();
        requests.next().await;
        std::process::exit(Exit::Interrupted.code().into());
    }
}

/// Requests to end: Ctrl-C, and on Unix what services and shells send. None is missed from the moment on that it
/// listens.
#[cfg(unix)]
pub(super) struct Requests([tokio::signal::unix::Signal; 3]);

#[cfg(unix)]
impl Requests {
    pub(super) fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self([
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
            signal(SignalKind::hangup())?,
        ]))
    }

    pub(super) async fn next(&mut self) {
        let [interrupt, terminate, hang_up] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hang_up.recv() => {}
        }
    }
}

/// Requests to end: Ctrl-C.
#[cfg(not(unix))]
pub(super) struct Requests;

#[cfg(not(unix))]
impl Requests {
    pub(super) fn listen() -> std::io::Result<Self> {
        Ok(Self)
    }

    pub(super) async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
