//! Which part of `encryption` holds for the stage that is deployed.

use super::Source;
use crate::error::{Error, Result};
use crate::similar::did_you_mean;
use crate::value::Value;

/// The setting in force, and how an error calls its place.
pub(super) struct Chosen<'a> {
    pub value: &'a Value,
    pub place: String,
    pub source: Source,
}

/// A stage replaces everything else; nothing of `default` is mixed into it.
pub(super) fn choose<'a>(encryption: &'a Value, stage: &Value) -> Result<Chosen<'a>> {
    let stage = match stage {
        Value::Null => None,
        Value::String(name) if !name.is_empty() => Some(name.as_str()),
        Value::String(_) => {
            return Err(Error::invalid(
                "stage",
                "is empty",
                "Give the stage's name or leave it out",
            ))
        }
        other => {
            return Err(Error::wrong_type(
                "stage",
                other,
                "Give the stage's name as a string",
            ))
        }
    };
    let Value::Object(entries) = encryption else {
        return Ok(whole(encryption));
    };
    let Some(stages) = encryption.get("stages") else {
        return match encryption.get("default") {
            Some(_) => Err(Error::invalid(
                "encryption.default",
                "stands without encryption.stages",
                "Add stages, or give the setting directly as encryption",
            )),
            None => Ok(whole(encryption)),
        };
    };
    if let Some((key, _)) = entries
        .iter()
        .find(|(key, value)| !is_of_stages(key) && *value != Value::Null)
    {
        return Err(Error::conflict(
            &format!("encryption.{key}"),
            "encryption.stages",
            "a stage replaces the whole setting, so a setting beside stages would have no effect",
            "Move it into encryption.default or into a stage",
        ));
    }
    let Value::Object(stages) = stages else {
        return Err(Error::wrong_type(
            "encryption.stages",
            stages,
            "Give an object with one entry for each stage",
        ));
    };
    // A stage that is `undefined` is no choice: mirroring the bucket for it would be a guess.
    let stages: Vec<&(String, Value)> = stages
        .iter()
        .filter(|(_, value)| *value != Value::Null)
        .collect();
    if let Some((name, value)) = stage.and_then(|s| stages.iter().find(|(name, _)| name == s)) {
        return Ok(Chosen {
            value,
            place: format!("encryption.stages.{name}"),
            source: Source::Stage,
        });
    }
    if let Some(value) = encryption.get("default") {
        return Ok(Chosen {
            value,
            place: "encryption.default".into(),
            source: Source::Config,
        });
    }
    let names: Vec<&str> = stages.iter().map(|(name, _)| name.as_str()).collect();
    let listed = if names.is_empty() {
        "encryption.stages sets none".to_owned()
    } else {
        format!("encryption.stages has {}", names.join(", "))
    };
    let remedy = "Set stage to one of them, or add encryption.default";
    Err(match stage {
        Some(stage) => Error::invalid(
            "stage",
            &format!(
                "{stage:?} has no encryption setting: {listed}{}",
                did_you_mean(stage, names)
            ),
            remedy,
        ),
        None => Error::argument(
            crate::error::name::MISSING,
            "stage",
            &format!("is not set, and {listed} without a default"),
            remedy,
        ),
    })
}

/// Whether a key of `encryption` is one of those that stages need, not an encryption setting.
pub(super) fn is_of_stages(key: &str) -> bool {
    matches!(key, "stages" | "default")
}

fn whole(value: &Value) -> Chosen<'_> {
    Chosen {
        value,
        place: "encryption".into(),
        source: Source::Config,
    }
}
