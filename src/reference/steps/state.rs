use crate::oauth::ErrorCode;
use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::form::encode_component;
use crate::reference::steps::authorization_response;

/// The bounds that the policy sets on `state`, in characters.
pub(crate) fn run(ctx: &mut Context) -> Flow {
    if ctx.parameters.is_empty("state") && ctx.has(Defect::RefusesEmptyState) {
        return Err(authorization_response::error(ctx, ErrorCode::InvalidRequest, "state is empty"));
    }
    let bounds = ctx.policy().state.clone();
    let state = ctx.authorization.state.clone().unwrap_or_default();
    if is_too_short(ctx, &state, bounds.minimum) {
        let explanation = format!("state must have at least {} characters", bounds.minimum);
        return Err(authorization_response::error(ctx, ErrorCode::InvalidRequest, &explanation));
    }
    if bounds.maximum.is_some_and(|maximum| state.chars().count() > maximum) {
        return Err(authorization_response::error(ctx, ErrorCode::InvalidRequest, "state is too long"));
    }
    Ok(())
}

fn is_too_short(ctx: &Context, state: &str, minimum: usize) -> bool {
    let mut length = state.chars().count();
    if length == minimum && minimum > 0 && ctx.has(Defect::RefusesStateOfMinimumLength) {
        return true;
    }
    if length >= minimum || ctx.has(Defect::IgnoresStateMinimum) {
        return false;
    }
    if ctx.has(Defect::CountsStateInBytes) {
        length = state.len();
    }
    if ctx.has(Defect::CountsStateEncoded) {
        length = encode_component(state).len();
    }
    let forgiven = (length == 0 && ctx.has(Defect::AcceptsMissingState))
        || (length == 1 && ctx.has(Defect::AcceptsStateOfOneCharacter))
        || (length + 1 == minimum && ctx.has(Defect::AcceptsStateOneShort))
        || (length * 2 >= minimum && length > 0 && ctx.has(Defect::AcceptsStateOfHalfTheMinimum));
    length < minimum && !forgiven
}
