//! Which exchanges an invariant is about.

use crate::http::{Endpoint, Exchange, Response};
use crate::model::{Answers, ExchangeKind};

/// Whether an invariant about exchanges of that kind is about this one.
///
/// Exchanges without a response are never concerned, and answers to HEAD only where every endpoint is: they have no
/// content (RFC 9110 section 9.3.2), and what an endpoint says stands in its content. `any` endpoint leaves out the
/// target's clock hook, which is no part of the server's protocol; `error` and `page` leave out 429, which comes from
/// whatever throttles and not from the endpoint (RFC 6585 section 4).
pub fn concerns(kind: ExchangeKind, exchange: &Exchange) -> bool {
    let Some(response) = exchange.response() else { return false };
    let endpoint = match kind.endpoint {
        Some(endpoint) => endpoint == exchange.endpoint,
        None => exchange.endpoint != Endpoint::Clock,
    };
    let has_content = exchange.request.method != "HEAD" || kind.endpoint.is_none();
    endpoint && has_content && answers(kind.answers, response)
}

fn answers(answers: Answers, response: &Response) -> bool {
    let status = response.status;
    let is_success = (200..300).contains(&status);
    let is_error = (400..500).contains(&status) && status != 429;
    match answers {
        Answers::Any => true,
        Answers::Success => is_success,
        Answers::Error => is_error,
        Answers::Redirect => (300..400).contains(&status),
        Answers::Page => {
            let media_type = response.media_type().unwrap_or_default();
            (is_success || is_error) && matches!(media_type.as_str(), "text/html" | "application/xhtml+xml")
        }
        Answers::Unauthorized => status == 401,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::fixtures::{html, json, unreachable};

    fn kind(endpoint: Option<Endpoint>, answers: Answers) -> ExchangeKind {
        ExchangeKind { endpoint, answers }
    }

    #[test]
    fn answers_are_told_apart() {
        let concerned = |status: u16| {
            [Answers::Success, Answers::Error, Answers::Redirect, Answers::Page, Answers::Unauthorized]
                .into_iter()
                .filter(|a| concerns(kind(Some(Endpoint::Token), *a), &html(Endpoint::Token, status)))
                .collect::<Vec<_>>()
        };
        assert_eq!(concerned(200), [Answers::Success, Answers::Page]);
        assert_eq!(concerned(302), [Answers::Redirect]);
        assert_eq!(concerned(400), [Answers::Error, Answers::Page]);
        assert_eq!(concerned(401), [Answers::Error, Answers::Page, Answers::Unauthorized]);
        assert_eq!(concerned(429), []);
        assert_eq!(concerned(503), []);
        assert!(!concerns(kind(None, Answers::Page), &json(Endpoint::Token, 200, "{}")));
    }

    #[test]
    fn endpoints_are_told_apart() {
        let any = kind(None, Answers::Any);
        assert!(concerns(any, &json(Endpoint::Token, 500, "")));
        assert!(concerns(any, &json(Endpoint::Other, 200, "")));
        assert!(!concerns(any, &json(Endpoint::Clock, 200, "")));
        assert!(!concerns(any, &unreachable(Endpoint::Token)));
        assert!(!concerns(kind(Some(Endpoint::Token), Answers::Any), &json(Endpoint::Jwks, 200, "{}")));
        assert!(concerns(kind(Some(Endpoint::Clock), Answers::Any), &json(Endpoint::Clock, 200, "{}")));
    }

    #[test]
    fn an_answer_to_head_says_nothing_of_its_endpoint() {
        let mut exchange = json(Endpoint::Token, 200, "");
        exchange.request.method = "HEAD".to_owned();
        assert!(!concerns(kind(Some(Endpoint::Token), Answers::Success), &exchange));
        assert!(concerns(kind(None, Answers::Success), &exchange));
    }
}
