//! Open connections to servers: kept between requests, and never more than so many to one server.

use std::collections::HashMap;
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::task::Poll;
use std::time::{Duration, Instant};

use aws_sdk_s3::primitives::SdkBody;
use http::uri::{Authority, Scheme};
use hyper::client::conn::http1::SendRequest;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use crate::lock::lock;

/// Where a connection's socket is watched, and so where its requests are best made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Home {
    /// On the addon's own thread.
    Runtime,
    /// On a thread of JavaScript, by the event loop of this number.
    EventLoop(u64),
}

/// To one server: as many sockets as the SDK's agent has.
const MOST: usize = 50;

/// Of these so many are left to event loops, where few uploads run: they keep theirs while others wait.
const OF_EVENT_LOOPS: usize = 2;

/// A connection that nobody used for so long may be dead without our knowing.
const KEPT_IDLE: Duration = Duration::from_secs(90);

/// Until a connection takes the next request: longer only where the server does not read the last one.
const PATIENCE: Duration = Duration::from_millis(250);

/// Servers that are remembered; beyond it those without connections are not.
const SERVERS: usize = 64;

type Origin = (Scheme, Authority);

#[derive(Default)]
pub(super) struct Pool {
    servers: Mutex<HashMap<Origin, Arc<Server>>>,
}

impl Pool {
    pub fn server(&self, scheme: &Scheme, authority: &Authority) -> Arc<Server> {
        let origin = (scheme.clone(), authority.clone());
        let mut servers = lock(&self.servers);
        for server in servers.values() {
            server.prune();
        }
        if servers.len() >= SERVERS && !servers.contains_key(&origin) {
            servers
                .retain(|_, server| Arc::strong_count(server) > 1 || lock(&server.state).open > 0);
        }
        servers.entry(origin).or_default().clone()
    }
}

#[derive(Default)]
pub(super) struct Server {
    state: Mutex<State>,
    /// A connection was given back, or closed. All who wait are told, for not each of them can use it.
    freed: Notify,
}

#[derive(Default)]
struct State {
    open: usize,
    /// Those of them that are at `Home::Runtime`.
    common: usize,
    /// The one used last is at the end.
    idle: Vec<Idle>,
}

struct Idle {
    connection: Connection,
    since: Instant,
}

/// What a request is sent over.
pub(super) enum Place {
    Connection(Lease),
    /// No connection is free, and one more may be opened.
    Seat(Seat),
}

impl Server {
    /// Waits until there is a place for a request that is made at `home`.
    pub async fn place(self: &Arc<Server>, home: Home) -> Place {
        loop {
            let place = self.one_place(home).await;
            let Place::Connection(mut lease) = place else {
                return place;
            };
            let ready = poll_fn(|context| match lease.sender() {
                Some(sender) => sender.poll_ready(context).map(|ready| ready.is_ok()),
                None => Poll::Ready(false),
            });
            if let Ok(true) = tokio::time::timeout(PATIENCE, ready).await {
                return Place::Connection(lease);
            }
        }
    }

    async fn one_place(self: &Arc<Server>, home: Home) -> Place {
        loop {
            let mut freed = std::pin::pin!(self.freed.notified());
            // From here on nothing that is freed goes unnoticed.
            freed.as_mut().enable();
            if let Some(place) = self.take(home) {
                return place;
            }
            freed.await;
        }
    }

    fn take(self: &Arc<Server>, home: Home) -> Option<Place> {
        let mut state = lock(&self.state);
        let at_home = |idle: &Idle| idle.connection.service.right.home == home;
        let is_ready = |idle: &Idle| at_home(idle) && idle.connection.sender.is_ready();
        let at = state.idle.iter().rposition(is_ready);
        if let Some(at) = at.or_else(|| state.idle.iter().rposition(at_home)) {
            return Some(self.lend(state.idle.remove(at)));
        }
        if home == Home::Runtime && state.common >= MOST - OF_EVENT_LOOPS {
            return None;
        }
        if state.open < MOST {
            state.open += 1;
            state.common += usize::from(home == Home::Runtime);
            return Some(Place::Seat(Seat(Right {
                server: Arc::downgrade(self),
                home,
                is_given_back: Arc::default(),
            })));
        }
        // Better one of the addon's thread than none; that is always awake to serve it.
        let common = |idle: &Idle| idle.connection.service.right.home == Home::Runtime;
        if let Some(at) = state.idle.iter().rposition(common) {
            return Some(self.lend(state.idle.remove(at)));
        }
        // One of another event loop goes. When it is closed depends on that thread.
        if state.idle.is_empty() {
            return None;
        }
        let elsewhere = state.idle.remove(0);
        drop(state);
        elsewhere.connection.service.right.give_back();
        drop(elsewhere);
        self.take(home)
    }

    fn lend(self: &Arc<Server>, idle: Idle) -> Place {
        Place::Connection(Lease::new(self, idle.connection))
    }

    /// Closes what has been idle for too long.
    fn prune(&self) {
        let is_alive =
            |idle: &Idle| !idle.connection.sender.is_closed() && idle.since.elapsed() < KEPT_IDLE;
        let mut state = lock(&self.state);
        if state.idle.iter().all(is_alive) {
            return;
        }
        let idle = std::mem::take(&mut state.idle).into_iter();
        let (alive, over): (Vec<Idle>, Vec<Idle>) = idle.partition(is_alive);
        state.idle = alive;
        drop(state);
        for idle in over {
            idle.connection.service.right.give_back();
        }
    }
}

/// The right to one open connection, to be held until its socket is closed.
pub(super) struct Seat(Right);

#[derive(Clone)]
struct Right {
    server: Weak<Server>,
    home: Home,
    is_given_back: Arc<AtomicBool>,
}

impl Right {
    fn give_back(&self) {
        if self.is_given_back.swap(true, Ordering::Relaxed) {
            return;
        }
        if let Some(server) = self.server.upgrade() {
            let mut state = lock(&server.state);
            state.open -= 1;
            state.common -= usize::from(self.home == Home::Runtime);
            drop(state);
            server.freed.notify_waiters();
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.give_back();
    }
}

/// An open connection. Dropped, it closes when what is under way has ended.
pub(super) struct Connection {
    sender: SendRequest<SdkBody>,
    service: Service,
}

/// What serves a connection, which has the seat.
pub(super) struct Service {
    task: AbortHandle,
    right: Right,
}

impl Service {
    pub fn new(seat: Seat, spawn: impl FnOnce(Seat) -> AbortHandle) -> Service {
        let right = seat.0.clone();
        let task = spawn(seat);
        Service { task, right }
    }

    pub fn connection(self, sender: SendRequest<SdkBody>) -> Connection {
        Connection {
            sender,
            service: self,
        }
    }
}

/// A connection that one request has for itself. Dropped, it is closed at once: nobody knows how far
/// its server has come.
pub(super) struct Lease {
    connection: Option<Connection>,
    server: Arc<Server>,
}

impl Lease {
    pub fn new(server: &Arc<Server>, connection: Connection) -> Lease {
        Lease {
            connection: Some(connection),
            server: server.clone(),
        }
    }

    pub fn sender(&mut self) -> Option<&mut SendRequest<SdkBody>> {
        self.connection.as_mut().map(|held| &mut held.sender)
    }

    /// The whole answer was read: the next request may have the connection. Where it came before the
    /// request was sent to its end, which a refusal may, nobody waits for the rest.
    pub fn give_back(mut self, is_refusal: bool) {
        let is_ready = |connection: &mut Connection| connection.sender.is_ready() || !is_refusal;
        let Some(connection) = self.connection.take_if(is_ready) else {
            return;
        };
        lock(&self.server.state).idle.push(Idle {
            connection,
            since: Instant::now(),
        });
        self.server.freed.notify_waiters();
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(connection) = &self.connection {
            connection.service.task.abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn seat(server: &Arc<Server>, home: Home) -> Seat {
        match server.place(home).await {
            Place::Seat(seat) => seat,
            Place::Connection(_) => unreachable!("none was given back"),
        }
    }

    #[tokio::test]
    async fn no_more_connections_than_seats_and_nobody_waits_in_vain() {
        let server = Arc::new(Server::default());
        let mut seats = Vec::new();
        for _ in 0..MOST {
            seats.push(seat(&server, Home::EventLoop(1)).await);
        }
        let waiting: Vec<_> = (0..3)
            .map(|_| {
                let server = server.clone();
                tokio::spawn(async move { seat(&server, Home::Runtime).await })
            })
            .collect();
        tokio::task::yield_now().await;
        assert!(waiting.iter().all(|waiting| !waiting.is_finished()));
        // It is told first, and gone when that is so.
        waiting[0].abort();
        seats.truncate(MOST - 2);
        let mut got = 0;
        for waiting in waiting {
            got += usize::from(waiting.await.is_ok());
        }
        assert_eq!(got, 2);
    }

    /// A connection to nobody that an answer has just been read of.
    async fn idle(server: &Arc<Server>, seat: Seat) {
        let (stream, other) = tokio::io::duplex(64);
        let stream = hyper_util::rt::TokioIo::new(stream);
        let shaken = hyper::client::conn::http1::handshake(stream).await;
        let (sender, served) = shaken.expect("a connection");
        let service = Service::new(seat, |seat| {
            let task = tokio::spawn(async move {
                let _ = (served.await, seat, other);
            });
            task.abort_handle()
        });
        Lease::new(server, service.connection(sender)).give_back(false);
    }

    #[tokio::test]
    async fn what_is_idle_is_used_before_one_more_is_opened() {
        let server = Arc::new(Server::default());
        let first = seat(&server, Home::Runtime).await;
        idle(&server, first).await;
        let Place::Connection(lease) = server.place(Home::Runtime).await else {
            unreachable!("one is idle");
        };
        assert!(lock(&server.state).idle.is_empty());
        // Nobody knows how far its server has come.
        drop(lease);
        while lock(&server.state).open > 0 {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn where_all_seats_are_taken_those_who_idle_make_room() {
        let server = Arc::new(Server::default());
        let mut seats = Vec::new();
        for n in 0..MOST {
            let home = match n < OF_EVENT_LOOPS {
                true => Home::EventLoop(1),
                false => Home::Runtime,
            };
            seats.push(seat(&server, home).await);
        }
        idle(&server, seats.remove(0)).await;
        idle(&server, seats.pop().expect("a seat")).await;
        // That of the addon's thread serves everybody, that of another event loop is closed.
        let common = server.place(Home::EventLoop(2)).await;
        assert!(matches!(common, Place::Connection(_)));
        let new = server.place(Home::EventLoop(2)).await;
        assert!(matches!(new, Place::Seat(_)));
        assert_eq!(lock(&server.state).open, MOST);
    }

    #[tokio::test]
    async fn a_refusal_that_comes_before_the_request_is_sent_ends_the_connection() {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        for is_refusal in [true, false] {
            let server = Arc::new(Server::default());
            let seat = seat(&server, Home::Runtime).await;
            let (stream, mut other) = tokio::io::duplex(64);
            let stream = hyper_util::rt::TokioIo::new(stream);
            let shaken = hyper::client::conn::http1::handshake(stream).await;
            let (sender, served) = shaken.expect("a connection");
            let service = Service::new(seat, |seat| {
                let task = tokio::spawn(async move {
                    let _ = (served.await, seat);
                });
                task.abort_handle()
            });
            let mut lease = Lease::new(&server, service.connection(sender));
            let request = http::Request::put("/k").body(SdkBody::from(vec![0; 10_000]));
            let sender = lease.sender().expect("a sender");
            let answer = sender.try_send_request(request.expect("a request"));
            other.read_u8().await.expect("its beginning");
            let told = b"HTTP/1.1 503 Slow Down\r\ncontent-length: 0\r\n\r\n";
            other.write_all(told).await.expect("room for it");
            assert!(answer.await.is_ok_and(|answer| answer.status() == 503));
            lease.give_back(is_refusal);
            assert_eq!(lock(&server.state).idle.is_empty(), is_refusal);
        }
    }

    #[tokio::test]
    async fn a_server_without_connections_is_forgotten_when_there_are_many() {
        let pool = Pool::default();
        let server = |n: usize| {
            let authority: Authority = format!("b{n}.example.com").parse().expect("a host");
            pool.server(&Scheme::HTTP, &authority)
        };
        let used = server(0);
        let seat = seat(&used, Home::Runtime).await;
        for n in 1..3 * SERVERS {
            server(n);
        }
        assert!(lock(&pool.servers).len() <= SERVERS);
        assert!(Arc::ptr_eq(&used, &server(0)));
        drop(seat);
    }
}
