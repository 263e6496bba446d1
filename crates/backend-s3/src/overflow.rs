//! Journal entries kept in S3, with an item that points at them.

use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::primitives::ByteStream;
use ferrocrete_core::state::StateError;
use sha2::{Digest, Sha256};

use crate::pause::Pauses;
use crate::site::Site;

/// Folder of these objects, below the stack's.
pub(crate) const FOLDER: &str = "journal/";

/// What an item says of the object that holds its entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pointer {
    /// Name below the stack's folder.
    pub(crate) name: String,
    /// Digest of the object's bytes, in hexadecimal.
    pub(crate) sha256: String,
}

/// Why entries could not be taken from their object.
#[derive(Debug)]
pub(crate) enum Unresolved {
    /// It is not there: deleted by a fold, or lost.
    Missing,
    Failed(StateError),
}

impl Site {
    /// Stores entries in an object.
    ///
    /// The name holds the content's digest, so that repeating an append, whose first try may
    /// or may not have been committed, writes the same object again and leaves no other.
    pub(crate) async fn put_overflow(
        &self,
        epoch: u64,
        first: u64,
        bodies: &[String],
    ) -> Result<Pointer, StateError> {
        let bytes = serde_json::to_vec(bodies).expect("plain data");
        let sha256 = digest(&bytes);
        let last = first + bodies.len() as u64 - 1;
        let name = format!("{FOLDER}{first:020}-{last:020}-{epoch}-{}.json", &sha256[..16]);
        self.clients
            .s3
            .put_object()
            .bucket(&self.location.bucket)
            .key(self.key(&name))
            .content_type("application/json")
            .body(ByteStream::from(bytes))
            .send()
            .await
            .map_err(|e| self.bucket_failure("s3:PutObject", &e))?;
        Ok(Pointer { name, sha256 })
    }

    /// Reads entries back; there must be `count`.
    pub(crate) async fn get_overflow(
        &self,
        pointer: &Pointer,
        count: u64,
    ) -> Result<Vec<String>, Unresolved> {
        let mut pauses = Pauses::conflict();
        let bytes = loop {
            let request = self.clients.s3.get_object().bucket(&self.location.bucket);
            let answer = match request.key(self.key(&pointer.name)).send().await {
                Ok(answer) => answer,
                Err(e) if matches!(e.as_service_error(), Some(GetObjectError::NoSuchKey(_))) => {
                    return Err(Unresolved::Missing);
                }
                Err(e) => return Err(Unresolved::Failed(self.bucket_failure("s3:GetObject", &e))),
            };
            match answer.body.collect().await {
                Ok(bytes) => break bytes,
                Err(_) if pauses.pause().await => {}
                Err(e) => return Err(Unresolved::Failed(self.broke_off(&pointer.name, &e))),
            }
        };
        let damaged = |why: &str| Unresolved::Failed(self.damaged_overflow(&pointer.name, why));
        let bytes = bytes.into_bytes();
        if digest(&bytes) != pointer.sha256 {
            return Err(damaged("it is not what the journal's checksum says"));
        }
        let bodies: Vec<String> = serde_json::from_slice(&bytes)
            .map_err(|_| damaged("it is not a list of journal entries"))?;
        if bodies.len() as u64 != count {
            return Err(damaged("it has another number of entries than the journal says"));
        }
        Ok(bodies)
    }

    pub(crate) fn damaged_overflow(&self, name: &str, why: &str) -> StateError {
        StateError::Damaged {
            place: self.object_place(name),
            why: why.to_owned(),
            fix: "restore the earlier version of that object, which the bucket keeps".to_owned(),
        }
    }
}

/// The last sequence number in an object, from its name without the folder.
pub(crate) fn last_in(file: &str) -> Option<u64> {
    file.split('-').nth(1)?.parse().ok()
}

/// SHA-256 in hexadecimal.
pub(crate) fn digest(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        write!(hex, "{byte:02x}").expect("writing to a string");
    }
    hex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_is_inside() {
        assert_eq!(last_in(&format!("{:020}-{:020}-3-abc.json", 5, 17)), Some(17));
        assert_eq!(last_in("other.json"), None);
        assert_eq!(last_in("some-other-file.json"), None);
    }
}
