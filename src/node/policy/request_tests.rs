use super::*;
use crate::error::name;

fn object(entries: &[(&str, Value)]) -> Value {
    let entries = entries.iter();
    Value::Object(entries.map(|(k, v)| ((*k).to_owned(), v.clone())).collect())
}

fn string(text: &str) -> Value {
    Value::String(text.to_owned())
}

fn put(more: &[(&str, Value)]) -> Value {
    let mut entries = vec![("bucket", string("b")), ("key", string("k"))];
    entries.extend(more.iter().cloned());
    object(&entries)
}

fn read(request: &Value) -> Result<Request> {
    parse(request, &Value::Null, &[])
}

#[test]
fn a_part_has_the_settings_of_its_upload() {
    let part = put(&[
        ("operation", string("UploadPart")),
        ("encryption", string("AES256")),
    ]);
    let part = read(&part).expect("a request");
    assert_eq!(part.headers, []);
    let create = [("x-amz-server-side-encryption".into(), "AES256".into())];
    assert_eq!(part.create_headers.as_deref(), Some(&create[..]));
}

#[test]
fn secrets_stay_out() {
    let key = object(&[("sseCustomerKey", Value::Bytes(vec![7; 32]))]);
    let request = read(&put(&[("encryption", key)])).expect("a request");
    let names: Vec<&str> = request
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, ["x-amz-server-side-encryption-customer-algorithm"]);
}

#[test]
fn headers_and_setting_that_agree() {
    let headers = object(&[
        ("X-Amz-Server-Side-Encryption", string("AES256")),
        ("If-None-Match", string("*")),
    ]);
    let both = put(&[
        ("headers", headers.clone()),
        ("encryption", string("AES256")),
    ]);
    assert_eq!(read(&both).map(|r| r.headers.len()).ok(), Some(2));
    let conflict = put(&[("headers", headers), ("encryption", string("aws:kms"))]);
    let error = read(&conflict).expect_err("a conflict");
    assert_eq!(error.name, name::CONFLICT);
    assert_eq!(
        error.setting.as_deref(),
        Some("request.headers.x-amz-server-side-encryption")
    );
}

#[test]
fn context_of_every_kind() {
    let context = object(&[
        ("aws:CurrentTime", Value::Date(1500.0)),
        ("s3:TlsVersion", Value::Number(1.2)),
        ("aws:SourceVpce", Value::Null),
        (
            "aws:PrincipalTag/a",
            Value::Array(vec![string("x"), Value::Bool(true)]),
        ),
        ("AWS:sourcevpce", string("vpce-1")),
    ]);
    let request = parse(&put(&[]), &context, &[]).expect("a request");
    let values = |texts: &[&str]| ContextValue::Values(texts.iter().map(|t| (*t).into()).collect());
    let found: Vec<ContextValue> = request.context.into_iter().map(|(_, v)| v).collect();
    let expected = [
        values(&["1.5"]),
        values(&["1.2"]),
        values(&["x", "true"]),
        values(&["vpce-1"]),
    ];
    assert_eq!(found, expected);
}
