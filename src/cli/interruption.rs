use tokio_util::sync::CancellationToken;

use super::Exit;

/// Cancels the run when the user or the machine asks for its end, so that its reports are still written; a second
/// time ends the process at once.
pub(super) async fn interruption(cancel: CancellationToken) {
    if asked().await.is_err() {
        // Where there are no signals to listen to, nobody can send one.
        return;
    }
    cancel.cancel();
    if asked().await.is_ok() {
        std::process::exit(Exit::Interrupted.code().into());
    }
}

/// Ctrl-C, and on Unix what services and shells send.
#[cfg(unix)]
pub(super) async fn asked() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed,
        _ = terminate.recv() => Ok(()),
        _ = hang_up.recv() => Ok(()),
    }
}

/// Ctrl-C.
#[cfg(not(unix))]
pub(super) async fn asked() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
