//! The wire: client, transport, credentials, requests and what came back.
//!
//! The SDK's types stay inside this room. It knows nothing of Node, and of encryption only the
//! headers that it is handed.

mod bucket;
mod client;
mod credentials;
mod exchange;
mod failure;
mod fields;
mod output;
mod put;
mod settings;
mod transport;

pub use client::Connection;
pub use credentials::Credentials;
pub use failure::Failure;
pub use fields::{field_names, parse_fields, Fields};
pub use output::PutOutput;
pub use put::PutRequest;
pub use settings::{Settings, SETTING_NAMES};
