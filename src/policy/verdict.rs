//! The answer, and its JSON.

use serde_json::{json, Value};

use super::condition_key::KeyValue;
use super::document::Effect;
use super::tri::Tri;

/// What the bucket policy says to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// A Deny applies: S3 answers 403, whatever else is allowed.
    ExplicitDeny,
    /// An Allow applies and no Deny does.
    Allow,
    /// The policy does not object; the caller's own policies must allow.
    NoDeny,
    /// A Deny depends on something that cannot be known here.
    Unknown,
}

impl Verdict {
    /// As JavaScript sees it.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::ExplicitDeny => "explicit-deny",
            Verdict::Allow => "allow",
            Verdict::NoDeny => "no-deny",
            Verdict::Unknown => "unknown",
        }
    }

    /// True when it is certain that the policy does not stand in the way.
    pub fn passes(self) -> bool {
        matches!(self, Verdict::Allow | Verdict::NoDeny)
    }
}

/// The answer with all that led to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The answer.
    pub verdict: Verdict,
    /// The Deny statements that apply.
    pub deny_sids: Vec<String>,
    /// The Deny statements that may apply.
    pub unknown_sids: Vec<String>,
    /// Every statement, in the order of the policy.
    pub statements: Vec<StatementTrace>,
    /// What to change, or to tell, so that the answer gets better.
    pub remedy: Option<String>,
    /// The readings of the KMS key id that were tried; the first is the
    /// header's. More than one only where S3's documentation leaves a choice.
    pub readings: Vec<ReadingTrace>,
}

/// What one reading of the KMS key id comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadingTrace {
    /// Where the condition key is taken from.
    pub source: &'static str,
    /// The key ARN that is assumed; `None` for what the request itself says.
    pub assumed_key: Option<String>,
    /// The verdict under this reading.
    pub verdict: Verdict,
    /// The Deny statements that apply under this reading.
    pub deny_sids: Vec<String>,
}

/// One statement.
#[derive(Debug, Clone, PartialEq)]
pub struct StatementTrace {
    /// The `Sid`, or `Statement[1]` without one.
    pub sid: String,
    /// Allow or Deny.
    pub effect: Effect,
    /// Whether it applies to the request.
    pub applies: Tri,
    /// Its conditions.
    pub conditions: Vec<ConditionTrace>,
    /// Why it applies or not, as a sentence.
    pub reason: String,
}

/// One condition.
#[derive(Debug, Clone, PartialEq)]
pub struct ConditionTrace {
    /// As the policy spells it.
    pub operator: String,
    /// As the policy spells it.
    pub key: String,
    /// The policy's values.
    pub values: Vec<String>,
    /// What the request has.
    pub actual: KeyValue,
    /// Whether the condition holds.
    pub result: Tri,
}

impl Explanation {
    /// The shape that `explainPolicy` returns to JavaScript.
    pub fn to_json(&self) -> Value {
        let statements = self.statements.iter().map(StatementTrace::to_json);
        json!({
            "verdict": self.verdict.as_str(),
            "denySids": self.deny_sids,
            "unknownSids": self.unknown_sids,
            "statements": statements.collect::<Vec<_>>(),
            "remedy": self.remedy,
        })
    }
}

impl StatementTrace {
    fn to_json(&self) -> Value {
        let conditions = self.conditions.iter().map(ConditionTrace::to_json);
        json!({
            "sid": self.sid,
            "effect": self.effect.as_str(),
            "applies": self.applies.to_json(),
            "conditions": conditions.collect::<Vec<_>>(),
            "reason": self.reason,
        })
    }
}

impl ConditionTrace {
    /// `actual` is a string, a list of several, `null` for an absent key, and
    /// `'unknown'` where it cannot be known.
    fn to_json(&self) -> Value {
        let actual = match &self.actual {
            KeyValue::Absent => Value::Null,
            KeyValue::Unknown(_) => Value::from("unknown"),
            KeyValue::Values(values) => match values.as_slice() {
                [value] => Value::from(value.as_str()),
                values => json!(values),
            },
        };
        json!({
            "operator": self.operator,
            "key": self.key,
            "values": self.values,
            "actual": actual,
            "result": self.result.to_json(),
        })
    }
}
