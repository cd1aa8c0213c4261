//! One upload from parameters to verified result: the only place where encryption, policy and S3 meet.

mod bucket_policy;
mod check;
mod control;
mod dry_run;
mod mirror;
mod plan;
mod recognize;
mod refusal;
mod seal;
mod send;
mod source;
mod trail;
mod transfer;
mod verdict;

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

pub use check::{check_names, Check};
pub use control::{aborted, Control, Progress};
pub use plan::{config_names, input_names, option_names, Plan};
pub use seal::Seal;
pub use source::Body;

use self::mirror::{Found, Mirror};
use self::send::{Start, Trouble};
use crate::encryption::{check_region, describe, verify, Choice, Encryption, Operation, Source};
use crate::error::{name, Error, Metadata, Origin, Result};
use crate::s3::{Connection, Credentials, Failure, Object, Reported};

/// How long a refusal waits for the bucket's policy.
const EXPLAINING: Duration = Duration::from_secs(3);

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

/// How an upload ended, and its audit record if one was wanted.
pub struct Done {
    pub outcome: Result<Outcome>,
    pub record: Option<Value>,
}

impl Plan {
    /// Sends the state.
    pub async fn run(self, credentials: Credentials) -> Done {
        let audited = self.audited();
        let outcome = Box::pin(self.store(credentials)).await;
        let record = audited.map(|audited| audited.record(&outcome));
        Done { outcome, record }
    }

    async fn store(mut self, credentials: Credentials) -> Result<Outcome> {
        let control = self.control.clone();
        let gateway = self.gateway.clone();
        let _turn = control.unless_stopped(gateway.turn()).await?;
        // Until here nothing was sent that writes.
        let prepared = control.unless_stopped(self.prepare(&credentials)).await;
        let Prepared {
            mut connection,
            mut learned,
            mut choice,
            start,
        } = prepared?;
        if let Some(trail) = &self.trail {
            trail.chosen(&connection, &choice);
            connection.tell(trail.attempts.clone());
        }
        let plan = Arc::new(self);
        let mut start = Some(start);
        let mut sent = plan.send(&mut connection, &choice, &mut start).await;
        if let (Err(Trouble::Failed(failure)), Some((mirror, found))) = (&sent, &mut learned) {
            // The remembered default may be out of date: read it again, and send again if it changed.
            if mirror::is_about_the_default(&failure.error.name) && start.is_some() {
                mirror.forget();
                if !found.fresh {
                    if let Ok(read) = Box::pin(mirror.read(&mut connection)).await {
                        let now = read.choice()?;
                        if now != choice {
                            choice = now;
                            if let Some(trail) = &plan.trail {
                                trail.chosen(&connection, &choice);
                            }
                            *found = read;
                            sent = Box::pin(plan.send(&mut connection, &choice, &mut start)).await;
                        }
                    }
                }
            }
        }
        match sent {
            Ok(output) => {
                let warning = learned.and_then(|(_, found)| found.warning(&plan.object.bucket));
                let result = plan.prove(&choice, output)?;
                Ok(Outcome { result, warning })
            }
            Err(Trouble::Failed(failure)) => {
                let first = match &start {
                    Some(start) if start.is_whole => Operation::PutObject,
                    _ => Operation::CreateMultipartUpload,
                };
                // Boxed, like all that is rare: the future of every put would be as large as the largest branch.
                let explained = Box::pin(plan.explain(&connection, &choice, first, failure.error));
                Err(explained.await)
            }
            Err(Trouble::Error(error)) => Err(error),
            Err(Trouble::Stopped(stopped)) => Err(stopped.error()),
        }
    }

    /// Everything up to the first request that writes.
    async fn prepare(&mut self, credentials: &Credentials) -> Result<Prepared> {
        let start = self.start().await?;
        let mut connection = self.connect(credentials).await?;
        let (choice, learned) = self.choose(&mut connection).await?;
        self.settle_region(&mut connection, &choice).await?;
        Ok(Prepared {
            connection,
            learned,
            choice,
            start,
        })
    }

    async fn connect(&self, credentials: &Credentials) -> Result<Connection> {
        let bucket_url = self
            .gateway
            .settings
            .bucket_endpoint
            .then(|| self.object.bucket.clone());
        // They may have been renewed while a slow body was read.
        let renewed = self.control.renewed();
        let credentials = renewed.as_ref().unwrap_or(credentials);
        let connection = self.gateway.connect(credentials, bucket_url).await?;
        // Once more: only now the profile is known, which may name the endpoint.
        if let Some(choice) = &self.choice {
            plan::check_customer_key_transport(choice, &connection.settings, &self.object.bucket)?;
        }
        Ok(connection)
    }

    /// The encryption to ask for; and what the bucket told, if it was asked.
    async fn choose(
        &self,
        connection: &mut Connection,
    ) -> Result<(Choice, Option<(Mirror, Found)>)> {
        match &self.choice {
            Some(choice) => {
                if matches!(choice.encryption, Encryption::CustomerKey(_)) {
                    Box::pin(self.check_blocked(choice, connection)).await?;
                }
                Ok((choice.clone(), None))
            }
            None => {
                let mirror = Mirror::of(self, connection);
                let found = Box::pin(mirror.read(connection))
                    .await
                    .map_err(|failure| self.explain_plainly(failure))?;
                Ok((found.choice()?, Some((mirror, found))))
            }
        }
    }

    /// A bucket that blocks SSE-C would refuse the put, after the key has been on the wire.
    async fn check_blocked(&self, choice: &Choice, connection: &mut Connection) -> Result<()> {
        let mirror = Mirror::of(self, connection);
        loop {
            match mirror.read(connection).await {
                Ok(found) if found.blocks_customer_keys() && found.fresh => {
                    let place = choice.key_setting.as_deref().unwrap_or("sseCustomerKey");
                    return Err(refusal::customer_keys_blocked(place, &self.object.bucket));
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
        let elsewhere = choice
            .key_region()
            .is_some_and(|region| region != connection.region());
        if elsewhere && connection.settings.follow_region_redirects {
            let asking = Box::pin(connection.bucket_region(&self.object.bucket));
            if let Some(region) = asking.await {
                connection.move_to(region).await?;
            }
        }
        check_region(
            choice,
            connection.region(),
            &connection.settings.region_setting,
        )
    }

    /// `start` is left in its place where the body can be sent again.
    async fn send(
        self: &Arc<Self>,
        connection: &mut Connection,
        choice: &Choice,
        start: &mut Option<Start>,
    ) -> Result<Reported, Trouble> {
        if let Some(Start {
            first,
            is_whole: true,
            ..
        }) = start
        {
            let body = first.clone();
            return self.put(connection, choice, &body).await;
        }
        let (upload, promised) = Box::pin(self.create(connection, choice)).await?;
        if let Some(trail) = &self.trail {
            trail.multipart(&upload);
        }
        let start = start
            .take()
            .ok_or_else(|| Error::new(Origin::Client, "Error", "The body has been sent already"))?;
        Box::pin(self.parts(connection, choice, &upload, promised, start)).await
    }

    fn name_object(&self, error: &mut Error) {
        let Object { bucket, key, .. } = &self.object;
        error.extra.insert("Bucket".into(), bucket.clone().into());
        error.extra.insert("Key".into(), key.clone().into());
    }

    /// Holds the reply against what was asked.
    fn prove(&self, choice: &Choice, output: Reported) -> Result<Value> {
        let verified = verify(&choice.encryption, &output.encryption).map_err(|difference| {
            let field = |name: &str| output.fields.get(name).cloned();
            self.unproved(&difference, output.metadata.clone(), field)
        })?;
        let mut result = output.fields;
        result.insert("Bucket".into(), self.object.bucket.clone().into());
        result.insert("Key".into(), self.object.key.clone().into());
        if let Some(location) = output.location {
            result.insert("Location".into(), location.into());
        }
        result.insert(
            "encryption".into(),
            describe(choice, self.stage.as_deref(), &output.encryption, &verified),
        );
        result.insert("$metadata".into(), output.metadata.to_json());
        Ok(Value::Object(result))
    }

    /// `field` tells what the reply says of the object that was written.
    fn unproved(
        &self,
        difference: &str,
        metadata: Metadata,
        field: impl Fn(&str) -> Option<Value>,
    ) -> Error {
        let mut error = not_applied(difference);
        error.metadata = metadata;
        for name in ["ETag", "VersionId"] {
            if let Some(value) = field(name) {
                error.extra.insert(name.into(), value);
            }
        }
        self.name_object(&mut error);
        error
    }

    /// Adds the hint that needs no further question.
    fn explain_plainly(&self, failure: Failure) -> Error {
        let mut error = failure.error;
        let asked = refusal::Asked {
            bucket: &self.object.bucket,
            choice: None,
        };
        error.hint = refusal::hint(&error, &asked).or(error.hint.take());
        error
    }

    /// Adds the hint; where the bucket's policy may have refused, it is read and asked. `first` is
    /// the operation that the upload begins with.
    async fn explain(
        &self,
        connection: &Connection,
        choice: &Choice,
        first: Operation,
        mut error: Error,
    ) -> Error {
        let asked = refusal::Asked {
            bucket: &self.object.bucket,
            choice: Some(choice),
        };
        error.hint = refusal::hint(&error, &asked).or(error.hint.take());
        if refusal::may_be_bucket_policy(&error) {
            let owner = self.object.fields.text("ExpectedBucketOwner");
            let policy = connection.bucket_policy(&self.object.bucket, owner);
            // The refusal is known; its explanation must not keep the caller waiting.
            let policy = tokio::time::timeout(EXPLAINING, policy);
            if let Ok(Ok(Some(policy))) = policy.await {
                let request = self.request_of(&connection.settings, choice, first);
                let told = request.and_then(|request| refusal::ask_policy(&policy, &request));
                error.hint = told.or(error.hint.take());
            }
        }
        if choice.source == Source::Fallback && error.origin == Origin::Service {
            let hint = error.hint.take().unwrap_or_default();
            error.hint = Some(format!("{hint} The bucket's default encryption could not be read, so AES256 was sent: allow s3:GetEncryptionConfiguration or set encryption.").trim().to_owned());
        }
        error
    }
}

/// An upload that is ready to write.
struct Prepared {
    connection: Connection,
    learned: Option<(Mirror, Found)>,
    choice: Choice,
    start: Start,
}

fn not_applied(difference: &str) -> Error {
    let mut error = Error::new(
        Origin::Verification,
        name::NOT_APPLIED,
        format!("S3 did not apply the encryption that was asked for: {difference}"),
    );
    error.hint = Some("Delete what was written, and check what answers at this endpoint: S3 itself applies what it accepts".into());
    error
}
