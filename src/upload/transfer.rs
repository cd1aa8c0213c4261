//! How a body is cut into parts: lib-storage's settings and rules.

use crate::error::{Error, Result};
use crate::value::Value;

/// S3's least size of a part but the last, and lib-storage's default.
pub const MIN_PART: u64 = 5 * 1024 * 1024;
const MAX_PART: u64 = 5 * 1024 * 1024 * 1024;
/// S3's greatest number of parts.
pub const MAX_PARTS: u64 = 10_000;

/// The settings of one upload beside those of the connection.
pub const TRANSFER_SETTINGS: [&str; 3] = ["partSize", "queueSize", "leavePartsOnError"];

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Transfer {
    part_size: Option<u64>,
    /// Parts that are sent at once. Default 4.
    pub queue_size: usize,
    /// After a failure leave what was sent, to be continued by hand.
    pub leave_parts: bool,
}

impl Transfer {
    pub fn parse(options: &Value) -> Result<Transfer> {
        let whole = |name: &str, min: u64, max: u64| {
            let remedy = || format!("Give a whole number from {min} to {max}");
            match options.get(name) {
                None => Ok(None),
                Some(Value::Number(n))
                    if n.fract() == 0.0 && (min as f64..=max as f64).contains(n) =>
                {
                    Ok(Some(*n as u64))
                }
                Some(Value::Number(n)) => Err(Error::invalid(name, &format!("is {n}"), &remedy())),
                Some(other) => Err(Error::wrong_type(name, other, &remedy())),
            }
        };
        Ok(Transfer {
            part_size: whole("partSize", MIN_PART, MAX_PART)?,
            queue_size: whole("queueSize", 1, 1000)?.unwrap_or(4) as usize,
            leave_parts: match options.get("leavePartsOnError") {
                None => false,
                Some(Value::Bool(flag)) => *flag,
                Some(other) => {
                    return Err(Error::wrong_type(
                        "leavePartsOnError",
                        other,
                        "Give true or false",
                    ))
                }
            },
        })
    }

    /// Bytes of a part for a body of `total` bytes, so that S3's number of parts is enough.
    pub fn part_size(&self, total: Option<u64>) -> usize {
        let needed = total.map_or(0, |total| total.div_ceil(MAX_PARTS));
        self.part_size.unwrap_or(MIN_PART).max(needed) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lib_storages_sizes() {
        let transfer = Transfer::parse(&Value::Null).expect("valid");
        for (total, size) in [
            (None, MIN_PART),
            (Some(0), MIN_PART),
            (Some(MIN_PART * MAX_PARTS), MIN_PART),
            (Some(MIN_PART * MAX_PARTS + 1), MIN_PART + 1),
        ] {
            assert_eq!(transfer.part_size(total), size as usize);
        }
    }

    #[test]
    fn bad_settings_are_named() {
        for (name, bad) in [
            ("partSize", Value::Number(5_242_879.0)),
            ("partSize", Value::String("5MB".into())),
            ("queueSize", Value::Number(0.0)),
            ("leavePartsOnError", Value::Number(1.0)),
        ] {
            let options = Value::Object(vec![(name.into(), bad)]);
            let error = Transfer::parse(&options).expect_err(name);
            assert_eq!(error.setting.as_deref(), Some(name));
        }
    }
}
