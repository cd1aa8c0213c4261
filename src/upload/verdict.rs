//! What a bucket's policy says to an upload: where the encryption room's headers meet the policy
//! room's request.

use super::Plan;
use crate::encryption::{headers, Choice, Operation};
use crate::policy::{self, Candidate, ContextValue, Explanation, Policy, Request, Verdict};
use crate::s3::Settings;

pub(super) struct Judged {
    pub verdict: Verdict,
    /// The statements that deny the request; with `Unknown` those that may.
    pub sids: Vec<String>,
    /// What to change, as the second half of a sentence about the policy.
    pub remedy: Option<String>,
}

impl Plan {
    /// The request that an upload begins with, as the policy sees it.
    pub(super) fn request_of(
        &self,
        settings: &Settings,
        choice: &Choice,
        operation: Operation,
    ) -> Option<Request> {
        let named = policy::Operation::parse(operation.name()).ok()?;
        let request = Request::new(named, &self.object.bucket, &self.object.key);
        // Of a multipart upload its completion carries the conditions.
        let is_whole = operation == Operation::PutObject;
        let fields = self.object.fields.put_headers();
        let fields = fields.filter(|(name, _)| is_whole || !name.starts_with("if-"));
        let request = fields.fold(request, |request, (name, value)| {
            request.header(name.as_ref(), value.as_str())
        });
        let server = settings.server(&self.object.bucket);
        let plain = server.is_some_and(|server| server.is_plain_http());
        Some(with_transport(encrypted(request, choice), plain))
    }
}

/// Adds the headers that ask for the encryption.
fn encrypted(request: Request, choice: &Choice) -> Request {
    headers(&choice.encryption, Operation::PutObject)
        .into_iter()
        .filter(|header| !header.sensitive)
        .fold(request, |request, header| {
            request.header(header.name, header.value)
        })
}

/// Over plain http or https; without a word of it the policy room assumes https.
pub(super) fn with_transport(request: Request, plain_http: bool) -> Request {
    let secure = (!plain_http).to_string();
    request.with("aws:SecureTransport", ContextValue::Values(vec![secure]))
}

/// The verdict and, where it is none that lets the request pass for certain, the way out.
pub(super) fn judge(policy: &Policy, request: &Request) -> Judged {
    let explanation = policy.explain(request);
    let sids = match explanation.verdict {
        Verdict::ExplicitDeny => explanation.deny_sids.clone(),
        Verdict::Unknown => explanation.unknown_sids.clone(),
        Verdict::Allow | Verdict::NoDeny => Vec::new(),
    };
    Judged {
        verdict: explanation.verdict,
        sids,
        remedy: way_out(policy, request, explanation),
    }
}

fn way_out(policy: &Policy, request: &Request, explanation: Explanation) -> Option<String> {
    if explanation.verdict.passes() {
        return None;
    }
    let own: Vec<String> = request
        .headers
        .iter()
        .map(|(_, value)| value.clone())
        .filter(|value| value.starts_with("arn:") && value.contains(":key/"))
        .collect();
    let suggestions = policy::suggest_for(policy, request, &own);
    let certain = suggestions.accepted.iter().chain(&suggestions.with_own_key);
    let accepts = certain
        .map(|passes| format!("it accepts {}", setting(&passes.candidate)))
        .next();
    let open = explanation.open_keys();
    let more = explanation.remedy.as_deref().unwrap_or_default();
    let more = more.trim_end_matches('.');
    Some(match (explanation.verdict, accepts) {
        // One question alone is open: which key S3 holds against the policy.
        (Verdict::Unknown, _) if open.is_empty() => more.to_owned(),
        (_, Some(accepts)) => accepts,
        (Verdict::Unknown, None) => format!("it depends on {}", open.join(", ")),
        (_, None) => match suggestions.possible.first() {
            Some(may) => format!("it may accept {}", setting(&may.candidate)),
            None => format!("no encryption setting passes it. {more}"),
        },
    })
}

fn setting(candidate: &Candidate) -> String {
    match candidate {
        Candidate::BucketDefault => "encryption 'bucket-default', which sends no header".into(),
        other => other.describe(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:kms:us-east-1:111122223333:key/01234567-89ab-cdef-0123-456789abcdef";

    fn ask(conditions: &[&str], sent: &[(&str, &str)]) -> Judged {
        let statements: Vec<String> = conditions
            .iter()
            .enumerate()
            .map(|(n, condition)| {
                format!(
                    r#"{{"Sid":"S{n}","Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::b/*","Condition":{condition}}}"#
                )
            })
            .collect();
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
            statements.join(",")
        );
        let policy = Policy::parse(&text).expect("a policy");
        let request = Request::new(policy::Operation::put_object(), "b", "k");
        let request = sent.iter().fold(request, |request, (name, value)| {
            request.header(*name, *value)
        });
        judge(&policy, &with_transport(request, false))
    }

    const SSE: &str = "x-amz-server-side-encryption";
    const KEY: &str = "x-amz-server-side-encryption-aws-kms-key-id";

    #[test]
    fn a_way_out_for_each_kind_of_refusal() {
        let no_header = r#"{"Null":{"s3:x-amz-server-side-encryption":"true"}}"#;
        let friendly = r#"{"Null":{"s3:x-amz-server-side-encryption":"false"},"StringNotEquals":{"s3:x-amz-server-side-encryption":"aws:kms"}}"#;
        let other_kms = r#"{"StringNotEquals":{"s3:x-amz-server-side-encryption":"AES256"}}"#;
        let key_arn = format!(
            r#"{{"StringNotEquals":{{"s3:x-amz-server-side-encryption-aws-kms-key-id":"{ARN}"}}}}"#
        );
        let create_only = r#"{"Null":{"s3:if-none-match":"true"}}"#;
        for (conditions, sent, verdict, remedy) in [
            (
                vec![no_header],
                vec![],
                Verdict::ExplicitDeny,
                "it accepts serverSideEncryption AES256",
            ),
            (
                vec![friendly],
                vec![(SSE, "AES256")],
                Verdict::ExplicitDeny,
                "'bucket-default'",
            ),
            (
                vec![key_arn.as_str()],
                vec![(SSE, "AES256")],
                Verdict::ExplicitDeny,
                ARN,
            ),
            (
                vec![key_arn.as_str()],
                vec![(SSE, "aws:kms"), (KEY, "alias/state")],
                Verdict::Unknown,
                ARN,
            ),
            (
                vec![no_header, other_kms, &key_arn],
                vec![],
                Verdict::ExplicitDeny,
                "no encryption setting passes it",
            ),
            (
                vec![create_only],
                vec![],
                Verdict::ExplicitDeny,
                "send If-None-Match: *",
            ),
        ] {
            let judged = ask(&conditions, &sent);
            assert_eq!(judged.verdict, verdict, "{conditions:?}");
            assert!(!judged.sids.is_empty());
            let told = judged.remedy.expect("a way out");
            assert!(told.contains(remedy), "{told}");
        }
    }

    #[test]
    fn no_way_out_is_made_up() {
        let network = r#"{"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}"#;
        let judged = ask(&[network], &[(SSE, "AES256")]);
        assert_eq!(judged.verdict, Verdict::Unknown);
        assert_eq!(
            judged.remedy.as_deref(),
            Some("it depends on aws:SourceVpce")
        );
        let judged = ask(&[r#"{"Bool":{"aws:SecureTransport":"false"}}"#], &[]);
        assert!(judged.verdict.passes() && judged.remedy.is_none());
    }
}
