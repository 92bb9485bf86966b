use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

use super::*;

async fn server() -> RunningServer {
    let server = Server::builder().clients(Server::sample_clients()).tls(true).manual_clock(true);
    server.start().await.unwrap()
}

fn browser(server: &RunningServer) -> reqwest::Client {
    let trusted = reqwest::Certificate::from_pem(server.ca_certificate().unwrap().as_bytes()).unwrap();
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
    browser.tls_certs_only([trusted]).build().unwrap()
}

#[tokio::test]
async fn whoever_trusts_the_certificate_is_served_and_gets_a_secure_cookie() {
    let server = server().await;
    let issuer = server.issuer().to_owned();
    assert_eq!(issuer, format!("https://127.0.0.1:{}", server.address().port()));
    let request = Params::authorization().without("scope");
    for base in [issuer.clone(), issuer.replace("127.0.0.1", "localhost")] {
        let answer = browser(&server).get(format!("{base}/oauth2/auth?{}", request.encode())).send().await;
        let answer = answer.unwrap();
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        assert!(cookie.split("; ").any(|attribute| attribute == "Secure"), "{cookie}");
        assert!(answer.headers()["location"].to_str().unwrap().starts_with(&issuer));
    }
    let other = Server::builder().tls(true).start().await.unwrap();
    assert!(browser(&other).get(format!("{issuer}/jwks")).send().await.is_err(), "trusts a stranger");
}

#[tokio::test]
async fn neither_silence_nor_plain_http_keeps_others_waiting() {
    let server = server().await;
    let _silent = TcpStream::connect(server.address()).await.unwrap();
    let mut plain = TcpStream::connect(server.address()).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut plain, b"GET /jwks HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut told = Vec::new();
    let _ = plain.read_to_end(&mut told).await;
    assert!(!told.starts_with(b"HTTP/1.1 200"));
    let answer = browser(&server).get(format!("{}/jwks", server.issuer())).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let address = server.address();
    server.stop().await;
    assert!(TcpStream::connect(address).await.is_err(), "still listening");
}

#[tokio::test]
async fn without_tls_there_is_no_certificate_and_no_secure_cookie() {
    let server = Server::builder().clients(Server::sample_clients()).start().await.unwrap();
    assert_eq!(server.ca_certificate(), None);
    let bench = Bench::new(Policy::default(), &[]);
    let answer = bench.get("/oauth2/auth", &Params::authorization().without("scope"));
    assert!(!answer.header("set-cookie").unwrap().contains("Secure"));
}
