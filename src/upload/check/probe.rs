//! The probes that write: a put like an upload's, and conditional writes. What they wrote they
//! delete, version by version.

use bytes::Bytes;

use super::finding::{permission, Finding, Id, Status};
use super::{random, Check};
use crate::encryption::{headers, Choice, Operation};
use crate::error::{Error, Origin};
use crate::s3::{parse_fields, Connection, Failure, Object, Reported};
use crate::upload::refusal::Asked;
use crate::value::Value;

const BODY: &[u8] = b"{\"stateseal\":\"probe\"}";
const LONGEST_KEY: usize = 1024;

/// An object of ours, and the versions of it that were written.
struct Probe<'a> {
    connection: &'a Connection,
    choice: &'a Choice,
    object: Object,
    versions: Vec<Option<String>>,
    /// A put had no answer: it may have been written, under a version that nobody knows.
    is_uncertain: bool,
}

pub(super) fn skipped(why: &str) -> [Finding; 2] {
    [Id::ConditionalWrites, Id::PutProbe].map(|id| Finding::skipped(id, why))
}

impl Check {
    pub(super) async fn probes(&self, connection: &Connection, choice: &Choice) -> [Finding; 2] {
        let (conditional, put) = tokio::join!(
            self.conditional_writes(connection, choice),
            self.put_probe(connection, choice)
        );
        [
            conditional.unwrap_or_else(|error| Finding::of_error(Id::ConditionalWrites, &error)),
            put.unwrap_or_else(|error| Finding::of_error(Id::PutProbe, &error)),
        ]
    }

    async fn put_probe(&self, connection: &Connection, choice: &Choice) -> Result<Finding, Error> {
        let id = Id::PutProbe;
        let mut probe = self.probe(connection, choice, &[])?;
        let sent = self.sent(choice);
        let finding = match probe.put().await {
            Ok(reported) => match self.plan.prove(choice, reported) {
                Ok(_) => Finding::ok(id, format!("A put with {sent} was accepted and verified")),
                Err(error) => Finding::of_error(id, &error),
            },
            Err(failure) if failure.error.origin != Origin::Service => Finding::skipped(
                id,
                format!("A put had no answer: {}", failure.error.message),
            ),
            Err(failure) => {
                let put = Operation::PutObject;
                let explained = self.plan.explain(connection, choice, put, failure.error);
                let error = explained.await;
                let message = format!("S3 refused a put with {sent}: {}", error.name);
                let hint = error.hint.as_deref();
                Finding::problem(id, message, hint.unwrap_or("See S3's list of error codes"))
            }
        };
        Ok(probe.clean_up(finding).await)
    }

    /// Two writes of one new object, each only where there is none: the first must pass, the second
    /// must not.
    async fn conditional_writes(
        &self,
        connection: &Connection,
        choice: &Choice,
    ) -> Result<Finding, Error> {
        let id = Id::ConditionalWrites;
        let mut probe = self.probe(connection, choice, &[("IfNoneMatch", "*")])?;
        let finding = match probe.put().await {
            Err(failure) => no_first_write(id, failure),
            Ok(_) => match probe.put().await {
                Ok(_) => Finding::problem(
                    id,
                    "Conditional writes are not honoured: with If-None-Match: * a second put replaced the first",
                    "Do not rely on IfNoneMatch and IfMatch at this endpoint: two deployments can overwrite each other's state",
                ),
                Err(failure) => match failure.error.metadata.http_status {
                    Some(409 | 412) => Finding::ok(
                        id,
                        "Conditional writes are honoured: with If-None-Match: * a second put was refused",
                    ),
                    _ => Finding::skipped(
                        id,
                        format!("The second conditional put failed: {}", failure.error.name),
                    ),
                },
            },
        };
        Ok(probe.clean_up(finding).await)
    }

    fn sent(&self, choice: &Choice) -> String {
        let asked = Asked {
            bucket: &self.plan.object.bucket,
            choice: Some(choice),
        };
        asked.sent()
    }

    /// Beside the key that is checked, so that the same statements are about it.
    fn probe<'a>(
        &self,
        connection: &'a Connection,
        choice: &'a Choice,
        fields: &[(&str, &str)],
    ) -> Result<Probe<'a>, Error> {
        let Object { bucket, key, .. } = &self.plan.object;
        let suffix = format!(".stateseal-check-{}", random());
        let mut end = key.len().min(LONGEST_KEY - suffix.len());
        while !key.is_char_boundary(end) {
            end -= 1;
        }
        let fields = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Value::String((*value).to_owned())))
            .collect();
        let owner = self.plan.object.fields.text("ExpectedBucketOwner");
        Ok(Probe {
            connection,
            choice,
            object: Object {
                bucket: bucket.clone(),
                key: format!("{}{suffix}", &key[..end]),
                fields: parse_fields(&Value::Object(fields), owner)?,
                default_content_type: Some("application/json"),
            },
            versions: Vec::new(),
            is_uncertain: false,
        })
    }
}

fn no_first_write(id: Id, failure: Failure) -> Finding {
    let name = &failure.error.name;
    match failure.error.metadata.http_status {
        Some(403) => {
            let mut finding =
                Finding::skipped(id, format!("The first conditional put was refused: {name}"));
            finding.permission = Some(permission("PutObject"));
            finding
        }
        Some(409 | 412) => Finding::problem(
            id,
            "Conditional writes are wrong: If-None-Match: * refused a key that does not exist",
            "Do not use IfNoneMatch at this endpoint",
        ),
        Some(400 | 501) => Finding::warning(
            id,
            format!("The server takes no conditional writes: {name}"),
            "Do not use IfNoneMatch and IfMatch at this endpoint: two deployments can overwrite each other's state",
        ),
        _ => Finding::skipped(id, format!("The first conditional put failed: {name}")),
    }
}

impl Probe<'_> {
    async fn put(&mut self) -> Result<Reported, Failure> {
        let asked = headers(&self.choice.encryption, Operation::PutObject);
        let body = Bytes::from_static(BODY);
        let sent = self.object.put(self.connection, body, asked).await;
        match &sent {
            Ok(reported) => {
                let version = reported.fields.get("VersionId");
                let version = version.and_then(|id| id.as_str()).map(str::to_owned);
                if !self.versions.contains(&version) {
                    self.versions.push(version);
                }
            }
            Err(failure) => self.is_uncertain |= failure.error.origin != Origin::Service,
        }
        sent
    }

    /// Deletes what was written, and says what stays.
    async fn clean_up(self, mut finding: Finding) -> Finding {
        let Object {
            bucket,
            key,
            fields,
            ..
        } = &self.object;
        let owner = fields.text("ExpectedBucketOwner");
        for version in &self.versions {
            let version = version.as_deref();
            let deleted = self
                .connection
                .delete_object(bucket, key, version, owner)
                .await;
            let Err(failure) = deleted else {
                continue;
            };
            let which = version.map_or(String::new(), |id| format!(", version {id},"));
            let code = &failure.error.name;
            stays(
                &mut finding,
                format!("{key}{which} could not be deleted ({code}) and stays in the bucket"),
            );
            if failure.error.metadata.http_status == Some(403) {
                let action = match version {
                    Some(_) => "s3:DeleteObjectVersion".to_owned(),
                    None => permission("DeleteObject"),
                };
                finding.permission = Some(action);
            }
        }
        if self.is_uncertain {
            stays(&mut finding, format!("{key} may have been written"));
        }
        finding
    }
}

fn stays(finding: &mut Finding, what: String) {
    if finding.status == Status::Ok {
        finding.status = Status::Warning;
    }
    finding.message.push_str(". ");
    finding.message.push_str(&what);
    let remedy = finding.remedy.take();
    finding.remedy = Some(match remedy {
        Some(remedy) => format!("{remedy}. Delete that object"),
        None => "Delete that object".into(),
    });
}
