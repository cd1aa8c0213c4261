//! The object tags that a write carries in `x-amz-tagging`.

use super::condition_key::{KeyValue, Keys};

/// The pairs of `x-amz-tagging`, which is encoded like a URL's query.
fn tags(keys: &Keys) -> Result<Vec<(String, String)>, KeyValue> {
    let header = match keys.create_header("x-amz-tagging") {
        KeyValue::Values(values) => values.into_iter().next().unwrap_or_default(),
        other => return Err(other),
    };
    let pairs = header.split('&').filter(|pair| !pair.is_empty());
    let tags = pairs.map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (percent_decode(name), percent_decode(value))
    });
    Ok(tags.collect())
}

/// `s3:RequestObjectTagKeys`: the names.
pub fn tag_keys(keys: &Keys, _: &str) -> KeyValue {
    match tags(keys) {
        Ok(tags) if tags.is_empty() => KeyValue::Absent,
        Ok(tags) => KeyValue::Values(tags.into_iter().map(|(name, _)| name).collect()),
        Err(other) => other,
    }
}

/// `s3:RequestObjectTag/name`: one value.
pub fn tag(keys: &Keys, wanted: &str) -> KeyValue {
    let found = tags(keys).map(|tags| {
        let mut tags = tags.into_iter();
        tags.find(|(name, _)| name.eq_ignore_ascii_case(wanted))
    });
    match found {
        Ok(Some((_, value))) => KeyValue::one(value),
        Ok(None) => KeyValue::Absent,
        Err(other) => other,
    }
}

/// Undoes URL encoding; what is not an escape stays as it is.
fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let escape = rest
            .get(1..3)
            .filter(|digits| c == '%' && digits.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let taken = match (c, escape) {
            (_, Some(byte)) => {
                bytes.push(byte);
                3
            }
            ('+', None) => {
                bytes.push(b' ');
                1
            }
            (other, None) => {
                bytes.extend(other.encode_utf8(&mut [0; 4]).bytes());
                other.len_utf8()
            }
        };
        rest = rest.get(taken..).unwrap_or("");
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::super::operation::Operation;
    use super::super::request::Request;
    use super::*;

    #[test]
    fn from_the_header() {
        let sent = Request::new(Operation::put_object(), "b", "k")
            .header("x-amz-tagging", "stage=prod&a%20b=c+d%2x&e");
        let keys = Keys::new(&sent);
        let one = |value: &str| KeyValue::Values(vec![value.to_owned()]);
        assert_eq!(keys.get("s3:RequestObjectTag/STAGE"), one("prod"));
        assert_eq!(keys.get("s3:requestobjecttag/a b"), one("c d%2x"));
        assert_eq!(keys.get("s3:RequestObjectTag/x"), KeyValue::Absent);
        let names = ["stage", "a b", "e"].map(str::to_owned).to_vec();
        assert_eq!(keys.get("s3:RequestObjectTagKeys"), KeyValue::Values(names));
        assert_eq!(percent_decode("ä%C3%A4%"), "ää%");
    }
}
