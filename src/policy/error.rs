//! Why a text is not a policy, and where.

use std::fmt;

/// A policy that cannot be read. Everything a person needs to find the spot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyError {
    /// What is wrong, as a sentence without a full stop.
    pub reason: String,
    /// The JSON path, such as `Statement[2].Condition.StringEquals`; empty for
    /// the document itself.
    pub path: String,
    /// Line, from 1. `None` when the policy did not come in as text.
    pub line: Option<usize>,
    /// Column in characters, from 1. `None` when the policy did not come in as
    /// text.
    pub column: Option<usize>,
}

impl PolicyError {
    /// The same error without line and column, for a policy that the caller
    /// never had as text: the position would point into our own rendering.
    pub fn without_position(mut self) -> PolicyError {
        self.line = None;
        self.column = None;
        self
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "The policy is malformed")?;
        if !self.path.is_empty() {
            write!(f, " at {}", self.path)?;
        }
        if let (Some(line), Some(column)) = (self.line, self.column) {
            write!(f, " (line {line}, column {column})")?;
        }
        write!(f, ": {}", self.reason)
    }
}

impl std::error::Error for PolicyError {}
