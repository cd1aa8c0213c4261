use super::*;

fn object(entries: &[(&str, &str)]) -> Value {
    let text = |(k, v): &(&str, &str)| ((*k).into(), Value::String((*v).into()));
    Value::Object(entries.iter().map(text).collect())
}

fn parse(
    entries: &[(&str, Value)],
    environment: &[(&str, &str)],
    profile: &[(&str, &str)],
) -> Result<Settings> {
    let config = entries
        .iter()
        .map(|(k, v)| ((*k).into(), v.clone()))
        .collect();
    let profile = profile
        .iter()
        .map(|(k, v)| ((*k).into(), (*v).into()))
        .collect();
    Settings::parse(&Value::Object(config), &object(environment), &profile)
}

fn text(text: &str) -> Value {
    Value::String(text.into())
}

#[test]
fn configuration_beats_environment_beats_profile() {
    let region = |list: &[(&str, Value)], env: &[(&str, &str)]| {
        parse(list, env, &[("region", "sa-east-1")])
            .expect("valid")
            .region
    };
    let env = [("AWS_REGION", "eu-west-1"), ("AWS_DEFAULT_REGION", "x")];
    assert_eq!(
        region(&[("region", text("us-east-1"))], &env).as_deref(),
        Some("us-east-1")
    );
    assert_eq!(region(&[], &env).as_deref(), Some("eu-west-1"));
    assert_eq!(region(&[], &env[1..]).as_deref(), Some("sa-east-1"));
}

#[test]
fn pseudo_regions() {
    for region in ["fips-us-east-1", "us-east-1-fips"] {
        let settings = parse(&[("region", text(region))], &[], &[]).expect("valid");
        assert_eq!(settings.region.as_deref(), Some("us-east-1"));
        assert!(settings.use_fips);
    }
}

#[test]
fn endpoints_of_the_environment_can_be_ignored() {
    let env = [
        ("AWS_ENDPOINT_URL", "http://a"),
        ("AWS_ENDPOINT_URL_S3", "http://b"),
        ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"),
    ];
    let endpoint = |env| {
        parse(&[], env, &[("endpoint_url", "http://c")])
            .expect("valid")
            .endpoint
    };
    assert_eq!(endpoint(&env[..2]).as_deref(), Some("http://b"));
    assert_eq!(endpoint(&env[..1]).as_deref(), Some("http://a"));
    assert_eq!(endpoint(&[]).as_deref(), Some("http://c"));
    assert_eq!(endpoint(&env), None);
    assert!(parse(&[("endpoint", text("http://d"))], &env, &[])
        .expect("valid")
        .endpoint
        .is_some());
}

#[test]
fn the_proxy_of_the_servers_scheme() {
    let env = [
        ("HTTP_PROXY", "http://plain:1"),
        ("https_proxy", "secure:2"),
        ("NO_PROXY", "x"),
    ];
    let proxy = |list: &[(&str, Value)], bucket: &str| {
        let settings = parse(list, &env, &[]).expect("valid");
        settings.proxy(bucket).map(str::to_owned)
    };
    let (plain, secure) = (Some("http://plain:1"), Some("http://secure:2"));
    let list = [
        ("bucketEndpoint", Value::Bool(true)),
        ("endpoint", text("http://s3")),
    ];
    assert_eq!(proxy(&list[1..], "https://b").as_deref(), plain);
    assert_eq!(proxy(&[], "http://b").as_deref(), secure);
    assert_eq!(proxy(&list, "https://b").as_deref(), secure);
    assert_eq!(proxy(&list[..1], "http://b").as_deref(), plain);
    assert_eq!(proxy(&[("proxy", Value::Bool(false))], "b"), None);
    let own = proxy(&[("proxy", text("http://own:3"))], "b");
    assert_eq!(own.as_deref(), Some("http://own:3"));
}

#[test]
fn a_proxy_that_is_not_used_may_be_wrong() {
    let env = [("HTTP_PROXY", "socks5://x")];
    assert!(parse(&[], &env, &[]).is_ok());
    let of_bucket = ("bucketEndpoint", Value::Bool(true));
    for list in [("endpoint", text("http://s3")), of_bucket] {
        let error = parse(&[list], &env, &[]).expect_err("a proxy of SOCKS");
        assert_eq!(error.setting.as_deref(), Some("HTTP_PROXY"));
    }
}

#[test]
fn loopback() {
    for (endpoint, http, loopback) in [
        ("http://127.0.0.1:9000", true, true),
        ("http://[::1]:9000", true, true),
        ("http://localhost", true, true),
        ("https://127.9.9.9", false, true),
        ("http://10.0.0.1", true, false),
        ("http://127.0.0.1.example.com", true, false),
        ("HTTP://LOCALHOST", true, true),
    ] {
        let settings = parse(&[("endpoint", text(endpoint))], &[], &[]).expect("valid");
        let server = settings.server("b").expect("a server");
        assert_eq!(
            (server.is_plain_http(), server.is_loopback()),
            (http, loopback),
            "{endpoint}"
        );
    }
}

#[test]
fn bad_settings_are_named() {
    for (name, bad) in [
        ("region", text("a/b")),
        ("region", Value::Number(1.0)),
        ("region", text("")),
        ("endpoint", text("localhost:9000")),
        ("endpoint", text("ftp://x")),
        ("forcePathStyle", text("yes")),
        ("maxAttempts", Value::Number(0.0)),
        ("maxAttempts", Value::Number(1.5)),
        ("maxAttempts", Value::Number(f64::NAN)),
        ("requestTimeout", Value::Number(-1.0)),
        ("retryMode", text("sometimes")),
        ("proxy", text("socks5://x")),
        ("userAgentAppId", text("a b")),
        ("requestChecksumCalculation", text("never")),
    ] {
        let error = parse(&[(name, bad)], &[], &[]).expect_err(name);
        assert_eq!(error.setting.as_deref(), Some(name));
    }
    for (name, bad) in [
        ("AWS_MAX_ATTEMPTS", "0"),
        ("AWS_RETRY_MODE", "x"),
        ("AWS_USE_FIPS_ENDPOINT", "1"),
    ] {
        let error = parse(&[], &[(name, bad)], &[]).expect_err(name);
        assert_eq!(error.setting.as_deref(), Some(name));
    }
}
