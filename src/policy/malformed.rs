//! Tests of the JSON reader and the parser: what is refused, why and where; what is tolerated.

use super::json::{read, Json, MAX_BYTES};
use super::{Policy, PolicyError};

/// One statement with some elements replaced or removed (`null`).
fn error(changes: &str) -> (String, String) {
    let mut document: serde_json::Value = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Deny", "Principal": "*",
            "Action": "s3:*", "Resource": "*",
        }],
    });
    let changes: serde_json::Value = serde_json::from_str(changes).expect("test JSON");
    for (name, value) in changes.as_object().expect("an object") {
        document["Statement"][0][name] = value.clone();
    }
    let statement = document["Statement"][0].as_object_mut().expect("an object");
    statement.retain(|_, value| !value.is_null());
    let error = Policy::from_value(&document).expect_err("must be refused");
    assert_eq!(error.line, None);
    (error.path, error.reason)
}

#[test]
fn what_is_wrong_and_where() {
    #[rustfmt::skip]
    let cases = [
        (r#"{"Effect": null}"#, "Statement[0].Effect", "missing"),
        (r#"{"Effect": "deny"}"#, "Statement[0].Effect", "exactly"),
        (r#"{"effect": "Deny"}"#, "Statement[0].effect", "did you mean \"Effect\""),
        (r#"{"Action": null}"#, "Statement[0].Action", "missing"),
        (r#"{"NotAction": "s3:*"}"#, "Statement[0].NotAction", "not both"),
        (r#"{"NotResource": "*"}"#, "Statement[0].NotResource", "not both"),
        (r#"{"NotPrincipal": "*"}"#, "Statement[0].NotPrincipal", "not both"),
        (r#"{"Resource": null}"#, "Statement[0].Resource", "missing"),
        (r#"{"Resource": []}"#, "Statement[0].Resource", "empty"),
        (r#"{"Resource": ["*", 1]}"#, "Statement[0].Resource[1]", "a number"),
        (r#"{"Action": "PutObject"}"#, "Statement[0].Action", "s3:PutObject"),
        (r#"{"Principal": "me"}"#, "Statement[0].Principal", "object"),
        (r#"{"Principal": {"Aws": "*"}}"#, "Statement[0].Principal.Aws", "\"AWS\""),
        (r#"{"Principal": {}}"#, "Statement[0].Principal", "no principal"),
        (r#"{"Condition": {"StringEqual": {"aws:x": 1}}}"#,
            "Statement[0].Condition.StringEqual", "\"StringEquals\""),
        (r#"{"Condition": {"Bool": {"aws:x": [{}]}}}"#,
            "Statement[0].Condition.Bool[\"aws:x\"][0]", "an object"),
        (r#"{"Condition": {"Bool": {"x": "true"}}}"#,
            "Statement[0].Condition.Bool.x", "condition key"),
        (r#"{"Condition": {"Bool": true}}"#, "Statement[0].Condition.Bool", "a boolean"),
    ];
    for (changes, path, reason) in cases {
        let (found_path, found_reason) = error(changes);
        assert_eq!(found_path, path, "{changes}");
        assert!(found_reason.contains(reason), "{found_reason}");
    }
}

#[test]
fn the_document_itself() {
    let path = |text| Policy::parse(text).expect_err("must be refused").path;
    assert_eq!(path("[]"), "");
    assert_eq!(path("{}"), "Statement");
    assert_eq!(
        path(r#"{"Version": "2012-10-18", "Statement": []}"#),
        "Version"
    );
    assert_eq!(path(r#"{"Statement": []}"#), "Statement");
    assert_eq!(path(r#"{"statement": {}}"#), "statement");
    assert_eq!(path(r#"{"Statement": {}}"#), "Statement.Effect");
}

#[test]
fn a_position_in_the_text() {
    let text = "{\n \"Statement\": {\n  \"Effect\": \"No\" }}";
    let error = Policy::parse(text).expect_err("must be refused");
    assert_eq!((error.line, error.column), (Some(3), Some(13)));
    assert_eq!(
        error.to_string(),
        "The policy is malformed at Statement.Effect (line 3, column 13): \
         Effect must be Allow or Deny, spelt exactly so, not \"No\""
    );
}

#[test]
fn scalars_and_lists() {
    let text = r#"{"Statement": {"Sid": "", "Effect": "Allow", "Principal": {"AWS": ["*"]},
        "Action": ["s3:*"], "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": true}, "NumericEquals": {"s3:max-keys": [1, 2.50]}}}}"#;
    let policy = Policy::parse(text).expect("a policy");
    let statement = policy.statements.first().expect("a statement");
    assert_eq!(statement.sid, "Statement[0]");
    let values: Vec<&str> = statement
        .conditions
        .iter()
        .flat_map(|c| c.values.iter().map(|v| v.written.as_str()))
        .collect();
    assert_eq!(values, ["true", "1", "2.50"]);
}

fn fails(text: &str) -> PolicyError {
    read(text).expect_err("must not be read")
}

#[test]
fn syntax_errors_have_a_position() {
    let error = fails("{\n  \"a\": [1, }\n}");
    assert_eq!((error.line, error.column), (Some(2), Some(12)));
    assert_eq!(error.path, "a[1]");
    assert_eq!(fails("").column, Some(1));
    assert_eq!(fails("{\"ä\" 1}").column, Some(6));
    assert!(fails("{\"a\":1} x").reason.contains("follows"));
    assert!(fails("\"abc").reason.contains("not closed"));
    assert!(fails("'a'").reason.contains("expected a value"));
    assert!(fails("{\"a\": 01}").reason.contains("number"));
}

#[test]
fn a_key_twice_is_an_error() {
    let error = fails(r#"{"a": {"b:c": 1, "b:c": 2}}"#);
    assert_eq!(error.path, r#"a["b:c"]"#);
    assert_eq!(error.column, Some(18));
}

#[test]
fn limits_end_quickly() {
    let deep = "[".repeat(MAX_BYTES - 1);
    assert!(fails(&deep).reason.contains("deeper"));
    let long = format!("\"{}\"", "x".repeat(MAX_BYTES));
    assert!(fails(&long).reason.contains("20 KB"));
}

#[test]
fn escapes() {
    let read = |text| read(text).map(|node| node.json);
    assert_eq!(
        read(r#""\u00e4\ud83d\ude00\n\/""#),
        Ok(Json::Text("ä😀\n/".into()))
    );
    assert!(read(r#""\ud83d""#).is_err());
    assert!(read(r#""\u00""#).is_err());
    assert!(read("\"\\u00ä\"").is_err());
    assert!(read("\"a\nb\"").is_err());
}
