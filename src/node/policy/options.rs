//! The options that the generators share, read one by one.

use crate::encryption::{check_region, is_aws_region, resolve, Choice, Encryption, SETTINGS};
use crate::error::{Error, Result};
use crate::policy::generate::BucketArn;
use crate::policy::{bucket_and_key, partition};
use crate::similar::did_you_mean;
use crate::upload::{config_names, input_names, option_names};
use crate::value::Value;

/// What a generator was given. The input and the configuration of an upload may be spread into it,
/// so their names are known too.
pub(super) struct Options<'a> {
    given: &'a Value,
}

/// What every generator reads, beside the encryption fields of the SDK's input.
const SHARED_NAMES: [&str; 5] = ["bucket", "Bucket", "encryption", "stage", "region"];

/// The names that the facade reads for a generator with these names of its own.
pub(super) fn names(own: &'static [&'static str]) -> impl Iterator<Item = &'static str> {
    let fields = SETTINGS.iter().map(|row| row.input);
    SHARED_NAMES
        .into_iter()
        .chain(own.iter().copied())
        .chain(fields)
}

/// A bucket in its Region, and the encryption of its objects.
pub(super) struct Place {
    pub bucket: BucketArn,
    pub region: Option<String>,
    pub choice: Option<Choice>,
}

impl<'a> Options<'a> {
    /// `own` are the names of this generator.
    pub fn new(given: &'a Value, own: &'static [&'static str]) -> Result<Options<'a>> {
        let Value::Object(entries) = given else {
            return Err(Error::wrong_type("options", given, "Give { bucket, … }"));
        };
        let of_uploads = || input_names().chain(config_names()).chain(option_names());
        let of_callers = [
            "credentials",
            "ca",
            "onProgress",
            "abortSignal",
            "Body",
            "State",
        ];
        let stranger = entries.iter().find(|(key, value)| {
            let known = names(own).chain(of_uploads()).chain(of_callers);
            *value != Value::Null && !known.into_iter().any(|name| name == key)
        });
        match stranger {
            None => Ok(Options { given }),
            Some((key, _)) => Err(Error::invalid(
                key,
                &format!("is not an option{}", did_you_mean(key, names(own))),
                &format!("The options are {}", own.join(", ")),
            )),
        }
    }

    pub fn get(&self, name: &str) -> Option<&'a Value> {
        self.given.get(name)
    }

    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// A text under one of several names; the first that is given counts.
    pub fn text(
        &self,
        names: &[&'static str],
        remedy: &str,
    ) -> Result<Option<(&'static str, &'a str)>> {
        let found = names.iter().find_map(|name| Some((*name, self.get(name)?)));
        match found {
            None => Ok(None),
            Some((name, Value::String(text))) if !text.is_empty() => Ok(Some((name, text))),
            Some((name, Value::String(_))) => Err(Error::invalid(name, "is empty", remedy)),
            Some((name, other)) => Err(Error::wrong_type(name, other, remedy)),
        }
    }

    /// One text or a list of them; `None` where nothing is given.
    pub fn texts(&self, names: &[&'static str], remedy: &str) -> Result<Option<Vec<String>>> {
        let found = names.iter().find_map(|name| Some((*name, self.get(name)?)));
        let Some((name, value)) = found else {
            return Ok(None);
        };
        let items = match value {
            Value::Array(items) => items.as_slice(),
            one => std::slice::from_ref(one),
        };
        if items.is_empty() {
            return Err(Error::invalid(name, "is an empty list", remedy));
        }
        let texts = items.iter().map(|item| match item {
            Value::String(text) if !text.is_empty() => Ok(text.clone()),
            Value::String(_) => Err(Error::invalid(name, "is empty", remedy)),
            other => Err(Error::wrong_type(name, other, remedy)),
        });
        texts.collect::<Result<_>>().map(Some)
    }

    pub fn flag(&self, name: &str, default: bool) -> Result<bool> {
        match self.get(name) {
            None => Ok(default),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(other) => Err(Error::wrong_type(name, other, "Give true or false")),
        }
    }

    /// An account id under one of several names.
    pub fn account(&self, names: &[&'static str]) -> Result<Option<String>> {
        const REMEDY: &str = "Give the 12 digits of an account as a string";
        let Some((name, text)) = self.text(names, REMEDY)? else {
            return Ok(None);
        };
        match is_account(text) {
            true => Ok(Some(text.to_owned())),
            false => Err(Error::invalid(name, "is not an account id", REMEDY)),
        }
    }

    /// The bucket, its partition (from its ARN, the Region or the key's ARN), and the encryption.
    pub fn place(&self) -> Result<Place> {
        let choice = self.choice()?;
        let given_region = self.region()?;
        let key = choice
            .as_ref()
            .and_then(|choice| choice.encryption.kms_key());
        let key = key.and_then(|key| key.arn());
        if let (Some(choice), Some(region)) = (&choice, &given_region) {
            check_region(choice, region, "region")?;
        }
        const REMEDY: &str = "Give the bucket's name or its ARN (arn:aws:s3:::BUCKET)";
        let Some((setting, text)) = self.text(&["bucket", "Bucket"], REMEDY)? else {
            return Err(Error::missing("bucket", REMEDY));
        };
        let region = given_region.or_else(|| key.map(|key| key.region.clone()));
        let of_region = region.as_deref().map(partition::of_region);
        let (partition, name) = match bucket_and_key(text) {
            Some((partition, name, "")) if partition::dns_suffix(partition).is_some() => {
                (partition, name)
            }
            Some(_) => {
                return Err(Error::invalid(
                    setting,
                    "is not the ARN of a bucket",
                    REMEDY,
                ))
            }
            None => (of_region.unwrap_or("aws"), text),
        };
        if of_region.is_some_and(|of_region| of_region != partition) {
            let other = if self.has("region") {
                "region"
            } else {
                "encryption"
            };
            let why = format!("the bucket is in partition {partition}, which the Region is not in");
            return Err(Error::conflict(
                setting,
                other,
                &why,
                "Correct one of the two",
            ));
        }
        let bucket = BucketArn::new(name, partition)
            .map_err(|problem| Error::invalid(setting, problem, REMEDY))?;
        Ok(Place {
            bucket,
            region,
            choice,
        })
    }

    fn region(&self) -> Result<Option<String>> {
        const REMEDY: &str = "Give the name of the bucket's Region, such as eu-west-1";
        let Some((_, text)) = self.text(&["region"], REMEDY)? else {
            return Ok(None);
        };
        // The SDK's older way to ask for FIPS endpoints.
        let plain = text.strip_prefix("fips-").unwrap_or(text);
        let plain = plain.strip_suffix("-fips").unwrap_or(plain);
        match is_aws_region(plain) {
            true => Ok(Some(plain.to_owned())),
            false => Err(Error::invalid("region", "is not a Region of AWS", REMEDY)),
        }
    }

    /// From the SDK's fields, `encryption` and `stage`, as an upload would choose.
    fn choice(&self) -> Result<Option<Choice>> {
        let fields = SETTINGS.iter().filter_map(|row| {
            let value = self.get(row.input)?;
            Some((row.input.to_owned(), value.clone()))
        });
        let fields = Value::Object(fields.collect());
        let null = Value::Null;
        let setting = |name| self.get(name).unwrap_or(&null);
        super::keyless(resolve(&fields, setting("encryption"), setting("stage")))
    }
}

impl Place {
    /// Whether an S3 Bucket Key is used; `None` where the bucket decides.
    pub fn bucket_key(&self) -> Option<bool> {
        match self.choice.as_ref().map(|choice| &choice.encryption) {
            Some(Encryption::Kms { bucket_key, .. }) => *bucket_key,
            Some(Encryption::DualLayerKms { .. }) => Some(false),
            _ => None,
        }
    }
}

pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}
