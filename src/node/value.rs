//! JavaScript values as plain data. The facade has copied them, so no getter runs here.

use napi::bindgen_prelude::{FromNapiValue, JsObjectValue, Object, Uint8Array, Unknown};
use napi::{JsValue, Result, ValueType};

use crate::value::Value;

/// Deeper than the facade's copies. What nobody copied may be a cycle.
const DEEPEST: usize = 32;

pub(super) fn to_value(value: Unknown<'_>) -> Result<Value> {
    read(value, 0)
}

fn read(value: Unknown<'_>, depth: usize) -> Result<Value> {
    if depth > DEEPEST {
        return Ok(Value::Other("an object that is nested too deeply"));
    }
    Ok(match value.get_type()? {
        ValueType::Undefined | ValueType::Null => Value::Null,
        ValueType::Boolean => Value::Bool(bool::from_unknown(value)?),
        // Of two zeros one: JSON has no other.
        ValueType::Number => Value::Number(f64::from_unknown(value)? + 0.0),
        ValueType::String => Value::String(String::from_unknown(value)?),
        ValueType::Object if value.is_typedarray()? => {
            Value::Bytes(Uint8Array::from_unknown(value)?.to_vec())
        }
        ValueType::Object if value.is_date()? => {
            Value::Date(value.coerce_to_number()?.get_double()?)
        }
        ValueType::Object if value.is_array()? => {
            let array = Object::from_unknown(value)?;
            let mut list = Vec::new();
            for index in 0..array.get_array_length()? {
                list.push(read(array.get_element::<Unknown>(index)?, depth + 1)?);
            }
            Value::Array(list)
        }
        ValueType::Object => {
            let object = Object::from_unknown(value)?;
            let mut entries = Vec::new();
            for key in Object::keys(&object)? {
                let entry = object.get_named_property_unchecked::<Unknown>(&key)?;
                entries.push((key, read(entry, depth + 1)?));
            }
            Value::Object(entries)
        }
        ValueType::Function => Value::Other("a function"),
        ValueType::Symbol => Value::Other("a symbol"),
        ValueType::BigInt => Value::Other("a bigint"),
        _ => Value::Other("a value of an unknown kind"),
    })
}
