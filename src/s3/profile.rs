//! The chosen profile of the shared configuration files.

use std::borrow::Cow;

use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};

use super::settings::{profile_entries, Profile};
use crate::value::Value;

/// Its entries; none where there is no file or no such profile. The credentials chain reports what
/// is wrong with a file, if it needs it.
///
/// `environment` says where the files are: a worker thread of Node has variables of its own.
pub(super) async fn read(environment: &Value, name: Option<&str>) -> Profile {
    let variables: Vec<(&str, &str)> = match environment {
        Value::Object(entries) => entries
            .iter()
            .filter_map(|(name, value)| match value {
                Value::String(text) => Some((name.as_str(), text.as_str())),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    };
    let selected = name.map(|name| Cow::Owned(name.to_owned()));
    let loaded = aws_config::profile::load(
        &Fs::real(),
        &Env::from_slice(&variables),
        &EnvConfigFiles::default(),
        selected,
    )
    .await;
    let Ok(set) = loaded else {
        return Profile::default();
    };
    let Some(profile) = set.get_profile(name.unwrap_or("default")) else {
        return Profile::default();
    };
    profile_entries()
        .filter_map(|entry| Some((entry.to_owned(), profile.get(entry)?.to_owned())))
        .collect()
}
