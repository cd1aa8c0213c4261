//! What must hold for any bytes, where text from outside is read. `cargo fuzz` runs these for as long
//! as it is let; the tests run them over `fuzz/corpus` and changes of it.

use crate::encryption::{headers, params, resolve, KmsKeyId, Operation as Put};
use crate::policy::{suggest_for, Operation, Policy, Request, Verdict};
use crate::s3::error_body::{elements, is_error_document};
use crate::value::Value;

/// `encryption` as JSON: refused, or it makes headers from which the same encryption is read again.
pub fn settings(data: &[u8]) {
    let Ok(json) = serde_json::from_slice::<serde_json::Value>(data) else {
        return;
    };
    let value = from_json(&json);
    let choice = match resolve(&Value::Null, &value, &Value::Null) {
        Ok(Some(choice)) => choice,
        Ok(None) => return,
        Err(error) => {
            assert!(error.setting.is_some(), "names the setting: {error:?}");
            assert!(!leaks(&value, &error.message), "{}", error.message);
            return;
        }
    };
    for header in headers(&choice.encryption, Put::PutObject) {
        let valid = header.value.bytes().all(|byte| (32..127).contains(&byte));
        assert!(valid, "{}: not a header's value", header.name);
    }
    let again = from_json(&params(&choice.encryption, Put::PutObject).into());
    match resolve(&again, &Value::Null, &Value::Null) {
        Ok(Some(same)) => assert_eq!(same.encryption, choice.encryption),
        Ok(None) => assert!(headers(&choice.encryption, Put::PutObject).is_empty()),
        Err(error) => panic!("our own parameters are refused: {}", error.message),
    }
}

/// The id of a KMS key: refused, or kept to the letter and equal to itself.
pub fn key_id(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    match KmsKeyId::parse("sseKMSKeyId", text) {
        Ok(id) => {
            assert_eq!(id.as_str(), text);
            assert_ne!(id.matches(text), Some(false), "{text}");
        }
        Err(error) => assert_eq!(error.setting.as_deref(), Some("sseKMSKeyId")),
    }
}

/// A bucket policy: refused at a place in the text, or judged, and a suggestion passes it.
pub fn policy(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let policy = match Policy::parse(text) {
        Ok(policy) => policy,
        Err(error) => {
            let lines = text.split('\n').count();
            assert!(error.line.is_some_and(|line| (1..=lines).contains(&line)));
            return;
        }
    };
    let Ok(operation) = Operation::parse("PutObject") else {
        return;
    };
    let request = Request::new(operation, "state", "api/state.json");
    let explanation = policy.explain(&request);
    assert_eq!(explanation, policy.explain(&request));
    for suggestion in suggest_for(&policy, &request, &[]).accepted {
        let mut encrypted = request.clone();
        encrypted.headers = suggestion.candidate.headers();
        let verdict = policy.explain(&encrypted).verdict;
        assert!(matches!(verdict, Verdict::Allow | Verdict::NoDeny));
    }
}

/// The body of an error: nothing, or elements of it.
pub fn error_body(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    is_error_document(text);
    for (name, value) in elements(text).unwrap_or_default() {
        assert!(text.contains(&name), "{name}");
        assert!(value.len() <= text.len());
    }
}

/// Whether a text holds the key of a customer, of those long enough to be one.
fn leaks(encryption: &Value, text: &str) -> bool {
    match encryption.get("sseCustomerKey") {
        Some(Value::String(key)) => key.len() >= 32 && text.contains(key),
        _ => false,
    }
}

/// JSON as a caller could write it.
fn from_json(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(flag) => Value::Bool(*flag),
        serde_json::Value::Number(number) => Value::Number(number.as_f64().unwrap_or_default()),
        serde_json::Value::String(text) => Value::String(text.clone()),
        serde_json::Value::Array(items) => Value::Array(items.iter().map(from_json).collect()),
        serde_json::Value::Object(entries) => {
            let read = |(name, value): (&String, &_)| (name.clone(), from_json(value));
            Value::Object(entries.iter().map(read).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    /// Changes of each file; enough to reach every branch of the parsers, and over in seconds.
    const ROUNDS: u64 = 4000;

    /// The corpus of a target, and changes of it that are the same in every run.
    fn run(name: &str, target: fn(&[u8])) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("fuzz/corpus")
            .join(name);
        let mut paths: Vec<_> = fs::read_dir(&folder)
            .expect("a corpus")
            .map(|entry| entry.expect("an entry").path())
            .collect();
        paths.sort();
        let corpus: Vec<Vec<u8>> = paths
            .iter()
            .map(|path| fs::read(path).expect("a file"))
            .collect();
        assert!(corpus.len() >= 3, "{name}");
        let mut random = Random(0x5eed);
        for seed in &corpus {
            target(seed);
            for _ in 0..ROUNDS {
                let mut data = seed.clone();
                for _ in 0..=random.below(3) {
                    change(&mut data, &corpus, &mut random);
                }
                target(&data);
            }
        }
    }

    /// One change: a byte, a cut, a piece said twice, or a piece of another file.
    fn change(data: &mut Vec<u8>, corpus: &[Vec<u8>], random: &mut Random) {
        let at = random.below(data.len() + 1);
        match random.below(5) {
            0 if at < data.len() => data[at] = b"\"{}[]:,<>/*$?\\ \xff0"[random.below(17)],
            1 => data.truncate(at),
            2 => {
                let end = (at + random.below(16)).min(data.len());
                data.drain(at..end);
            }
            3 => {
                let end = (at + random.below(64)).min(data.len());
                let piece = data[at..end].to_vec();
                data.splice(at..at, piece);
            }
            _ => {
                let other = &corpus[random.below(corpus.len())];
                let start = random.below(other.len() + 1);
                let end = (start + random.below(48)).min(other.len());
                data.splice(at..at, other[start..end].iter().copied());
            }
        }
    }

    /// xorshift64: the same sequence everywhere.
    struct Random(u64);

    impl Random {
        fn below(&mut self, limit: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            (self.0 % limit.max(1) as u64) as usize
        }
    }

    #[test]
    fn settings() {
        run("settings", super::settings);
    }

    #[test]
    fn key_ids() {
        run("key_id", super::key_id);
    }

    #[test]
    fn policies() {
        run("policy", super::policy);
    }

    #[test]
    fn error_bodies() {
        run("error_body", super::error_body);
    }
}
