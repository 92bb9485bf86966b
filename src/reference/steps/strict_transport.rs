use crate::reference::context::Context;
use crate::reference::defect::Defect;
use crate::reference::reply::Reply;

/// Two years, what browsers ask of whom they preload.
const POLICY: &str = "max-age=63072000; includeSubDomains";

/// Says with every answer that went by TLS that the server wants to be reached by TLS only (RFC 6797 section 7.1),
/// and with no other (section 7.2).
pub(crate) fn add(ctx: &Context, reply: Reply) -> Reply {
    if !ctx.server.is_secure() || ctx.request.in_the_clear || ctx.has(Defect::OmitsStrictTransport) {
        return reply;
    }
    let policy = if ctx.has(Defect::EndsStrictTransport) { "max-age=0" } else { POLICY };
    reply.with("strict-transport-security", policy)
}
