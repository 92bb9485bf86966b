//! TLS, and what stands beside it: these show only where the server speaks it.

macro_rules! transport_defects {
    ($rest:tt $($rows:tt)*) => {
        chain! { $rest $($rows)*
            handshake {
                /// Speaks SSL 3.0 with clients that know nothing newer.
                SpeaksSsl3 = "speaks-ssl-3", breaks "rfc9325-3.1.1-old-tls-refused";
                /// Speaks TLS 1.0 and 1.1 with clients that know nothing newer.
                SpeaksTls10 = "speaks-tls-1-0", breaks "rfc9325-3.1.1-old-tls-refused";
                /// Speaks TLS 1.1 with clients that know 1.2.
                StopsAtTls11 = "stops-at-tls-1-1", breaks "rfc9325-3.1.1-tls12-implemented";
                /// Does not speak TLS 1.3.
                StopsAtTls12 = "stops-at-tls-1-2", breaks "rfc9325-3.1.1-tls13-supported";
                /// Speaks TLS 1.2 with clients that know 1.3, unless they know nothing else.
                PrefersTls12 = "prefers-tls-1-2", breaks "rfc9325-3.1.1-tls13-preferred";
                /// Agrees to encrypt nothing.
                AgreesToNoEncryption = "agrees-to-no-encryption", breaks "rfc6750-5.2-confidentiality-protection";
                /// Agrees to keys of 40 bits.
                AgreesToExportKeys = "agrees-to-export-keys", breaks "rfc6750-5.2-confidentiality-protection";
                /// Agrees to RC4.
                AgreesToRc4 = "agrees-to-rc4", breaks "rfc6750-5.2-confidentiality-protection";
                /// Agrees to show no certificate.
                AgreesToNoCertificate = "agrees-to-no-certificate", breaks "rfc6749-10.9-tls-server-authentication";
                /// Shows clients that do not know TLS 1.3 a certificate of another name.
                ShowsCertificateOfAnotherName = "shows-certificate-of-another-name", breaks "rfc6749-10.9-tls-server-authentication";
                /// Shows clients that do not know TLS 1.3 a certificate that has expired.
                ShowsExpiredCertificate = "shows-expired-certificate", breaks "rfc6749-10.9-tls-server-authentication";
            }
            cleartext {
                /// Answers without TLS as it does with it.
                AnswersInTheClear = "answers-in-the-clear", breaks "rfc6749-2.3.1-tls-for-password-auth";
                /// Asks users to log in without TLS.
                AsksForPasswordInTheClear = "asks-for-password-in-the-clear", breaks "rfc6749-3.1-authz-endpoint-tls";
                /// Revokes nothing without TLS.
                RevokesNothingInTheClear = "revokes-nothing-in-the-clear", breaks "rfc7009-2-revocation-also-on-http";
            }
            strict_transport {
                /// Does not say that it wants to be reached by TLS only.
                OmitsStrictTransport = "omits-strict-transport", breaks "rfc9325-3.2-hsts";
                /// Says that it need not be reached by TLS any longer.
                EndsStrictTransport = "ends-strict-transport", breaks "rfc9325-3.2-hsts";
            }
            interaction {
                /// Lets browsers send the session's cookie in the clear.
                OmitsSecureFromCookie = "omits-secure-from-cookie", breaks "rfc6265-8.3-secure-attribute";
            }
        }
    };
}

pub(super) use transport_defects;
