//! A TCP connection that libuv watches.

use std::cell::{Cell, RefCell};
use std::io::{self, IoSlice, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsRawFd;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::handle::{of_callback, Handle};
use super::uv::{self, Pointer, READABLE, WRITABLE};
use super::CURRENT;

pub struct Socket {
    // Closed before the socket is: libuv must not watch what is no more.
    handle: Handle<Watch>,
    stream: TcpStream,
}

/// Who waits for what.
#[derive(Default)]
struct Watch {
    reader: RefCell<Option<Waker>>,
    writer: RefCell<Option<Waker>>,
    /// What libuv watches for.
    events: Cell<i32>,
    /// The turn in which all was read, and to try again would be in vain. In the next one something may
    /// have come of which libuv had no occasion to tell, the end among others.
    dry_in: Cell<Option<u64>>,
}

impl Socket {
    /// To be called by a future that runs on an event loop.
    pub fn new(stream: TcpStream) -> io::Result<Socket> {
        stream.set_nonblocking(true)?;
        let descriptor = stream.as_raw_fd();
        let event_loop = CURRENT.with_borrow(Clone::clone);
        let event_loop = event_loop.ok_or_else(|| io::Error::other("no event loop is turning"))?;
        let handle = Handle::new(&event_loop, uv::POLL, Watch::default(), |uv, handle| {
            // SAFETY: memory for a handle of this kind, and the loop of this thread.
            unsafe { (uv.poll_init_socket)(event_loop.uv_loop, handle, descriptor) }
        })?;
        Ok(Socket { handle, stream })
    }

    /// Tries `work`, and where it would block waits until it may not.
    fn attempt<T>(
        &self,
        context: &mut Context<'_>,
        event: i32,
        mut work: impl FnMut(&TcpStream) -> io::Result<T>,
    ) -> Poll<io::Result<T>> {
        loop {
            match work(&self.stream) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                done => return Poll::Ready(done),
            }
        }
        self.wait(context, event)
    }

    fn wait<T>(&self, context: &mut Context<'_>, event: i32) -> Poll<io::Result<T>> {
        let watch = self.handle.own();
        let waker = Some(context.waker().clone());
        match event {
            READABLE => watch.reader.replace(waker),
            _ => watch.writer.replace(waker),
        };
        if watch.events.get() & event == 0 {
            let events = watch.events.get() | event;
            // SAFETY: a handle of this kind that is open, on the thread of its loop.
            let failed = unsafe {
                (self.handle.event_loop().uv.poll_start)(self.handle.pointer(), events, on_event)
            };
            if failed != 0 {
                return Poll::Ready(Err(io::Error::from_raw_os_error(-failed)));
            }
            watch.events.set(events);
        }
        Poll::Pending
    }
}

unsafe extern "C" fn on_event(handle: Pointer, status: i32, events: i32) {
    of_callback::<Watch>(handle, |inner, watch| {
        // With an error libuv has stopped to watch: whoever tries again meets it.
        let has_failed = status != 0;
        let take = |event, waiting: &RefCell<Option<Waker>>| {
            let is_meant = has_failed || events & event != 0;
            is_meant.then(|| waiting.take()).flatten()
        };
        let reader = take(READABLE, &watch.reader);
        let writer = take(WRITABLE, &watch.writer);
        // It would be told again and again what nobody waits for. A reader mostly comes back at once.
        let mut wanted = watch.events.get();
        if has_failed {
            wanted = 0;
        }
        if writer.is_some() || watch.writer.borrow().is_none() {
            wanted &= !WRITABLE;
        }
        if reader.is_none() && events & READABLE != 0 {
            wanted &= !READABLE;
        }
        if wanted != watch.events.replace(wanted) && !has_failed {
            // SAFETY: a handle of this kind that is open, on the thread of its loop.
            unsafe {
                match wanted {
                    0 => (inner.uv.poll_stop)(handle),
                    _ => (inner.uv.poll_start)(handle, wanted, on_event),
                };
            }
        }
        inner.happened(|| {
            for waker in [reader, writer].into_iter().flatten() {
                waker.wake();
            }
        });
    });
}

impl AsyncRead for Socket {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let dry_in = &self.handle.own().dry_in;
        let turn = self.handle.event_loop().turns.get();
        if dry_in.get() == Some(turn) {
            return self.wait(context, READABLE);
        }
        // SAFETY: nothing is read from it. To make it zeros first would take longer than to read.
        let unfilled = unsafe { buffer.unfilled_mut() };
        let room = unfilled.len();
        let read = self.attempt(context, READABLE, |stream| {
            SockRef::from(stream).recv(unfilled)
        });
        let is_dry = match &read {
            Poll::Ready(Ok(length)) => *length > 0 && *length < room,
            Poll::Ready(Err(_)) => false,
            Poll::Pending => true,
        };
        dry_in.set(is_dry.then_some(turn));
        read.map_ok(|length| {
            // SAFETY: so many bytes were written there.
            unsafe { buffer.assume_init(length) };
            buffer.advance(length);
        })
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.attempt(context, WRITABLE, |mut stream| stream.write(bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.attempt(context, WRITABLE, |mut stream| {
            stream.write_vectored(slices)
        })
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.stream.shutdown(Shutdown::Write))
    }
}
