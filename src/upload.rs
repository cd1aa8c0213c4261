//! One upload from parameters to verified result: the only place where encryption, policy and S3 meet.

mod mirror;
mod plan;
mod refusal;

use bytes::Bytes;
use serde_json::{json, Value};

pub use plan::{config_names, input_names, Body, Plan};

use crate::encryption::{
    check_region, describe, headers, verify, Choice, Encryption, Operation, Source,
};
use crate::error::{name, Error, Origin, Result};
use crate::s3::{Connection, Credentials, Failure, PutOutput};

/// What a finished upload tells, and what it wants the process to be warned of.
pub struct Outcome {
    /// `PutObjectCommandOutput` plus `Bucket`, `Key`, `Location` and `encryption`.
    pub result: Value,
    pub warning: Option<Warning>,
}

pub struct Warning {
    pub code: &'static str,
    pub message: String,
}

impl Plan {
    /// Sends the state. `body` is what a stream held; without one the plan's own body is sent.
    pub async fn run(self, credentials: Credentials, body: Option<Bytes>) -> Result<Outcome> {
        let body = match body {
            Some(body) => body,
            None => self.body.read().await?,
        };
        plan::check_length(self.content_length, body.len())?;
        let mut connection =
            Connection::open(self.settings.clone(), &credentials, &self.roots).await?;
        let mirror = mirror::Mirror::of(&self, &connection, &credentials);
        let mut learned = None;
        let mut choice = match &self.choice {
            Some(choice) => {
                self.check_blocked(choice, &mirror, &mut connection).await?;
                choice.clone()
            }
            None => {
                let found = mirror
                    .read(&mut connection)
                    .await
                    .map_err(|failure| self.explain_plainly(failure))?;
                let choice = found.choice()?;
                learned = Some(found);
                choice
            }
        };
        self.settle_region(&mut connection, &choice).await?;
        let mut sent = self.send(&mut connection, &choice, &body).await;
        if let (Err(failure), Some(found)) = (&sent, &learned) {
            // The remembered default may be out of date: read it again, and send again if it changed.
            if failure.error.name == "AccessDenied" {
                mirror.forget();
                if !found.fresh {
                    if let Ok(found) = mirror.read(&mut connection).await {
                        let now = found.choice()?;
                        if now != choice {
                            choice = now;
                            learned = Some(found);
                            sent = self.send(&mut connection, &choice, &body).await;
                        }
                    }
                }
            }
        }
        match sent {
            Ok(output) => {
                let warning = learned.and_then(|found| found.warning(&self.request.bucket));
                let result = self.prove(&choice, output)?;
                Ok(Outcome { result, warning })
            }
            Err(failure) => Err(self.explain(&connection, &choice, failure).await),
        }
    }

    /// A bucket that blocks SSE-C would refuse the put, after the key has been on the wire.
    async fn check_blocked(
        &self,
        choice: &Choice,
        mirror: &mirror::Mirror,
        connection: &mut Connection,
    ) -> Result<()> {
        if !matches!(choice.encryption, Encryption::CustomerKey(_)) {
            return Ok(());
        }
        loop {
            match mirror.read(connection).await {
                Ok(found) if found.blocks_customer_keys() && found.fresh => {
                    return Err(refusal::customer_keys_blocked(&self.request.bucket))
                }
                // It may have been unblocked since.
                Ok(found) if found.blocks_customer_keys() => mirror.forget(),
                // Where the bucket will not tell, the put's own answer does.
                _ => return Ok(()),
            }
        }
    }

    /// A key of another Region than the request's can only be right if S3 redirects: ask first,
    /// so that the state is never sent in vain.
    async fn settle_region(&self, connection: &mut Connection, choice: &Choice) -> Result<()> {
        let place = self.settings.region_setting;
        let elsewhere = choice
            .key_region()
            .is_some_and(|region| region != connection.region());
        if elsewhere && self.settings.follow_region_redirects {
            if let Some(region) = connection.bucket_region(&self.request.bucket).await {
                connection.move_to(region);
            }
        }
        check_region(choice, connection.region(), place)
    }

    async fn send(
        &self,
        connection: &mut Connection,
        choice: &Choice,
        body: &Bytes,
    ) -> Result<PutOutput, Failure> {
        let headers = || headers(&choice.encryption, Operation::PutObject);
        let sent = self.request.send(connection, body.clone(), headers()).await;
        match sent {
            Err(failure) if connection.follow(&failure) => {
                check_region(choice, connection.region(), "the bucket's Region")?;
                self.request.send(connection, body.clone(), headers()).await
            }
            sent => sent,
        }
    }

    /// Holds the reply against what was asked.
    fn prove(&self, choice: &Choice, output: PutOutput) -> Result<Value> {
        let verified = verify(&choice.encryption, &output.encryption).map_err(|difference| {
            let mut error = Error::new(
                Origin::Verification,
                name::NOT_APPLIED,
                format!("S3 stored the object and did not apply the encryption that was asked for: {difference}"),
            );
            error.hint = Some("Delete that version, and check what answers at this endpoint: S3 itself applies what it accepts".into());
            error.metadata = output.metadata.clone();
            for field in ["ETag", "VersionId"] {
                if let Some(value) = output.fields.get(field) {
                    error.extra.insert(field.into(), value.clone());
                }
            }
            error.extra.insert("Bucket".into(), self.request.bucket.clone().into());
            error.extra.insert("Key".into(), self.request.key.clone().into());
            error
        })?;
        let mut result = output.fields;
        result.insert("Bucket".into(), self.request.bucket.clone().into());
        result.insert("Key".into(), self.request.key.clone().into());
        if let Some(location) = output.location {
            result.insert("Location".into(), location.into());
        }
        result.insert(
            "encryption".into(),
            describe(choice, self.stage.as_deref(), &output.encryption, &verified),
        );
        result.insert("$metadata".into(), output.metadata.to_json());
        Ok(json!(result))
    }

    /// Adds the hint that needs no further question.
    fn explain_plainly(&self, failure: Failure) -> Error {
        let mut error = failure.error;
        error.hint = refusal::hint(
            &error,
            &refusal::Asked {
                bucket: &self.request.bucket,
                choice: None,
            },
        );
        error
    }

    /// Adds the hint; where the bucket's policy may have refused, it is read and asked.
    async fn explain(&self, connection: &Connection, choice: &Choice, failure: Failure) -> Error {
        let mut error = failure.error;
        let asked = refusal::Asked {
            bucket: &self.request.bucket,
            choice: Some(choice),
        };
        error.hint = refusal::hint(&error, &asked);
        if refusal::may_be_bucket_policy(&error) {
            if let Some(policy) = connection.bucket_policy(&self.request.bucket).await {
                let plain = self.settings.is_plain_http();
                let told = refusal::ask_policy(
                    &policy,
                    &self.request.bucket,
                    &self.request.key,
                    choice,
                    plain,
                );
                error.hint = told.or(error.hint.take());
            }
        }
        if choice.source == Source::Fallback {
            let hint = error.hint.take().unwrap_or_default();
            error.hint = Some(format!("{hint} The bucket's default encryption could not be read, so AES256 was sent: allow s3:GetEncryptionConfiguration or set encryption.").trim().to_owned());
        }
        error
    }
}
