//! Bucket policies: will this bucket let the upload through, which statement
//! refuses it, because of which header, and which setting would pass.
//!
//! The room is pure. It does no I/O and knows neither Node nor the AWS SDK nor
//! the `encryption` room: a request comes in as an operation, a bucket, a key,
//! headers and what is known of the request context, and an [`Explanation`]
//! goes out.
//!
//! The evaluator has three values. What cannot be known before the request is
//! made (the caller's network, the organization, often the principal) is
//! *unknown*, and a known *false* beats it: a statement that exempts our
//! encryption cannot fire, whatever else it looks at. The same holds where
//! S3's documentation leaves two readings of one condition key
//! (see [`reading`]): when they disagree, the answer is *unknown* together
//! with the setting that makes them agree.
//!
//! Table of contents:
//!
//! | File | Concept |
//! |---|---|
//! | [`json`] | JSON with positions, duplicate-key and depth checks |
//! | [`error`] | why and where a policy is not one |
//! | [`document`] | the parsed policy |
//! | [`parse`] | from JSON to the document |
//! | [`operator`] | the table of condition operators |
//! | [`tri`] | true, false, unknown |
//! | [`glob`], [`arn`], [`date`], [`ip`] | how single values are compared |
//! | [`variable`] | `${aws:username}` and its kin |
//! | [`operation`] | S3 operations and the IAM actions behind them |
//! | [`request`] | the request to judge |
//! | [`condition_key`] | the condition keys of a request |
//! | [`key_table`], [`tagging`] | where each of them gets its value |
//! | [`condition`], [`compare`] | one condition against the request |
//! | [`principal`] | who a statement speaks about |
//! | [`statement`] | one statement against the request |
//! | [`reading`] | the two readings of the KMS key id |
//! | [`evaluate`] | the whole policy, and its verdict |
//! | [`remedy`] | what to change |
//! | [`verdict`] | the answer and its JSON |
//! | [`candidate`], [`suggest`] | which encryption the policy accepts |
//! | [`partition`] | AWS, China, GovCloud, … |
//! | [`generate`] | policies to put in place |

pub mod arn;
pub mod candidate;
pub mod compare;
pub mod condition;
pub mod condition_key;
pub mod date;
pub mod document;
pub mod error;
pub mod evaluate;
pub mod generate;
pub mod glob;
pub mod ip;
pub mod json;
pub mod key_table;
pub mod operation;
pub mod operator;
pub mod parse;
pub mod partition;
pub mod principal;
pub mod reading;
pub mod remedy;
pub mod request;
pub mod statement;
pub mod suggest;
pub mod tagging;
pub mod tri;
pub mod variable;
pub mod verdict;

#[cfg(test)]
mod malformed;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod semantics;
#[cfg(test)]
mod vectors;

pub use candidate::{Candidate, CandidateKey};
pub use document::Policy;
pub use error::PolicyError;
pub use operation::{Operation, Target, UnknownOperation};
pub use request::{bucket_and_key, ContextValue, Request};
pub use suggest::{suggest_for, Collision, Suggestion, Suggestions};
pub use tri::Tri;
pub use verdict::{ConditionTrace, Explanation, ReadingTrace, StatementTrace, Verdict};
