//! The encryption of one object, chosen as an upload would choose it, for a put that somebody else
//! sends.

use serde_json::{Map, Value as Json};

use super::mirror::Mirror;
use super::{Plan, Warning};
use crate::encryption::{
    describe, headers, params, request_report, verify_step, Choice, Header, Operation, Reply,
};
use crate::error::{Error, Metadata, Origin, Result};
use crate::s3::{Connection, Credentials};
use crate::value::Value;

pub struct Seal {
    plan: Plan,
    connection: Connection,
    /// Where the choice is the bucket's own.
    mirror: Option<Mirror>,
    choice: Choice,
    pub warning: Option<Warning>,
}

impl Plan {
    /// Chooses the encryption: asks the bucket where the upload would.
    pub async fn seal(self, credentials: Credentials) -> Result<Seal> {
        let mut connection = self.connect(&credentials).await?;
        let (choice, learned) = self.choose(&mut connection).await?;
        self.settle_region(&mut connection, &choice).await?;
        let (mirror, found) = learned.unzip();
        let warning = found.and_then(|found| found.warning(&self.object.bucket));
        Ok(Seal {
            plan: self,
            connection,
            mirror,
            choice,
            warning,
        })
    }
}

impl Seal {
    pub fn report(&self) -> Json {
        request_report(&self.choice, self.plan.stage.as_deref())
    }

    pub fn headers(&self, operation: Operation) -> Vec<Header> {
        headers(&self.choice.encryption, operation)
    }

    pub fn params(&self, operation: Operation) -> Map<String, Json> {
        params(&self.choice.encryption, operation)
    }

    /// Holds the SDK's output of `operation` against what was asked.
    pub fn verify(&self, output: &Value, operation: Operation) -> Result<Json> {
        let reply = Reply::from_fields(output);
        let stage = self.plan.stage.as_deref();
        match verify_step(&self.choice.encryption, operation, &reply) {
            Ok(verified) => Ok(describe(&self.choice, stage, &reply, &verified)),
            Err(difference) => {
                let field = |name: &str| match output.get(name) {
                    Some(Value::String(text)) => Some(text.clone().into()),
                    _ => None,
                };
                Err(self.plan.unproved(&difference, metadata(output), field))
            }
        }
    }

    /// What to change after S3 has refused: the hint that the upload's own error would have.
    pub async fn explain(&self, refusal: &Value) -> Option<String> {
        let text = |name| match refusal.get(name) {
            Some(Value::String(text)) => text.as_str(),
            _ => "",
        };
        let mut error = Error::new(Origin::Service, text("name"), text("message"));
        error.metadata = metadata(refusal);
        if let (Some(mirror), "AccessDenied") = (&self.mirror, error.name.as_str()) {
            // The remembered default may be out of date.
            mirror.forget();
        }
        self.plan
            .explain(&self.connection, &self.choice, Operation::PutObject, error)
            .await
            .hint
            .clone()
    }
}

/// `$metadata` of an SDK's output or error.
fn metadata(from: &Value) -> Metadata {
    let Some(given) = from.get("$metadata") else {
        return Metadata::default();
    };
    let text = |name| match given.get(name) {
        Some(Value::String(text)) => Some(text.clone()),
        _ => None,
    };
    let number = |name| match given.get(name) {
        Some(Value::Number(number)) => Some(*number),
        _ => None,
    };
    Metadata {
        http_status: number("httpStatusCode").map(|n| n as u16),
        request_id: text("requestId"),
        extended_request_id: text("extendedRequestId"),
        cf_id: text("cfId"),
        attempts: number("attempts").map(|n| n as u32),
        total_retry_delay: number("totalRetryDelay").map(|n| n as u64),
    }
}
