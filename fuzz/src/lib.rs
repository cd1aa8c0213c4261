//! The rooms of stateseal that do no I/O, compiled into a crate of their own: the addon is a cdylib,
//! which nothing links to, and an rlib beside it would turn its link-time optimization off.

#![allow(dead_code, unused_imports)]

#[path = "../../src/encryption/mod.rs"]
mod encryption;
#[path = "../../src/error.rs"]
mod error;
#[path = "../../src/policy/mod.rs"]
mod policy;
#[path = "../../src/similar.rs"]
mod similar;
#[path = "../../src/value.rs"]
mod value;

#[path = "../../src/s3"]
mod s3 {
    pub mod error_body;
}

pub mod targets;
