//! stateseal: deployment state into S3, encrypted, provably.
//!
//! Arrows run one way: `node → upload → {encryption, policy, s3} → error`.

pub mod encryption;
pub mod error;
pub mod policy;
mod similar;
pub mod value;
