use super::server::Server;
use super::store::{Client, User};

impl Server {
    /// Clients to try things with: two confidential ones of different partner types and a public
    /// one. The secrets are full of characters that encodings stumble over.
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
        ]
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
