/// A version of the protocol, by the names that servers' configurations have for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TlsVersion {
    /// RFC 6101.
    Ssl30,
    /// RFC 2246.
    Tls10,
    /// RFC 4346.
    Tls11,
    /// RFC 5246.
    Tls12,
    /// RFC 8446.
    Tls13,
}

impl TlsVersion {
    /// All with their names in suites, oldest first.
    pub const ALL: [(&'static str, Self); 5] = [
        ("SSLv3", Self::Ssl30),
        ("TLSv1.0", Self::Tls10),
        ("TLSv1.1", Self::Tls11),
        ("TLSv1.2", Self::Tls12),
        ("TLSv1.3", Self::Tls13),
    ];

    /// The version of that name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, version)| *version)
    }

    /// The name in suites.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, version)| *version == self).map_or("", |(name, _)| name)
    }

    /// The number on the wire (RFC 8446 section 4.2.1).
    pub(super) fn number(self) -> u16 {
        match self {
            Self::Ssl30 => 0x0300,
            Self::Tls10 => 0x0301,
            Self::Tls11 => 0x0302,
            Self::Tls12 => 0x0303,
            Self::Tls13 => 0x0304,
        }
    }

    /// The version of that number.
    pub(super) fn of_number(number: u16) -> Option<Self> {
        Self::ALL.iter().map(|(_, version)| *version).find(|version| version.number() == number)
    }
}

/// Which cipher suites are offered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CipherSuites {
    /// Those that clients of these versions have offered, good and bad ones, so that a refusal is about nothing else.
    #[default]
    Usual,
    /// Those that encrypt nothing (RFC 9325 section 4.1).
    Unencrypted,
    /// Those in which nobody shows a certificate (RFC 5246 appendix A.5).
    Anonymous,
    /// Those with keys of 40 and 56 bits (RFC 9325 section 4.1).
    Export,
    /// Those with RC4 (RFC 7465).
    Rc4,
}

impl CipherSuites {
    /// All with their names in suites.
    pub const ALL: [(&'static str, Self); 5] = [
        ("usual", Self::Usual),
        ("unencrypted", Self::Unencrypted),
        ("anonymous", Self::Anonymous),
        ("export", Self::Export),
        ("rc4", Self::Rc4),
    ];

    /// Those of that name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, suites)| *suites)
    }
}

/// What a client offers to a server.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// An `https` URL on one of the target's hosts.
    pub url: String,
    /// At least one. Without TLS 1.3 only the newest is named on the wire (RFC 5246 appendix E.1): a server may
    /// choose an older one.
    pub versions: Vec<TlsVersion>,
    /// What to offer of those.
    pub cipher_suites: CipherSuites,
    /// Whether a second connection finishes the handshake, if the server chooses TLS 1.2 or 1.3.
    pub finish: bool,
}

/// What the server made of an offer. A peer that says nothing is a fault and no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handshake {
    /// It chose.
    Negotiated(Negotiated),
    /// It refused with a fatal alert, or closed the connection; which, in words.
    Refused(String),
}

/// What the server chose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Negotiated {
    /// `TLSv1.2`, or the number on the wire where it has no name.
    pub version: String,
    /// As IANA spells it, or the number on the wire.
    pub cipher_suite: String,
    /// Of a finished handshake: `valid`, or what is wrong with the certificate for this host.
    pub certificate: Option<String>,
    /// Of a finished handshake: the protocol that the server chose (RFC 7301), if it chose one.
    pub alpn: Option<String>,
}

impl Negotiated {
    /// Of what stands on the wire.
    pub(super) fn of_numbers(version: u16, cipher_suite: u16) -> Self {
        let name = TlsVersion::of_number(version).map(|version| version.as_str().to_owned());
        Self {
            version: name.unwrap_or_else(|| format!("version 0x{version:04X}")),
            cipher_suite: super::names::cipher_suite(cipher_suite),
            certificate: None,
            alpn: None,
        }
    }
}

impl std::fmt::Display for Handshake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Negotiated(chosen) => {
                write!(f, "{} with {}", chosen.version, chosen.cipher_suite)?;
                match chosen.certificate.as_deref() {
                    Some("valid") => f.write_str(", certificate valid"),
                    Some(flaw) => write!(f, ", certificate {flaw}"),
                    None => Ok(()),
                }
            }
            Self::Refused(how) => write!(f, "handshake refused: {how}"),
        }
    }
}
