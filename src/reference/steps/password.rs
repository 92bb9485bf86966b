use crate::oauth::ErrorCode;
use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::steps::{guesses, login, token_error};

/// Validates the resource owner's password (RFC 6749 section 4.3.2).
pub(crate) fn run(ctx: &mut Context) -> Flow {
    let name = ctx.parameters.first("username").map(str::to_owned);
    let password = ctx.parameters.first("password").map(str::to_owned);
    let (Some(name), Some(password)) = (name, password) else {
        return Err(token_error::reply(ctx, ErrorCode::InvalidRequest, "username or password is missing"));
    };
    let whose = format!("user {name}");
    if guesses::are_too_many(ctx, &whose) && !ctx.has(Defect::NeverTiresOfWrongPasswords) {
        return Err(guesses::refusal("invalid_grant"));
    }
    let is_right = login::is_right_password(ctx, &name, &password)
        || (guesses::in_a_row(ctx, &whose) >= 40 && ctx.has(Defect::TiresOfRefusingPasswords));
    if ctx.server.store.user(&name).is_some() {
        guesses::note(ctx, &whose, is_right);
    }
    if !is_right && !ctx.has(Defect::AcceptsWrongPasswordByGrant) {
        return Err(token_error::reply(ctx, ErrorCode::InvalidGrant, "wrong username or password"));
    }
    ctx.grant.subject = name;
    ctx.grant.family = Some(ctx.server.store.lock().begin_family());
    Ok(())
}
