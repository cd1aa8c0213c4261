//! The doctor: will this bucket take the upload, and is the state safe in it?
//!
//! It asks everything that can be asked, at once where it can. One answer that is refused hides that
//! answer and no other; only what every request would meet (no credentials, no network) ends it.
//! Nothing is written unless probes are asked for.

mod access;
mod encryption;
mod finding;
mod kms_key;
mod policy;
mod probe;
mod settings;

use std::sync::Arc;

use serde_json::{json, Value as Json};

use self::finding::{unanswered, Finding, Status, Unanswered, IDS};
use super::{config_names, option_names, Body, Plan};
use crate::encryption::{request_report, Choice};
use crate::error::{Error, Result};
use crate::s3::{Connection, Credentials, Failure, Gateway};
use crate::similar::did_you_mean;
use crate::value::Value;

const OWN_NAMES: [&str; 3] = ["bucket", "key", "probe"];

/// What is read of the argument, beside the settings of the connection.
pub fn check_names() -> impl Iterator<Item = &'static str> {
    OWN_NAMES.into_iter().chain(option_names())
}

pub struct Check {
    /// The upload that is judged; where no key is given, of a representative one.
    plan: Plan,
    probe: bool,
}

impl Check {
    pub fn parse(options: &Value, gateway: Arc<Gateway>) -> Result<Check> {
        check_option_names(options)?;
        let bucket = required(options, "bucket")?;
        let key = match options.get("key") {
            None => format!("stateseal-check/{}/state.json", random()),
            Some(_) => required(options, "key")?,
        };
        let probe = match options.get("probe") {
            None => false,
            Some(Value::Bool(probe)) => *probe,
            Some(other) => return Err(Error::wrong_type("probe", other, "Give true or false")),
        };
        let params = Value::Object(vec![
            ("Bucket".into(), Value::String(bucket)),
            ("Key".into(), Value::String(key)),
        ]);
        let body = Body::Bytes(bytes::Bytes::new());
        let plan = Plan::parse(&params, body, true, options, gateway).map_err(in_our_words)?;
        Ok(Check { plan, probe })
    }

    /// `{ ok, bucket, region, encryption?, findings }`.
    pub async fn run(self, credentials: Credentials) -> Result<Json> {
        let mut connection = self.plan.connect(&credentials).await?;
        let access = self.access(&mut connection).await?;
        let mut report = Report {
            findings: access.findings,
            choice: None,
        };
        if access.is_missing {
            report.skip_the_rest("The bucket does not exist");
        } else {
            let answers = access.answers;
            self.look_inside(&connection, answers, &mut report).await?;
        }
        Ok(self.to_json(&connection, report))
    }

    async fn look_inside(
        &self,
        connection: &Connection,
        answers: bool,
        report: &mut Report,
    ) -> Result<()> {
        let bucket = &self.plan.object.bucket;
        let encryption = async {
            let asked = self.asked(connection).await?;
            let key = self.kms_key(connection, &asked).await;
            Ok::<_, Error>((asked, key))
        };
        let (owner, policy, versioning, public_access, ownership, encryption) = tokio::join!(
            self.owner(connection, answers),
            connection.bucket_policy(bucket, None),
            connection.bucket_versioning(bucket),
            connection.public_access_gaps(bucket),
            connection.object_ownership(bucket),
            encryption,
        );
        let (asked, key) = encryption?;
        let policy = answer(policy)?;
        report.findings.extend([
            owner?,
            settings::versioning(answer(versioning)?),
            settings::public_access(answer(public_access)?),
            settings::ownership(answer(ownership)?),
            self.default_encryption(&asked),
            self.blocked_encryption(&asked),
            self.policy(&connection.settings, &policy, &asked),
            self.tls(&connection.settings, &policy),
            key,
        ]);
        report.findings.extend(match &asked.choice {
            _ if !self.probe => probe::skipped("It would write to the bucket: set probe to true"),
            Err(_) => probe::skipped("It is not known which encryption to ask for"),
            Ok(_) if asked.is_blocked() => {
                probe::skipped("The bucket blocks SSE-C: the key is not sent in vain")
            }
            Ok(choice) => self.probes(connection, choice).await,
        });
        report.choice = asked.choice.ok();
        Ok(())
    }

    fn to_json(&self, connection: &Connection, report: Report) -> Json {
        let order = |finding: &Finding| IDS.iter().position(|id| *id == finding.id);
        let mut findings = report.findings;
        findings.sort_by_key(order);
        let mut json = json!({
            "ok": findings.iter().all(|finding| finding.status != Status::Problem),
            "bucket": self.plan.object.bucket,
            "region": connection.region(),
        });
        if let Some(choice) = &report.choice {
            json["encryption"] = request_report(choice, self.plan.stage.as_deref());
        }
        json["findings"] = findings.iter().map(Finding::to_json).collect();
        json
    }
}

struct Report {
    findings: Vec<Finding>,
    /// What the upload would ask for.
    choice: Option<Choice>,
}

impl Report {
    fn skip_the_rest(&mut self, why: &str) {
        for id in IDS {
            if self.findings.iter().all(|finding| finding.id != id) {
                self.findings.push(Finding::skipped(id, why));
            }
        }
    }
}

/// An answer, or why there is none; an error where no other question would be answered either.
fn answer<T>(asked: Result<T, Failure>) -> Result<Result<T, Unanswered>> {
    match asked {
        Ok(told) => Ok(Ok(told)),
        Err(failure) => Ok(Err(unanswered(failure.error)?)),
    }
}

fn required(options: &Value, name: &str) -> Result<String> {
    let remedy = format!("Give the {name} as a string");
    match options.get(name) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
        Some(Value::String(_)) => Err(Error::invalid(name, "is empty", &remedy)),
        Some(other) => Err(Error::wrong_type(name, other, &remedy)),
        None => Err(Error::missing(name, &remedy)),
    }
}

/// `Key` without its effect would check another object than the one that is meant.
fn check_option_names(options: &Value) -> Result<()> {
    let Value::Object(entries) = options else {
        return Ok(());
    };
    let known: Vec<&str> = check_names()
        .chain(config_names())
        .chain(["credentials", "ca"])
        .collect();
    for (name, _) in entries {
        let suggestion = did_you_mean(name, OWN_NAMES);
        if !known.contains(&name.as_str()) && !suggestion.is_empty() {
            return Err(Error::invalid(
                name,
                &format!("is not a setting{suggestion}"),
                "Correct its spelling",
            ));
        }
    }
    Ok(())
}

/// An upload's argument error about `Bucket` or `Key`, as it is spelt here.
fn in_our_words(mut error: Error) -> Error {
    for (theirs, ours) in [("Bucket", "bucket"), ("Key", "key")] {
        if error.setting.as_deref() == Some(theirs) {
            error.setting = Some(ours.into());
            error.message = error.message.replacen(theirs, ours, 1);
        }
    }
    error
}

/// Part of a name that nobody else uses.
fn random() -> String {
    format!("{:016x}", fastrand::u64(..))
}
