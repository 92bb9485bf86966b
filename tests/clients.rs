//! The reference server, judged by client libraries that were written elsewhere. Ignored by default, because the
//! libraries are installed from their packages; run with `cargo test --test clients -- --ignored`, as CI does.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use oauthspec::reference::{AccessTokenFormat, AccessTokenPolicy, Policy, RunningServer, Server};
use tokio::runtime::Runtime;

/// Steps that each library must have come through, in this order.
const STEPS: [&str; 7] = [
    "ok discovery",
    "ok login and consent",
    "ok code and PKCE",
    "ok resource",
    "ok introspection",
    "ok refresh",
    "ok revocation",
];

#[test]
#[ignore = "installs client libraries"]
fn openid_client() {
    walk("openid-client");
}

#[test]
#[ignore = "installs client libraries"]
fn authlib() {
    walk("authlib");
}

/// JWTs in the clear, then opaque tokens by TLS.
fn walk(library: &str) {
    let opaque = AccessTokenPolicy { format: AccessTokenFormat::Opaque, ..AccessTokenPolicy::default() };
    let opaque = Policy { access_token: opaque, ..Policy::default() };
    for (policy, tls) in [(Policy::default(), false), (opaque, true)] {
        let runtime = Runtime::new().unwrap();
        let server = Server::builder()
            .policy(policy)
            .clients(Server::sample_clients())
            .users(Server::sample_users())
            .tls(tls);
        let server = runtime.block_on(server.start()).unwrap();
        let told = run(library, &server);
        let steps: Vec<&str> = told.lines().filter(|line| STEPS.contains(line)).collect();
        assert_eq!(steps, STEPS, "{library} at {}:\n{told}", server.issuer());
        assert_eq!(told.contains("ok JWT access token"), !tls, "{told}");
        runtime.block_on(server.stop());
    }
}

fn run(library: &str, server: &RunningServer) -> String {
    let client = Server::sample_clients().remove(0);
    let user = Server::sample_users().remove(0);
    let mut script = Command::new(format!("fixtures/clients/{library}/run"));
    script.args([server.issuer(), &client.id, &client.secret.unwrap(), &client.redirect_uris[0]]);
    script.args(["profile offline_access", &user.name, &user.password]);
    if let Some(pem) = server.ca_certificate() {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{library}.pem"));
        fs::write(&path, pem).unwrap();
        script.arg(path);
    }
    let output = script.output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{library}:\n{told}\n{}", String::from_utf8_lossy(&output.stderr));
    told
}
