//! Mirroring the bucket: its default encryption, read once and asked for in every request.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex as StdMutex};
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::{Plan, Warning};
use crate::encryption::{BucketEncryption, Choice, Encryption, Source};
use crate::error::Result;
use crate::lock::lock;
use crate::s3::{Connection, Failure};

/// How long a default is remembered. A process that deploys ends sooner; a long one notices a
/// change after this time, or at once when S3 refuses.
const REMEMBERED: Duration = Duration::from_secs(300);

/// How long another upload's question is waited for. It may be one of a thread that sleeps until this
/// one is done.
const PATIENCE: Duration = Duration::from_secs(3);

/// Another endpoint or caller may see another bucket under one name, and may be told more or less.
#[derive(PartialEq, Eq, Hash, Clone)]
struct Identity {
    bucket: String,
    owner: Option<String>,
    region: String,
    endpoint: Option<String>,
    caller: String,
    /// The configuration, where only it tells who the caller is: profile, container, roles.
    gateway: Option<u64>,
}

#[derive(Clone)]
enum Learned {
    Default(BucketEncryption),
    /// S3 would not tell: the code it gave.
    Unreadable(String),
}

#[derive(Clone)]
struct Entry {
    learned: Learned,
    /// Where the bucket was found.
    region: String,
    since: Instant,
}

/// Buckets that are remembered; beyond it all that nobody is waiting for are forgotten.
const KEPT: usize = 256;

type Slot = Arc<Mutex<Option<Entry>>>;

/// A lock for each bucket: uploads that start together share one question.
static REMEMBER: LazyLock<StdMutex<HashMap<Identity, Slot>>> = LazyLock::new(StdMutex::default);

pub(super) struct Mirror {
    identity: Identity,
    slot: Slot,
}

/// What is known of the default, and whether this upload asked for it itself.
pub(super) struct Found {
    learned: Learned,
    pub fresh: bool,
}

impl Mirror {
    pub fn of(plan: &Plan, connection: &Connection) -> Mirror {
        let owner = plan.object.fields.text("ExpectedBucketOwner");
        let settings = &connection.settings;
        let caller = connection.credentials().identity();
        let is_known = !caller.is_empty() && settings.roles.is_empty();
        let identity = Identity {
            bucket: plan.object.bucket.clone(),
            owner: owner.map(str::to_owned),
            region: connection.region().to_owned(),
            endpoint: settings.endpoint.clone(),
            caller,
            gateway: (!is_known).then_some(plan.gateway.id),
        };
        let mut slots = lock(&REMEMBER);
        if slots.len() >= KEPT {
            slots.retain(|_, slot| Arc::strong_count(slot) > 1);
        }
        let slot = slots.entry(identity.clone()).or_default().clone();
        Mirror { identity, slot }
    }

    /// Reads the default, or recalls it. Fails only where the put itself could not succeed either.
    pub async fn read(&self, connection: &mut Connection) -> Result<Found, Failure> {
        let mut slot = tokio::time::timeout(PATIENCE, self.slot.lock()).await.ok();
        let known = slot.as_ref().and_then(|slot| slot.as_ref());
        if let Some(entry) = known.filter(|entry| entry.since.elapsed() < REMEMBERED) {
            connection.move_to(entry.region.clone()).await?;
            return Ok(Found {
                learned: entry.learned.clone(),
                fresh: false,
            });
        }
        let bucket = &self.identity.bucket;
        let owner = self.identity.owner.as_deref();
        let mut asked = connection.bucket_encryption(bucket, owner).await;
        if let Err(failure) = &asked {
            if connection.follow(failure).await? {
                asked = connection.bucket_encryption(bucket, owner).await;
            }
        }
        let learned = learn(asked)?;
        if let Some(slot) = &mut slot {
            **slot = Some(Entry {
                learned: learned.clone(),
                region: connection.region().to_owned(),
                since: Instant::now(),
            });
        }
        Ok(Found {
            learned,
            fresh: true,
        })
    }

    pub fn forget(&self) {
        lock(&REMEMBER).remove(&self.identity);
        if let Ok(mut slot) = self.slot.try_lock() {
            *slot = None;
        }
    }
}

fn learn(asked: Result<BucketEncryption, Failure>) -> Result<Learned, Failure> {
    match asked {
        Ok(default) => Ok(Learned::Default(default)),
        // Not permitted, or a server that does not know the question.
        Err(failure)
            if matches!(failure.error.metadata.http_status, Some(403 | 405 | 501))
                && !is_about_the_caller(&failure.error.name) =>
        {
            Ok(Learned::Unreadable(failure.error.name.clone()))
        }
        Err(failure) => Err(failure),
    }
}

/// 403 codes that say nothing of the permission: the put would get the same.
pub(super) fn is_about_the_caller(code: &str) -> bool {
    matches!(
        code,
        "InvalidAccessKeyId"
            | "SignatureDoesNotMatch"
            | "RequestTimeTooSkewed"
            | "ExpiredToken"
            | "InvalidToken"
    )
}

/// Refusals that another default could spare: by a policy, or for a key that was replaced.
pub(super) fn is_about_the_default(code: &str) -> bool {
    matches!(
        code,
        "AccessDenied"
            | "KMS.NotFoundException"
            | "KMS.DisabledException"
            | "KMS.KMSInvalidStateException"
            | "KMS.InvalidStateException"
    )
}

impl Found {
    /// Of an answer that was read just now.
    pub fn of(asked: Result<BucketEncryption, Failure>) -> Result<Found, Failure> {
        Ok(Found {
            learned: learn(asked)?,
            fresh: true,
        })
    }

    pub fn choice(&self) -> Result<Choice> {
        let (encryption, source) = match &self.learned {
            Learned::Default(default) => (default.mirror()?, Source::Bucket),
            Learned::Unreadable(_) => (Encryption::S3Managed, Source::Fallback),
        };
        Ok(Choice {
            encryption,
            source,
            key_setting: Some("the key of the bucket's default encryption".into()),
        })
    }

    pub fn blocks_customer_keys(&self) -> bool {
        matches!(&self.learned, Learned::Default(default) if default.blocks_customer_keys())
    }

    pub fn warning(&self, bucket: &str) -> Option<Warning> {
        match &self.learned {
            Learned::Default(_) => None,
            Learned::Unreadable(code) => Some(Warning {
                code: "STATESEAL_ENCRYPTION_FALLBACK",
                message: format!(
                    "The default encryption of bucket {bucket} could not be read ({code}), so AES256 was asked for. \
                     Allow s3:GetEncryptionConfiguration on the bucket, or say which encryption to use with the setting encryption"
                ),
            }),
        }
    }
}
