//! Which encryption a policy accepts: every candidate is evaluated, so every
//! suggestion is proven.

use std::collections::BTreeSet;

use super::candidate::{Candidate, CandidateKey};
use super::condition_key::{CUSTOMER_ALGORITHM, KMS_KEY, SSE};
use super::document::Policy;
use super::evaluate::evaluate;
use super::reading::{is_key_arn, key_conditions, MOST_KEYS};
use super::request::Request;
use super::verdict::{Explanation, Verdict};

/// One candidate and what the policy says to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// The setting.
    pub candidate: Candidate,
    /// The verdict on a put with it.
    pub verdict: Verdict,
    /// Why, as a sentence.
    pub reason: String,
    /// The statements that deny it.
    pub deny_sids: Vec<String>,
    /// The statements that may deny it.
    pub unknown_sids: Vec<String>,
}

/// No setting can pass, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collision {
    /// Statements that together deny every setting; as few as found.
    pub sids: Vec<String>,
    /// Why, as a sentence.
    pub reason: String,
}

/// All candidates, judged; each list from the least intrusive on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestions {
    /// What passes for certain.
    pub accepted: Vec<Suggestion>,
    /// What passes with a key of the user's that the policy describes but
    /// does not name.
    pub with_own_key: Vec<Suggestion>,
    /// What may pass: it depends on something that is not known here.
    pub possible: Vec<Suggestion>,
    /// What is denied.
    pub rejected: Vec<Suggestion>,
    /// Set when all candidates are denied.
    pub collision: Option<Collision>,
}

impl Suggestions {
    /// The best that can be said: what passes, else what passes with an own
    /// key, else what may pass.
    pub fn best(&self) -> &[Suggestion] {
        let lists = [&self.accepted, &self.with_own_key, &self.possible];
        let first = lists.into_iter().find(|list| !list.is_empty());
        first.map_or(&[], Vec::as_slice)
    }
}

/// The encryption that the policy accepts for a request, whose own encryption
/// does not count. `own_keys` are full ARNs of KMS keys that the
/// user has and the policy need not name.
pub fn suggest_for(policy: &Policy, request: &Request, own_keys: &[String]) -> Suggestions {
    let mut suggestions = Suggestions {
        accepted: Vec::new(),
        with_own_key: Vec::new(),
        possible: Vec::new(),
        rejected: Vec::new(),
        collision: None,
    };
    for candidate in candidates(policy, own_keys) {
        let explanation = evaluate(policy, &encrypted(request, &candidate));
        let list = match explanation.verdict {
            Verdict::Allow | Verdict::NoDeny if candidate.key_pattern().is_some() => {
                &mut suggestions.with_own_key
            }
            Verdict::Allow | Verdict::NoDeny => &mut suggestions.accepted,
            Verdict::Unknown => &mut suggestions.possible,
            Verdict::ExplicitDeny => &mut suggestions.rejected,
        };
        list.push(suggestion(candidate, explanation));
    }
    if suggestions.best().is_empty() {
        suggestions.collision = Some(collision(&suggestions.rejected));
    }
    suggestions
}

/// From the least intrusive on: nothing to set up, then a key that the user or
/// the policy names, then what changes how the object is read.
fn candidates(policy: &Policy, own_keys: &[String]) -> Vec<Candidate> {
    let mut named: Vec<&str> = Vec::new();
    let mut patterns: Vec<&str> = Vec::new();
    let values = key_conditions(policy).flat_map(|(_, condition)| &condition.values);
    let values = values.map(|value| value.written.as_str());
    for value in own_keys.iter().map(String::as_str).chain(values) {
        let is_pattern = value.contains(['*', '?', '$']);
        let list = match (is_key_arn(value), is_pattern) {
            (_, true) => &mut patterns,
            (true, false) => &mut named,
            (false, false) => continue,
        };
        if list.len() < MOST_KEYS && !list.contains(&value) {
            list.push(value);
        }
    }
    // A policy may ask for a key, any key, without naming one.
    patterns.push("arn:aws:kms:*:*:key/*");
    let keys = || {
        let named = named
            .iter()
            .map(|arn| CandidateKey::Named((*arn).to_owned()));
        let patterns = patterns.iter();
        let matching = patterns.map(|pattern| CandidateKey::Matching((*pattern).to_owned()));
        named.chain(matching).chain([CandidateKey::Managed])
    };
    let mut candidates = vec![Candidate::BucketDefault, Candidate::S3Managed];
    candidates.extend(keys().map(Candidate::Kms));
    candidates.extend(keys().map(Candidate::DualLayerKms));
    candidates.push(Candidate::CustomerKey);
    candidates
}

/// The request with a candidate's encryption in place of its own.
fn encrypted(request: &Request, candidate: &Candidate) -> Request {
    let mut request = request.clone();
    let header = SSE.trim_start_matches("s3:");
    request.headers.retain(|(name, _)| {
        let prefix = name.get(..header.len());
        !prefix.is_some_and(|prefix| prefix.eq_ignore_ascii_case(header))
    });
    request.context.retain(|(key, _)| {
        let own = [SSE, KMS_KEY, CUSTOMER_ALGORITHM];
        !own.iter().any(|own| own.eq_ignore_ascii_case(key))
    });
    request.headers.extend(candidate.headers());
    if request.operation.follows_create() {
        request.create_headers = Some(request.headers.clone());
    }
    request
}

fn suggestion(candidate: Candidate, explanation: Explanation) -> Suggestion {
    let what = candidate.describe();
    let reason = match explanation.verdict {
        Verdict::Allow => format!("{what}: the policy allows it"),
        Verdict::NoDeny => format!("{what}: no statement denies it"),
        Verdict::ExplicitDeny => format!("{what}: denied by {}", list(&explanation.deny_sids)),
        Verdict::Unknown => {
            let sids = list(&explanation.unknown_sids);
            format!("{what}: cannot be promised, {sids} may deny it")
        }
    };
    Suggestion {
        candidate,
        verdict: explanation.verdict,
        reason,
        deny_sids: explanation.deny_sids,
        unknown_sids: explanation.unknown_sids,
    }
}

/// Picks, again and again, the statement that denies most of what is left.
fn collision(rejected: &[Suggestion]) -> Collision {
    let mut left: Vec<&Suggestion> = rejected.iter().collect();
    let mut sids: Vec<String> = Vec::new();
    loop {
        let names: BTreeSet<&String> = left.iter().flat_map(|s| &s.deny_sids).collect();
        let denies = |sid: &&String| left.iter().filter(|s| s.deny_sids.contains(sid)).count();
        // The last of equals: the reverse order makes it the first by name.
        let Some(sid) = names.into_iter().rev().max_by_key(denies) else {
            break;
        };
        let sid = sid.clone();
        left.retain(|suggestion| !suggestion.deny_sids.contains(&sid));
        sids.push(sid);
    }
    let reason = match sids.as_slice() {
        [only] => format!("no encryption setting can pass: {only} denies every one of them"),
        all => format!("no encryption setting can pass: {} collide", list(all)),
    };
    Collision { sids, reason }
}

/// `A`, `A and B`, `A, B and C`.
pub(super) fn list(items: &[String]) -> String {
    match items {
        [] => "no statement".to_owned(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::operation::Operation;
    use super::*;

    const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1";

    fn policy(conditions: &[&str]) -> Policy {
        let statements = conditions.iter().enumerate().map(|(index, condition)| {
            format!(
                r#"{{"Sid": "S{index}", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject",
                "Resource": "arn:aws:s3:::b/*", "Condition": {condition}}}"#
            )
        });
        let statements: Vec<String> = statements.collect();
        let text = format!(
            r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#,
            statements.join(",")
        );
        Policy::parse(&text).expect("a policy")
    }

    fn suggest(policy: &Policy) -> Suggestions {
        let put = Request::new(Operation::put_object(), "b", "k");
        suggest_for(policy, &put, &[])
    }

    fn accepted(conditions: &[&str]) -> Vec<Candidate> {
        let suggestions = suggest(&policy(conditions));
        suggestions
            .best()
            .iter()
            .map(|s| s.candidate.clone())
            .collect()
    }

    #[test]
    fn least_intrusive_first() {
        let null = r#"{"Null": {"s3:x-amz-server-side-encryption": "true"}}"#;
        assert_eq!(accepted(&[null]).first(), Some(&Candidate::S3Managed));
        let kms = r#"{"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}"#;
        let any = Candidate::Kms(CandidateKey::Managed);
        assert_eq!(accepted(&[kms]), [any]);
        let dual = r#"{"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms:dsse"}}"#;
        let any = Candidate::DualLayerKms(CandidateKey::Managed);
        assert_eq!(accepted(&[dual]), [any]);
        let http = r#"{"Bool": {"aws:SecureTransport": "false"}}"#;
        assert_eq!(accepted(&[http]).first(), Some(&Candidate::BucketDefault));
    }

    #[test]
    fn a_named_key() {
        let key = format!(
            r#"{{"StringNotEquals": {{"s3:x-amz-server-side-encryption-aws-kms-key-id": "{KEY}"}}}}"#
        );
        let named = CandidateKey::Named(KEY.into());
        let kms = Candidate::Kms(named.clone());
        let dual = Candidate::DualLayerKms(named);
        assert_eq!(accepted(&[&key]), [kms, dual]);
    }

    #[test]
    fn any_key() {
        let null = r#"{"Null": {"s3:x-amz-server-side-encryption-aws-kms-key-id": "true"}}"#;
        let any = CandidateKey::Matching("arn:aws:kms:*:*:key/*".to_owned());
        let (kms, dual) = (Candidate::Kms, Candidate::DualLayerKms);
        assert_eq!(accepted(&[null]), [kms(any.clone()), dual(any)]);
        let put = Request::new(Operation::put_object(), "b", "k");
        let suggestions = suggest_for(&policy(&[null]), &put, &[KEY.to_owned()]);
        let named = CandidateKey::Named(KEY.to_owned());
        let found = suggestions.best().iter().map(|s| s.candidate.clone());
        assert_eq!(found.collect::<Vec<_>>(), [kms(named.clone()), dual(named)]);
    }

    #[test]
    fn none_can_pass() {
        let not = |value: &str| {
            format!(r#"{{"StringNotEquals": {{"s3:x-amz-server-side-encryption": "{value}"}}}}"#)
        };
        let suggestions = suggest(&policy(&[&not("AES256"), &not("aws:kms")]));
        assert!(suggestions.best().is_empty());
        let collision = suggestions.collision.expect("a collision");
        assert_eq!(collision.sids, ["S0", "S1"]);
        assert!(collision.reason.contains("S0 and S1 collide"));
    }
}
