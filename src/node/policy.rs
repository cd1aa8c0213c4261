//! Bucket policies: what a request would meet, and which encryption passes.

mod generate;
mod options;
mod request;

use napi::bindgen_prelude::Unknown;
use napi_derive::napi;
use serde_json::{json, Value as Json};

use super::{outcome, value::to_value};
use crate::encryption::{Choice, CustomerKey, Encryption, KmsKeyId, Source};
use crate::error::{name, Error, Origin, Result};
use crate::policy::{suggest_for, Policy, PolicyError, Suggestion};
use crate::value::Value;

/// What `suggestEncryption` reads beside a request.
const SUGGEST_NAMES: [&str; 1] = ["kmsKeyArns"];

/// The names that the facade reads of a request.
#[napi(ts_return_type = "string[]")]
pub fn policy_request_names() -> Vec<&'static str> {
    request::NAMES.into_iter().chain(SUGGEST_NAMES).collect()
}

/// `{ value: explanation }` or `{ error }`. `is_text` tells whether the caller gave the policy as
/// text, so that line and column mean something to him.
#[napi(ts_return_type = "Outcome")]
pub fn explain_policy(
    policy: String,
    is_text: bool,
    request: Unknown,
    context: Unknown,
) -> napi::Result<Json> {
    Ok(outcome(asked(policy, is_text, request, context)?.explain()))
}

/// `{ value: { accepted, collision? } }` or `{ error }`.
#[napi(ts_return_type = "Outcome")]
pub fn suggest_encryption(
    policy: String,
    is_text: bool,
    request: Unknown,
    context: Unknown,
) -> napi::Result<Json> {
    Ok(outcome(asked(policy, is_text, request, context)?.suggest()))
}

/// The arguments that a question about a policy has.
struct Asked {
    policy: String,
    is_text: bool,
    request: Value,
    context: Value,
}

fn asked(policy: String, is_text: bool, request: Unknown, context: Unknown) -> napi::Result<Asked> {
    Ok(Asked {
        policy,
        is_text,
        request: to_value(request)?,
        context: to_value(context)?,
    })
}

impl Asked {
    fn explain(&self) -> Result<Json> {
        let policy = parse(&self.policy, self.is_text)?;
        let request = request::parse(&self.request, &self.context, &[])?;
        Ok(policy.explain(&request).to_json())
    }

    fn suggest(&self) -> Result<Json> {
        let policy = parse(&self.policy, self.is_text)?;
        let own_keys = own_keys(self.request.get("kmsKeyArns"))?;
        let request = request::parse(&self.request, &self.context, &SUGGEST_NAMES)?;
        let suggestions = suggest_for(&policy, &request, &own_keys);
        let accepted = suggestions.best().iter().map(suggestion);
        let collision = suggestions.collision.as_ref().map(|found| {
            let remedy = policy.explain(&request).remedy;
            json!({ "sids": found.sids, "reason": found.reason, "remedy": remedy })
        });
        Ok(json!({ "accepted": accepted.collect::<Vec<_>>(), "collision": collision }))
    }
}

/// What a generator reads of its options, and what it does with them.
type Generator = (&'static [&'static str], fn(&Value) -> Result<Json>);

fn generator(name: &str) -> napi::Result<Generator> {
    match name {
        "enforcementPolicy" => Ok((generate::ENFORCEMENT_NAMES, generate::enforcement)),
        "uploaderPolicy" => Ok((generate::UPLOADER_NAMES, generate::uploader)),
        "kmsKeyPolicy" => Ok((generate::KEY_NAMES, generate::key)),
        _ => Err(napi::Error::from_reason("no such generator")),
    }
}

/// The names that the facade reads of a generator's options.
#[napi(ts_return_type = "string[]")]
pub fn generator_names(name: String) -> napi::Result<Vec<&'static str>> {
    let (own, _) = generator(&name)?;
    Ok(options::names(own).collect())
}

/// `{ value: policy }` or `{ error }`.
#[napi(ts_return_type = "Outcome")]
pub fn generate_policy(name: String, options: Unknown) -> napi::Result<Json> {
    let (_, generate) = generator(&name)?;
    Ok(outcome(generate(&to_value(options)?)))
}

/// SSE-C needs no key where only a policy is asked, for no policy sees it: a zero key stands in for
/// one that is missing.
fn keyless(resolved: Result<Option<Choice>>) -> Result<Option<Choice>> {
    match resolved {
        Err(error)
            if error.name == name::MISSING
                && error.setting.as_deref() == Some("sseCustomerKey") =>
        {
            let zeros = CustomerKey::parse("sseCustomerKey", &Value::Bytes(vec![0; 32]))?;
            Ok(Some(Choice {
                encryption: Encryption::CustomerKey(zeros),
                source: Source::Config,
                key_setting: None,
            }))
        }
        resolved => resolved,
    }
}

fn parse(policy: &str, is_text: bool) -> Result<Policy> {
    let parsed = Policy::parse(policy);
    let parsed = parsed.map_err(|error| match is_text {
        true => error,
        false => error.without_position(),
    });
    parsed.map_err(malformed)
}

fn malformed(found: PolicyError) -> Error {
    let mut error = Error::new(Origin::Argument, name::POLICY, found.to_string());
    error.setting = Some("policy".to_owned());
    let place = match found.path.as_str() {
        "" => "the policy document",
        path => path,
    };
    error.hint = Some(format!("Correct {place}: {}", found.reason));
    let position = [("line", found.line), ("column", found.column)];
    error.extra.insert("path".to_owned(), found.path.into());
    for (name, at) in position {
        if let Some(at) = at {
            error.extra.insert(name.to_owned(), at.into());
        }
    }
    error
}

/// Only a full ARN means the same to the policy as to S3.
fn own_keys(list: Option<&Value>) -> Result<Vec<String>> {
    const REMEDY: &str = "Give full key ARNs (arn:aws:kms:REGION:ACCOUNT:key/ID)";
    let items = match list {
        None => return Ok(Vec::new()),
        Some(Value::Array(items)) => items,
        Some(other) => return Err(Error::wrong_type("kmsKeyArns", other, REMEDY)),
    };
    let keys = items.iter().enumerate().map(|(index, item)| {
        let place = format!("kmsKeyArns[{index}]");
        let Value::String(text) = item else {
            return Err(Error::wrong_type(&place, item, REMEDY));
        };
        match KmsKeyId::parse(&place, text)? {
            KmsKeyId::Arn(_) => Ok(text.clone()),
            _ => Err(Error::invalid(&place, "is not a full key ARN", REMEDY)),
        }
    });
    keys.collect()
}

fn suggestion(found: &Suggestion) -> Json {
    let mut json = json!({
        "encryption": found.candidate.to_json(),
        "verdict": found.verdict.as_str(),
        "reason": found.reason,
    });
    if let Some(pattern) = found.candidate.key_pattern() {
        json["keyPattern"] = pattern.into();
    }
    json
}
