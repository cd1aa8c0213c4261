//! One body to S3: in one put if it fits into one part, else in parts.

use bytes::Bytes;
use tokio::task::JoinSet;

use super::control::Stopped;
use super::source::Source;
use super::transfer::MAX_PARTS;
use super::{recognize, Plan};
use crate::encryption::{
    check_region, headers, verify, Choice, Encryption, Header, Operation, Reply,
};
use crate::error::{Error, Origin, Result};
use crate::s3::{Connection, Failure, Reported, SentPart};
use std::sync::Arc;
use std::time::Duration;

/// How long a failed upload waits until its parts are removed.
const ABORTING: Duration = Duration::from_secs(10);

/// Why nothing came of it.
pub(super) enum Trouble {
    /// S3 refused, or could not be reached.
    Failed(Failure),
    /// Ours: an argument, or a reply that proves nothing.
    Error(Error),
    Stopped(Stopped),
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Trouble {
        Trouble::Failed(failure)
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Trouble {
        Trouble::Error(error)
    }
}

/// The body's first piece decides how it is sent; it is kept for a second try.
pub(super) struct Start {
    pub first: Bytes,
    pub is_whole: bool,
    pub source: Source,
}

impl Plan {
    pub(super) async fn start(&mut self) -> Result<Start> {
        let body = self.body.take().unwrap_or(super::Body::Bytes(Bytes::new()));
        let mut source = Source::open(body, self.content_length).await?;
        if let Some(total) = source.total {
            self.control.set_total(total);
        }
        let part = self.transfer.part_size(source.total);
        // What speaks of the whole object goes with the whole object.
        let of_the_whole = self.object.fields.of_the_whole();
        let size = if of_the_whole.is_some() && source.is_bounded {
            usize::MAX
        } else {
            part
        };
        let piece = source.next(size).await?;
        if let (Some(field), false) = (of_the_whole, piece.is_last) {
            return Err(Error::invalid(
                field,
                &format!(
                    "is of the whole object, and a stream of more than {part} bytes goes in parts"
                ),
                "Leave it out, raise partSize, or give the bytes instead of a stream",
            ));
        }
        if piece.is_last {
            self.control.set_total(source.given());
        }
        Ok(Start {
            first: piece.bytes,
            is_whole: piece.is_last,
            source,
        })
    }

    /// In one put. It can be called again with the same body.
    pub(super) async fn put(
        &self,
        connection: &mut Connection,
        choice: &Choice,
        body: &Bytes,
    ) -> Result<Reported, Trouble> {
        let control = &self.control;
        let headers = || headers(&choice.encryption, Operation::PutObject);
        let mut followed = false;
        loop {
            let put = self.object.put(connection, body.clone(), headers());
            let sent = control
                .unless_cancelled(put)
                .await
                .ok_or(Trouble::Stopped(Stopped::Unknown))?;
            let failure = match sent {
                Ok(reported) => {
                    control.arrived(1, body.len() as u64);
                    return Ok(reported);
                }
                Err(failure) => failure,
            };
            if !followed && connection.follow(&failure).await? {
                followed = true;
                check_region(choice, connection.region(), "the bucket's Region")?;
                continue;
            }
            let own = recognize::own_write(&self.object, connection, choice, body, &failure);
            return match Box::pin(own).await {
                Some(reported) => {
                    control.arrived(1, body.len() as u64);
                    Ok(reported)
                }
                None => Err(failure.into()),
            };
        }
    }

    /// Creates the multipart upload, following a redirect once.
    pub(super) async fn create(
        self: &Arc<Self>,
        connection: &mut Connection,
        choice: &Choice,
    ) -> Result<(String, Reply), Trouble> {
        let headers = || headers(&choice.encryption, Operation::CreateMultipartUpload);
        match self.created(connection, headers()).await {
            Err(Trouble::Failed(failure)) if connection.follow(&failure).await? => {
                check_region(choice, connection.region(), "the bucket's Region")?;
                self.created(connection, headers()).await
            }
            created => created,
        }
    }

    /// The answer to one request that creates it. The request itself is not to be interrupted: an
    /// upload whose id nobody knows would stay for ever.
    async fn created(
        self: &Arc<Self>,
        connection: &Connection,
        headers: Vec<Header>,
    ) -> Result<(String, Reply), Trouble> {
        let (plan, own) = (self.clone(), connection.clone());
        let mut creating = tokio::spawn(async move { plan.object.create(&own, headers).await });
        match self.control.unless_cancelled(&mut creating).await {
            Some(Ok(created)) => Ok(created?),
            Some(Err(_)) => {
                Err(Error::new(Origin::Client, "Error", "No upload was created").into())
            }
            None => {
                let (plan, connection) = (self.clone(), connection.clone());
                tokio::spawn(async move {
                    if let Ok(Ok((upload, _))) = creating.await {
                        plan.remove(&connection, &upload).await;
                    }
                });
                Err(Trouble::Stopped(Stopped::NothingStored))
            }
        }
    }

    /// The connection, with the credentials that the caller has now: those that it was opened with
    /// may have ended.
    async fn current(&self, connection: &Connection) -> Result<Connection> {
        match self.control.renewed() {
            Some(fresh) => connection.signed_with(fresh).await,
            None => Ok(connection.clone()),
        }
    }

    /// Removes what was sent, unless it is to be left.
    async fn remove(&self, connection: &Connection, upload: &str) {
        if !self.transfer.leave_parts {
            // Best effort: what failed before is what the caller must hear of.
            let current = self.current(connection).await;
            let abort = self
                .object
                .abort(current.as_ref().unwrap_or(connection), upload);
            let _ = tokio::time::timeout(ABORTING, abort).await;
        }
    }

    /// Sends the parts of a created upload and completes it; removes them if that fails.
    pub(super) async fn parts(
        self: &Arc<Self>,
        connection: &Connection,
        choice: &Choice,
        upload: &str,
        promised: Reply,
        start: Start,
    ) -> Result<Reported, Trouble> {
        let sent = self
            .send_parts(connection, &choice.encryption, upload, promised, start)
            .await;
        let outcome_unknown = matches!(&sent, Err(Trouble::Stopped(Stopped::Unknown)));
        if sent.is_err() && !outcome_unknown {
            self.remove(connection, upload).await;
        }
        sent
    }

    async fn send_parts(
        self: &Arc<Self>,
        connection: &Connection,
        encryption: &Encryption,
        upload: &str,
        promised: Reply,
        start: Start,
    ) -> Result<Reported, Trouble> {
        let all = self.all_parts(connection, encryption, upload, start);
        let parts = self
            .control
            .unless_cancelled(all)
            .await
            .ok_or(Trouble::Stopped(Stopped::NothingStored))??;
        // AWS names the encryption when the upload is created, others only with the parts.
        let promised = parts
            .iter()
            .fold(promised, |known, part| part.encryption.clone().or(known));
        for reply in parts.iter().map(|part| &part.encryption).chain([&promised]) {
            if let (true, Err(difference)) = (reply.names_encryption(), verify(encryption, reply)) {
                let mut error = super::not_applied(&difference);
                error.message.push_str(". Nothing was stored");
                error.hint = Some(
                    "Check what answers at this endpoint: S3 itself applies what it accepts".into(),
                );
                return Err(error.into());
            }
        }
        let headers = headers(encryption, Operation::CompleteMultipartUpload);
        let current = self.current(connection).await?;
        let complete = self.object.complete(&current, upload, parts, headers);
        let mut reported = self
            .control
            .unless_cancelled(complete)
            .await
            .ok_or(Trouble::Stopped(Stopped::Unknown))??;
        reported.encryption = reported.encryption.or(promised);
        Ok(reported)
    }

    async fn all_parts(
        self: &Arc<Self>,
        connection: &Connection,
        encryption: &Encryption,
        upload: &str,
        start: Start,
    ) -> Result<Vec<SentPart>, Trouble> {
        let Start {
            first, mut source, ..
        } = start;
        let size = first.len();
        let mut under_way = JoinSet::new();
        let mut sent = Vec::new();
        let mut number: u32 = 0;
        let mut next = Some(first);
        let mut is_last = false;
        while let Some(bytes) = next.take() {
            number += 1;
            if u64::from(number) > MAX_PARTS {
                return Err(Error::invalid(
                    "partSize",
                    "is too small: S3 takes 10000 parts",
                    "Raise partSize, or give ContentLength with the stream",
                )
                .into());
            }
            let connection = self.current(connection).await?;
            let (plan, upload) = (self.clone(), upload.to_owned());
            let headers = headers(encryption, Operation::UploadPart);
            under_way.spawn(async move {
                let length = bytes.len() as u64;
                let part = plan
                    .object
                    .part(&connection, &upload, number as i32, bytes, headers)
                    .await?;
                plan.control.arrived(number, length);
                Ok::<_, Failure>(part)
            });
            if is_last {
                break;
            }
            // Room for one more is made before its bytes are read: memory stays bounded.
            while under_way.len() >= self.transfer.queue_size {
                sent.push(finished(under_way.join_next().await)?);
            }
            let piece = tokio::select! {
                piece = source.next(size) => piece?,
                // A part that fails while the source is slow ends the wait.
                failed = failing(&mut under_way, &mut sent) => return Err(failed),
            };
            is_last = piece.is_last;
            if is_last {
                self.control.set_total(source.given());
            }
            next = Some(piece.bytes);
        }
        while let Some(part) = under_way.join_next().await {
            sent.push(finished(Some(part))?);
        }
        Ok(sent)
    }
}

type Joined = std::result::Result<Result<SentPart, Failure>, tokio::task::JoinError>;

fn finished(joined: Option<Joined>) -> Result<SentPart, Trouble> {
    match joined {
        Some(Ok(part)) => Ok(part?),
        _ => Err(Error::new(Origin::Client, "Error", "A part was not sent").into()),
    }
}

/// Collects what arrives and ends only when a part has failed.
async fn failing(
    under_way: &mut JoinSet<Result<SentPart, Failure>>,
    sent: &mut Vec<SentPart>,
) -> Trouble {
    loop {
        match under_way.join_next().await {
            None => std::future::pending().await,
            joined => match finished(joined) {
                Ok(part) => sent.push(part),
                Err(trouble) => return trouble,
            },
        }
    }
}
