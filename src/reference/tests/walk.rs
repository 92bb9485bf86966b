use std::net::SocketAddr;
use std::sync::Mutex;

use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use reqwest::redirect;

use super::*;

/// What a browser and a client do, over a socket.
struct Walker {
    http: reqwest::Client,
    cookie: String,
}

impl Walker {
    fn new() -> Self {
        let http = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .tls_certs_only([])
            .build()
            .unwrap();
        Self { http, cookie: String::new() }
    }

    async fn get(&mut self, url: &str) -> reqwest::Response {
        let response = self.http.get(url).header(COOKIE, &self.cookie).send().await.unwrap();
        self.remember(response)
    }

    async fn post(&mut self, url: &str, params: &Params) -> reqwest::Response {
        let request = self.http.post(url).header(CONTENT_TYPE, FORM.1).header(COOKIE, &self.cookie);
        let response = request.body(params.encode()).send().await.unwrap();
        self.remember(response)
    }

    fn remember(&mut self, response: reqwest::Response) -> reqwest::Response {
        if let Some(cookie) = response.headers().get(SET_COOKIE) {
            self.cookie = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
        }
        response
    }
}

fn location(response: &reqwest::Response) -> String {
    response.headers()[LOCATION].to_str().unwrap().to_owned()
}

async fn form_of(response: reqwest::Response) -> Params {
    let answer = Answer { status: 200, headers: Vec::new(), body: response.text().await.unwrap() };
    Params(answer.form().into_iter().collect())
}

async fn json_of(response: reqwest::Response) -> Value {
    serde_json::from_str(&response.text().await.unwrap()).unwrap()
}

#[tokio::test]
async fn login_consent_code_token_resource_refresh() {
    let server = Server::builder()
        .policy(Policy { access_token: AccessTokenPolicy::default(), ..partner_policy() })
        .clients(Server::sample_clients())
        .users(Server::sample_users())
        .manual_clock(true)
        .start()
        .await
        .unwrap();
    let issuer = server.issuer().to_owned();
    let mut walker = Walker::new();

    let response = walker.get(&format!("{issuer}/oauth2/auth?{}", Params::authorization().encode())).await;
    assert_eq!(response.status(), 303);
    let response = walker.get(&location(&response)).await;
    let login =
        form_of(response).await.with("username", "alice").with("password", "correct horse battery staple");
    let response = walker.post(&format!("{issuer}/login"), &login).await;
    assert_eq!(response.status(), 303);
    let response = walker.get(&location(&response)).await;
    let consent = form_of(response).await.with("decision", "approve");
    let response = walker.post(&format!("{issuer}/consent"), &consent).await;
    assert_eq!(response.status(), 303);
    let answer = Answer {
        status: 303,
        headers: vec![("location".to_owned(), location(&response))],
        body: String::new(),
    };
    assert_eq!(answer.redirected("state"), STATE);
    assert_eq!(answer.redirected("iss"), issuer);

    let token_endpoint = format!("{issuer}/oauth2/token");
    let tokens =
        json_of(walker.post(&token_endpoint, &Params::redemption(&answer.redirected("code"))).await).await;
    let bearer = |tokens: &Value| format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    let me = |tokens: &Value| {
        walker.http.get(format!("{issuer}/api/me")).header("authorization", bearer(tokens)).send()
    };
    assert_eq!(json_of(me(&tokens).await.unwrap()).await["sub"], "alice");
    server.clock().advance(Duration::from_secs(3600));
    assert_eq!(me(&tokens).await.unwrap().status(), 401);

    let refresh = Params::refresh(tokens["refresh_token"].as_str().unwrap());
    let fresh = json_of(Walker::new().post(&token_endpoint, &refresh).await).await;
    assert_eq!(me(&fresh).await.unwrap().status(), 200);

    // A second time the session answers, without login.
    let mut again = walker.get(&format!("{issuer}/oauth2/auth?{}", Params::authorization().encode())).await;
    assert!(location(&again).contains("/consent?"), "{}", location(&again));
    again = walker.get(&location(&again)).await;
    assert_eq!(again.status(), 200);
    server.stop().await;
    assert!(walker.http.get(format!("{issuer}/jwks")).send().await.is_err());
}

#[tokio::test]
async fn the_admin_address_moves_the_clock_and_forgets() {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let server = Server::builder().admin(any).manual_clock(true).start().await.unwrap();
    let admin = server.admin_url().unwrap();
    let start = server.clock().now();
    let mut walker = Walker::new();
    let moved = walker.post(&format!("{admin}/clock"), &Params::of(&[("advance_seconds", "1.5")])).await;
    let now = Duration::from_secs_f64(json_of(moved).await["now"].as_f64().unwrap());
    assert!(now.abs_diff(start + Duration::from_millis(1500)) < Duration::from_millis(1));
    let body = walker.http.post(format!("{admin}/clock")).header(CONTENT_TYPE, "application/json");
    assert_eq!(body.body("{\"advance_seconds\": 2}").send().await.unwrap().status(), 200);
    assert_eq!(server.clock().now(), start + Duration::from_millis(3500));
    for wrong in ["-1", "x", "NaN", "1e400"] {
        let params = Params::of(&[("advance_seconds", wrong)]);
        assert_eq!(walker.post(&format!("{admin}/clock"), &params).await.status(), 400, "{wrong}");
    }
    assert_eq!(walker.post(&format!("{admin}/reset"), &Params::of(&[])).await.status(), 200);
    assert_eq!(server.clock().now(), start);
}

#[tokio::test]
async fn requests_are_logged_without_their_secrets() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&lines);
    let server = Server::builder()
        .clients(Server::sample_clients())
        .defect(Defect::AcceptsGetAtTokenEndpoint)
        .on_request(Arc::new(move |line| log.lock().unwrap().push(line)))
        .start()
        .await
        .unwrap();
    let params = Params::client_credentials("profile");
    Walker::new().get(&format!("{}/oauth2/token?{}", server.issuer(), params.encode())).await;
    let expected = LogLine {
        method: "GET".to_owned(),
        path: "/oauth2/token".to_owned(),
        status: 200,
        error: None,
        defects: vec![Defect::AcceptsGetAtTokenEndpoint],
    };
    assert_eq!(*lines.lock().unwrap(), [expected]);
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let server = Server::builder().start().await.unwrap();
    let error = Server::builder().address(server.address()).start().await.unwrap_err();
    assert_eq!(error.to_string(), format!("port {} is in use", server.address().port()));
}

#[tokio::test]
async fn an_oversized_body_and_an_unknown_path_are_refused() {
    let server = Server::builder().start().await.unwrap();
    let mut walker = Walker::new();
    let large = Params::of(&[("grant_type", &"x".repeat(70_000))]);
    let answer = walker.post(&format!("{}/oauth2/token", server.issuer()), &large).await;
    assert_eq!(answer.status(), 413);
    assert_eq!(json_of(answer).await["error"], "invalid_request");
    assert_eq!(walker.get(&format!("{}/nowhere", server.issuer())).await.status(), 404);
    let head = walker.http.head(format!("{}/jwks", server.issuer())).send().await.unwrap();
    assert_eq!(head.status(), 200);
}
