//! The chosen profile of the shared configuration files.

use std::borrow::Cow;
use std::path::PathBuf;

use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_types::os_shim_internal::{Env, Fs};

use super::chain::variable;
use super::ini::readable;
use super::settings::{profile_entries, Profile};
use crate::value::Value;

/// The kinds of files, the variable that names each, and where it is without.
const FILES: [(EnvConfigFileKind, &str, &str); 2] = [
    (
        EnvConfigFileKind::Config,
        "AWS_CONFIG_FILE",
        "~/.aws/config",
    ),
    (
        EnvConfigFileKind::Credentials,
        "AWS_SHARED_CREDENTIALS_FILE",
        "~/.aws/credentials",
    ),
];

/// The profile where none is chosen.
pub const DEFAULT: &str = "default";

/// The variables that are read.
pub const VARIABLES: [&str; 4] = [FILES[0].1, FILES[1].1, "HOME", "USERPROFILE"];

/// What the files hold now; nothing where one cannot be read.
///
/// `environment` says where they are: a worker thread of Node has variables of its own.
pub(super) async fn files(environment: &Value) -> EnvConfigFiles {
    let home = variable(environment, "HOME").or_else(|| variable(environment, "USERPROFILE"));
    let mut files = EnvConfigFiles::builder();
    for (kind, name, default) in FILES {
        let path = variable(environment, name).unwrap_or_else(|| default.to_owned());
        let path = match (path.strip_prefix("~/"), &home) {
            (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
            _ => PathBuf::from(path),
        };
        let contents = tokio::fs::read(path).await.unwrap_or_default();
        // Editors of Windows begin a file with a byte order mark, and comments are in any encoding.
        let contents = String::from_utf8_lossy(&contents);
        let contents = contents.trim_start_matches('\u{feff}');
        files = files.with_contents(kind, readable(contents));
    }
    files.build()
}

/// The profile's entries; none where there is no such profile.
pub(super) async fn read(environment: &Value, name: Option<&str>) -> Profile {
    let selected = name.unwrap_or(DEFAULT);
    let loaded = aws_config::profile::load(
        &Fs::real(),
        &Env::from_slice(&[]),
        &files(environment).await,
        Some(Cow::Owned(selected.to_owned())),
    )
    .await;
    let Ok(set) = loaded else {
        return Profile::default();
    };
    let Some(profile) = set.get_profile(selected) else {
        return Profile::default();
    };
    profile_entries()
        .filter_map(|entry| Some((entry.to_owned(), profile.get(entry)?.to_owned())))
        .collect()
}
