use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::oauth::{
    ClientAuthenticationMethod as Method, CodeChallengeMethod, GrantType, ResponseType, ServerMetadata,
};
use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::reply::Reply;
use crate::reference::steps::client_assertion::ALGORITHMS;

/// What the server is and can do (RFC 8414 section 2), true to its policy.
pub(crate) fn run(ctx: &mut Context) -> Flow {
    let Ok(Value::Object(mut members)) = serde_json::to_value(describe(ctx)) else {
        return Err(Reply::server_error("the metadata is not an object"));
    };
    let methods = &ctx.policy().client_authentication;
    let confidential: Vec<&Method> = methods.iter().filter(|method| **method != Method::None).collect();
    members.insert("revocation_endpoint_auth_methods_supported".to_owned(), json!(methods));
    if !confidential.is_empty() {
        members.insert("introspection_endpoint_auth_methods_supported".to_owned(), json!(confidential));
    }
    if methods.contains(&Method::PrivateKeyJwt) {
        for endpoint in ["token", "revocation", "introspection"] {
            let name = format!("{endpoint}_endpoint_auth_signing_alg_values_supported");
            members.insert(name, json!(ALGORITHMS));
        }
    }
    for (defect, name) in [
        (Defect::OmitsIssuerFromMetadata, "issuer"),
        (Defect::OmitsAuthorizationEndpointFromMetadata, "authorization_endpoint"),
        (Defect::OmitsSigningAlgorithms, "token_endpoint_auth_signing_alg_values_supported"),
        (Defect::OmitsTokenEndpointFromMetadata, "token_endpoint"),
        (Defect::OmitsResponseTypesFromMetadata, "response_types_supported"),
        (Defect::OmitsCodeChallengeMethodsFromMetadata, "code_challenge_methods_supported"),
        (Defect::OmitsScopesFromMetadata, "scopes_supported"),
        (Defect::OmitsIssFlagFromMetadata, "authorization_response_iss_parameter_supported"),
    ] {
        if ctx.has(defect) {
            members.remove(name);
        }
    }
    publish_otherwise(ctx, &mut members);
    // An empty list must be left out (section 3.2).
    members.retain(|_, value| value.as_array().is_none_or(|values| !values.is_empty()));
    if ctx.has(Defect::ListsNothingAsEmptyArray) {
        members.insert("ui_locales_supported".to_owned(), json!([]));
    }
    if ctx.request.is_head && ctx.has(Defect::RefusesHead) {
        return Err(Reply::empty(StatusCode::NOT_FOUND));
    }
    let reply =
        Reply::json(StatusCode::OK, &Value::Object(members)).without("pragma").without("cache-control");
    if ctx.has(Defect::LabelsMetadataAsText) {
        return Err(reply.without("content-type").with("content-type", "text/plain"));
    }
    Err(reply)
}

/// Of an issuer with a path, which this server is not (RFC 8414 section 3.1).
pub(crate) fn of_another(ctx: &mut Context) -> Flow {
    if ctx.has(Defect::ServesMetadataOfAnyIssuer) {
        return Ok(());
    }
    Err(Reply::json(StatusCode::NOT_FOUND, &json!({ "error": "not_found" })))
}

/// The ways of publishing what is not so, or not in the form that it must have.
fn publish_otherwise(ctx: &Context, members: &mut Map<String, Value>) {
    let issuer = ctx.server.issuer.clone();
    if ctx.has(Defect::NamesHttpIssuerInMetadata) {
        members.insert("issuer".to_owned(), json!("http://other.example"));
    }
    if ctx.has(Defect::PutsQueryIntoIssuer) {
        members.insert("issuer".to_owned(), json!(format!("{issuer}?tenant=1")));
    }
    let forwarded = ctx.request.headers.get("x-forwarded-host").and_then(|host| host.to_str().ok());
    if let Some(host) = forwarded.map(str::to_owned)
        && ctx.has(Defect::TrustsForwardedHostInMetadata)
    {
        members.insert("issuer".to_owned(), json!(format!("https://{host}")));
    }
    if ctx.has(Defect::NamesRelativeRegistrationEndpoint) {
        members.insert("registration_endpoint".to_owned(), json!("/register"));
    }
    if ctx.has(Defect::PutsFragmentsBehindEndpoints) {
        for name in ["token_endpoint", "revocation_endpoint"] {
            extend(members, name, "#here");
        }
    }
    if ctx.has(Defect::PublishesEndpointsInTheClear) {
        for name in ["token_endpoint", "revocation_endpoint", "introspection_endpoint", "jwks_uri"] {
            // It is reached there all the same.
            let moved =
                members.get(name).and_then(Value::as_str).map(|url| url.replace("127.0.0.1", "0.0.0.0"));
            members.insert(name.to_owned(), json!(moved));
        }
    }
    if ctx.has(Defect::WritesListAsText) {
        let name = "introspection_endpoint_auth_methods_supported";
        members.insert(name.to_owned(), json!("client_secret_basic"));
    }
    if ctx.has(Defect::ListsHyphenatedResponseType) {
        list(members, "response_types_supported", "vendor-code");
    }
    if ctx.has(Defect::ListsUnknownResponseType) {
        list(members, "response_types_supported", "id_token");
    }
    if ctx.has(Defect::ListsBareGrantType) {
        list(members, "grant_types_supported", "magic_link");
    }
    if ctx.has(Defect::ListsUnknownIntrospectionMethod) {
        list(members, "introspection_endpoint_auth_methods_supported", "api_key");
    }
    if ctx.has(Defect::ListsOnlySecrets) {
        let name = "token_endpoint_auth_methods_supported";
        members.insert(name.to_owned(), json!(["none", "client_secret_basic", "client_secret_post"]));
    }
    if ctx.has(Defect::ListsNoneAsSigningAlgorithm) {
        let name = "token_endpoint_auth_signing_alg_values_supported";
        members.insert(name.to_owned(), json!(["none", "ES256"]));
    }
    if ctx.has(Defect::ListsOnlyPlainPkce) {
        members.insert("code_challenge_methods_supported".to_owned(), json!(["plain"]));
    }
    if ctx.has(Defect::WritesIssFlagAsText) {
        members.insert("authorization_response_iss_parameter_supported".to_owned(), json!("true"));
    }
    if ctx.has(Defect::LeavesSignedMetadataUnsigned) {
        // {"alg":"none"} and {"signed_metadata":"x"}
        members.insert(
            "signed_metadata".to_owned(),
            json!("eyJhbGciOiJub25lIn0.eyJzaWduZWRfbWV0YWRhdGEiOiJ4In0."),
        );
    }
}

fn list(members: &mut Map<String, Value>, name: &str, value: &str) {
    if let Some(values) = members.get_mut(name).and_then(Value::as_array_mut) {
        values.push(json!(value));
    }
}

fn extend(members: &mut Map<String, Value>, name: &str, end: &str) {
    if let Some(Value::String(text)) = members.get_mut(name) {
        text.push_str(end);
    }
}

/// The key set (RFC 7517 section 5).
pub(crate) fn jwks(ctx: &mut Context) -> Flow {
    let keys = match ctx.has(Defect::PublishesNoKeys) {
        true => json!({ "keys": [] }),
        false => {
            let key = crate::reference::keys::published(ctx.policy().access_token.algorithm);
            json!({ "keys": [key.public_jwk()] })
        }
    };
    let mut keys = keys;
    if ctx.has(Defect::PublishesPrivateKey) {
        keys["keys"][0]["d"] = json!("c2VjcmV0");
    }
    Err(Reply::json(StatusCode::OK, &keys).without("pragma").without("cache-control"))
}

fn describe(ctx: &Context) -> ServerMetadata {
    let policy = ctx.policy();
    let issuer = &ctx.server.issuer;
    let at = |path: &str| Some(format!("{issuer}{path}"));
    let offers = |grant: &GrantType| policy.grants.contains(grant);
    let mut response_types = Vec::new();
    if offers(&GrantType::AuthorizationCode) {
        response_types.push(ResponseType::Code);
    }
    if offers(&GrantType::Implicit) {
        response_types.push(ResponseType::Token);
    }
    let mut grants = policy.grants.clone();
    if !offers(&GrantType::Password) && ctx.has(Defect::ListsPasswordGrantInMetadata) {
        grants.push(GrantType::Password);
    }
    let mut challenges = vec![CodeChallengeMethod::S256];
    if policy.pkce_plain {
        challenges.push(CodeChallengeMethod::Plain);
    }
    let named = match ctx.has(Defect::NamesOtherIssuerInMetadata) {
        true => "https://other.example".to_owned(),
        false => issuer.clone(),
    };
    ServerMetadata {
        issuer: named,
        authorization_endpoint: at("/oauth2/auth"),
        token_endpoint: at("/oauth2/token"),
        jwks_uri: at("/jwks"),
        registration_endpoint: at("/register").filter(|_| policy.registration),
        revocation_endpoint: at("/oauth2/revoke"),
        introspection_endpoint: at("/oauth2/introspect"),
        userinfo_endpoint: at("/oauth2/userinfo").filter(|_| ctx.policy().scopes.offers_userinfo()),
        scopes_supported: Some(policy.scopes.known.clone()),
        response_types_supported: Some(response_types),
        response_modes_supported: Some(policy.response_modes.clone()),
        grant_types_supported: Some(grants),
        token_endpoint_auth_methods_supported: Some(policy.client_authentication.clone()),
        code_challenge_methods_supported: Some(challenges),
        authorization_response_iss_parameter_supported: policy.iss.then_some(true),
    }
}
