//! The whole policy against one request.

use super::condition_key::{KeyValue, Keys, KMS_KEY};
use super::document::{Effect, Policy, Statement};
use super::reading::{effective, Effective};
use super::remedy;
use super::request::Request;
use super::statement::{judge, reason, Judged, Scope};
use super::tri::Tri;
use super::verdict::{ConditionTrace, Explanation, ReadingTrace, StatementTrace, Verdict};

/// The first reading's name.
const HEADER: &str = "the request's header";

impl Policy {
    /// Whether the policy lets the request through, with a trace of every
    /// condition and, where there is one, the change that helps.
    pub fn explain(&self, request: &Request) -> Explanation {
        let mut explanation = evaluate(self, request);
        explanation.remedy = remedy::of(self, request, &explanation);
        explanation
    }
}

/// The policy under one reading of the KMS key.
struct Reading {
    source: &'static str,
    assumed_key: Option<String>,
    judged: Vec<Judged>,
    verdict: Verdict,
}

/// [`Policy::explain`] without the remedy.
pub(super) fn evaluate(policy: &Policy, request: &Request) -> Explanation {
    let mut keys = Keys::new(request);
    let effective = effective(policy, &keys);
    let arn = request.arn(&partition(policy, &keys));
    let actions = actions(&keys);
    let header = read(policy, &keys, &arn, &actions, HEADER, None);
    let mut readings = vec![header];
    let mut assume = |source, key: KeyValue| {
        let named = key.single().map(str::to_owned);
        keys.assume_kms_key(Some(key));
        read(policy, &keys, &arn, &actions, source, named)
    };
    match effective {
        Effective::Same => {}
        Effective::Chosen(source, candidates) => {
            let mut best: Option<Reading> = None;
            for key in candidates {
                let reading = assume(source, key);
                let better = |best: &Reading| rank(reading.verdict) < rank(best.verdict);
                if best.as_ref().is_none_or(better) {
                    best = Some(reading);
                }
                // Nothing serves the request better than passing.
                if best.as_ref().is_some_and(|best| best.verdict.passes()) {
                    break;
                }
            }
            readings.extend(best);
        }
        Effective::Managed(source, candidates) => {
            readings.extend(candidates.into_iter().map(|key| assume(source, key)));
        }
    }
    keys.assume_kms_key(None);
    let scope = Scope {
        keys: &keys,
        arn: &arn,
        actions: &actions,
    };
    settle(policy, &scope, readings)
}

/// How well a verdict serves the request.
fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Allow => 0,
        Verdict::NoDeny => 1,
        Verdict::Unknown => 2,
        Verdict::ExplicitDeny => 3,
    }
}

fn read(
    policy: &Policy,
    keys: &Keys,
    arn: &str,
    actions: &[String],
    source: &'static str,
    assumed_key: Option<String>,
) -> Reading {
    let scope = Scope { keys, arn, actions };
    let statements = policy.statements.iter();
    let judged: Vec<Judged> = statements.map(|s| judge(s, &scope)).collect();
    Reading {
        source,
        assumed_key,
        verdict: verdict(policy, &judged),
        judged,
    }
}

/// An explicit Deny always wins; an unknown one could; then an Allow counts.
fn verdict(policy: &Policy, judged: &[Judged]) -> Verdict {
    let pairs = || policy.statements.iter().zip(judged);
    let denied = Tri::any(
        pairs()
            .filter(|(statement, _)| statement.effect == Effect::Deny)
            .map(|(_, judged)| judged.applies),
    );
    let allowed = pairs().any(|(statement, judged)| {
        statement.effect == Effect::Allow
            && judged.applies == Tri::True
            && !judged.principal.delegated
    });
    match denied {
        Tri::True => Verdict::ExplicitDeny,
        Tri::Unknown => Verdict::Unknown,
        Tri::False if allowed => Verdict::Allow,
        Tri::False => Verdict::NoDeny,
    }
}

/// Brings the readings together: where they agree on the verdict, the header's
/// trace stands; where not, only what they have in common is known.
fn settle(policy: &Policy, scope: &Scope, readings: Vec<Reading>) -> Explanation {
    let traces = readings.iter().map(|reading| ReadingTrace {
        source: reading.source,
        assumed_key: reading.assumed_key.clone(),
        verdict: reading.verdict,
        deny_sids: sids(policy, &reading.judged, Tri::True),
    });
    let traces: Vec<ReadingTrace> = traces.collect();
    let verdict = common(readings.iter().map(|reading| reading.verdict));
    let mut readings = readings.into_iter();
    let mut judged = readings.next().map_or_else(Vec::new, |first| first.judged);
    let others: Vec<Reading> = readings.collect();
    let agreed = traces.iter().all(|trace| trace.verdict == verdict);
    if !agreed || verdict == Verdict::Unknown {
        for other in &others {
            for (mine, theirs) in judged.iter_mut().zip(&other.judged) {
                mine.agree(theirs);
            }
        }
    }
    let statements = policy.statements.iter().enumerate().zip(&judged);
    let statements = statements.map(|((index, statement), judged)| {
        let mut trace = trace(statement, judged, scope);
        let differs = others.iter().find(|other| {
            let theirs = other.judged.get(index);
            theirs.is_some_and(|theirs| theirs.applies != judged.applies)
        });
        if let Some(other) = differs {
            trace.reason.push_str(&note(other.source));
        }
        trace
    });
    Explanation {
        verdict,
        statements: statements.collect(),
        deny_sids: sids(policy, &judged, Tri::True),
        unknown_sids: sids(policy, &judged, Tri::Unknown),
        remedy: None,
        readings: traces,
    }
}

fn note(source: &str) -> String {
    format!(
        " (this differs if S3 fills {KMS_KEY} with {source} instead of the header; its documentation leaves both readings)"
    )
}

/// The verdict that all readings share. `allow` in one and `no-deny` in the
/// other is still not denied.
fn common(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    let common = verdicts.reduce(|a, b| match (a, b) {
        (a, b) if a == b => a,
        (a, b) if a.passes() && b.passes() => Verdict::NoDeny,
        _ => Verdict::Unknown,
    });
    common.unwrap_or(Verdict::Unknown)
}

/// The Deny statements that apply to this degree.
fn sids(policy: &Policy, judged: &[Judged], applies: Tri) -> Vec<String> {
    let pairs = policy.statements.iter().zip(judged);
    pairs
        .filter(|(s, judged)| s.effect == Effect::Deny && judged.applies == applies)
        .map(|(statement, _)| statement.sid.clone())
        .collect()
}

fn trace(statement: &Statement, judged: &Judged, scope: &Scope) -> StatementTrace {
    let conditions = statement.conditions.iter().zip(&judged.outcomes);
    let conditions = conditions.map(|(condition, outcome)| ConditionTrace {
        operator: condition.operator.written.clone(),
        key: condition.key.clone(),
        values: condition.values.iter().map(|v| v.written.clone()).collect(),
        actual: outcome.actual.clone(),
        result: outcome.result,
    });
    let mut reason = reason(statement, judged, scope);
    if statement.effect == Effect::Allow
        && judged.applies == Tri::True
        && judged.principal.delegated
    {
        reason.push_str("; it names the account only, whose own policies must allow as well");
    }
    StatementTrace {
        sid: statement.sid.clone(),
        effect: statement.effect,
        applies: judged.applies,
        conditions: conditions.collect(),
        reason,
    }
}

/// The operation's action, then those that its headers need.
fn actions(keys: &Keys) -> Vec<String> {
    let operation = &keys.request().operation;
    let further = keys
        .header_names()
        .filter_map(|name| operation.further_action(name));
    let mut further: Vec<String> = further.map(str::to_owned).collect();
    further.sort();
    further.dedup();
    let mut actions = vec![operation.action.clone()];
    actions.append(&mut further);
    actions
}

/// The partition of the bucket; see [`Request::partition`].
fn partition(policy: &Policy, keys: &Keys) -> String {
    if let Some(partition) = &keys.request().partition {
        return partition.clone();
    }
    if let KeyValue::Values(regions) = keys.get("aws:RequestedRegion") {
        let region = regions.first().map_or("", String::as_str);
        return super::partition::of_region(region).to_owned();
    }
    let resources = policy.statements.iter().flat_map(|s| &s.resource.items);
    let mut named: Vec<&str> = resources
        .filter_map(|template| match super::arn::parts(&template.written) {
            Some([_, partition, "s3", ..]) if !partition.contains(['*', '?', '$']) => {
                Some(partition)
            }
            _ => None,
        })
        .collect();
    named.dedup();
    match named.as_slice() {
        [only] => (*only).to_owned(),
        _ => "aws".to_owned(),
    }
}
