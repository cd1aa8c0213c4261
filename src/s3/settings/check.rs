//! What a setting's text must look like.

use crate::error::{Error, Result};

/// The Region becomes part of a host name.
pub fn region(region: &str, setting: &str) -> Result<()> {
    let label = region.len() <= 63
        && region
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !region.starts_with('-')
        && !region.ends_with('-');
    if label {
        return Ok(());
    }
    Err(Error::invalid(
        setting,
        &format!("is {region:?}, which is not a valid hostname component"),
        "Give the name of a Region, such as us-east-1",
    ))
}

pub fn endpoint(endpoint: &str, setting: &str) -> Result<()> {
    if is_url(endpoint) {
        return Ok(());
    }
    Err(Error::invalid(
        setting,
        "is not an http or https URL",
        "Give a URL such as https://s3.example.com",
    ))
}

/// The URL may hold a password, so no error quotes it.
pub fn proxy(url: &str, setting: &str) -> Result<()> {
    if is_url(url) {
        return Ok(());
    }
    Err(Error::invalid(
        setting,
        "is not the URL of an http or https proxy",
        "Give a URL such as http://proxy.example.com:3128; for PAC and SOCKS send what signState gives yourself",
    ))
}

/// What the SDK's user agent takes, which is a token of HTTP.
pub fn app_id(id: &str, setting: &str) -> Result<()> {
    let good = id.len() <= 50
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b));
    if good {
        return Ok(());
    }
    Err(Error::invalid(
        setting,
        "is not a token of at most 50 characters",
        "Use letters, digits and !#$%&'*+-.^_`|~",
    ))
}

pub fn is_url(text: &str) -> bool {
    text.parse::<http::Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.host().is_some_and(|host| !host.is_empty())
    })
}
