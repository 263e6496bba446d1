//! A [`Value`] as JSON, losing nothing.
//!
//! | value | JSON |
//! |---|---|
//! | null, bool, text, list, map | the same |
//! | int | a number without a fraction |
//! | float | a number with a fraction or an exponent; `{"$float":"NaN"}`, `inf`, `-inf` |
//! | secret | `{"$secret":"…"}`: base64 of the encrypted JSON of what it holds |
//! | a map key that begins with `$` | the key with one more `$` in front |
//! | unknown | never written |

use serde_json::{Map, Value as Json};

use super::Codec;
use crate::state::secrets::{from_base64, to_base64};
use crate::value::{PropertyMap, Value};

const SECRET: &str = "$secret";
const FLOAT: &str = "$float";
/// `serde_json` reads no deeper than 128.
const MAX_DEPTH: usize = 100;
/// Plaintext is padded to a multiple of this, so that its length says little.
const BLOCK: usize = 32;

/// Writes a map; `at` is where it stands, for messages.
pub(super) fn encode_map(
    map: &PropertyMap,
    codec: &Codec,
    at: &str,
) -> Result<Map<String, Json>, String> {
    map.iter()
        .map(|(key, value)| {
            let at = format!("{at}.{key}");
            Ok((escape(key), encode(value, codec, &at, MAX_DEPTH)?))
        })
        .collect()
}

/// Reads a map.
pub(super) fn decode_map(map: Map<String, Json>, codec: &Codec) -> Result<PropertyMap, String> {
    map.into_iter().map(|(key, json)| Ok((unescape(key)?, decode(json, codec)?))).collect()
}

fn encode(value: &Value, codec: &Codec, at: &str, depth: usize) -> Result<Json, String> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(format!("{at} is nested more than {MAX_DEPTH} deep"));
    };
    Ok(match value {
        Value::Null => Json::Null,
        Value::Bool(b) => Json::Bool(*b),
        Value::Int(n) => Json::from(*n),
        Value::Float(n) => match serde_json::Number::from_f64(*n) {
            Some(n) => Json::Number(n),
            None => single(FLOAT, n.to_string()),
        },
        Value::String(s) => Json::String(s.clone()),
        Value::List(items) => Json::Array(
            items.iter().map(|v| encode(v, codec, at, depth)).collect::<Result<_, _>>()?,
        ),
        Value::Map(map) => Json::Object(
            map.iter()
                .map(|(k, v)| Ok((escape(k), encode(v, codec, at, depth)?)))
                .collect::<Result<_, String>>()?,
        ),
        Value::Unknown => return Err(format!("{at} holds a value that is not known")),
        Value::Secret(inner) => {
            let mut plain = encode(inner, codec, at, MAX_DEPTH.min(depth))?.to_string();
            let padded = plain.len().next_multiple_of(BLOCK);
            plain.extend(std::iter::repeat_n(' ', padded - plain.len()));
            let sealed = codec.key.seal(plain.as_bytes(), &codec.context);
            zeroize::Zeroize::zeroize(&mut plain);
            single(SECRET, to_base64(&sealed))
        }
    })
}

fn decode(json: Json, codec: &Codec) -> Result<Value, String> {
    Ok(match json {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::Bool(b),
        Json::Number(n) => match (n.as_i64(), n.as_u64(), n.as_f64()) {
            (Some(n), ..) => Value::Int(n),
            (None, None, Some(n)) => Value::Float(n),
            _ => return Err(format!("number {n} is out of range")),
        },
        Json::String(s) => Value::String(s),
        Json::Array(items) => {
            Value::List(items.into_iter().map(|v| decode(v, codec)).collect::<Result<_, _>>()?)
        }
        Json::Object(map) => match marker(&map) {
            Some((SECRET, text)) => reveal(text, codec)?,
            Some((FLOAT, text)) => text
                .parse()
                .map(Value::Float)
                .map_err(|_| format!("{FLOAT} does not hold a number"))?,
            _ => Value::Map(decode_map(map, codec)?),
        },
    })
}

fn reveal(text: &str, codec: &Codec) -> Result<Value, String> {
    let plain = from_base64(text)
        .and_then(|sealed| codec.key.open(&sealed, &codec.context))
        .ok_or("a secret does not decrypt with this stack's key (was it copied from elsewhere?)")?;
    // serde's message may quote what it read.
    let json = serde_json::from_slice(&plain).map_err(|_| "a secret does not hold JSON")?;
    Ok(Value::Secret(Box::new(decode(json, codec)?)))
}

fn single(key: &str, text: String) -> Json {
    Json::Object([(key.to_owned(), Json::String(text))].into_iter().collect())
}

fn marker(map: &Map<String, Json>) -> Option<(&str, &str)> {
    let (key, value) = map.iter().next().filter(|_| map.len() == 1)?;
    Some((key, value.as_str()?))
}

fn escape(key: &str) -> String {
    if key.starts_with('$') { format!("${key}") } else { key.to_owned() }
}

fn unescape(key: String) -> Result<String, String> {
    match key.strip_prefix('$') {
        None => Ok(key),
        Some(rest) if rest.starts_with('$') => Ok(rest.to_owned()),
        Some(_) => Err(format!("`{key}` is not a marker that this version knows")),
    }
}
