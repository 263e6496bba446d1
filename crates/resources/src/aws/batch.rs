//! Many reads in few calls.

use std::collections::{HashMap, HashSet};
use std::future::Future;

use ferrocrete_core::error::OpError;
use futures::stream::{self, StreamExt, TryStreamExt};

/// Most values that EC2 takes in one filter.
pub const CHUNK: usize = 200;
/// Calls of one batch that are under way at once.
const WIDTH: usize = 16;

/// Reads ids in chunks of [`CHUNK`], several chunks at once, and returns what was found by id;
/// an id that stands there twice is read once.
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
    let mut seen = HashSet::new();
    let ids: Vec<String> = ids.into_iter().filter(|id| seen.insert(id.clone())).collect();
    let chunks: Vec<Vec<String>> = ids.chunks(CHUNK).map(<[String]>::to_vec).collect();
    let found: Vec<Vec<T>> = all(chunks.into_iter().map(fetch).collect()).await?;
    let mut map = HashMap::new();
    for item in found.into_iter().flatten() {
        if let Some(id) = id_of(&item).map(str::to_owned) {
            map.insert(id, item);
        }
    }
    Ok(map)
}

/// Reads each item by calls of its own, a bounded number at once; answers in the order given.
///
/// # Errors
/// The first item's error.
pub async fn each<I, T, F, Fut>(items: I, fetch: F) -> Result<Vec<T>, OpError>
where
    I: IntoIterator,
    F: FnMut(I::Item) -> Fut,
    Fut: Future<Output = Result<T, OpError>>,
{
    all(items.into_iter().map(fetch).collect()).await
}

/// Collected first: a stream that still holds the closure is `Send` only in simple cases.
async fn all<T, Fut>(calls: Vec<Fut>) -> Result<Vec<T>, OpError>
where
    Fut: Future<Output = Result<T, OpError>>,
{
    stream::iter(calls).buffered(WIDTH).try_collect().await
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[tokio::test]
    async fn five_hundred_ids_are_three_calls() {
        let calls = Mutex::new(Vec::new());
        let ids: Vec<String> = (0..500).map(|i| format!("id-{i}")).collect();
        let found = by_id(
            ids,
            |chunk| {
                calls.lock().unwrap().push(chunk.len());
                async move { Ok(chunk.into_iter().filter(|id| id != "id-7").collect()) }
            },
            |id: &String| Some(id.as_str()),
        )
        .await
        .unwrap();
        assert_eq!(*calls.lock().unwrap(), [200, 200, 100]);
        assert_eq!(found.len(), 499);
    }

    #[tokio::test]
    async fn the_same_id_twice_is_asked_for_once() {
        let ids = vec!["a".to_owned(), "a".to_owned(), "b".to_owned()];
        let found = by_id(
            ids,
            |chunk| async move {
                assert_eq!(chunk, ["a", "b"]);
                Ok(chunk)
            },
            |id: &String| Some(id.as_str()),
        )
        .await
        .unwrap();
        assert_eq!(found.len(), 2);
    }

    #[tokio::test]
    async fn answers_come_in_the_order_asked() {
        let doubled = each([3, 1, 2], |n| std::future::ready(Ok(n * 2))).await.unwrap();
        assert_eq!(doubled, [6, 2, 4]);
    }
}
