//! What to change, or to tell, so that the answer gets better.

use super::condition_key::KeyValue;
use super::document::{Effect, Policy};
use super::request::Request;
use super::suggest::{list, suggest_for, Suggestions};
use super::tri::Tri;
use super::verdict::{ConditionTrace, Explanation, StatementTrace, Verdict};

/// What helps against a condition that is not about encryption.
#[rustfmt::skip]
const OTHER_KEYS: &[(&str, &str)] = &[
    ("aws:SecureTransport", "use an https endpoint"),
    ("s3:TlsVersion", "connect with a newer TLS version"),
    ("s3:if-none-match", "send If-None-Match: *"),
    ("s3:if-match", "send If-Match with the object's ETag"),
    ("s3:x-amz-acl", "send the ACL that the policy asks for"),
    ("s3:x-amz-storage-class", "send the storage class that the policy asks for"),
    ("s3:RequestObjectTagKeys", "send the tags that the policy asks for"),
    ("aws:SourceVpce", "upload through the VPC endpoint that the policy names"),
    ("aws:SourceVpc", "upload from the VPC that the policy names"),
    ("aws:SourceIp", "upload from an address that the policy names"),
];

/// One sentence, or `None` when the request passes or nothing helps.
pub fn of(policy: &Policy, request: &Request, explanation: &Explanation) -> Option<String> {
    match explanation.verdict {
        Verdict::Allow | Verdict::NoDeny => None,
        Verdict::Unknown if readings_disagree(explanation) => {
            Some(full_arn(&suggest_for(policy, request, &[])))
        }
        Verdict::Unknown => Some(tell(explanation)),
        Verdict::ExplicitDeny if request.operation.writes() => {
            change(explanation, &suggest_for(policy, request, &[]))
        }
        Verdict::ExplicitDeny => against_other_keys(explanation),
    }
}

fn readings_disagree(explanation: &Explanation) -> bool {
    let verdicts = || explanation.readings.iter().map(|reading| reading.verdict);
    verdicts().any(|verdict| verdicts().next() != Some(verdict))
}

fn full_arn(suggestions: &Suggestions) -> String {
    let mut accepted = suggestions.accepted.iter();
    let named = accepted.find_map(|suggestion| suggestion.candidate.named_key());
    let key = match named {
        Some(key) => format!("Send the full key ARN ({key})"),
        None => "Send the full ARN of the KMS key (arn:aws:kms:REGION:ACCOUNT:key/ID)".to_owned(),
    };
    format!(
        "{key} explicitly, with x-amz-server-side-encryption: S3's documentation does not say whether the policy sees the header or the key that S3 really uses, and with a full ARN both are the same."
    )
}

impl Explanation {
    /// The condition keys that an unknown Deny depends on, where their values
    /// are what is not known.
    pub fn open_keys(&self) -> Vec<String> {
        let open = |s: &&StatementTrace| s.effect == Effect::Deny && s.applies == Tri::Unknown;
        let open: Vec<&StatementTrace> = self.statements.iter().filter(open).collect();
        let unknown = |c: &&ConditionTrace| {
            c.result == Tri::Unknown && matches!(c.actual, KeyValue::Unknown(_))
        };
        let conditions = open
            .iter()
            .flat_map(|s| s.conditions.iter().filter(unknown));
        let mut keys: Vec<String> = conditions.map(|c| c.key.clone()).collect();
        let by_condition =
            |s: &&StatementTrace| s.conditions.iter().any(|c| c.result == Tri::Unknown);
        if !open.iter().all(by_condition) {
            keys.push("aws:PrincipalArn".to_owned());
        }
        keys.sort();
        keys.dedup();
        keys
    }
}

fn tell(explanation: &Explanation) -> String {
    let keys = explanation.open_keys();
    if keys.is_empty() {
        let sids = list(&explanation.unknown_sids);
        return format!(
            "Look at {sids}: a value there is not of the kind that its operator compares."
        );
    }
    format!("Say in the context what is known of {}.", list(&keys))
}

fn change(explanation: &Explanation, suggestions: &Suggestions) -> Option<String> {
    if let Some(best) = suggestions.best().first() {
        let certain = match best.verdict.passes() {
            true => "passes",
            false => "may pass",
        };
        return Some(format!("What {certain}: {}.", best.candidate.describe()));
    }
    let other = against_other_keys(explanation);
    let collision = suggestions.collision.as_ref()?;
    Some(match other {
        Some(other) => other,
        None => format!("The policy must change; {}.", collision.reason),
    })
}

fn against_other_keys(explanation: &Explanation) -> Option<String> {
    let denying = explanation
        .statements
        .iter()
        .filter(|s| s.effect == Effect::Deny && s.applies == Tri::True);
    let conditions = denying.flat_map(|s| &s.conditions);
    let known = conditions.filter_map(|condition| {
        OTHER_KEYS
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(&condition.key))
            .map(|(_, remedy)| (*remedy).to_owned())
    });
    let mut remedies: Vec<String> = known.collect();
    remedies.sort();
    remedies.dedup();
    match remedies.is_empty() {
        true => None,
        false => Some(format!("To pass: {}.", list(&remedies))),
    }
}
