//! What a scalar means: the core schema of YAML 1.2.
//!
//! <https://yaml.org/spec/1.2.2/#103-core-schema>

use saphyr_parser::{ScalarStyle, Tag};
use serde_json::{Number, Value};

const CORE: &str = "tag:yaml.org,2002:";

/// Quoted and block scalars are strings; so are plain ones that look like nothing else.
pub fn value(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Value {
    // `!` alone is the non-specific tag: a string, whatever it looks like.
    let is_string = tag.is_some_and(|tag| {
        (tag.handle == CORE && tag.suffix == "str") || (tag.handle.is_empty() && tag.suffix == "!")
    });
    let typed = tag.is_some_and(|tag| tag.handle == CORE && tag.suffix != "str");
    if is_string || (style != ScalarStyle::Plain && !typed) {
        return Value::String(text.to_owned());
    }
    plain(text)
}

fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    number(text).map_or_else(|| Value::String(text.to_owned()), Value::Number)
}

/// Infinities and NaN are not among the numbers: JSON has none.
fn number(text: &str) -> Option<Number> {
    for (prefix, radix) in [("0o", 8), ("0x", 16)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            return digits
                .bytes()
                .all(|b| b.is_ascii_alphanumeric())
                .then(|| u64::from_str_radix(digits, radix).ok())?
                .map(Number::from);
        }
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let exponent_is_right = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    if whole.len() + fraction.len() == 0
        || !digits(whole)
        || !digits(fraction)
        || !exponent_is_right
    {
        return None;
    }
    if unsigned == whole {
        if let Ok(integer) = text.parse::<i64>() {
            return Some(integer.into());
        }
    }
    Number::from_f64(text.parse().ok()?)
}
