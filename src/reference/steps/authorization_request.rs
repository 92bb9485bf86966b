use http::Method;

use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::form::FormError;
use crate::reference::request::Parameters;

/// Reads the parameters from the query, and at POST from the body too (RFC 6749 section 3.1).
/// They count as one list, so that nothing hides behind a second copy.
pub(crate) fn run(ctx: &mut Context) -> Flow {
    let mut parameters = query(ctx).map_err(|error| malformed(ctx, error))?;
    if ctx.request.method == Method::POST {
        let Some(body) = ctx.request.body.clone() else {
            return Err(ctx.error_page("Malformed request", "The request body is too large."));
        };
        if ctx.request.media_type().as_deref() != Some("application/x-www-form-urlencoded") {
            return Err(ctx.error_page("Malformed request", "The request body is not a form."));
        }
        parameters.append(Parameters::decode(&body).map_err(|error| malformed(ctx, error))?);
    }
    ctx.parameters = parameters;
    Ok(())
}

/// "MUST ignore unrecognized request parameters" (RFC 6749 section 3.1): there is nothing to do.
pub(crate) fn ignore_unknown(ctx: &mut Context) -> Flow {
    let unknown =
        ctx.parameters.names().find(|name| !super::repeated_parameters::AUTHORIZATION.contains(name));
    if let Some(name) = unknown
        && ctx.has(Defect::FailsOnUnknownAuthorizationParameter)
    {
        let detail = format!("The parameter {name} is not known here.");
        return Err(ctx.error_page("Malformed request", &detail));
    }
    Ok(())
}

fn query(ctx: &Context) -> Result<Parameters, FormError> {
    let query = ctx.request.query.as_bytes();
    match Parameters::decode(query) {
        Err(FormError::Utf8) if ctx.has(Defect::DropsIllegalUtf8) => {
            Parameters::decode_dropping_illegal(query)
        }
        decoded => decoded,
    }
}

fn malformed(ctx: &Context, error: impl std::fmt::Display) -> crate::reference::reply::Reply {
    ctx.error_page("Malformed request", &format!("The request is not properly encoded: {error}."))
}
