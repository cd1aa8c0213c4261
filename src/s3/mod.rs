//! The wire: client, transport, credentials, requests and what came back.
//!
//! The SDK's types stay inside this room. It knows nothing of Node, and of encryption only the
//! headers that it is handed.

mod attempts;
mod bucket;
mod bucket_settings;
mod bucket_url;
mod chain;
mod checksum;
mod client;
mod clock;
mod completion;
mod credentials;
mod direct;
mod dry_run;
mod endpoint;
pub(crate) mod error_body;
mod exchange;
mod failure;
mod fields;
mod identity;
mod ini;
mod kms;
mod network;
mod object;
mod output;
mod profile;
mod put;
mod retry;
mod role;
mod secrets;
mod settings;
mod sign;
mod transport;
mod user_agent;
mod wire;

pub use attempts::{Attempt, Attempts};
pub use bucket::HeadBucket;
pub use checksum::{compute as compute_checksum, ALGORITHMS};
pub use client::{Connection, Gateway};
pub use credentials::Credentials;
pub use dry_run::Signed;
pub use failure::Failure;
pub use fields::{field_names, parse_fields};
pub use kms::KmsKey;
pub use object::{Object, SentPart};
pub use output::Reported;
pub use secrets::{REDACTED, SECRET_HEADERS};
pub use settings::{Settings, ENVIRONMENT, SETTING_NAMES};
pub use sign::{sign_request, Unsigned};
pub use transport::Roots;

#[cfg(test)]
mod tests {
    /// What the SDK traces at its finest level shows signed headers, SSE-C keys among them.
    #[test]
    fn nothing_is_traced() {
        let most = tracing::level_filters::STATIC_MAX_LEVEL;
        assert_eq!(most, tracing::level_filters::LevelFilter::OFF);
    }
}
