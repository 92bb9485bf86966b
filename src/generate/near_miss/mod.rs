//! URIs that are almost, and not, a registered redirect URI. None may be redirected to (RFC 6749 sections
//! 3.1.2.3 and 4.1.2.1, RFC 9700 section 4.1.3: simple string comparison).

mod catalogue;
mod mutation;
mod source;
mod uri;

pub(super) use source::NearMisses;
