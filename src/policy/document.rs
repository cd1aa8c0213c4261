//! The parsed policy.

use serde_json::Value;

use super::error::PolicyError;
use super::operator::Operator;
use super::variable::Template;

/// A policy, ready to be evaluated.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// The language version, which decides whether variables exist.
    pub version: Version,
    /// The statements in the order of the document; never empty.
    pub statements: Vec<Statement>,
}

/// The version of the policy language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// `2008-10-17`, also when the element is missing: no variables.
    V2008,
    /// `2012-10-17`: with variables.
    V2012,
}

/// One statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// The `Sid`, or `Statement[1]` (its index, from 0) without one.
    pub sid: String,
    /// Allow or Deny.
    pub effect: Effect,
    /// Who it speaks about.
    pub principal: PrincipalElement,
    /// `Action` or `NotAction`.
    pub action: Listed<String>,
    /// `Resource` or `NotResource`.
    pub resource: Listed<Template>,
    /// All of these must hold.
    pub conditions: Vec<Condition>,
}

/// `Effect`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// `Allow`
    Allow,
    /// `Deny`
    Deny,
}

impl Effect {
    /// As the policy spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Effect::Allow => "Allow",
            Effect::Deny => "Deny",
        }
    }
}

/// An element that exists in a positive and a `Not…` form.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed<T> {
    /// True for `NotAction`, `NotResource`.
    pub negated: bool,
    /// What is listed; never empty.
    pub items: Vec<T>,
}

/// `Principal` or `NotPrincipal`.
#[derive(Debug, Clone, PartialEq)]
pub enum PrincipalElement {
    /// Neither: an identity policy, which speaks about whoever it is attached
    /// to. S3 would refuse it as a bucket policy.
    Missing,
    /// `Principal`
    Any(Vec<PrincipalId>),
    /// `NotPrincipal`
    Not(Vec<PrincipalId>),
}

/// One entry of a principal element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrincipalId {
    /// `"*"` or `{"AWS": "*"}`: everyone.
    Everyone,
    /// `AWS`: an account id, an ARN or a unique id.
    Aws(String),
    /// `Service`
    Service(String),
    /// `Federated`
    Federated(String),
    /// `CanonicalUser`
    CanonicalUser(String),
}

/// One key under one operator.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// The operator.
    pub operator: Operator,
    /// The condition key as the policy spells it.
    pub key: String,
    /// The values; one match is enough.
    pub values: Vec<Template>,
}

impl Policy {
    /// Reads a policy document.
    ///
    /// As tolerant as AWS: a scalar where a list is meant, JSON booleans and
    /// numbers as values, a single statement object, no `Version`.
    ///
    /// # Errors
    /// Reason, JSON path, line and column of the first thing that is wrong.
    pub fn parse(json: &str) -> Result<Policy, PolicyError> {
        super::parse::policy(json)
    }

    /// Reads a policy that is already a JSON value. Errors carry no line or
    /// column.
    ///
    /// # Errors
    /// Reason and JSON path of the first thing that is wrong.
    pub fn from_value(value: &Value) -> Result<Policy, PolicyError> {
        Policy::parse(&value.to_string()).map_err(PolicyError::without_position)
    }
}
