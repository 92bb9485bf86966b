use subtle::ConstantTimeEq as _;

use crate::reference::context::{Context, Flow};

/// Only the form that this session was shown may be posted (RFC 6749 section 10.12).
pub(crate) fn run(ctx: &mut Context) -> Flow {
    let sent = ctx.parameters.first("csrf_token").unwrap_or_default();
    let expected = ctx.session.as_ref().map(|(_, token)| token.as_str()).unwrap_or_default();
    let same = !expected.is_empty() && bool::from(sent.as_bytes().ct_eq(expected.as_bytes()));
    if same || ctx.authorization.unguarded {
        return Ok(());
    }
    Err(ctx.error_page("Not accepted", "The form did not come from this server's own page."))
}
