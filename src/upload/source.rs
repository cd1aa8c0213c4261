//! The state's bytes, piece by piece, wherever they come from.

use std::io::SeekFrom;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio::sync::mpsc::Receiver;

use crate::error::{name, Error, Origin, Result};
use crate::open_files;

/// A body as the caller gave it.
pub enum Body {
    Bytes(Bytes),
    /// A file, or a part of it: `end` is the first byte that does not belong to it.
    File {
        path: String,
        start: u64,
        end: Option<u64>,
    },
    /// Chunks that JavaScript sends; `None` at the end.
    Stream {
        chunks: Receiver<Bytes>,
        /// Bytes in all, if the body itself tells.
        length: Option<u64>,
    },
}

impl Body {
    /// What is known without opening a file.
    pub(super) fn length(&self) -> Option<u64> {
        match self {
            Body::Bytes(bytes) => Some(bytes.len() as u64),
            Body::Stream { length, .. } => *length,
            Body::File { .. } => None,
        }
    }
}

pub(super) struct Source {
    from: From,
    /// Bytes in all, where they are known beforehand.
    pub total: Option<u64>,
    /// Whether it may be sent as one piece however long it is: it is no stream without an end in sight.
    pub is_bounded: bool,
    given: u64,
}

enum From {
    Bytes(Bytes),
    File(Arc<std::fs::File>, u64),
    /// A file that does not tell its size: a pipe, a device, a file of `/proc`.
    Unsized {
        file: File,
        rest: BytesMut,
    },
    Stream {
        chunks: Receiver<Bytes>,
        rest: Bytes,
    },
}

/// A piece, and whether it is the last one.
pub(super) struct Piece {
    pub bytes: Bytes,
    pub is_last: bool,
}

impl Source {
    /// `length` is the caller's ContentLength.
    pub async fn open(body: Body, length: Option<u64>) -> Result<Source> {
        let is_bounded = !matches!(body, Body::Stream { length: None, .. });
        let (from, total) = match body {
            Body::Bytes(bytes) => {
                let total = bytes.len() as u64;
                (From::Bytes(bytes), Some(total))
            }
            Body::File { path, start, end } => {
                // Boxed: a body in memory does not carry what a file needs.
                let (file, total) = Box::pin(open_file(&path, start, end))
                    .await
                    .map_err(|cause| unreadable(&path, &cause))?;
                match total {
                    Some(total) => {
                        let file = Arc::new(file.into_std().await);
                        (From::File(file, total), Some(total))
                    }
                    None => {
                        let rest = BytesMut::new();
                        (From::Unsized { file, rest }, length)
                    }
                }
            }
            Body::Stream {
                chunks,
                length: own,
            } => (
                From::Stream {
                    chunks,
                    rest: Bytes::new(),
                },
                own.or(length),
            ),
        };
        if let (Some(length), Some(total)) = (length, total) {
            super::plan::check_length(Some(length), total)?;
        }
        Ok(Source {
            from,
            total,
            is_bounded,
            given: 0,
        })
    }

    /// Up to `size` bytes; fewer only at the end.
    pub async fn next(&mut self, size: usize) -> Result<Piece> {
        let left = self.total.map(|total| total.saturating_sub(self.given));
        let piece = match &mut self.from {
            From::Bytes(bytes) => {
                let taken = bytes.split_to(size.min(bytes.len()));
                Piece {
                    bytes: taken,
                    is_last: bytes.is_empty(),
                }
            }
            From::File(file, left) => Box::pin(read_file(file, left, size)).await?,
            From::Unsized { file, rest } => Box::pin(read_unsized(file, rest, size)).await?,
            From::Stream { chunks, rest } => {
                // One byte more than there should be is enough to know that its length is wrong.
                let most = left.map_or(usize::MAX, |left| left.saturating_add(1) as usize);
                let size = size.min(most);
                read_stream(chunks, rest, size, left).await
            }
        };
        self.given += piece.bytes.len() as u64;
        let too_many = self.total.is_some_and(|total| self.given > total);
        if too_many || piece.is_last {
            super::plan::check_length(self.total, self.given)?;
        }
        Ok(piece)
    }

    /// Bytes given so far.
    pub fn given(&self) -> u64 {
        self.given
    }
}

/// The file and the bytes to read of it, where it tells its size.
async fn open_file(
    path: &str,
    start: u64,
    end: Option<u64>,
) -> std::io::Result<(File, Option<u64>)> {
    let mut file = File::open(path).await?;
    let about = file.metadata().await?;
    if about.is_dir() {
        return Err(std::io::ErrorKind::IsADirectory.into());
    }
    // It may hold more than its size says; of an empty one nothing is read.
    if (start, end) == (0, None) && (!about.is_file() || about.len() == 0) {
        return Ok((file, None));
    }
    let end = end.map_or(about.len(), |end| end.min(about.len()));
    if start > 0 {
        file.seek(SeekFrom::Start(start)).await?;
    }
    Ok((file, Some(end.saturating_sub(start))))
}

/// Straight into the memory that is sent: tokio's own file would copy every byte once more, on the
/// thread that signs.
async fn read_file(file: &Arc<std::fs::File>, left: &mut u64, size: usize) -> Result<Piece> {
    let wanted = (*left).min(size as u64) as usize;
    let file = file.clone();
    let read = move || {
        let mut bytes = Vec::with_capacity(wanted);
        let mut limited = std::io::Read::take(&*file, wanted as u64);
        std::io::Read::read_to_end(&mut limited, &mut bytes).map(|_| bytes)
    };
    let bytes = match tokio::task::spawn_blocking(read).await {
        Ok(read) => read.map_err(broken_off)?,
        Err(stopped) => return Err(broken_off(std::io::Error::other(stopped))),
    };
    if bytes.len() < wanted {
        let mut error = Error::new(
            Origin::Argument,
            name::VALUE,
            "Body.path became shorter while it was read",
        );
        error.setting = Some("Body.path".into());
        error.hint = Some("Upload it again when nobody writes to it".into());
        return Err(error);
    }
    *left -= wanted as u64;
    Ok(Piece {
        bytes: bytes.into(),
        is_last: *left == 0,
    })
}

fn broken_off(cause: std::io::Error) -> Error {
    let mut error = Error::new(
        Origin::Argument,
        name::VALUE,
        format!("Body.path cannot be read on: {cause}"),
    );
    error.setting = Some("Body.path".into());
    error
}

async fn read_unsized(file: &mut File, rest: &mut BytesMut, size: usize) -> Result<Piece> {
    // One byte more than a piece must be there before it is known not to be the last.
    while rest.len() <= size {
        rest.reserve(64 * 1024);
        if file.read_buf(rest).await.map_err(broken_off)? == 0 {
            return Ok(Piece {
                bytes: rest.split().freeze(),
                is_last: true,
            });
        }
    }
    Ok(Piece {
        bytes: rest.split_to(size).freeze(),
        is_last: false,
    })
}

/// Memory is reserved for no more than this before the bytes are there: their number is only a promise.
const RESERVED: u64 = 64 * 1024 * 1024;

async fn read_stream(
    chunks: &mut Receiver<Bytes>,
    rest: &mut Bytes,
    size: usize,
    left: Option<u64>,
) -> Piece {
    if rest.is_empty() {
        *rest = chunks.recv().await.unwrap_or_default();
    }
    // A chunk that is a whole piece is not copied, where more is known to come.
    if rest.len() == size && left.is_some_and(|left| left > size as u64) {
        let bytes = std::mem::take(rest);
        return Piece {
            bytes,
            is_last: false,
        };
    }
    let expected = left.unwrap_or(0).min(size as u64).min(RESERVED);
    let mut bytes = BytesMut::with_capacity(expected as usize);
    bytes.extend_from_slice(&rest.split_to(size.min(rest.len())));
    // One byte more than a piece must be there before it is known not to be the last.
    while rest.is_empty() {
        let Some(mut chunk) = chunks.recv().await else {
            return Piece {
                bytes: bytes.freeze(),
                is_last: true,
            };
        };
        let taken = chunk.split_to(chunk.len().min(size - bytes.len()));
        bytes.extend_from_slice(&taken);
        *rest = chunk;
    }
    Piece {
        bytes: bytes.freeze(),
        is_last: false,
    }
}

fn unreadable(path: &str, cause: &std::io::Error) -> Error {
    let no_files = open_files::used_up(cause);
    let code = no_files.unwrap_or(match cause.kind() {
        std::io::ErrorKind::NotFound => "ENOENT",
        std::io::ErrorKind::IsADirectory => "EISDIR",
        std::io::ErrorKind::NotADirectory => "ENOTDIR",
        std::io::ErrorKind::PermissionDenied => "EACCES",
        _ => "EIO",
    });
    let hint = match no_files {
        Some(_) => open_files::HINT,
        None => "Give the path of a file that can be read",
    };
    let mut error = Error::new(
        Origin::Argument,
        name::VALUE,
        format!("Body.path cannot be read: {code}: {cause}: {path:?}"),
    );
    error.setting = Some("Body.path".into());
    error.system_code = Some(code.into());
    error.hint = Some(hint.into());
    error
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime")
    }

    fn pieces(body: Body, size: usize) -> Vec<Vec<u8>> {
        runtime().block_on(async {
            let mut source = Source::open(body, None).await.expect("open");
            let mut list = Vec::new();
            loop {
                let piece = source.next(size).await.expect("a piece");
                list.push(piece.bytes.to_vec());
                if piece.is_last {
                    return list;
                }
            }
        })
    }

    proptest! {
        #[test]
        fn a_stream_is_cut_as_bytes_are(chunks in prop::collection::vec(0..40usize, 0..12), size in 1..30usize) {
            let whole: Vec<u8> = (0..chunks.iter().sum::<usize>()).map(|n| n as u8).collect();
            let (sender, receiver) = tokio::sync::mpsc::channel(16);
            let mut rest = Bytes::from(whole.clone());
            for len in chunks {
                sender.try_send(rest.split_to(len)).expect("room");
            }
            drop(sender);
            let of_stream = pieces(Body::Stream { chunks: receiver, length: None }, size);
            let of_bytes = pieces(Body::Bytes(Bytes::from(whole.clone())), size);
            prop_assert_eq!(&of_stream, &of_bytes);
            prop_assert_eq!(of_stream.concat(), whole);
        }
    }

    #[test]
    fn a_wrong_length_is_noticed() {
        runtime().block_on(async {
            for (length, good) in [(3, true), (2, false), (4, false)] {
                let (sender, receiver) = tokio::sync::mpsc::channel(1);
                sender.try_send(Bytes::from_static(b"abc")).expect("room");
                drop(sender);
                let mut source = Source::open(
                    Body::Stream {
                        chunks: receiver,
                        length: None,
                    },
                    Some(length),
                )
                .await
                .expect("open");
                assert_eq!(source.next(10).await.is_ok(), good, "{length}");
            }
        });
    }
}
