use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;

/// A client acts for itself (RFC 6749 section 4.4).
pub(crate) fn run(ctx: &mut Context) -> Flow {
    ctx.grant.subject = ctx.known_client()?.id.clone();
    if let Some(user) = ctx.server.store.first_user()
        && ctx.has(Defect::NamesUserInClientToken)
    {
        ctx.grant.subject = user.name.clone();
    }
    ctx.grant.family = Some(ctx.server.store.lock().begin_family());
    Ok(())
}
