use crate::oauth::ClientAuthenticationMethod;

use super::server::Server;
use super::store::{Client, User};

/// The key of RFC 7515 appendix A.3.
const SAMPLE_KEY: &str = r#""kty":"EC","crv":"P-256","kid":"keyed-partner-1","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0""#;
const SAMPLE_PRIVATE_HALF: &str = r#""d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI""#;

impl Server {
    /// Clients to try things with: two confidential ones of different partner types, a public one, one that
    /// signs assertions, and one whose identifier is a URL. The secrets are full of characters that encodings
    /// stumble over.
    pub fn sample_clients() -> Vec<Client> {
        let uris = |uris: &[&str]| uris.iter().map(|&uri| uri.to_owned()).collect();
        vec![
            Client {
                id: "supply-partner".to_owned(),
                secret: Some("s3cr3t+/=:%&41 of the supply partner".to_owned()),
                redirect_uris: uris(&["https://client.example/cb", "https://client.example/other/cb"]),
                partner: Some("supply".to_owned()),
                ..Client::default()
            },
            Client {
                id: "demand-partner".to_owned(),
                secret: Some("d3m4nd%2B+/=:&?#-partner".to_owned()),
                redirect_uris: uris(&["https://second.example/cb"]),
                partner: Some("demand".to_owned()),
                ..Client::default()
            },
            Client {
                id: "public-app".to_owned(),
                redirect_uris: uris(&[
                    "http://127.0.0.1/cb",
                    "https://public.example/cb",
                    "http://[::1]/cb",
                    "com.example.app:/cb",
                ]),
                ..Client::default()
            },
            Client {
                id: "keyed-partner".to_owned(),
                redirect_uris: uris(&["https://keyed.example/cb"]),
                partner: Some("supply".to_owned()),
                authentication: Some(ClientAuthenticationMethod::PrivateKeyJwt),
                jwks: serde_json::from_str(&format!("{{\"keys\":[{{{SAMPLE_KEY}}}]}}")).ok(),
                ..Client::default()
            },
            Client {
                id: "https://escaped.example/?a=b+c&d=%41".to_owned(),
                secret: Some("e5c:ped+/=%3A&the end".to_owned()),
                redirect_uris: uris(&["https://escaped.example/cb"]),
                partner: Some("supply".to_owned()),
                ..Client::default()
            },
        ]
    }

    /// The private key of the sample client that authenticates with it, as a JWK. Everybody knows it.
    pub fn sample_key() -> String {
        format!("{{{SAMPLE_KEY},{SAMPLE_PRIVATE_HALF}}}")
    }

    /// Users to try things with: `alice` and `bob`.
    pub fn sample_users() -> Vec<User> {
        vec![
            User {
                name: "alice".to_owned(),
                password: "correct horse battery staple".to_owned(),
                personal_access_token: Some("pat_alice_7Vq2mXw9LrT4".to_owned()),
            },
            User {
                name: "bob".to_owned(),
                password: "pass+word%&=".to_owned(),
                personal_access_token: Some("pat_bob_k3Zt8HnB5cYd".to_owned()),
            },
        ]
    }
}
