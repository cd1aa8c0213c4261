//! Errors without an answer, in the shape and with the codes of Node.

use std::error::Error as StdError;
use std::io;

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::SdkError;
use rustls::CertificateError;
use serde_json::Value;

use crate::error::{Error, Origin};
use crate::open_files;

/// System errors by Node's names.
const SYSTEM: &[(io::ErrorKind, &str)] = &[
    (io::ErrorKind::ConnectionRefused, "ECONNREFUSED"),
    (io::ErrorKind::ConnectionReset, "ECONNRESET"),
    (io::ErrorKind::ConnectionAborted, "ECONNRESET"),
    (io::ErrorKind::BrokenPipe, "EPIPE"),
    (io::ErrorKind::TimedOut, "ETIMEDOUT"),
    (io::ErrorKind::HostUnreachable, "EHOSTUNREACH"),
    (io::ErrorKind::NetworkUnreachable, "ENETUNREACH"),
    (io::ErrorKind::UnexpectedEof, "ECONNRESET"),
];

/// These three are a `TimeoutError` to the SDK for JavaScript.
const HANG_UPS: [&str; 3] = ["ECONNRESET", "EPIPE", "ETIMEDOUT"];

/// `(errno, text of the resolver)`: the resolver's own code does not reach us.
const DNS: &[(&str, i64, &str)] = &[
    ("EAI_AGAIN", -3001, "emporary failure"),
    ("EAI_AGAIN", -3001, "try again"),
    ("ENOTFOUND", -3008, ""),
];

/// What the chain of causes tells.
#[derive(Default)]
struct Causes {
    system: Option<(&'static str, Option<i32>)>,
    /// No more files or sockets may be opened.
    no_files: bool,
    dns: Option<(&'static str, i64)>,
    certificate: Option<&'static str>,
    tls: bool,
    credentials: Option<String>,
    /// What a proxy did instead of opening the way to the host.
    tunnel: Option<String>,
    /// What became of the SSO session.
    sso: Option<&'static str>,
    last: String,
}

impl Causes {
    fn of(error: &(dyn StdError + 'static)) -> Causes {
        let mut causes = Causes::default();
        let mut next = Some(error);
        while let Some(cause) = next {
            causes.look_at(cause);
            next = cause.source();
        }
        causes
    }

    fn look_at(&mut self, cause: &(dyn StdError + 'static)) {
        self.last = cause.to_string();
        if let Some(problem) = self.last.strip_prefix("tunnel error: ") {
            self.tunnel = Some(problem.to_owned());
        }
        if self.last.contains("SSO token has expired") {
            self.sso = Some("has expired");
        } else if self.last.contains("cached SSO token")
            || self.last.contains("UnauthorizedException")
        {
            self.sso = Some("was not found or is invalid");
        }
        if self.last.starts_with("dns error") || self.last.contains("failed to lookup address") {
            let (code, errno, _) = DNS
                .iter()
                .find(|(_, _, says)| self.last.contains(says))
                .copied()
                .unwrap_or(DNS[DNS.len() - 1]);
            // The more exact text is deeper.
            self.dns = Some((code, errno));
        }
        if let Some(error) = cause.downcast_ref::<io::Error>() {
            let known = SYSTEM.iter().find(|(kind, _)| *kind == error.kind());
            if let Some(code) = open_files::used_up(error).or(known.map(|(_, code)| *code)) {
                self.system = Some((code, error.raw_os_error()));
            }
            self.no_files |= open_files::used_up(error).is_some();
            // An io::Error does not name its payload as its source.
            if let Some(inner) = error.get_ref() {
                let inner = Causes::of(inner);
                self.tls |= inner.tls;
                self.certificate = self.certificate.or(inner.certificate);
                self.dns = self.dns.or(inner.dns);
                self.last = inner.last;
            }
        }
        if let Some(error) = cause.downcast_ref::<rustls::Error>() {
            self.tls = true;
            if let rustls::Error::InvalidCertificate(problem) = error {
                self.certificate = Some(certificate_code(problem));
            }
        }
        if cause
            .downcast_ref::<hyper::Error>()
            .is_some_and(hyper::Error::is_incomplete_message)
        {
            self.system = Some(("ECONNRESET", None));
        }
        if cause
            .downcast_ref::<aws_credential_types::provider::error::CredentialsError>()
            .is_some()
        {
            self.credentials = Some(cause.to_string());
        }
    }
}

/// OpenSSL's names, as Node has them. rustls does not tell a self-signed certificate from one of an
/// unknown issuer.
fn certificate_code(problem: &CertificateError) -> &'static str {
    match problem {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "CERT_HAS_EXPIRED",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "CERT_NOT_YET_VALID"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "ERR_TLS_CERT_ALTNAME_INVALID"
        }
        CertificateError::UnknownIssuer => "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
        CertificateError::Revoked => "CERT_REVOKED",
        // Most often a CA's own certificate, served as the server's.
        CertificateError::Other(_) => "DEPTH_ZERO_SELF_SIGNED_CERT",
        _ => "CERT_REJECTED",
    }
}

/// Whether another try meets the same: the server's certificate, or no socket left.
pub(super) fn is_final(error: &(dyn StdError + 'static)) -> bool {
    let causes = Causes::of(error);
    causes.certificate.is_some() || causes.no_files
}

/// Whether the connection broke: the server may be there again at the next try.
pub(super) fn is_hang_up(error: &(dyn StdError + 'static)) -> bool {
    let system = Causes::of(error).system;
    system.is_some_and(|(code, _)| HANG_UPS.contains(&code))
}

/// `url` is where the last attempt went.
pub(super) fn without_answer<E: StdError + 'static>(
    error: &SdkError<E, HttpResponse>,
    url: Option<&str>,
) -> Error {
    let causes = match error.source() {
        Some(source) => Causes::of(source),
        None => Causes::default(),
    };
    let at = url.and_then(|url| url.parse::<http::Uri>().ok());
    let host = at.as_ref().and_then(http::Uri::host).unwrap_or_default();
    if let Some(told) = &causes.credentials {
        return match causes.sso {
            Some(problem) => logged_out(problem),
            None => credentials(told, &causes.last),
        };
    }
    if let Some(code) = causes.certificate {
        let message = format!("The certificate of {host} was refused: {}", causes.last);
        let mut ours = client("Error", code, message);
        ours.hint = Some(match code {
            "CERT_HAS_EXPIRED" | "CERT_NOT_YET_VALID" => {
                "Renew the server's certificate, or set this machine's clock".into()
            }
            "ERR_TLS_CERT_ALTNAME_INVALID" => {
                "Use the host name that the certificate is for".into()
            }
            _ => {
                "Trust its CA with the setting ca, NODE_EXTRA_CA_CERTS or AWS_CA_BUNDLE".to_owned()
            }
        });
        return ours;
    }
    if let Some((code, errno)) = causes.dns {
        let mut ours = client("Error", code, format!("getaddrinfo {code} {host}"));
        extra(&mut ours, "errno", errno.into());
        extra(&mut ours, "syscall", "getaddrinfo".into());
        extra(&mut ours, "hostname", host.into());
        ours.hint = Some("Check the endpoint, the Region and the name server".into());
        return ours;
    }
    if let Some(problem) = &causes.tunnel {
        return refused_by_proxy(problem, causes.system.map(|(code, _)| code), host);
    }
    if causes.tls {
        return client(
            "Error",
            "EPROTO",
            format!("TLS with {host} failed: {}", causes.last),
        );
    }
    match causes.system {
        Some((code, _)) if HANG_UPS.contains(&code) => {
            let message = if code == "ECONNRESET" {
                "socket hang up".to_owned()
            } else {
                causes.last
            };
            client("TimeoutError", code, message)
        }
        Some((code, errno)) => {
            let port = at.as_ref().map(port).unwrap_or_default();
            let mut ours = client("Error", code, format!("connect {code} {host}:{port}"));
            extra(&mut ours, "syscall", "connect".into());
            extra(&mut ours, "address", host.trim_matches(['[', ']']).into());
            extra(&mut ours, "port", port.into());
            if let Some(errno) = errno {
                extra(&mut ours, "errno", (-errno).into());
            }
            let hint = match causes.no_files {
                true => open_files::HINT,
                false => "Check the endpoint, the proxy if there is one, and that it runs",
            };
            ours.hint = Some(hint.into());
            ours
        }
        None if is_timeout(error) => {
            let mut ours = client(
                "TimeoutError",
                "ETIMEDOUT",
                format!("S3 did not answer in time: {}", causes.last),
            );
            ours.hint = Some("Raise requestTimeout or connectionTimeout, in milliseconds".into());
            ours
        }
        None => {
            let mut ours = Error::new(Origin::Client, "Error", causes.last);
            if ours.message.is_empty() {
                ours.message = "The request could not be sent".into();
            }
            ours
        }
    }
}

fn is_timeout<E>(error: &SdkError<E, HttpResponse>) -> bool {
    match error {
        SdkError::TimeoutError(_) => true,
        SdkError::DispatchFailure(failure) => failure.is_timeout(),
        _ => false,
    }
}

fn port(uri: &http::Uri) -> u16 {
    let default = if uri.scheme_str() == Some("http") {
        80
    } else {
        443
    };
    uri.port_u16().unwrap_or(default)
}

/// The proxy's own words are not known here; its address may hold a password.
fn refused_by_proxy(problem: &str, code: Option<&str>, host: &str) -> Error {
    let (message, hint) = match (problem, code) {
        (_, Some(code)) => (
            format!("connect {code}: the proxy for {host}"),
            "Check the setting proxy (or HTTPS_PROXY) and that the proxy runs",
        ),
        ("proxy authorization required", _) => (
            format!("The proxy wants a user and password for {host} (407)"),
            "Give both in the setting proxy (or HTTPS_PROXY): http://user:password@proxy.example.com:3128",
        ),
        _ => (
            format!("The proxy opened no way to {host}: {problem}"),
            "Ask the proxy's administrator to allow the host, set NO_PROXY, or choose another with the setting proxy",
        ),
    };
    let mut error = Error::new(Origin::Client, "Error", message);
    error.system_code = Some(code.unwrap_or("ERR_PROXY_TUNNEL").to_owned());
    error.hint = Some(hint.into());
    error
}

/// In the words of the SDK for JavaScript.
fn logged_out(problem: &str) -> Error {
    const REFRESH: &str =
        "To refresh this SSO session run aws sso login with the corresponding profile.";
    let message = format!("The SSO session associated with this profile {problem}. {REFRESH}");
    let mut error = Error::new(Origin::Client, "CredentialsProviderError", message);
    extra(&mut error, "tryNextLink", false.into());
    error.hint = Some("Log in again: aws sso login --profile with the profile's name".into());
    error
}

fn credentials(told: &str, cause: &str) -> Error {
    let message = if told.contains("not enabled credentials providers")
        || told.contains("the credential provider was not enabled")
        || told.contains("no providers in chain")
    {
        "Could not load credentials from any providers".to_owned()
    } else {
        format!("Could not load credentials: {cause}")
    };
    let mut error = Error::new(Origin::Client, "CredentialsProviderError", message);
    extra(&mut error, "tryNextLink", false.into());
    error.hint = Some(
        "Give credentials, set AWS_PROFILE or AWS_ACCESS_KEY_ID, or log in (aws sso login)".into(),
    );
    error
}

fn client(name: &str, code: &str, message: String) -> Error {
    let mut error = Error::new(Origin::Client, name, message);
    error.system_code = Some(code.to_owned());
    error
}

fn extra(error: &mut Error, name: &str, value: Value) {
    error.extra.insert(name.to_owned(), value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_is_looked_into() {
        let problem = rustls::Error::InvalidCertificate(CertificateError::Expired);
        let error = io::Error::new(io::ErrorKind::InvalidData, problem);
        assert_eq!(Causes::of(&error).certificate, Some("CERT_HAS_EXPIRED"));
        assert!(is_final(&error));
        let other = io::Error::from(io::ErrorKind::ConnectionRefused);
        assert!(!is_final(&other));
        assert_eq!(Causes::of(&other).system, Some(("ECONNREFUSED", None)));
    }
}
