//! One statement against the request: principal, action, resource and
//! conditions must all hold.

use super::arn::covers;
use super::condition::{self, Outcome};
use super::condition_key::{KeyValue, Keys};
use super::document::{Condition, Effect, Listed, Statement};
use super::glob::matches_action;
use super::principal::{Caller, PrincipalMatch};
use super::tri::Tri;
use super::variable::{Filled, Template};

/// What all statements of a policy are compared with.
pub struct Scope<'a> {
    /// The condition keys.
    pub keys: &'a Keys<'a>,
    /// The resource.
    pub arn: &'a str,
    /// The action, then those that a header needs beside it.
    pub actions: &'a [String],
}

/// What came of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// Whether the statement applies.
    pub applies: Tri,
    /// Who it speaks about.
    pub principal: PrincipalMatch,
    /// Whether the action is meant.
    pub action: Tri,
    /// Whether the resource is meant.
    pub resource: Tri,
    /// The conditions, in the order of the statement.
    pub outcomes: Vec<Outcome>,
}

impl Judged {
    /// What two readings of the same statement have in common.
    pub fn agree(&mut self, other: &Judged) {
        self.applies = self.applies.agree(other.applies);
        self.resource = self.resource.agree(other.resource);
        for (mine, theirs) in self.outcomes.iter_mut().zip(&other.outcomes) {
            mine.result = mine.result.agree(theirs.result);
        }
    }
}

/// Evaluates one statement.
pub fn judge(statement: &Statement, scope: &Scope) -> Judged {
    let principal = Caller::new(scope.keys).matches(&statement.principal);
    let action = action(statement, scope.actions);
    let resource = resource(&statement.resource, scope);
    let conditions = statement.conditions.iter();
    let outcomes: Vec<Outcome> = conditions
        .map(|condition| condition::evaluate(condition, scope.keys))
        .collect();
    let conditions = Tri::all(outcomes.iter().map(|outcome| outcome.result));
    Judged {
        applies: principal.result.and(action).and(resource).and(conditions),
        principal,
        action,
        resource,
        outcomes,
    }
}

/// A header can make a write need several actions. Denying one of them denies
/// the request; allowing means allowing the operation's own.
fn action(statement: &Statement, actions: &[String]) -> Tri {
    let decisive = match statement.effect {
        Effect::Deny => actions,
        Effect::Allow => actions.get(..1).unwrap_or(actions),
    };
    let listed = |action: &String| {
        let mut patterns = statement.action.items.iter();
        patterns.any(|pattern| matches_action(pattern, action))
    };
    let meant = |action| listed(action) != statement.action.negated;
    Tri::from(decisive.iter().any(meant))
}

fn resource(element: &Listed<Template>, scope: &Scope) -> Tri {
    let value_of = |key: &str| scope.keys.get(key);
    let covered = element.items.iter().map(|template| {
        let (pattern, filled) = template.fill(true, &value_of);
        match (covers(&pattern, scope.arn), filled) {
            // A variable without a value: the pattern matches nothing. What
            // the Not… form then means, IAM does not say.
            (_, Filled::Missing) if element.negated => Tri::Unknown,
            (_, Filled::Missing) => Tri::False,
            (Tri::True, Filled::Unknown) => Tri::Unknown,
            (covered, _) => covered,
        }
    });
    let covered = Tri::any(covered);
    match element.negated {
        true => !covered,
        false => covered,
    }
}

/// Why the statement applies, does not apply, or may.
pub fn reason(statement: &Statement, judged: &Judged, scope: &Scope) -> String {
    let parts = [
        (judged.principal.result, principal_reason(judged)),
        (judged.action, action_reason(statement, judged, scope)),
        (judged.resource, resource_reason(statement, judged, scope)),
    ];
    let conditions = statement.conditions.iter().zip(&judged.outcomes);
    let conditions =
        conditions.map(|(condition, outcome)| (outcome.result, explain(condition, outcome)));
    let all = parts.into_iter().chain(conditions);
    let decisive: Vec<String> = match judged.applies {
        // One false is enough, so the first is the reason.
        Tri::False => all
            .filter(|(r, _)| *r == Tri::False)
            .take(1)
            .map(|(_, why)| why)
            .collect(),
        Tri::Unknown => all
            .filter(|(r, _)| *r == Tri::Unknown)
            .map(|(_, why)| why)
            .collect(),
        Tri::True if statement.conditions.is_empty() => {
            vec!["principal, action and resource match, and there is no condition".to_owned()]
        }
        Tri::True => all.skip(3).map(|(_, why)| why).collect(),
    };
    let verb = match judged.applies {
        Tri::False => "does not apply",
        Tri::Unknown => "may apply",
        Tri::True => "applies",
    };
    format!("{verb}: {}", decisive.join("; "))
}

fn principal_reason(judged: &Judged) -> String {
    match judged.principal.result {
        Tri::False => "it does not speak about this caller".to_owned(),
        _ => "whether it speaks about this caller is not known".to_owned(),
    }
}

fn action_reason(statement: &Statement, judged: &Judged, scope: &Scope) -> String {
    let action = scope.actions.first().map_or("", String::as_str);
    match (statement.action.negated, judged.action) {
        (false, Tri::False) => format!("{action} is not among its actions"),
        (true, Tri::False) => format!("NotAction exempts {action}"),
        _ => format!("{action} is meant"),
    }
}

fn resource_reason(statement: &Statement, judged: &Judged, scope: &Scope) -> String {
    let arn = scope.arn;
    match (statement.resource.negated, judged.resource) {
        (_, Tri::Unknown) => format!("whether its resources cover {arn} is not known"),
        (false, _) => format!("its resources do not cover {arn}"),
        (true, _) => format!("NotResource exempts {arn}"),
    }
}

/// How many values of a list are worth reading in a sentence.
const SHOWN: usize = 3;

fn explain(condition: &Condition, outcome: &Outcome) -> String {
    let actual = match &outcome.actual {
        KeyValue::Absent => "key absent".to_owned(),
        KeyValue::Unknown(why) => format!("not known ({why})"),
        KeyValue::Values(values) => quoted(values.iter().map(String::as_str)),
    };
    let wanted = quoted(condition.values.iter().map(|value| value.written.as_str()));
    let result = match outcome.result {
        Tri::True => "true",
        Tri::False => "false",
        Tri::Unknown => "unknown",
    };
    let (operator, key) = (&condition.operator.written, &condition.key);
    format!("{operator}({key}): {actual} vs {wanted} -> {result}")
}

fn quoted<'a>(values: impl Iterator<Item = &'a str>) -> String {
    let mut values = values.map(|value| format!("'{value}'"));
    let shown: Vec<String> = values.by_ref().take(SHOWN).collect();
    let rest = values.count();
    match (shown.is_empty(), rest) {
        (true, _) => "no value".to_owned(),
        (false, 0) => shown.join(", "),
        (false, rest) => format!("{} and {rest} more", shown.join(", ")),
    }
}
