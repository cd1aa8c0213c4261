//! The statements that refuse every encryption but one.

use serde_json::{json, Value};

use crate::policy::candidate::{Candidate, CandidateKey};
use crate::policy::condition_key::{CUSTOMER_ALGORITHM, KMS_KEY, SSE};

/// Which uploads may pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    encryption: Candidate,
    /// Whether an upload may also leave the choice to the bucket's default.
    or_default: bool,
}

impl Rule {
    /// Only uploads that ask for this encryption in their headers.
    ///
    /// # Errors
    /// Why there is no such rule, as the end of a sentence.
    pub fn strict(encryption: Candidate) -> Result<Rule, &'static str> {
        match encryption {
            Candidate::BucketDefault => {
                Err("asks for no header, and the strict mode refuses uploads without one")
            }
            encryption => Ok(Rule {
                encryption,
                or_default: false,
            }),
        }
    }

    /// Uploads that ask for this encryption, and those that ask for none, so
    /// that the bucket's default applies. Never SSE-C.
    ///
    /// # Errors
    /// Why there is no such rule, as the end of a sentence.
    pub fn default_friendly(encryption: Candidate) -> Result<Rule, &'static str> {
        match encryption {
            Candidate::CustomerKey => {
                Err("is SSE-C, which is no bucket's default and which this mode refuses")
            }
            encryption => Ok(Rule {
                encryption,
                or_default: true,
            }),
        }
    }

    /// Deny statements for `s3:PutObject` on these resources; with `principal`
    /// in the form that a bucket policy needs.
    ///
    /// One statement for each mistake, so that the Sid in a refusal says which
    /// it was; hence the conditions that make them exclude each other.
    pub(super) fn denials(&self, resources: &Value, principal: Option<&Value>) -> Vec<Value> {
        let conditions = self.conditions();
        let statements = conditions.into_iter().map(|(sid, condition)| {
            let mut statement = json!({ "Sid": sid, "Effect": "Deny" });
            if let Some(principal) = principal {
                statement["Principal"] = principal.clone();
            }
            statement["Action"] = json!("s3:PutObject");
            statement["Resource"] = resources.clone();
            statement["Condition"] = condition;
            statement
        });
        statements.collect()
    }

    fn conditions(&self) -> Vec<(&'static str, Value)> {
        let Some(algorithm) = self.encryption.algorithm() else {
            return match self.encryption {
                Candidate::CustomerKey => vec![(
                    "DenyMissingCustomerKey",
                    json!({ "Null": { CUSTOMER_ALGORITHM: "true" } }),
                )],
                _ => vec![
                    (
                        "DenyExplicitEncryption",
                        json!({ "Null": { SSE: "false" } }),
                    ),
                    deny_customer_key(),
                ],
            };
        };
        let mut list = Vec::new();
        if !self.or_default {
            list.push(("DenyMissingEncryption", json!({ "Null": { SSE: "true" } })));
        }
        list.push((
            "DenyOtherEncryption",
            json!({ "Null": { SSE: "false" }, "StringNotEquals": { SSE: algorithm } }),
        ));
        if let Some(CandidateKey::Named(arn)) = self.encryption.key() {
            list.push((
                "DenyOtherKey",
                json!({ "StringEquals": { SSE: algorithm }, "StringNotEquals": { KMS_KEY: arn } }),
            ));
        }
        list.push(deny_customer_key());
        list
    }
}

fn deny_customer_key() -> (&'static str, Value) {
    (
        "DenyCustomerKey",
        json!({ "Null": { CUSTOMER_ALGORITHM: "false" } }),
    )
}
