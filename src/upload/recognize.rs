//! A 412 that our own first try caused.
//!
//! A conditional put whose answer was lost is tried again, and then meets the object that it wrote
//! itself. What is stored tells the two cases apart.

use bytes::Bytes;

use crate::encryption::{headers, Choice, Operation};
use crate::s3::{compute_checksum, Connection, Failure, Object, Reported, ALGORITHMS};

/// What S3 reports of the object, if it is the one that we wrote.
pub(super) async fn own_write(
    object: &Object,
    connection: &Connection,
    choice: &Choice,
    body: &Bytes,
    failure: &Failure,
) -> Option<Reported> {
    let metadata = &failure.error.metadata;
    let conditional = object.fields.has("IfMatch") || object.fields.has("IfNoneMatch");
    let tried_again = metadata.attempts.is_some_and(|attempts| attempts > 1);
    if metadata.http_status != Some(412) || !conditional || !tried_again {
        return None;
    }
    let asked = headers(&choice.encryption, Operation::HeadObject);
    // Without permission to read there is no telling, and the refusal stands.
    let stored = object.head(connection, asked).await.ok()?;
    let same = ALGORITHMS.iter().find_map(|algorithm| {
        let stored = stored
            .fields
            .get(&format!("Checksum{algorithm}"))?
            .as_str()?;
        Some(compute_checksum(algorithm, body).ok()? == stored)
    });
    (same == Some(true)).then_some(stored)
}
