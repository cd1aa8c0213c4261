use proptest::prelude::*;
use serde_json::{json, Value};

use super::parse;

fn read(text: &str) -> Value {
    match parse(text, "serverless.yml") {
        Ok(value) => value,
        Err(error) => panic!("{}", error.message),
    }
}

fn refused(text: &str) -> String {
    match parse(text, "serverless.yml") {
        Ok(value) => panic!("{value}"),
        Err(error) => error.message.clone(),
    }
}

#[test]
fn scalars_of_the_core_schema() {
    for (text, value) in [
        ("", json!(null)),
        ("~", json!(null)),
        ("NULL", json!(null)),
        ("nULL", json!("nULL")),
        ("true", json!(true)),
        ("FALSE", json!(false)),
        ("yes", json!("yes")),
        ("off", json!("off")),
        ("012", json!(12)),
        ("+7", json!(7)),
        ("-0x1F", json!("-0x1F")),
        ("0x1F", json!(31)),
        ("0o17", json!(15)),
        ("0o8", json!("0o8")),
        ("0x", json!("0x")),
        ("1_000", json!("1_000")),
        ("1.5e3", json!(1500.0)),
        (".5", json!(0.5)),
        ("1.", json!(1.0)),
        (".", json!(".")),
        ("1e", json!("1e")),
        ("+-5", json!("+-5")),
        (".inf", json!(".inf")),
        ("2026-11-25", json!("2026-11-25")),
        (
            "arn:aws:kms:eu-west-1:1:key/a",
            json!("arn:aws:kms:eu-west-1:1:key/a"),
        ),
        ("'true'", json!("true")),
        ("\"a\\tb\"", json!("a\tb")),
        ("!!str 5", json!("5")),
        ("! 5", json!("5")),
        ("!!int '5'", json!(5)),
        ("99999999999999999999", json!(99999999999999999999.0)),
    ] {
        assert_eq!(read(&format!("a: {text}\n"))["a"], value, "{text:?}");
    }
}

#[test]
fn anchors_and_merge_keys() {
    let text = "
base: &base { region: eu-west-1, encryption: AES256 }
other: &other { region: us-east-1, profile: ci }
one: { <<: *base, encryption: aws:kms }
two:
  <<: [*base, *other]
list: [*base]
";
    let read = read(text);
    assert_eq!(
        read["one"],
        json!({ "encryption": "aws:kms", "region": "eu-west-1" })
    );
    assert_eq!(
        read["two"],
        json!({ "region": "eu-west-1", "encryption": "AES256", "profile": "ci" })
    );
    assert_eq!(read["list"][0]["region"], "eu-west-1");
    assert!(refused("a: &a 5\nb: { <<: *a }").contains("line 2"));
}

#[test]
fn cloudformation_tags_are_their_long_forms() {
    let read = read(
        "a: !Ref Bucket\nb: !GetAtt Key.Arn.x\nc: !Sub 'arn:${AWS::Region}'\nd: !Join ['', [!Ref A, b]]\ne: !If\n  - C\n  - 1\n  - 2\n",
    );
    assert_eq!(
        read,
        json!({
            "a": { "Ref": "Bucket" },
            "b": { "Fn::GetAtt": ["Key", "Arn.x"] },
            "c": { "Fn::Sub": "arn:${AWS::Region}" },
            "d": { "Fn::Join": ["", [{ "Ref": "A" }, "b"]] },
            "e": { "Fn::If": ["C", 1, 2] },
        })
    );
}

#[test]
fn whole_files() {
    assert_eq!(read(""), json!(null));
    assert_eq!(read("# nothing\n"), json!(null));
    assert_eq!(read("\u{feff}---\na: 1\n...\n"), json!({ "a": 1 }));
    assert_eq!(read("a: >\r\n  x\r\n  y\r\n"), json!({ "a": "x y\n" }));
    assert_eq!(read("? a\n: 1\n5: b\n"), json!({ "a": 1, "5": "b" }));
    assert_eq!(
        read("k: &k name\n*k : 1\n"),
        json!({ "k": "name", "name": 1 })
    );
}

#[test]
fn errors_say_where() {
    for (text, place, what) in [
        (
            "a: 1\na: 2\n",
            "line 2, column 1",
            "\"a\" stands here twice",
        ),
        ("a: 1\n---\nb: 2\n", "line 2", "second document"),
        ("a: [1, 2\n", "line", ""),
        ("a: b: c\n", "line 1", ""),
        ("a: *nobody\n", "line 1", ""),
        ("a: &a [*a]\n", "line 1", "its own anchor"),
        ("[a]: 1\n", "line 1", "not a scalar"),
    ] {
        let message = refused(text);
        assert!(message.starts_with("serverless.yml is not valid YAML"));
        assert!(
            message.contains(place) && message.contains(what),
            "{message}"
        );
    }
}

#[test]
fn bombs_end_quickly() {
    let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let alias = format!("*a{}", level - 1);
        laughs += &format!("a{level}: &a{level} [{}]\n", vec![alias; 10].join(", "));
    }
    assert!(refused(&laughs).contains("more than 1000000 values"));
    assert!(refused(&"[".repeat(100_000)).contains("not valid YAML"));
    assert!(refused(&format!("{}1{}", "[".repeat(200), "]".repeat(200))).contains("more than 128"));
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC*", lines in "([a-c:*&!<|>'\"{}\\[\\], -]{0,8}\n){0,12}") {
        let _ = parse(&text, "x");
        let _ = parse(&lines, "x");
    }

    #[test]
    fn json_is_yaml(numbers in proptest::collection::vec(any::<i64>(), 0..5), text in "[ -~]{0,20}") {
        let value = json!({ "numbers": numbers, "text": text, "nested": [{ "a": true, "b": null }] });
        prop_assert_eq!(parse(&value.to_string(), "x").ok(), Some(value));
    }
}
