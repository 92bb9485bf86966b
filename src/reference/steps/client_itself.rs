use crate::reference::context::{Context, Flow};

/// A client acts for itself (RFC 6749 section 4.4).
pub(crate) fn run(ctx: &mut Context) -> Flow {
    ctx.grant.subject = ctx.known_client()?.id.clone();
    ctx.grant.family = Some(ctx.server.store.lock().begin_family());
    Ok(())
}
