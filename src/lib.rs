//! stateseal: deployment state into S3, encrypted, provably.
//!
//! Arrows run one way: `node → upload → {encryption, policy, s3, audit} → error`.

pub mod audit;
pub mod encryption;
pub mod error;
#[cfg_attr(not(unix), path = "event_loop/nowhere.rs")]
mod event_loop;
mod lock;
pub mod node;
mod open_files;
pub mod policy;
pub mod s3;
mod similar;
pub mod upload;
pub mod value;
mod yaml;

#[cfg(test)]
#[path = "../fuzz/src/targets.rs"]
mod fuzz_targets;
