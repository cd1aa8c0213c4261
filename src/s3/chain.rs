//! Where credentials come from when the caller gives none: the chain of the SDK for JavaScript.
//!
//! The variables are the caller's, for a worker thread of Node has its own. Only what belongs to the
//! machine (containers) is looked up in those of the process.

use std::time::Duration;

use aws_config::ecs::EcsCredentialsProvider;
use aws_config::imds;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::web_identity_token::{
    StaticConfiguration, WebIdentityTokenCredentialsProvider as WebIdentity,
};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_credential_types::Credentials;

use super::profile;
use super::role::SESSION_NAME;
use crate::value::Value;

/// The variables that it reads.
pub const VARIABLES: &[&str] = &[
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
];

pub(super) fn variable(environment: &Value, name: &str) -> Option<String> {
    match environment.get(name) {
        Some(Value::String(text)) if !text.is_empty() => Some(text.clone()),
        _ => None,
    }
}

/// Keys in the environment.
pub(super) fn keys(environment: &Value) -> Option<Credentials> {
    Some(Credentials::new(
        variable(environment, "AWS_ACCESS_KEY_ID")?,
        variable(environment, "AWS_SECRET_ACCESS_KEY")?,
        variable(environment, "AWS_SESSION_TOKEN"),
        None,
        "stateseal",
    ))
}

/// Everything behind the keys in the environment, which a chosen profile beats.
pub(super) async fn chain(
    environment: &Value,
    profile: Option<&str>,
    config: &ProviderConfig,
) -> SharedCredentialsProvider {
    // Without a name the process's own AWS_PROFILE would be taken.
    let profiles = ProfileFileCredentialsProvider::builder()
        .configure(config)
        .profile_files(profile::files(environment).await)
        .profile_name(profile.unwrap_or(profile::DEFAULT));
    let mut chain = CredentialsProviderChain::first_try("Profile", profiles.build());
    if let Some(token) = web_identity(environment) {
        let provider = WebIdentity::builder()
            .configure(config)
            .static_configuration(token);
        chain = chain.or_else("WebIdentityToken", provider.build());
    }
    let container = EcsCredentialsProvider::builder().configure(config).build();
    chain = chain.or_else("EcsContainer", container);
    let disabled = variable(environment, "AWS_EC2_METADATA_DISABLED");
    if disabled.is_none_or(|text| text.eq_ignore_ascii_case("false")) {
        chain = chain.or_else("Ec2InstanceMetadata", instance(environment, config));
    }
    SharedCredentialsProvider::new(chain)
}

fn web_identity(environment: &Value) -> Option<StaticConfiguration> {
    Some(StaticConfiguration {
        web_identity_token_file: variable(environment, "AWS_WEB_IDENTITY_TOKEN_FILE")?.into(),
        role_arn: variable(environment, "AWS_ROLE_ARN")?,
        session_name: variable(environment, "AWS_ROLE_SESSION_NAME")
            .unwrap_or_else(|| SESSION_NAME.into()),
    })
}

fn instance(
    environment: &Value,
    config: &ProviderConfig,
) -> imds::credentials::ImdsCredentialsProvider {
    // As in JavaScript, one try of a second: off EC2 nobody answers.
    let mut client = imds::Client::builder()
        .configure(config)
        .max_attempts(1)
        .operation_timeout(Duration::from_secs(1));
    if let Some(endpoint) = variable(environment, "AWS_EC2_METADATA_SERVICE_ENDPOINT") {
        client = match client.clone().endpoint(endpoint) {
            Ok(client) => client,
            Err(_) => client,
        };
    }
    imds::credentials::ImdsCredentialsProvider::builder()
        .configure(config)
        .imds_client(client.build())
        .build()
}
