//! Several targets at once, and a network that fails.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use super::{STATE, Served, oauthspec, path, scratch};

#[test]
fn a_bad_target_harms_no_other() {
    let folder = scratch("fleet");
    let server = Served::start(&[]);
    let broken = Served::start(&["ignores-state-minimum"]);
    let (good, bad, wrong, down) = (
        folder.join("good.yaml"),
        folder.join("bad.yaml"),
        folder.join("wrong.yaml"),
        folder.join("down.yaml"),
    );
    fs::write(&good, &server.target).unwrap();
    fs::write(&bad, &broken.target).unwrap();
    fs::write(&wrong, "target: x\nclients: 3\n").unwrap();
    fs::write(&down, server.target.replace(&server.issuer, "http://127.0.0.1:9")).unwrap();
    let (to, combined) = (format!("junit={}/{{target}}.xml", folder.display()), folder.join("all.json"));
    let all = [path(&good), path(&bad), path(&wrong), path(&down)];
    let more = ["--only", STATE, "--report", &to, "--combined", path(&combined)];
    let said = oauthspec(&[&["run"][..], &all, &more].concat());
    assert_eq!(said.code, 1, "{}", said.all());
    let json: serde_json::Value = serde_json::from_str(&fs::read_to_string(&combined).unwrap()).unwrap();
    let codes: Vec<u64> =
        json["targets"].as_array().unwrap().iter().map(|t| t["exit_code"].as_u64().unwrap()).collect();
    assert_eq!(codes, [0, 1, 2, 3], "{}", said.all());
    for name in ["good", "bad"] {
        assert!(folder.join(format!("{name}.xml")).exists());
    }
    assert!(!folder.join("down.xml").exists());
    let clash = format!("junit={}/all.xml", folder.display());
    let said = oauthspec(&["run", path(&good), path(&bad), "--report", &clash]);
    assert_eq!(said.code, 2, "{}", said.all());
    assert!(said.err.contains("{target}"), "{}", said.err);
}

#[test]
fn a_fault_of_the_network_is_tried_again_and_told() {
    let folder = scratch("flaky");
    let server = Served::start(&[]);
    let run = |name: &str, more: &[&str]| {
        // The token endpoint's first answer is lost.
        let proxy = losing_proxy(&server.issuer);
        let (target, json) = (folder.join(format!("{name}.yaml")), folder.join(format!("{name}.json")));
        let token = format!("endpoints: {{ token: {proxy}/oauth2/token }}\n");
        fs::write(&target, format!("{}{token}", server.target)).unwrap();
        let to = format!("json={}", json.display());
        let only = ["run", path(&target), "--only", "client-credentials/works", "--report", &to];
        let said = oauthspec(&[&only, more].concat());
        let report: serde_json::Value = serde_json::from_str(&fs::read_to_string(&json).unwrap()).unwrap();
        (said, report)
    };
    let (said, _) = run("once", &[]);
    assert_eq!(said.code, 3, "{}", said.all());
    let (said, report) = run("again", &["--retries", "2"]);
    assert_eq!(said.code, 0, "{}", said.all());
    assert!(said.out.to_lowercase().contains("flaky"), "{}", said.out);
    assert!(report["results"].as_array().unwrap().iter().any(|r| r["retried"].is_array()), "{report}");
    assert_eq!(report["summary"]["flaky"], 1);
    let (said, _) = run("severe", &["--retries", "2", "--flaky", "fail"]);
    assert_eq!(said.code, 3, "{}", said.all());
}

/// Passes everything on, but for the first connection, which it ends without an answer.
fn losing_proxy(issuer: &str) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let upstream = issuer.trim_start_matches("http://").to_owned();
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let (mut stream, upstream) = (stream.unwrap(), upstream.clone());
            if number == 0 {
                let _ = stream.read(&mut [0; 4096]);
                continue;
            }
            std::thread::spawn(move || {
                let mut server = TcpStream::connect(upstream).unwrap();
                let (mut from, mut to) = (stream.try_clone().unwrap(), server.try_clone().unwrap());
                std::thread::spawn(move || std::io::copy(&mut from, &mut to));
                let _ = std::io::copy(&mut server, &mut stream);
            });
        }
    });
    address
}

#[test]
fn a_handshake_is_tried_again_and_can_be_made_by_hand() {
    let folder = scratch("handshakes");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = format!("https://{}", listener.local_addr().unwrap());
    // It begins a record and breaks off, every time.
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut hello = [0; 4096];
            let _ = stream.read(&mut hello);
            let _ = stream.write_all(&[0x16, 0x03]);
        }
    });
    let (target, json) = (folder.join("target.yaml"), folder.join("report.json"));
    let server = Served::start(&[]);
    fs::write(&target, format!("{}endpoints: {{ token: {at}/token }}\n", server.target)).unwrap();
    let to = format!("json={}", json.display());
    let only = [
        "run",
        path(&target),
        "--profile",
        "rfc6749",
        "--only",
        "tls/no-certificate",
        "--retries",
        "1",
        "--report",
        &to,
    ];
    let said = oauthspec(&only);
    assert_eq!(said.code, 3, "{}", said.all());
    let report: serde_json::Value = serde_json::from_str(&fs::read_to_string(&json).unwrap()).unwrap();
    assert_eq!(report["results"][0]["retried"].as_array().map(Vec::len), Some(1), "{}", said.all());
    let address = at.trim_start_matches("https://");
    let line = format!("openssl s_client -connect {address} -noservername -min_protocol");
    assert!(said.out.contains(&line), "{}", said.all());
}
