//! The generators' arguments, as the policy room takes them.

use serde_json::Value as Json;

use super::options::{is_account, Options, Place};
use crate::encryption::{Choice, Encryption, KmsKeyId};
use crate::error::{Error, Result};
use crate::policy::generate::{self, KeyResource, KeyUse, Rule, Tls, Uploader};
use crate::policy::{Candidate, CandidateKey, Operation};
use crate::value::Value;

pub(super) const ENFORCEMENT_NAMES: &[&str] = &[
    "bucket",
    "key",
    "Key",
    "prefix",
    "mode",
    "encryption",
    "stage",
    "tls",
    "region",
];

pub(super) const UPLOADER_NAMES: &[&str] = &[
    "bucket",
    "key",
    "Key",
    "encryption",
    "stage",
    "prefix",
    "region",
    "kmsKeyArns",
    "multipart",
    "explainRefusals",
    "enforce",
    "expectedBucketOwner",
    "ExpectedBucketOwner",
    "leavePartsOnError",
    "IfMatch",
    "IfNoneMatch",
    "ACL",
    "GrantFullControl",
    "GrantRead",
    "GrantReadACP",
    "GrantWriteACP",
    "Tagging",
    "ObjectLockMode",
    "ObjectLockRetainUntilDate",
    "ObjectLockLegalHoldStatus",
];

pub(super) const KEY_NAMES: &[&str] = &[
    "bucket",
    "key",
    "Key",
    "encryption",
    "stage",
    "prefix",
    "region",
    "accountId",
    "principals",
];

/// Fields of the put whose headers need a permission of their own.
const FIELD_HEADERS: [(&str, &str); 9] = [
    ("ACL", "x-amz-acl"),
    ("GrantFullControl", "x-amz-grant-full-control"),
    ("GrantRead", "x-amz-grant-read"),
    ("GrantReadACP", "x-amz-grant-read-acp"),
    ("GrantWriteACP", "x-amz-grant-write-acp"),
    ("Tagging", "x-amz-tagging"),
    ("ObjectLockMode", "x-amz-object-lock-mode"),
    (
        "ObjectLockRetainUntilDate",
        "x-amz-object-lock-retain-until-date",
    ),
    ("ObjectLockLegalHoldStatus", "x-amz-object-lock-legal-hold"),
];

pub(super) fn enforcement(given: &Value) -> Result<Json> {
    let options = Options::new(given, ENFORCEMENT_NAMES)?;
    let place = options.place()?;
    let Some(choice) = &place.choice else {
        let remedy = "Say which encryption the bucket shall demand, such as 'aws:kms' with a key";
        return Err(Error::missing("encryption", remedy));
    };
    const MODES: &str = "Give 'strict' or 'default-friendly'";
    let mode = options
        .text(&["mode"], MODES)?
        .map_or("strict", |(_, mode)| mode);
    let candidate = candidate(choice, true)?;
    let rule = match mode {
        "strict" => Rule::strict(candidate),
        "default-friendly" => Rule::default_friendly(candidate),
        _ => return Err(Error::invalid("mode", "is neither mode", MODES)),
    };
    let rule = rule.map_err(|problem| {
        let remedy = match mode {
            "strict" => "Set mode to 'default-friendly', or name the encryption",
            _ => "Set mode to 'strict', or name another encryption",
        };
        Error::conflict("encryption", "mode", &format!("it {problem}"), remedy)
    })?;
    let tls = tls(options.get("tls"))?;
    Ok(generate::enforcement_policy(
        &place.bucket,
        &keys(&options)?,
        &rule,
        tls,
    ))
}

fn tls(given: Option<&Value>) -> Result<Tls> {
    const REMEDY: &str = "Give true, false, '1.2' or '1.3'";
    match given {
        None | Some(Value::Bool(true)) => Ok(Tls::Required),
        Some(Value::Bool(false)) => Ok(Tls::Any),
        Some(Value::String(version)) if version == "1.2" => Ok(Tls::AtLeast("1.2")),
        Some(Value::String(version)) if version == "1.3" => Ok(Tls::AtLeast("1.3")),
        Some(Value::String(_)) => Err(Error::invalid("tls", "is not a version", REMEDY)),
        Some(other) => Err(Error::wrong_type("tls", other, REMEDY)),
    }
}

/// An encryption in the words of the policy room. Only a full ARN can be compared with what S3
/// sees; with `must_name` any other form of a key is an error, else it leaves the key open.
fn candidate(choice: &Choice, must_name: bool) -> Result<Candidate> {
    let key = match choice.encryption.kms_key() {
        None => CandidateKey::Managed,
        Some(KmsKeyId::Arn(_)) => {
            let arn = choice.encryption.kms_key().map_or("", KmsKeyId::as_str);
            CandidateKey::Named(arn.to_owned())
        }
        Some(_) if must_name => {
            let setting = choice.key_setting.as_deref().unwrap_or("sseKMSKeyId");
            let remedy = "Give the full key ARN (arn:aws:kms:REGION:ACCOUNT:key/ID)";
            let problem = "is not a full ARN, and a policy compares keys as text";
            return Err(Error::invalid(setting, problem, remedy));
        }
        Some(_) => CandidateKey::Managed,
    };
    Ok(match choice.encryption {
        Encryption::BucketDefault => Candidate::BucketDefault,
        Encryption::S3Managed => Candidate::S3Managed,
        Encryption::Kms { .. } => Candidate::Kms(key),
        Encryption::DualLayerKms { .. } => Candidate::DualLayerKms(key),
        Encryption::CustomerKey(_) => Candidate::CustomerKey,
    })
}

/// Patterns of the objects' keys: `key`, or everything that begins with `prefix`.
fn keys(options: &Options) -> Result<Vec<String>> {
    const REMEDY: &str =
        "Give keys of objects, in which * stands for anything, such as 'prod/*', or a prefix such as 'prod/'";
    let keys = options.texts(&["key", "Key"], REMEDY)?;
    match (keys, options.text(&["prefix"], REMEDY)?) {
        (Some(_), Some(_)) => {
            let why = "both say which objects are meant";
            Err(Error::conflict("prefix", "key", why, "Keep one of the two"))
        }
        (Some(keys), None) => Ok(keys),
        (None, Some((_, prefix))) => Ok(vec![format!("{}*", prefix.trim_end_matches('*'))]),
        (None, None) => Ok(vec!["*".to_owned()]),
    }
}

fn key_use(options: &Options, place: &Place) -> Result<KeyUse> {
    Ok(KeyUse {
        bucket: place.bucket.clone(),
        keys: keys(options)?,
        region: place.region.clone(),
        bucket_key: place.bucket_key(),
    })
}

pub(super) fn uploader(given: &Value) -> Result<Json> {
    let options = Options::new(given, UPLOADER_NAMES)?;
    let place = options.place()?;
    let using = key_use(&options, &place)?;
    let encryption = place.choice.as_ref().map(|choice| &choice.encryption);
    let enforce = options.flag("enforce", true)?;
    let candidate = place.choice.as_ref().map(|choice| candidate(choice, false));
    let rule = match candidate.transpose()? {
        None => None,
        Some(_) if !enforce => None,
        Some(Candidate::BucketDefault) => Rule::default_friendly(Candidate::BucketDefault).ok(),
        Some(candidate) => Rule::strict(candidate).ok(),
    };
    let put = Operation::put_object();
    let fields = FIELD_HEADERS.iter().filter(|(field, _)| options.has(field));
    let mut further_actions: Vec<&str> = fields
        .filter_map(|(_, header)| put.further_action(header))
        .collect();
    further_actions.dedup();
    let leaves_parts = options.flag("leavePartsOnError", false)?;
    Ok(generate::uploader_policy(&Uploader {
        kms_keys: kms_keys(&options, &place, &using)?,
        rule,
        owner: options.account(&["expectedBucketOwner", "ExpectedBucketOwner"])?,
        aborts_multipart: options.flag("multipart", true)? && !leaves_parts,
        // SSE-C asks whether the bucket blocks it.
        reads_default: matches!(encryption, None | Some(Encryption::CustomerKey(_))),
        explains_refusals: options.flag("explainRefusals", true)?,
        conditional: options.has("IfMatch") || options.has("IfNoneMatch"),
        further_actions,
        using,
    }))
}

/// The KMS keys that the uploads use, by what the encryption or `kmsKeyArns` tell of them.
fn kms_keys(options: &Options, place: &Place, using: &KeyUse) -> Result<Option<KeyResource>> {
    let encryption = place.choice.as_ref().map(|choice| &choice.encryption);
    if let Some(Encryption::S3Managed | Encryption::CustomerKey(_)) = encryption {
        return Ok(None);
    }
    let partition = using.bucket.partition();
    let region = using.region.as_deref().unwrap_or("*");
    let somewhere = |resource: &str| format!("arn:{partition}:kms:{region}:*:{resource}");
    let key = encryption.and_then(Encryption::kms_key);
    if key.is_none() && options.has("kmsKeyArns") {
        return Ok(Some(KeyResource::Arns(super::own_keys(
            options.get("kmsKeyArns"),
        )?)));
    }
    Ok(Some(match key {
        None => KeyResource::Arns(vec![somewhere("key/*")]),
        Some(KmsKeyId::Arn(_)) => {
            KeyResource::Arns(key.map(|key| key.as_str().to_owned()).into_iter().collect())
        }
        Some(KmsKeyId::Id(id)) => KeyResource::Arns(vec![somewhere(&format!("key/{id}"))]),
        Some(KmsKeyId::Alias(alias)) => KeyResource::Alias {
            pattern: somewhere("key/*"),
            alias: alias.clone(),
        },
        Some(KmsKeyId::AliasArn(arn)) => KeyResource::Alias {
            pattern: format!("arn:{partition}:kms:{}:{}:key/*", arn.region, arn.account),
            alias: arn.resource.clone(),
        },
    }))
}

pub(super) fn key(given: &Value) -> Result<Json> {
    let options = Options::new(given, KEY_NAMES)?;
    let place = options.place()?;
    let encryption = place.choice.as_ref().map(|choice| &choice.encryption);
    if let Some(Encryption::S3Managed | Encryption::CustomerKey(_)) = encryption {
        let remedy = "Name the encryption with the KMS key whose policy it shall be";
        return Err(Error::invalid("encryption", "uses no KMS key", remedy));
    }
    if place.region.is_none() {
        let remedy =
            "Give the Region of the bucket and the key, or the key's full ARN in encryption";
        return Err(Error::missing("region", remedy));
    }
    let of_key = encryption.and_then(Encryption::kms_key);
    let of_key = of_key
        .and_then(KmsKeyId::arn)
        .map(|arn| arn.account.clone());
    let account = match (options.account(&["accountId"])?, of_key) {
        (Some(given), Some(of_key)) if given != of_key => {
            let why = format!("the key belongs to account {of_key}");
            return Err(Error::conflict(
                "accountId",
                "encryption",
                &why,
                "Keep one of the two",
            ));
        }
        (given, of_key) => given.or(of_key),
    };
    let Some(account) = account else {
        let remedy =
            "Give the id of the account that owns the key, or the key's full ARN in encryption";
        return Err(Error::missing("accountId", remedy));
    };
    let principals = principals(&options, place.bucket.partition())?;
    let using = key_use(&options, &place)?;
    Ok(generate::kms_key_policy(&using, &account, &principals))
}

fn principals(options: &Options, partition: &str) -> Result<Vec<String>> {
    const REMEDY: &str =
        "Give ARNs of roles or users (arn:aws:iam::ACCOUNT:role/NAME) or account ids; left out it is everyone in the key's account";
    let list = options.texts(&["principals"], REMEDY)?.unwrap_or_default();
    for text in &list {
        let of_iam = match text.split(':').collect::<Vec<_>>()[..] {
            ["arn", of, "iam" | "sts", "", account, name] => {
                of == partition && is_account(account) && !name.is_empty() && !name.contains('*')
            }
            _ => false,
        };
        if !of_iam && !is_account(text) {
            let problem = format!("has {text:?}, which is no principal of partition {partition}");
            return Err(Error::invalid("principals", &problem, REMEDY));
        }
    }
    Ok(list)
}
