//! How requests name their sender, in the SDK's words.

use aws_runtime::user_agent::{ApiMetadata, AwsUserAgent};
use aws_sdk_s3::config::AppName;
use aws_types::os_shim_internal::Env;
use aws_types::sdk_ua_metadata::FrameworkMetadata;

/// This package, as the SDK lists what was built on it.
pub(super) fn framework() -> Option<FrameworkMetadata> {
    FrameworkMetadata::new("stateseal", Some(env!("CARGO_PKG_VERSION"))).ok()
}

/// `User-Agent` and `x-amz-user-agent`.
pub(super) fn headers(app: Option<&str>) -> [(&'static str, String); 2] {
    let api = ApiMetadata::new("s3", aws_sdk_s3::meta::PKG_VERSION);
    let mut agent = AwsUserAgent::new_from_environment(Env::real(), api);
    if let Some(framework) = framework() {
        agent.add_framework_metadata(framework);
    }
    if let Some(name) = app.and_then(|app| AppName::new(app.to_owned()).ok()) {
        agent.set_app_name(name);
    }
    let text = agent.aws_ua_header();
    [("user-agent", text.clone()), ("x-amz-user-agent", text)]
}
