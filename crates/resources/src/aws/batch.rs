//! Many reads in few calls.

use std::collections::HashMap;
use std::future::Future;

use ferrocrete_core::error::{ErrorKind, OpError};
use futures::stream::{self, StreamExt, TryStreamExt};

/// Most values that EC2 takes in one filter.
pub const CHUNK: usize = 200;
/// Calls of one batch that are under way at once.
const WIDTH: usize = 16;

/// Reads ids in chunks of [`CHUNK`], several chunks at once, and returns what was found by id.
///
/// # Errors
/// The first chunk's error.
pub async fn by_id<T, F, Fut>(
    ids: Vec<String>,
    fetch: F,
    id_of: impl Fn(&T) -> Option<&str>,
) -> Result<HashMap<String, T>, OpError>
where
    F: Fn(Vec<String>) -> Fut,
    Fut: Future<Output = Result<Vec<T>, OpError>>,
{
    let chunks: Vec<Vec<String>> = ids.chunks(CHUNK).map(<[String]>::to_vec).collect();
    let found: Vec<Vec<T>> =
        stream::iter(chunks.into_iter().map(fetch)).buffered(WIDTH).try_collect().await?;
    let mut map = HashMap::new();
    for item in found.into_iter().flatten() {
        if let Some(id) = id_of(&item).map(str::to_owned) {
            map.insert(id, item);
        }
    }
    Ok(map)
}

/// Reads each item by calls of its own, a bounded number at once, in the order given.
///
/// # Errors
/// The first item's error.
pub async fn each<I, T, F, Fut>(items: &[I], fetch: F) -> Result<Vec<T>, OpError>
where
    F: Fn(&I) -> Fut,
    Fut: Future<Output = Result<T, OpError>>,
{
    stream::iter(items.iter().map(fetch)).buffered(WIDTH).try_collect().await
}

/// `None` for a not-found, the error for anything else.
///
/// # Errors
/// Any error but a not-found.
pub fn found<T>(result: Result<T, OpError>) -> Result<Option<T>, OpError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
