//! Where a bucket answers and how it wants requests signed, by the SDK's own rules.

use aws_sdk_s3::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};
use aws_smithy_types::Document;

use super::bucket_url::BucketUrl;
use super::settings::Settings;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Endpoint {
    /// With the bucket, in the host name or the path; without a slash at its end.
    pub url: String,
    pub signing_region: String,
    pub signing_name: String,
    pub headers: Vec<(String, String)>,
}

/// Nothing where there is none (the SDK says why) or it wants something else than Signature
/// Version 4: multi-Region access points and directory buckets.
pub(super) async fn resolve(
    resolver: &DefaultResolver,
    settings: &Settings,
    region: &str,
    bucket: &str,
    bucket_url: Option<&str>,
) -> Option<Endpoint> {
    let params = Params::builder()
        .region(region)
        .use_fips(settings.use_fips)
        .use_dual_stack(settings.use_dualstack)
        .set_endpoint(settings.endpoint.clone())
        .force_path_style(settings.force_path_style)
        .set_use_arn_region(settings.use_arn_region)
        .accelerate(settings.use_accelerate)
        .bucket(bucket)
        .build()
        .ok()?;
    let resolved = match bucket_url {
        Some(url) => BucketUrl(url.to_owned()).resolve_endpoint(&params).await,
        None => resolver.resolve_endpoint(&params).await,
    }
    .ok()?;
    let mut endpoint = Endpoint {
        url: resolved.url().trim_end_matches('/').to_owned(),
        signing_region: region.to_owned(),
        signing_name: "s3".to_owned(),
        headers: resolved
            .headers()
            .flat_map(|(name, values)| values.map(move |value| (name.to_owned(), value.to_owned())))
            .collect(),
    };
    // A URL of the caller's own has none.
    let schemes = resolved.auth_schemes();
    if !schemes.is_empty() {
        let scheme = schemes.iter().find(|scheme| scheme.name() == "sigv4")?;
        let text = |name| scheme.get(name).and_then(Document::as_string);
        if let Some(region) = text("signingRegion") {
            endpoint.signing_region = region.to_owned();
        }
        if let Some(name) = text("signingName") {
            endpoint.signing_name = name.to_owned();
        }
    }
    Some(endpoint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    fn resolved(config: &[(&str, Value)], bucket: &str) -> Option<Endpoint> {
        let config = config
            .iter()
            .map(|(k, v)| ((*k).into(), v.clone()))
            .collect();
        let settings = Settings::parse(&Value::Object(config), &Value::Null, &Default::default());
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.expect("a runtime").block_on(resolve(
            &DefaultResolver::new(),
            &settings.expect("valid"),
            "eu-west-1",
            bucket,
            None,
        ))
    }

    #[test]
    fn hosts_and_paths() {
        let url = |config: &[(&str, Value)], bucket| resolved(config, bucket).map(|e| e.url);
        let yes = Value::Bool(true);
        for (config, bucket, expected) in [
            (vec![], "bkt", "https://bkt.s3.eu-west-1.amazonaws.com"),
            (vec![], "a.bkt", "https://s3.eu-west-1.amazonaws.com/a.bkt"),
            (
                vec![("useFipsEndpoint", yes.clone())],
                "bkt",
                "https://bkt.s3-fips.eu-west-1.amazonaws.com",
            ),
            (
                vec![("useAccelerateEndpoint", yes.clone())],
                "bkt",
                "https://bkt.s3-accelerate.amazonaws.com",
            ),
            (
                vec![("endpoint", Value::String("http://127.0.0.1:9/".into()))],
                "b",
                "http://127.0.0.1:9/b",
            ),
        ] {
            assert_eq!(url(&config, bucket).as_deref(), Some(expected));
        }
    }

    #[test]
    fn what_is_left_to_the_sdk() {
        let mrap = "arn:aws:s3::111122223333:accesspoint/abcdef.mrap";
        assert_eq!(resolved(&[], mrap), None);
        assert_eq!(resolved(&[], "b--euw1-az1--x-s3"), None);
        let point =
            resolved(&[], "arn:aws:s3:eu-west-1:111122223333:accesspoint/state").expect("sigv4");
        assert_eq!(
            point.url,
            "https://state-111122223333.s3-accesspoint.eu-west-1.amazonaws.com"
        );
        let outpost =
            "arn:aws:s3-outposts:eu-west-1:111122223333:outpost/op-01234567890123456/accesspoint/p";
        assert_eq!(
            resolved(&[], outpost).expect("an endpoint").signing_name,
            "s3-outposts"
        );
    }
}
