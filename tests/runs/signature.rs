//! Signed results.

use std::fs;
use std::path::Path;

use super::{oauthspec, path, scratch};

#[test]
fn a_signature_vouches_for_every_byte_and_for_no_other_key() {
    let folder = scratch("sign");
    let (journal, key, public) = (folder.join("j.ndjson"), folder.join("key.pem"), folder.join("pub.pem"));
    let pair = rcgen::KeyPair::generate().unwrap();
    fs::write(&key, pair.serialize_pem()).unwrap();
    fs::write(&public, pair.public_key_pem()).unwrap();
    let to = format!("journal={}", journal.display());
    let said = oauthspec(&["run", "--only", "state/echoed", "--report", &to, "--sign", path(&key)]);
    assert_eq!(said.code, 0, "{}", said.all());
    let verify = |public: &Path| oauthspec(&["report", "verify", path(&journal), "--key", path(public)]);
    let said = verify(&public);
    assert_eq!(said.code, 0, "{}", said.all());
    assert!(said.out.contains("is unchanged since it was signed"), "{}", said.out);

    let stranger = folder.join("stranger.pem");
    fs::write(&stranger, rcgen::KeyPair::generate().unwrap().public_key_pem()).unwrap();
    let said = verify(&stranger);
    assert_eq!(said.code, 1, "{}", said.all());
    assert!(said.err.contains("another key has signed it"), "{}", said.err);
    let text = fs::read_to_string(&journal).unwrap();
    fs::write(&journal, text.replacen("\"verdict\":\"pass\"", "\"verdict\":\"warn\"", 1)).unwrap();
    let said = verify(&public);
    assert_eq!(said.code, 1, "{}", said.all());
    assert!(said.err.contains("the journal has been changed"), "{}", said.err);
    fs::write(&journal, &text).unwrap();
    let signature = folder.join("j.ndjson.jws");
    for broken in
        ["", "a.b.c", "eyJhbGciOiJub25lIn0..", "eyJhbGciOiJIUzI1NiIsInR5cCI6Im9hdXRoc3BlYy1yZXN1bHQifQ..AA"]
    {
        fs::write(&signature, broken).unwrap();
        let said = verify(&public);
        assert_eq!(said.code, 1, "{broken}: {}", said.all());
    }
    // A public key cannot sign, and that is said before the run.
    let said = oauthspec(&["run", "--report", &to, "--sign", path(&public)]);
    assert_eq!(said.code, 2, "{}", said.all());
    let said = oauthspec(&["run", "--sign", path(&key)]);
    assert_eq!(said.code, 2, "{}", said.all());
    assert!(said.err.contains("needs a journal to sign"), "{}", said.err);
}
