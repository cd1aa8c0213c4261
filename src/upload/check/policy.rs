//! What the bucket's policy says: to the upload, and to plain http.

use super::encryption::Asked;
use super::finding::{Finding, Id, Unanswered};
use super::Check;
use crate::encryption::Operation;
use crate::policy::{self, Policy, Request, Verdict};
use crate::s3::Settings;
use crate::upload::verdict::{judge, with_transport, Judged};

type Answer = Result<Option<String>, Unanswered>;

const WHAT: &str = "The bucket's policy";
const QUESTION: &str = "GetBucketPolicy";

impl Check {
    /// The verdict on the upload as it would be sent.
    pub(super) fn policy(&self, settings: &Settings, told: &Answer, asked: &Asked) -> Finding {
        let id = Id::Policy;
        let policy = match parsed(id, told) {
            Ok(Some(policy)) => policy,
            Ok(None) => {
                return Finding::ok(
                    id,
                    "The bucket has no policy: nothing in it denies the upload, and nothing enforces encryption",
                )
                .remedy("Enforce it: stateseal policy bucket writes a policy")
            }
            Err(finding) => return finding,
        };
        let Ok(choice) = &asked.choice else {
            return Finding::skipped(
                id,
                "It is not known which encryption the upload would ask for",
            );
        };
        let verdict = |operation| {
            let request = self.plan.request_of(settings, choice, operation)?;
            Some(judge(&policy, &request))
        };
        match (verdict(Operation::PutObject), verdict(Operation::CreateMultipartUpload)) {
            (Some(put), _) if put.verdict == Verdict::ExplicitDeny => {
                Finding::problem(id, denies(&put, "the upload"), way_out(&put))
            }
            (_, Some(create)) if create.verdict == Verdict::ExplicitDeny => Finding::warning(
                id,
                denies(&create, "uploads in parts, which large states are"),
                way_out(&create),
            ),
            (Some(put), _) if put.verdict == Verdict::Unknown => Finding::warning(
                id,
                format!(
                    "Whether the policy lets the upload pass depends on what is not known here: {} may deny it",
                    put.sids.join(", ")
                ),
                way_out(&put),
            ),
            (Some(put), _) if put.verdict == Verdict::Allow => {
                Finding::ok(id, "The bucket's policy allows the upload")
            }
            _ => Finding::ok(
                id,
                "No statement of the bucket's policy denies the upload; the caller's own policy must allow it",
            ),
        }
    }

    /// Whether plain http is refused, by the settings here or by the policy for everyone.
    pub(super) fn tls(&self, settings: &Settings, told: &Answer) -> Finding {
        let id = Id::Tls;
        let server = settings.server(&self.plan.object.bucket);
        if server.is_some_and(|server| server.is_plain_http() && !server.is_loopback()) {
            return Finding::problem(
                id,
                "The endpoint is plain http: the state can be read and changed on its way",
                "Use an https endpoint",
            );
        }
        let remedy = "Deny requests without aws:SecureTransport, on the bucket and its objects: stateseal policy bucket writes such a policy";
        let policy = match parsed(id, told) {
            Ok(Some(policy)) => policy,
            Ok(None) => return Finding::warning(id, "No policy refuses plain http", remedy),
            Err(finding) => return finding,
        };
        let object = &self.plan.object;
        let refused = |operation: &str| {
            let operation = policy::Operation::parse(operation).ok()?;
            let request = Request::new(operation, &object.bucket, &object.key);
            let denies = |plain| {
                policy
                    .explain(&with_transport(request.clone(), plain))
                    .deny_sids
            };
            let secure = denies(false);
            denies(true).into_iter().find(|sid| !secure.contains(sid))
        };
        match (refused("PutObject"), refused("GetObject")) {
            (Some(sid), Some(_)) => Finding::ok(
                id,
                format!("The policy refuses plain http in statement {sid}"),
            ),
            (Some(_), None) => {
                Finding::warning(id, "The policy refuses plain http for writes only", remedy)
            }
            (None, Some(_)) => {
                Finding::warning(id, "The policy refuses plain http for reads only", remedy)
            }
            (None, None) => Finding::warning(
                id,
                "The policy does not refuse plain http for everyone",
                remedy,
            ),
        }
    }
}

fn parsed(id: Id, told: &Answer) -> Result<Option<Policy>, Finding> {
    match told {
        Err(why) => Err(why.finding(id, WHAT, QUESTION)),
        Ok(None) => Ok(None),
        Ok(Some(text)) => match Policy::parse(text) {
            Ok(policy) => Ok(Some(policy)),
            Err(error) => Err(Finding::warning(
                id,
                format!("{WHAT} could not be understood: {error}"),
                "Put a policy that S3 itself would take",
            )),
        },
    }
}

fn denies(judged: &Judged, what: &str) -> String {
    format!(
        "The policy denies {what} in statement {}",
        judged.sids.join(", ")
    )
}

fn way_out(judged: &Judged) -> String {
    let remedy = judged.remedy.as_deref().unwrap_or_default();
    match remedy.strip_prefix("it ") {
        Some(predicate) => format!("The policy {predicate}"),
        None => remedy.to_owned(),
    }
}
