//! The two readings of `s3:x-amz-server-side-encryption-aws-kms-key-id`.
//!
//! S3's user guide calls a `Null` test of this key a test of the *header*, and
//! on the same page says that the key that S3 *really uses* must match, be it
//! from the header or from the bucket's default. No measurement settles it, nor
//! whether an alias or a bare id is expanded to the key's ARN. So every request
//! that does not send a full key ARN is evaluated under both readings, and
//! where they disagree the answer is unknown. A full ARN makes them agree.
//!
//! The second reading needs the key that S3 would use, which is not known
//! either. It is assumed to be one that the policy wants wherever the user
//! chose it (bucket default, alias, bare id): a bucket whose default its own
//! policy refuses is not what the readings are about. Nobody chooses the
//! AWS-managed key, so it is never the key that a policy names.

use super::arn::{self, pattern_parts};
use super::condition_key::{KeyValue, Keys, CUSTOMER_ALGORITHM, KMS_KEY, SSE};
use super::document::{Condition, Effect, Policy};
use super::glob::{matches, Token};
use super::operator::Kind;
use super::variable::Filled;

/// The second reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effective {
    /// Both readings see the same.
    Same,
    /// One of these keys; the one that serves the request best counts.
    Chosen(&'static str, Vec<KeyValue>),
    /// Any of these keys; all count.
    Managed(&'static str, Vec<KeyValue>),
}

/// How many keys of one policy are tried. One of S3's largest size names a few
/// hundred; a person reads a handful.
pub const MOST_KEYS: usize = 64;
/// A key id that no key has.
const FRESH_ID: &str = "00000000-0000-0000-0000-000000000000";
/// Stands where nothing names a partition, Region or account.
const ANYWHERE: [&str; 3] = ["aws", "us-east-1", "000000000000"];

/// The keys that S3 may really use, where that differs from the header.
pub fn effective(policy: &Policy, keys: &Keys) -> Effective {
    let request = keys.request();
    if !request.operation.writes() || keys.is_declared(KMS_KEY) || !mentions_key(policy) {
        return Effective::Same;
    }
    if matches!(keys.get(CUSTOMER_ALGORITHM), KeyValue::Values(_)) {
        return Effective::Same;
    }
    match (keys.get(SSE), keys.get(KMS_KEY)) {
        (KeyValue::Absent, KeyValue::Absent) => {
            chosen("the bucket's default key", wanted_keys(policy, keys))
        }
        (sse, key) if sse.single().is_some_and(is_kms) => with_kms(policy, keys, &key),
        _ => Effective::Same,
    }
}

fn chosen(source: &'static str, arns: Vec<String>) -> Effective {
    Effective::Chosen(source, assumed(arns))
}

/// A policy may name thousands of keys, and each is worth an evaluation. With
/// more than anyone would try, the key just counts as unknown.
fn assumed(arns: Vec<String>) -> Vec<KeyValue> {
    if arns.len() > MOST_KEYS {
        return vec![KeyValue::Unknown("one of the many keys of this policy")];
    }
    arns.into_iter().map(KeyValue::one).collect()
}

fn is_kms(sse: &str) -> bool {
    matches!(sse, "aws:kms" | "aws:kms:dsse")
}

fn with_kms(policy: &Policy, keys: &Keys, key: &KeyValue) -> Effective {
    let Some(id) = key.single() else {
        return match key {
            KeyValue::Absent => {
                let homes = homes(&mentioned(policy, keys));
                let managed = homes.iter().map(|home| key_arn(home, FRESH_ID));
                Effective::Managed("the AWS-managed key aws/s3", assumed(managed.collect()))
            }
            KeyValue::Values(_) | KeyValue::Unknown(_) => Effective::Same,
        };
    };
    if is_key_arn(id) {
        return Effective::Same;
    }
    let mut candidates = wanted_keys(policy, keys);
    if let Some([_, partition, _, region, account, _]) = arn::parts(id) {
        // An alias ARN settles where the key lives, not which it is.
        for candidate in &mut candidates {
            let own_id = candidate.rsplit('/').next().unwrap_or(FRESH_ID).to_owned();
            *candidate = key_arn(&[partition, region, account].map(str::to_owned), &own_id);
        }
        return chosen("the key behind the alias", candidates);
    }
    if id.starts_with("alias/") {
        return chosen("the key behind the alias", candidates);
    }
    let homes = homes(&candidates);
    let expanded = homes.iter().map(|home| key_arn(home, id));
    chosen("the ARN of the key with this id", expanded.collect())
}

/// True for a full key ARN, which both readings take as it is.
pub fn is_key_arn(text: &str) -> bool {
    let parts = arn::parts(text);
    matches!(parts, Some([_, _, "kms", _, _, resource]) if resource.starts_with("key/"))
}

fn key_arn([partition, region, account]: &[String; 3], id: &str) -> String {
    format!("arn:{partition}:kms:{region}:{account}:key/{id}")
}

/// The conditions on the KMS key id that compare values.
pub fn key_conditions(policy: &Policy) -> impl Iterator<Item = (Effect, &Condition)> {
    policy.statements.iter().flat_map(|statement| {
        let conditions = statement.conditions.iter();
        conditions
            .filter(|c| c.key.eq_ignore_ascii_case(KMS_KEY) && c.operator.row.kind != Kind::Null)
            .map(|condition| (statement.effect, condition))
    })
}

fn mentions_key(policy: &Policy) -> bool {
    policy.statements.iter().any(|statement| {
        let values = statement.conditions.iter().flat_map(|c| &c.values);
        let templates = values.chain(&statement.resource.items);
        let mut conditions = statement.conditions.iter();
        conditions.any(|c| c.key.eq_ignore_ascii_case(KMS_KEY))
            || templates
                .flat_map(|template| template.keys())
                .any(|key| key.eq_ignore_ascii_case(KMS_KEY))
    })
}

/// A key for every value that the policy requires, or else one that it does
/// not name, at every place that it names.
fn wanted_keys(policy: &Policy, keys: &Keys) -> Vec<String> {
    let wanted = key_conditions(policy)
        .filter(|(effect, condition)| (*effect == Effect::Deny) == condition.operator.row.negated);
    let mut wanted: Vec<String> = wanted
        .flat_map(|(_, condition)| instances(condition, keys))
        .filter(|arn| is_key_arn(arn))
        .collect();
    wanted.sort();
    wanted.dedup();
    if wanted.is_empty() {
        let homes = homes(&mentioned(policy, keys));
        wanted = homes.iter().map(|home| key_arn(home, FRESH_ID)).collect();
    }
    wanted
}

fn mentioned(policy: &Policy, keys: &Keys) -> Vec<String> {
    key_conditions(policy)
        .flat_map(|(_, condition)| instances(condition, keys))
        .collect()
}

/// Partition, Region and account of the given ARNs; one made up if none.
fn homes(arns: &[String]) -> Vec<[String; 3]> {
    let parts = arns.iter().filter_map(|text| arn::parts(text));
    let mut homes: Vec<[String; 3]> = parts
        .map(|[_, partition, _, region, account, _]| {
            [partition, region, account].map(str::to_owned)
        })
        .collect();
    homes.sort();
    homes.dedup();
    if homes.is_empty() {
        homes.push(ANYWHERE.map(str::to_owned));
    }
    homes
}

/// One ARN for each value of a condition that an ARN can match.
fn instances<'a>(condition: &'a Condition, keys: &'a Keys) -> impl Iterator<Item = String> + 'a {
    condition.values.iter().filter_map(move |value| {
        let value_of = |key: &str| keys.get(key);
        let (pattern, filled) = value.fill(condition.operator.has_wildcards(), &value_of);
        match filled {
            Filled::Missing => None,
            Filled::Known | Filled::Unknown => instance(&pattern),
        }
    })
}

/// An ARN that a pattern matches, its wildcards replaced by plain parts.
pub fn instance(pattern: &[Token]) -> Option<String> {
    let [partition, region, account] = ANYWHERE;
    let resource = format!("key/{FRESH_ID}");
    let fillers = ["arn", partition, "kms", region, account, &resource];
    let given = pattern_parts(pattern);
    let mut parts: Vec<String> = Vec::new();
    for (index, filler) in fillers.into_iter().enumerate() {
        parts.push(match given.get(index) {
            // A pattern such as `arn:aws:kms:*` goes on over the colons.
            None | Some([Token::Any]) => filler.to_owned(),
            Some(part) if index + 1 == fillers.len() => replace(part, FRESH_ID),
            Some(part) => replace(part, ""),
        });
    }
    let whole = parts.join(":");
    if matches(pattern, &whole) {
        return Some(whole);
    }
    // A pattern such as `*:key/1234`, which wildcards do not split into parts.
    let tail = replace(pattern, "");
    let tail = format!(
        "arn:{partition}:kms:{region}:{account}:{}",
        tail.trim_start_matches(':')
    );
    matches(pattern, &tail).then_some(tail)
}

fn replace(pattern: &[Token], any: &str) -> String {
    let mut text = String::new();
    for token in pattern {
        match token {
            Token::Char(c) => text.push(*c),
            Token::Any => text.push_str(any),
            Token::One => text.push('0'),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::glob::tokens;
    use super::*;

    #[test]
    fn an_instance_of_a_pattern() {
        let of = |pattern: &str| instance(&tokens(pattern).collect::<Vec<_>>());
        assert_eq!(
            of("arn:aws:kms:*:111122223333:key/*"),
            Some(format!("arn:aws:kms:us-east-1:111122223333:key/{FRESH_ID}"))
        );
        assert_eq!(
            of("arn:aws:kms:eu-*:1?:key/mrk-*").as_deref(),
            Some("arn:aws:kms:eu-:10:key/mrk-00000000-0000-0000-0000-000000000000")
        );
        assert!(of("*").is_some_and(|arn| is_key_arn(&arn)));
        assert!(of("arn:aws:kms:*").is_some_and(|arn| is_key_arn(&arn)));
        assert_eq!(
            of("*:key/1234").as_deref(),
            Some("arn:aws:kms:us-east-1:000000000000:key/1234")
        );
        assert_eq!(of("alias/state"), None);
    }
}
